"""Where the next page starts: behind the last row in the order asked for, wherever new rows have come in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, cast, false, literal, or_

from p2c.odata.query.ast import OrderItem
from p2c.odata.query.errors import QueryError
from p2c.odata.source import EntitySource


@dataclass(frozen=True, slots=True)
class Step:
    """One column of an order; empty values, if `optional`, come first when ascending and last when descending."""

    column: ColumnElement[Any]
    descending: bool
    optional: bool = True

    @property
    def order(self) -> ColumnElement[Any]:
        """The column in ORDER BY."""
        if not self.optional:
            # Said plainly, so that the index on the column serves it.
            return self.column.desc() if self.descending else self.column.asc()
        return self.column.desc().nulls_last() if self.descending else self.column.asc().nulls_first()

    def same(self, value: str | None) -> ColumnElement[bool]:
        """Rows that the column does not part from the last row."""
        return self.column.is_(None) if value is None else self.column == self._typed(value)

    def beyond(self, value: str | None) -> ColumnElement[bool]:
        """Rows that the column puts behind the last row."""
        if value is None:
            return false() if self.descending else self.column.is_not(None)
        if self.descending:
            return or_(self.column < self._typed(value), self.column.is_(None))
        return self.column > self._typed(value)

    def _typed(self, value: str) -> ColumnElement[Any]:
        return cast(literal(value, Text()), self.column.type)


def steps(source: EntitySource, items: Sequence[OrderItem]) -> list[Step]:
    """The columns asked for, and the key at the end, so that no two rows are equal."""
    asked = [Step(source.member(item.path)[0], item.descending) for item in items]
    return [*asked, Step(source.key, descending=False, optional=False)]


def position(order: Sequence[Step]) -> list[ColumnElement[str]]:
    """Columns that say, as texts, where a row stands."""
    return [cast(step.column, Text).label(f"~{place}") for place, step in enumerate(order)]


def behind(order: Sequence[Step], last: Sequence[str | None]) -> ColumnElement[bool]:
    """
    The rows behind the last one of a page.

    Raises:
        QueryError: The token was made for another order.
    """
    if len(order) != len(last):
        raise QueryError("$skiptoken", 0, "the token belongs to another $orderby", "follow the next link unchanged")
    ways = [
        and_(*(step.same(value) for step, value in zip(order[:place], last, strict=False)), order[place].beyond(value))
        for place, value in enumerate(last)
    ]
    return or_(*ways)
