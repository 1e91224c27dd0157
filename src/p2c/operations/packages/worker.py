"""Carries waiting jobs out in the background, a few at a time."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from functools import partial
from queue import Queue
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError

from p2c.errors import P2CError, RetryError
from p2c.operations.packages.exporting import Exporter
from p2c.operations.packages.importing import Importer
from p2c.operations.packages.job import Job, Step
from p2c.operations.packages.jobs import Jobs

THREADS = 2
AGAIN = 1.0
"""Seconds after which a database that was away is asked again."""
_T = TypeVar("_T")
_log = logging.getLogger(__name__)


class Worker:
    """
    Threads that take jobs. They start with the first job and never keep the process from ending: a job that is cut
    off says so itself when it is asked to stop, and is told as failed when nobody could ask it.
    """

    def __init__(self, jobs: Jobs, importer: Importer, exporter: Exporter, stopping: threading.Event) -> None:
        self._jobs = jobs
        self._importer = importer
        self._exporter = exporter
        self._stopping = stopping
        self._queue: Queue[str | None] = Queue()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()

    def submit(self, job: str) -> None:
        """Carry a waiting job out as soon as a thread is free."""
        with self._lock:
            if len(self._threads) < THREADS:
                thread = threading.Thread(target=self._work, args=(self._queue,), name="data-job", daemon=True)
                self._threads.append(thread)
                thread.start()
            self._queue.put(job)

    def resume(self) -> None:
        """Take up the jobs that waited when the last process ended."""
        for job in self._jobs.waiting():
            self.submit(job)

    def settle(self) -> None:
        """Wait until every job submitted so far has ended."""
        self._queue.join()

    def stop(self, timeout: float = 5.0) -> None:
        """Stop at the next batch, waiting at most `timeout` seconds a thread; jobs that wait stay in the database.

        Jobs submitted later start threads again: a service may be taken away and brought back.
        """
        self._stopping.set()
        with self._lock:
            threads, queue = self._threads, self._queue
            self._threads, self._queue = [], Queue()
        for _ in threads:
            queue.put(None)
        for thread in threads:
            thread.join(timeout)
        if not any(thread.is_alive() for thread in threads):
            self._stopping.clear()

    def run(self, job: Job) -> None:
        """Carry one job out; what goes wrong is kept as the job's message."""
        try:
            if job.is_import and job.step is not Step.STAGED:
                self._importer.stage(job)
            if job.is_import:
                self._importer.deliver(job)
            else:
                self._exporter.run(job)
        except P2CError as error:
            self._fail(job, str(error))
        except Exception as error:
            # The last resort: a job must end, and its user must learn that it did.
            _log.exception("job %s failed", job.id)
            reason = f"an unexpected error ended the job ({type(error).__name__})"
            self._fail(job, f"{reason}; the service's log has it")

    def _fail(self, job: Job, message: str) -> None:
        self._persist(lambda: self._jobs.fail(job.id, message))

    def _persist(self, work: Callable[[], _T]) -> _T | None:
        """The result of a work that only needs the database; None when that stayed away until the end."""
        while True:
            try:
                return work()
            except RetryError as error:
                _log.warning("the database is away and is asked again: %s", error)
            if self._stopping.wait(AGAIN):
                return None

    def _work(self, queue: Queue[str | None]) -> None:
        while not self._stopping.is_set():
            name = queue.get()
            try:
                if name is None:
                    return
                job = self._persist(partial(self._jobs.claim, name))
                if job is not None:
                    self.run(job)
            except (P2CError, SQLAlchemyError):
                _log.exception("job %s was given up", name)
            finally:
                queue.task_done()
