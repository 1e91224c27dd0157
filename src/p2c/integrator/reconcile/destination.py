"""Destination rows with a value for every field of the map, so that they can be held against mapped rows."""

from __future__ import annotations

from collections.abc import Sequence

from p2c.edm.values import Row
from p2c.integrator.engine.ends import LegEnds
from p2c.integrator.engine.lookups import RelatedValues
from p2c.integrator.mapping.related import RelatedField


class DestinationFields:
    """What to read of a destination row, and the numbers and codes that its lookups stand for."""

    def __init__(self, ends: LegEnds) -> None:
        lookups = ends.compiled.lookups
        pointing = {item.to for item in lookups}
        own = [*ends.key_names, *(name for name in ends.compiled.fields if name not in pointing)]
        self.names: Sequence[str] = tuple(dict.fromkeys([*own, *(item.lookup for item in lookups)]))
        fields = [RelatedField(item.to, item.lookup, item.targets) for item in lookups]
        self._named = RelatedValues(ends.destination, fields)

    async def fill(self, rows: Sequence[Row]) -> None:
        """Put under each lookup's name in the map the value of the row that it points at."""
        await self._named.fill(rows)
