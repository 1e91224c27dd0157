"""Divides an entity of Finance and Operations: by one part of its key, at what stands at each percentile."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from typing import TypeAlias

from p2c.edm.entity import Entity
from p2c.edm.values import EdmType
from p2c.odata.client.environment import KeyRange
from p2c.odata.client.ranges import condition_of, disjoint, parts_of
from p2c.odata.client.rows import RowPage
from p2c.odata.query import literal

Pages: TypeAlias = "Callable[[Entity, Sequence[str], str, str], AsyncIterator[RowPage]]"
"""Reads rows with columns, a condition, and options of one's choice."""


def dividing_column(entity: Entity) -> str:
    """The part of the key that ranges are drawn by, of all companies together; empty when there is none.

    The first text behind the company: rows that belong together stay together, as lines of an order do.
    """
    texts = (name for name in entity.key if entity.property[name].type is EdmType.STRING)
    return next((name for name in texts if name != entity.company_property), "")


async def ranges_of(entity: Entity, rows: int, part_rows: int, pages: Pages) -> tuple[KeyRange, ...]:
    """
    The entity in ranges; none where its `rows` are too few, or their keys do not tell them apart.

    Raises:
        StopError: The service refuses what this takes.
        RetryError: It stays away.
    """
    column, parts = dividing_column(entity), parts_of(rows, part_rows)
    if not column or parts < 2:
        return ()
    bounds: list[str] = []
    for number in range(1, parts):
        at = f"$orderby={column}&$skip={number * rows // parts}&$top=1"
        async for page in pages(entity, (column,), "", at):
            # An empty key sorts first: nothing is below it.
            bounds += [literal(row[column]) for row in page.rows if row[column]]

    async def holds(part: KeyRange) -> bool:
        found = [page.rows async for page in pages(entity, entity.key, condition_of(column, part), "$top=1")]
        return any(found)

    ranges = await disjoint(bounds, holds)
    return ranges if len(ranges) > 1 else ()
