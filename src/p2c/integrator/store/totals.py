"""What has been done since the beginning: it only grows, also when history is forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from p2c.integrator.outcome import Counts, Status
from p2c.integrator.store.tables import COUNTED, RUNS_BY_STATUS
from p2c.integrator.store.transactions import Transactions

_SUMMED = (*COUNTED, "waited")
_ADDED = ", ".join(f"{name} = t.{name} + excluded.{name}" for name in _SUMMED)
_ADD_ROWS = text(
    f"INSERT INTO project_total AS t (project, {', '.join(_SUMMED)}) "
    f"SELECT l.project, {', '.join(f'sum(r.{name})' for name in _SUMMED)} FROM leg_run r JOIN leg l ON l.id = r.leg_id "
    f"WHERE r.run_id = :run GROUP BY l.project ON CONFLICT (project) DO UPDATE SET {_ADDED}"
)
_RUNS = ", ".join(RUNS_BY_STATUS.values())
_ADD_RUNS = text(
    f"INSERT INTO project_total AS t (project, {_RUNS}) VALUES (:project, "
    + ", ".join(f"CAST(:{status} AS bigint)" for status in RUNS_BY_STATUS)
    + ") ON CONFLICT (project) DO UPDATE SET "
    + ", ".join(f"{name} = t.{name} + excluded.{name}" for name in RUNS_BY_STATUS.values())
)
_FIGURES = text(
    "SELECT coalesce(t.project, s.project) AS project, t.*, s.last_success_at, s.paused_at IS NOT NULL AS paused "
    "FROM project_total t FULL JOIN project_state s ON s.project = t.project ORDER BY 1"
)
_OPEN = text(
    "SELECT l.project, count(*) AS number FROM rejection r JOIN leg l ON l.id = r.leg_id "
    "WHERE r.status = 'open' GROUP BY l.project"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectFigures:
    """A project in numbers: its runs, rows and seconds of waiting (as in `Progress`) since the
    beginning, and how it stands now."""

    project: str
    runs: Mapping[Status, int]
    counts: Counts
    waited: float
    open_rejections: int
    last_success_at: datetime | None
    paused: bool


class Totals(Transactions):
    """Figures of projects."""

    def figures(self) -> list[ProjectFigures]:
        """All projects that have run or are scheduled, by name."""
        with self._begin() as connection:
            waiting = {row.project: row.number for row in connection.execute(_OPEN)}
            return [
                ProjectFigures(
                    project=row[0],
                    runs={Status(status): row._mapping[name] or 0 for status, name in RUNS_BY_STATUS.items()},
                    counts=Counts(**{name: row._mapping[name] or 0 for name in COUNTED}),
                    waited=row.waited or 0.0,
                    open_rejections=waiting.get(row[0], 0),
                    last_success_at=row.last_success_at,
                    paused=bool(row.paused),
                )
                for row in connection.execute(_FIGURES)
            ]


def add_totals(connection: Connection, run: int, endings: Mapping[str, Status]) -> None:
    """Add a run that has just ended, once; `endings` are those of its projects."""
    connection.execute(_ADD_ROWS, {"run": run})
    rows = [
        {"project": project, **{word: int(word == status.value) for word in RUNS_BY_STATUS}}
        for project, status in sorted(endings.items())
    ]
    if rows:
        connection.execute(_ADD_RUNS, rows)
