"""Deletes keep the hub whole: lines go with their header, any other row stays while a lookup points at it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from p2c.commondata.model import ENTITIES
from p2c.database.session import Session
from p2c.edm.change import Problem, ProblemKind
from p2c.edm.values import Row, Value

_LINES: Mapping[str, tuple[str, str]] = {"Quotation": ("QuotationLine", "Quotation")}
"""Header table to (line table, lookup)."""

_POINTING: Mapping[str, tuple[tuple[str, str], ...]] = {
    target.name: tuple(
        (entity.table.name, lookup.storage)
        for entity in ENTITIES
        for lookup in entity.lookups
        if target.name in lookup.targets and (entity.table.name, lookup.storage) != _LINES.get(target.name)
    )
    for target in ENTITIES
}
"""Table to the (table, lookup) pairs whose rows hold its rows fast."""


def delete_related(table: str, rows: Sequence[Row], session: Session) -> list[Problem | None]:
    """Why each row may not be deleted, or None; lines of those that may are deleted. One query a relation."""
    problems: dict[Value, Problem] = {}
    keys = [row["RecordId"] for row in rows]
    for other, lookup in _POINTING[table]:
        free = [key for key in keys if key not in problems]
        # A row that points at itself does not hold itself.
        for row in session.rows(other, lookup, free, ("RecordId", lookup)):
            if (other, row["RecordId"]) != (table, row[lookup]):
                problems[row[lookup]] = Problem(
                    ProblemKind.IN_USE,
                    f"{table} {row[lookup]} is the {lookup} of {other} {row['RecordId']}; "
                    "change or delete that row first",
                    field=lookup,
                    value=row[lookup],
                )
    if table in _LINES:
        lines, lookup = _LINES[table]
        gone = [key for key in keys if key not in problems]
        session.delete(lines, [line["RecordId"] for line in session.rows(lines, lookup, gone, ("RecordId",))])
    return [problems.get(key) for key in keys]
