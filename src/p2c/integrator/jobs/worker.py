"""Takes jobs from the queue, and keeps an eye on what must happen by itself: schedules, and jobs of dead workers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from procrastinate import PsycopgConnector
from procrastinate.exceptions import ConnectorException
from psycopg import OperationalError
from sqlalchemy import Connection, Engine

from p2c.database.connect import CONNECT_SECONDS
from p2c.database.vault import Vault
from p2c.errors import RetryError
from p2c.integrator.engine import Helper, Sharing
from p2c.integrator.jobs.queue import SCHEDULE, Queue, RunOrder
from p2c.integrator.jobs.schema import SEARCH_PATH
from p2c.integrator.jobs.tasks import Tasks
from p2c.integrator.store import Store
from p2c.integrator.store.locks import advisory_lock
from p2c.settings import HISTORY_DAYS

CONCURRENCY = 4
_log = logging.getLogger("p2c.worker")
_POOL = 3
_FORGET_EVERY = 3600
_LOST = (ConnectorException, OperationalError, RetryError, OSError)


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds: between two heartbeats, after how long without one a worker counts as dead, between two looks at what
    is due, and before a worker that lost its database tries again."""

    heartbeat: float = 10
    dead_after: float = 30
    look: float = 5
    again: float = 3


USUAL = Timing()


class Worker:
    """A worker over the integrator's database, for as long as `work` is awaited."""

    def __init__(
        self,
        engine: Engine,
        vault: Vault,
        *,
        concurrency: int = CONCURRENCY,
        history_days: int = HISTORY_DAYS,
        timing: Timing = USUAL,
        sharing: Sharing | None = None,
    ) -> None:
        """`history_days`: how long runs are remembered; 0 is for ever. `sharing`: how large legs are shared, as usual
        unless given."""
        self._engine = engine
        self._store = Store(engine)
        self._queue = Queue(engine)
        self._vault = vault
        self._url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._concurrency = concurrency
        self._history_days = history_days
        self._timing = timing
        self._sharing = sharing or Sharing(workers=1)
        self._helper = Helper(self._store, vault, self._sharing)

    async def work(self) -> None:
        """Work until cancelled. Jobs under way are then broken off, and go back into the queue."""
        while True:
            try:
                await self._work()
            except* _LOST as errors:
                _log.warning("the worker lost its database and tries again: %s", errors.exceptions[0])
            except* Exception:
                _log.exception("the worker met an unexpected error and goes on")
            await asyncio.sleep(self._timing.again)

    async def _work(self) -> None:
        """Until the database is lost."""
        tasks = Tasks(self._store, self._queue, self._vault, self._connector(), self._sharing)
        async with tasks.app.open_async(), asyncio.TaskGroup() as group:
            beside = [
                group.create_task(_again_and_again(self._timing.look, lambda: self._look(tasks))),
                group.create_task(_again_and_again(self._timing.look, self._helper.help)),
                group.create_task(_again_and_again(_FORGET_EVERY, self._forget)),
            ]
            await tasks.app.run_worker_async(
                concurrency=self._concurrency,
                install_signal_handlers=False,
                delete_jobs="successful",
                shutdown_graceful_timeout=0,
                update_heartbeat_interval=self._timing.heartbeat,
                stalled_worker_timeout=self._timing.dead_after,
                fetch_job_polling_interval=self._timing.look,
            )
            for task in beside:
                task.cancel()

    def _connector(self) -> PsycopgConnector:
        options = f"-c search_path={SEARCH_PATH.replace(' ', '')} -c timezone=UTC"
        return PsycopgConnector(
            conninfo=self._url,
            kwargs={"options": options, "connect_timeout": CONNECT_SECONDS},
            min_size=1,
            max_size=_POOL,
        )

    async def _look(self, tasks: Tasks) -> None:
        await asyncio.to_thread(self._queue.keep_to_the_clock)
        await asyncio.to_thread(self._queue_due)
        await asyncio.to_thread(tasks.judge)
        await self._take_up(tasks)

    async def _forget(self) -> None:
        if self._history_days == 0:
            return
        before = datetime.now(UTC) - timedelta(days=self._history_days)
        forgotten = await asyncio.to_thread(self._store.forget_history, before)
        await asyncio.to_thread(self._queue.forget, before)
        if forgotten.runs:
            _log.info("old history was removed", extra=asdict(forgotten))

    def _queue_due(self) -> None:
        now = datetime.now(UTC)
        self._store.settle_schedules(now)
        for project in self._store.take_due(now, self._order):
            _log.info("due by its schedule", extra={"project": project})

    def _order(self, connection: Connection, project: str) -> None:
        self._queue.add_run(connection, RunOrder(projects=(project,), started_by=SCHEDULE))

    async def _take_up(self, tasks: Tasks) -> None:
        """Put jobs of workers that have died back into the queue."""
        manager = tasks.app.job_manager
        # One worker at a time: a second could put a job back that the first has already taken.
        with advisory_lock(self._engine, "jobs of dead workers") as free:
            stalled = await manager.get_stalled_jobs(seconds_since_heartbeat=self._timing.dead_after) if free else ()
            for job in stalled:
                _log.warning("its worker died; the job goes back", extra={"job": job.id, "task": job.task_name})
                await manager.retry_job(job)


async def _again_and_again(seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    """Until cancelled. What fails once must not end the runs that go on beside it."""
    while True:
        try:
            await work()
        except _LOST as error:
            _log.warning("the database is away and is asked again: %s", error)
        except Exception:
            _log.exception("the worker met an unexpected error and goes on")
        await asyncio.sleep(seconds)
