"""Rows that others point at cannot be deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from p2c.database.session import Session
from p2c.edm.change import Problem, ProblemKind
from p2c.edm.values import Row


@dataclass(frozen=True, slots=True)
class Use:
    """Rows of `table` point here: `on` pairs (own column, column of `table`)."""

    table: str
    on: tuple[tuple[str, str], ...]
    entity_set: str


def problems_of_use(rows: Sequence[Row], session: Session, uses: Sequence[Use]) -> list[Problem | None]:
    """For each row the first use that forbids deleting it; one query a use."""
    problems: list[Problem | None] = [None] * len(rows)
    for use in uses:
        own, other = zip(*use.on, strict=True)
        free = [number for number, problem in enumerate(problems) if problem is None]
        keys = {number: tuple(rows[number][column] for column in own) for number in free}
        used = {
            tuple(row[column] for column in other)
            for row in session.match(use.table, other, keys.values(), columns_out=other)
        }
        for number in free:
            if keys[number] in used:
                named = rows[number][own[-1]]
                problems[number] = Problem(
                    ProblemKind.IN_USE,
                    f"{own[-1]} {named!r} is used in {use.entity_set}; change or delete those rows first",
                    field=own[-1],
                    value=named,
                )
    return problems


def in_company(table: str, own: str, other: str, entity_set: str) -> Use:
    """A use within the company."""
    return Use(table, (("dataAreaId", "dataAreaId"), (own, other)), entity_set)


def anywhere(table: str, own: str, other: str, entity_set: str) -> Use:
    """A use of a shared row, in any company."""
    return Use(table, ((own, other),), entity_set)
