"""Reads single source rows again, by what identifies them."""

from __future__ import annotations

from collections.abc import Sequence

from p2c.edm.values import Row
from p2c.integrator.engine.context import LegContext
from p2c.integrator.engine.ends import SEPARATOR


async def reread(context: LegContext, names: Sequence[str], ids: Sequence[str]) -> list[Row]:
    """The source rows with these ids that are still there, in any order; some requests for all of them."""
    parts = [identifier.split(SEPARATOR, len(context.source_entity.key) - 1) for identifier in ids]
    columns = [list(dict.fromkeys(values)) for values in zip(*parts, strict=True)]
    # The part of the key that tells most rows apart brings the fewest others along.
    place = max(range(len(columns)), key=lambda number: len(columns[number]))
    rows = await context.source.by_values(
        context.source_entity, names, context.source_entity.key[place], list(columns[place])
    )
    wanted = set(ids)
    return [row for row in rows if context.source_id(row) in wanted]
