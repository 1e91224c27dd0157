"""How the last run of each project ended, kept beside its schedule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, text

from p2c.integrator.outcome import Counts, LegRun, Status

_NOTE = text(
    "INSERT INTO project_state AS s (project, last_run, status, errors_in_a_row, last_success_at) "
    "VALUES (:project, :run, :status, CAST(:failed AS integer), CAST(:success AS timestamptz)) "
    "ON CONFLICT (project) DO UPDATE SET last_run = excluded.last_run, status = excluded.status, "
    "errors_in_a_row = CASE WHEN :failed THEN s.errors_in_a_row + 1 ELSE 0 END, "
    "last_success_at = coalesce(excluded.last_success_at, s.last_success_at)"
)


def status_of(failed: bool, counts: Counts) -> Status:
    """How what has these counts ended."""
    if failed:
        return Status.ERROR
    return Status.WARNING if counts.rejected else Status.COMPLETED


def endings_of(projects: Iterable[str], legs: Sequence[LegRun], failed: bool) -> dict[str, Status]:
    """
    How a run ended for each of its projects: by its own legs.

    Where the run failed before any leg, nothing of it could be started: an error for all. A project that it did not
    come to, because another one failed, has no ending.
    """
    found: dict[str, Status] = {}
    for project in projects:
        own = [leg for leg in legs if leg.project == project]
        if own or not (failed and legs):
            broken = any(leg.status is Status.ERROR for leg in own) or (failed and not own)
            found[project] = status_of(broken, sum((leg.counts for leg in own), Counts()))
    return found


def note_endings(connection: Connection, run: int, endings: Mapping[str, Status], now: datetime) -> None:
    """Keep how the run ended for each of its projects."""
    rows = [
        {
            "project": project,
            "run": run,
            "status": status.value,
            "failed": status is Status.ERROR,
            "success": now if status is Status.COMPLETED else None,
        }
        for project, status in sorted(endings.items())
    ]
    if rows:
        connection.execute(_NOTE, rows)
