"""Whether a job that failed is tried again, and when."""

from __future__ import annotations

from asyncio import CancelledError

from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.jobs import Job

from p2c.errors import RetryError
from p2c.integrator.store.runs import ProjectIsRunningError

MOST_ATTEMPTS = 8
FIRST_SECONDS = 15
LONGEST_SECONDS = 15 * 60
RUNNING_SECONDS = 10


class Backoff(BaseRetryStrategy):
    """
    What may pass is tried again after 15 seconds, then after twice as long each time, at most 8 times; a project that
    is being run elsewhere as long as it is; what a worker was interrupted in at once, by the next worker.
    """

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """When to try again; None to give up."""
        seconds = wait_seconds(exception, job.attempts)
        return None if seconds is None else RetryDecision(retry_in={"seconds": seconds})


def wait_seconds(error: BaseException, attempts: int) -> int | None:
    """Seconds until the next try after `attempts` earlier ones; None to give up."""
    if isinstance(error, CancelledError):
        return 0
    if isinstance(error, ProjectIsRunningError):
        return RUNNING_SECONDS
    if isinstance(error, RetryError) and attempts < MOST_ATTEMPTS:
        doubled: int = FIRST_SECONDS << attempts
        return max(int(error.after or 0), min(doubled, LONGEST_SECONDS))
    return None
