"""Keys that match rules gave to source rows, and what stood there before: what undoing needs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select

from p2c.integrator.store.tables import MATCH
from p2c.integrator.store.transactions import Transactions


@dataclass(frozen=True, slots=True)
class GivenKey:
    """One source row that was given a key: its key fields by name, `before` and as `written`. `id` 0: not kept yet."""

    source_id: str
    before: Mapping[str, str | None]
    written: Mapping[str, str]
    id: int = 0


class Matches(Transactions):
    """Keys that were given and not taken back."""

    def keep_given(self, project: str, task: str, given: Sequence[GivenKey], by: str, now: datetime) -> list[int]:
        """Remember keys that are about to be written; their ids, in order."""
        rows = [
            {
                "project": project,
                "task": task,
                "source_id": item.source_id,
                "before": dict(item.before),
                "written": dict(item.written),
                "applied_at": now,
                "applied_by": by,
            }
            for item in given
        ]
        with self._begin() as connection:
            kept = insert(MATCH).returning(MATCH.c.id, sort_by_parameter_order=True)
            return list(connection.execute(kept, rows).scalars())

    def given(self, project: str, task: str, most: int, before: int | None = None) -> list[GivenKey]:
        """The latest keys given, newest first, at most so many; those older than the one with the id `before`."""
        older = MATCH.c.id < before if before is not None else MATCH.c.id.is_not(None)
        query = select(MATCH).where(MATCH.c.project == project, MATCH.c.task == task, older)
        with self._begin() as connection:
            found = connection.execute(query.order_by(MATCH.c.id.desc()).limit(most)).all()
        return [GivenKey(row.source_id, row.before, row.written, row.id) for row in found]

    def forget_given(self, ids: Collection[int]) -> None:
        """These keys were taken back, or never taken."""
        with self._begin() as connection:
            connection.execute(delete(MATCH).where(MATCH.c.id.in_(list(ids))))
