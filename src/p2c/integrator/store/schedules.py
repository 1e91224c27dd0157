"""When scheduled projects run next, and which are paused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, text

from p2c.errors import ConfigurationError
from p2c.integrator.outcome import Status
from p2c.integrator.schedule import Schedule
from p2c.integrator.store.schedule_text import read_schedule
from p2c.integrator.store.transactions import Transactions

_UNSETTLED = text(
    "SELECT p.name, p.schedule FROM project p LEFT JOIN project_state s ON s.project = p.name "
    "WHERE p.schedule IS DISTINCT FROM s.schedule ORDER BY p.name"
)
_SETTLE = text(
    "INSERT INTO project_state AS s (project, schedule, next_at) VALUES (:project, :schedule, :next_at) "
    "ON CONFLICT (project) DO UPDATE SET schedule = excluded.schedule, next_at = excluded.next_at, "
    # Errors are counted from when the bound was set.
    "errors_in_a_row = 0 "
    # Another machine may have settled it meanwhile, and even taken its first time.
    "WHERE s.schedule IS DISTINCT FROM excluded.schedule"
)
_COMING = text(
    "SELECT s.project, s.schedule, s.next_at FROM project_state s JOIN project p ON p.name = s.project "
    "AND p.schedule = s.schedule WHERE s.next_at > :now ORDER BY s.project FOR UPDATE OF s SKIP LOCKED"
)
_DUE = text(
    "SELECT s.project, s.schedule, s.next_at FROM project_state s JOIN project p ON p.name = s.project "
    "AND p.schedule = s.schedule WHERE s.next_at <= :now AND s.paused_at IS NULL ORDER BY s.next_at, s.project "
    "FOR UPDATE OF s SKIP LOCKED"
)
_ADVANCE = text("UPDATE project_state SET next_at = :next_at WHERE project = :project")
_LIST = text(
    "SELECT p.name, p.schedule, s.next_at, s.paused_at, s.paused_because, s.last_run, s.status, s.errors_in_a_row, "
    "s.last_success_at FROM project p LEFT JOIN project_state s ON s.project = p.name "
    "WHERE p.schedule IS NOT NULL ORDER BY p.name"
)
_PAUSE = text(
    "INSERT INTO project_state AS s (project, paused_at, paused_because) VALUES (:project, :now, :because) "
    "ON CONFLICT (project) DO UPDATE SET paused_at = coalesce(s.paused_at, excluded.paused_at), "
    "paused_because = CASE WHEN s.paused_at IS NULL THEN excluded.paused_because ELSE s.paused_because END"
)
_RESUME = text(
    "UPDATE project_state SET paused_at = NULL, paused_because = '', errors_in_a_row = 0, schedule = NULL, "
    "next_at = NULL WHERE project = :project"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledProject:
    """A scheduled project, and what is known of it.

    `next_at` is None until a worker or a command has looked at it; `paused_because` says why it is paused, `status` and
    `last_run` how it ended last, where it has run.
    """

    project: str
    schedule: Schedule
    next_at: datetime | None
    paused_at: datetime | None
    paused_because: str
    last_run: int | None
    status: Status | None
    errors_in_a_row: int
    last_success_at: datetime | None


class Schedules(Transactions):
    """Schedules of projects. The projects themselves say when; this is what has become of it."""

    def settle_schedules(self, now: datetime) -> None:
        """
        Find the next time of schedules that are new or have changed: later than now.

        A time that is later than the next two has been found by a clock that was moved back since. The second one
        takes its place: the first may have been taken before.
        """
        with self._begin() as connection:
            unsettled = connection.execute(_UNSETTLED).all()
            rows = [
                {
                    "project": row.name,
                    "schedule": row.schedule,
                    "next_at": None if row.schedule is None else read_schedule(row.schedule).after(now),
                }
                for row in unsettled
            ]
            if rows:
                connection.execute(_SETTLE, rows)
            sooner = [
                {"project": row.project, "next_at": second}
                for row in connection.execute(_COMING, {"now": now})
                if (second := _second(read_schedule(row.schedule), now)) < row.next_at
            ]
            if sooner:
                connection.execute(_ADVANCE, sooner)

    def take_due(self, now: datetime, take: Callable[[Connection, str], None]) -> list[str]:
        """
        Hand projects whose time has come to `take`, in one transaction with moving them to their next time.

        However many times have passed since, each is taken once: its next time is later than now. A clock that was
        moved back takes none a second time at once. Several machines may call this at once.
        """
        with self._begin() as connection:
            due = connection.execute(_DUE, {"now": now}).all()
            for row in due:
                take(connection, row.project)
            moved = [
                {"project": row.project, "next_at": read_schedule(row.schedule).after(max(now, row.next_at))}
                for row in due
            ]
            if moved:
                connection.execute(_ADVANCE, moved)
            return [row.project for row in due]

    def scheduled(self, project: str | None = None) -> list[ScheduledProject]:
        """
        Projects with a schedule, ordered by name; all, or one.

        Raises:
            ConfigurationError: The project has no schedule.
        """
        with self._begin() as connection:
            found = [_scheduled(row) for row in connection.execute(_LIST)]
        if project is None:
            return found
        own = [item for item in found if item.project == project]
        if not own:
            raise ConfigurationError(
                "it has no schedule", where=f"project {project}", way_out=f"`p2c schedule set {project} --every 1h`"
            )
        return own

    def pause(self, project: str, now: datetime, because: str) -> None:
        """Do not run the project by its schedule any more; the first reason stays."""
        with self._begin() as connection:
            connection.execute(_PAUSE, {"project": project, "now": now, "because": because})

    def resume(self, project: str, now: datetime) -> None:
        """Run the project by its schedule again, from its first time later than now; errors are counted anew."""
        with self._begin() as connection:
            connection.execute(_RESUME, {"project": project})
        self.settle_schedules(now)


def _second(schedule: Schedule, now: datetime) -> datetime:
    return schedule.after(schedule.after(now))


def _scheduled(row: Row[tuple[object, ...]]) -> ScheduledProject:
    return ScheduledProject(
        project=row.name,
        schedule=read_schedule(row.schedule),
        next_at=row.next_at,
        paused_at=row.paused_at,
        paused_because=row.paused_because or "",
        last_run=row.last_run,
        status=Status(row.status) if row.status is not None else None,
        errors_in_a_row=row.errors_in_a_row or 0,
        last_success_at=row.last_success_at,
    )
