"""Looks at how projects ended last: is it new to people, and does it pause the project?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import uuid4

from sqlalchemy import Connection, Row, text

from p2c.integrator.notices import Kind, Notice, change_of_state
from p2c.integrator.outcome import Counts, Status
from p2c.integrator.schedule import Ending, reason_to_pause
from p2c.integrator.store.schedule_text import read_schedule
from p2c.integrator.store.tables import COUNTED
from p2c.integrator.store.transactions import Transactions

_SUMS = ", ".join(f"coalesce(sum(r.{name}), 0)::bigint AS {name}" for name in COUNTED)
# Why the run ended so for the project: by its own legs, where it has any.
_OWN_ERROR = (
    "SELECT coalesce((array_agg(format('%s, %s, leg %s: %s', l.project, l.task, l.leg, r.error) ORDER BY r.id) "
    "FILTER (WHERE r.status = 'error'))[1], '') AS error FROM leg_run r JOIN leg l ON l.id = r.leg_id "
    "WHERE r.run_id = s.last_run AND l.project = s.project HAVING count(*) > 0"
)
_UNJUDGED = text(
    "SELECT s.project, s.last_run, s.status, s.errors_in_a_row, s.told_status, s.paused_at, p.schedule, "
    "coalesce(own.error, run.error) AS error, c.* "
    "FROM project_state s JOIN run ON run.id = s.last_run LEFT JOIN project p ON p.name = s.project "
    f"CROSS JOIN LATERAL (SELECT {_SUMS} FROM leg_run r JOIN leg l ON l.id = r.leg_id "
    "WHERE r.run_id = s.last_run AND l.project = s.project) c "
    f"LEFT JOIN LATERAL ({_OWN_ERROR}) own ON TRUE "
    "WHERE s.judged_run IS DISTINCT FROM s.last_run ORDER BY s.project FOR UPDATE OF s SKIP LOCKED"
)
_JUDGED = text(
    "UPDATE project_state SET judged_run = :run, told_status = :status, "
    "paused_at = coalesce(paused_at, CAST(:paused_at AS timestamptz)), "
    "paused_because = CASE WHEN paused_at IS NULL THEN :because ELSE paused_because END WHERE project = :project"
)


class Judging(Transactions):
    """Each project's last run is judged once, by one worker."""

    def judge(self, now: datetime, tell: Callable[[Connection, Notice], None]) -> None:
        """Pause projects that passed a bound of their schedule, and hand what has changed to `tell`; all in one
        transaction, so that nothing is told twice or not at all."""
        with self._begin() as connection:
            judged: list[dict[str, object]] = []
            for row in connection.execute(_UNJUDGED).all():
                because = _reason(row)
                notice = _notice(row, because, now)
                if notice is not None:
                    tell(connection, notice)
                judged.append(
                    {
                        "project": row.project,
                        "run": row.last_run,
                        "status": row.status,
                        "paused_at": now if because else None,
                        "because": because,
                    }
                )
            if judged:
                connection.execute(_JUDGED, judged)


def _counts(row: Row[tuple[object, ...]]) -> Counts:
    return Counts(**{name: row._mapping[name] for name in COUNTED})


def _reason(row: Row[tuple[object, ...]]) -> str:
    """Why the project is to be paused now; empty where it is not, or is already."""
    if row.schedule is None or row.paused_at is not None:
        return ""
    ending = Ending(row.last_run, _counts(row), row.errors_in_a_row)
    return reason_to_pause(read_schedule(row.schedule).pause, ending)


def _notice(row: Row[tuple[object, ...]], paused_because: str, now: datetime) -> Notice | None:
    told = Status(row.told_status) if row.told_status is not None else None
    kind = Kind.PAUSED if paused_because else change_of_state(told, Status(row.status))
    if kind is None:
        return None
    return Notice(
        id=str(uuid4()),
        kind=kind,
        project=row.project,
        at=now,
        run=row.last_run,
        counts=_counts(row),
        why=paused_because or row.error,
    )
