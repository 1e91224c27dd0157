"""Reads single source rows again, by what identifies them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from p2c.edm.values import Row
from p2c.integrator.engine.context import LegContext
from p2c.integrator.engine.row_keys import RowKeys


@dataclass(frozen=True, slots=True)
class Reread:
    """The rows that are still there, in any order, and the ids of those that are gone."""

    rows: list[Row]
    gone: list[str]


async def reread(context: LegContext, names: Sequence[str], ids: Sequence[str]) -> Reread:
    """
    Read these source rows again, in some requests for all. Ids that cannot be taken apart are in neither list.

    Raises:
        RetryError, StopError: The source stays away or refuses.
    """
    keys = RowKeys(context.source_entity)
    values = {identifier: value for identifier in ids if (value := keys.value(identifier)) is not None}
    if not values:
        return Reread([], [])
    wanted = list(dict.fromkeys(values.values()))
    rows = await context.source.by_values(context.source_entity, names, keys.column, wanted)
    found = {identifier: row for row in rows if (identifier := context.source_id(row)) in values}
    return Reread(list(found.values()), [identifier for identifier in values if identifier not in found])
