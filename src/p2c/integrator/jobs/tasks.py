"""What a worker does with each kind of job."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

from procrastinate import App, JobContext, PsycopgConnector

from p2c.database.vault import Vault
from p2c.errors import P2CError, RetryError, StopError
from p2c.integrator.engine import Sharing, run_projects
from p2c.integrator.jobs.backoff import Backoff
from p2c.integrator.jobs.queue import NOTIFY, RUN, SCHEDULE, Queue
from p2c.integrator.jobs.run_log import RunLog
from p2c.integrator.notices import Notice
from p2c.integrator.notices.send import send
from p2c.integrator.outcome import Cause, Status
from p2c.integrator.projects import Project
from p2c.integrator.store import Store

_log = logging.getLogger("p2c.run")


def _reason(error: Exception) -> str:
    """Why an attempt failed, for people; the log has the rest."""
    return str(error) if isinstance(error, P2CError) else f"an unexpected error ({type(error).__name__}); see the log"


class Tasks:
    """The jobs of one worker, over its store and queue."""

    def __init__(self, store: Store, queue: Queue, vault: Vault, connector: PsycopgConnector, sharing: Sharing) -> None:
        self._store = store
        self._queue = queue
        self._vault = vault
        self._sharing = sharing
        self.app = App(connector=connector)
        self._add(RUN, self._run)
        self._add(NOTIFY, self._notify)

    def _add(self, name: str, work: Callable[..., Awaitable[None]]) -> None:
        async def attempt(context: JobContext, /, **args: object) -> None:
            try:
                await work(**args)
            except Exception as error:
                if context.job.id is not None:
                    await asyncio.to_thread(self._queue.note_trouble, context.job.id, _reason(error))
                raise

        self.app.task(name=name, retry=Backoff(), pass_context=True)(attempt)

    async def _run(
        self, projects: list[str], started_by: str, all_data: bool, again: bool, allow_deletions: bool = False
    ) -> None:
        """
        Make a run.

        Raises:
            RetryError: An environment stayed away, or another run took this one over.
            StopError: The run ended by another error.
            ConfigurationError: There is no such project, it does not fit, or it is running.
        """
        chosen = await asyncio.to_thread(self._chosen, projects, started_by)
        if not chosen:
            return
        ended = await run_projects(
            self._store,
            chosen,
            all_data=all_data,
            again=again,
            allow_deletions=allow_deletions,
            started_by=started_by,
            watcher=RunLog(),
            vault=self._vault,
            sharing=self._sharing,
        )
        _log.info("run ended", extra={"run": ended.id, "status": ended.status.value, "error": ended.error})
        await asyncio.to_thread(self.judge)
        if ended.cause in (Cause.AWAY, Cause.INTERRUPTED):
            raise RetryError(ended.error, where=f"run {ended.id}")
        if ended.status is Status.ERROR:
            raise StopError(ended.error, where=f"run {ended.id}")

    def judge(self) -> None:
        """Look at how projects ended, and queue what is to be told."""
        self._store.judge(datetime.now(UTC), self._queue.add_notice)

    async def _notify(self, channel: str, notice: dict[str, object]) -> None:
        """
        Send a notice.

        Raises:
            RetryError: The other side does not take it now.
            StopError: It refuses.
            ConfigurationError: There is no such channel any more.
        """
        found = await asyncio.to_thread(self._store.channel, channel)
        await send(found, self._vault, Notice.read(notice))

    def _chosen(self, names: Sequence[str], started_by: str) -> list[Project]:
        """The projects to run; those of a schedule that was taken away or paused meanwhile are left out."""
        if started_by != SCHEDULE:
            return [self._store.project(name) for name in names]
        active = {item.project for item in self._store.scheduled() if item.paused_at is None}
        return [self._store.project(name) for name in names if name in active]
