"""Forgets history that nobody needs any more, a bounded part at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import TextClause, text

from p2c.integrator.store.transactions import Transactions

BATCH = 1000
_LAST_BEFORE = text("SELECT coalesce(max(id), 0) FROM run WHERE started_at < :before")
_NEEDED = text(
    "SELECT max(run_id) FROM leg_run GROUP BY leg_id "
    "UNION SELECT last_run FROM project_state WHERE last_run IS NOT NULL "
    "UNION SELECT unnest(ARRAY[first_run, last_run]) FROM rejection WHERE status = 'open'"
)
_OLD = text(
    "SELECT id FROM run WHERE finished_at < :before AND status <> 'running' "
    "AND id <> ALL(CAST(:needed AS bigint[])) ORDER BY id LIMIT :batch"
)
_FORGET_PARTS = text(
    "DELETE FROM part WHERE leg_run IN (SELECT id FROM leg_run WHERE run_id = ANY(CAST(:runs AS bigint[])))"
)
_FORGET_LEGS = text("DELETE FROM leg_run WHERE run_id = ANY(CAST(:runs AS bigint[]))")
_FORGET_RUNS = text("DELETE FROM run WHERE id = ANY(CAST(:runs AS bigint[]))")
_FORGET_CLOSED = text(
    "WITH old AS (SELECT id FROM rejection WHERE status = 'closed' AND last_run <= :run ORDER BY id LIMIT :batch), "
    "decided AS (DELETE FROM decision WHERE rejection_id IN (SELECT id FROM old)) "
    "DELETE FROM rejection WHERE id IN (SELECT id FROM old)"
)
_FORGET_FORMER = text(
    "DELETE FROM row_history WHERE id IN (SELECT id FROM row_history WHERE run <= :run ORDER BY id LIMIT :batch)"
)


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How much of the history was removed."""

    runs: int
    rejections: int
    deliveries: int = 0


class History(Transactions):
    """The end of runs, their legs, rejected rows that are closed and deliveries that are over."""

    def forget_history(self, before: datetime) -> Forgotten:
        """
        Remove runs that ended before then, with their legs, rejected rows that were closed by then, and deliveries that
        were over by then.

        What stays: the last run of each leg and of each project, runs that open rejections name, runs that have not
        ended, and rows that a person dismissed, because they are not to be tried again.
        """
        with self._begin() as connection:
            last = int(connection.execute(_LAST_BEFORE, {"before": before}).scalar_one())
        rejections, deliveries = (self._forget(what, last) for what in (_FORGET_CLOSED, _FORGET_FORMER))
        with self._begin() as connection:
            needed = list(connection.execute(_NEEDED).scalars())
        runs = self._forget_runs({"before": before, "needed": needed, "batch": BATCH})
        return Forgotten(runs, rejections, deliveries)

    def _forget(self, statement: TextClause, run: int) -> int:
        """Carry a statement out until it removes no more; how much that was."""
        total = 0
        while True:
            with self._begin() as connection:
                removed = connection.execute(statement, {"run": run, "batch": BATCH}).rowcount
            total += removed
            if removed < BATCH:
                return total

    def _forget_runs(self, values: Mapping[str, object]) -> int:
        total = 0
        while True:
            with self._begin() as connection:
                runs = {"runs": list(connection.execute(_OLD, values).scalars())}
                connection.execute(_FORGET_PARTS, runs)
                connection.execute(_FORGET_LEGS, runs)
                removed = connection.execute(_FORGET_RUNS, runs).rowcount
            total += removed
            if removed < BATCH:
                return total
