"""Puts work into the queue, and lists what waits there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from procrastinate import App, SyncPsycopgConnector
from sqlalchemy import Connection, Engine, text

from p2c.integrator.jobs.backoff import LONGEST_SECONDS
from p2c.integrator.jobs.schema import SEARCH_PATH, migrate_queue
from p2c.integrator.notices import Notice
from p2c.integrator.store.channels import all_channels
from p2c.integrator.store.transactions import Transactions

SCHEDULE = "schedule"
"""Who starts the runs of a schedule."""
RUN = "run"
NOTIFY = "notify"
_WAITING = text("SELECT id FROM procrastinate_jobs WHERE lock = :lock AND status = 'todo' ORDER BY id LIMIT 1")
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended(:lock, 0))")
_LIST = text(
    "SELECT j.id, j.task_name AS task, j.args, j.status, j.attempts, j.scheduled_at, coalesce(t.reason, '') AS reason, "
    "(SELECT min(at) FROM procrastinate_events e WHERE e.job_id = j.id AND type = 'deferred') AS since "
    "FROM procrastinate_jobs j LEFT JOIN job_trouble t ON t.job = j.id "
    "WHERE j.status IN ('todo', 'doing', 'failed', 'aborted') ORDER BY j.id"
)
_TROUBLE = text(
    "INSERT INTO job_trouble (job, reason) VALUES (:job, :reason) ON CONFLICT (job) DO UPDATE SET reason = :reason"
)
_EARLIER_BEATS = text("UPDATE procrastinate_workers SET last_heartbeat = now() WHERE last_heartbeat > now()")
_EARLIER_JOBS = text(
    "UPDATE procrastinate_jobs SET scheduled_at = now() "
    "WHERE status = 'todo' AND scheduled_at > now() + make_interval(secs => :longest)"
)
_FORGET = text(
    "DELETE FROM procrastinate_jobs j WHERE status IN ('failed', 'aborted', 'cancelled') AND NOT EXISTS "
    "(SELECT FROM procrastinate_events e WHERE e.job_id = j.id AND e.at >= :before)"
)
_FORGET_TROUBLE = text(
    "DELETE FROM job_trouble t WHERE NOT EXISTS (SELECT FROM procrastinate_jobs j WHERE j.id = t.job)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOrder:
    """A run to be made: of which projects, for whom, and how; see `run_projects`."""

    projects: tuple[str, ...]
    started_by: str
    all_data: bool = False
    again: bool = False
    allow_deletions: bool = False

    @property
    def lock(self) -> str:
        """What no two jobs may hold at once."""
        return "run " + ", ".join(sorted(self.projects))


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingJob:
    """A job in the queue.

    `status` is todo, doing or failed; `next_at` the earliest time of its next attempt, `reason` why the last one
    failed. `args` are the job's own.
    """

    id: int
    task: str
    args: Mapping[str, object]
    status: str
    attempts: int
    since: datetime | None
    next_at: datetime | None
    reason: str


class Queue(Transactions):
    """The queue in the integrator's database."""

    def __init__(self, engine: Engine) -> None:
        """Brings the queue's tables up to date."""
        super().__init__(engine)
        migrate_queue(engine)
        # Never opened: jobs are put in by the transaction that they belong to.
        self._app = App(connector=SyncPsycopgConnector())

    def enqueue(self, order: RunOrder) -> int | None:
        """Queue a run; the job's number, None when one of these projects waits already."""
        with self._begin() as connection:
            return self.add_run(connection, order)

    def add_run(self, connection: Connection, order: RunOrder) -> int | None:
        """The same as part of a transaction."""
        connection.execute(text(f"SET LOCAL search_path TO {SEARCH_PATH}"))
        connection.execute(_ONE_AT_A_TIME, {"lock": order.lock})
        if connection.execute(_WAITING, {"lock": order.lock}).first() is not None:
            return None
        return self.add(connection, RUN, order.lock, {**asdict(order), "projects": list(order.projects)})

    def add(self, connection: Connection, task: str, lock: str | None, args: Mapping[str, Any]) -> int:
        """Queue any job as part of a transaction; its number. No two jobs of one `lock` are carried out at once."""
        connection.execute(text(f"SET LOCAL search_path TO {SEARCH_PATH}"))
        deferrer = self._app.configure_task(task, lock=lock, connection=connection.connection.driver_connection)
        return deferrer.defer(**args)

    def add_notice(self, connection: Connection, notice: Notice) -> None:
        """Queue a notice for each channel as part of a transaction: each is tried on its own."""
        for channel in all_channels(connection):
            self.add(connection, NOTIFY, None, {"channel": channel.name, "notice": notice.plain()})

    def jobs(self) -> list[WaitingJob]:
        """What waits, is being done, or was given up; oldest first."""
        with self._begin() as connection:
            connection.execute(text(f"SET LOCAL search_path TO {SEARCH_PATH}"))
            return [
                WaitingJob(
                    id=row.id,
                    task=row.task,
                    args=row.args,
                    status="failed" if row.status == "aborted" else row.status,
                    attempts=row.attempts,
                    since=row.since,
                    next_at=row.scheduled_at if row.status == "todo" else None,
                    reason=row.reason,
                )
                for row in connection.execute(_LIST)
            ]

    def keep_to_the_clock(self) -> None:
        """After the clock was moved back the dead do not count as alive, and no job waits until it has caught up."""
        with self._begin() as connection:
            connection.execute(text(f"SET LOCAL search_path TO {SEARCH_PATH}"))
            connection.execute(_EARLIER_BEATS)
            connection.execute(_EARLIER_JOBS, {"longest": LONGEST_SECONDS})

    def forget(self, before: datetime) -> None:
        """Remove jobs that were given up before then."""
        with self._begin() as connection:
            connection.execute(text(f"SET LOCAL search_path TO {SEARCH_PATH}"))
            connection.execute(_FORGET, {"before": before})
            connection.execute(_FORGET_TROUBLE)

    def note_trouble(self, job: int, reason: str) -> None:
        """Keep why a job's last attempt failed."""
        with self._begin() as connection:
            connection.execute(_TROUBLE, {"job": job, "reason": reason})
