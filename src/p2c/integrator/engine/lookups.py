"""Values in other rows, found in bulk: related fields of the source, lookups of the destination."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from p2c.edm.values import Row, Value
from p2c.errors import RejectedRowError
from p2c.integrator.engine.remembered import Asked, Found, Remembered
from p2c.integrator.mapping.codes import RejectCode
from p2c.integrator.mapping.related import DestinationLookup, RelatedField, RelatedTarget
from p2c.odata.client.environment import Environment, Source


class RelatedValues:
    """Fills related fields into source rows: one query a target entity for a batch."""

    def __init__(self, environment: Source, fields: Sequence[RelatedField]) -> None:
        self._environment = environment
        self._fields = fields
        self._known = {(field.name, target.entity): Remembered() for field in fields for target in field.targets}

    async def fill(self, rows: Sequence[Row]) -> None:
        """Put each related value into its row, None where the lookup is empty or points elsewhere."""
        for field in self._fields:
            for row in rows:
                row[field.name] = None
            for target in field.targets:
                known = self._known[field.name, target.entity]
                found = await known.find((row[field.lookup] for row in rows), partial(self._ask, target))
                for row in rows:
                    value = found.get(row[field.lookup])
                    if value is not None:
                        row[field.name] = value

    async def _ask(self, target: RelatedTarget, ids: list[Asked]) -> Mapping[Asked, Value]:
        entity = self._environment.model.entity[target.entity]
        primary = entity.key[0]
        wanted = [item for item in ids if not isinstance(item, tuple)]
        rows = await self._environment.by_values(entity, (target.field,), primary, wanted)
        return {row[primary]: row[target.field] for row in rows}


@dataclass(frozen=True, slots=True)
class FoundRows:
    """The rows that the lookups of one batch point at: by lookup and target, folded value to primary key."""

    lookups: Sequence[DestinationLookup]
    keys: Mapping[tuple[str, str], Found]

    def binds(self, mapped: Row) -> dict[str, tuple[str, Value] | None]:
        """
        The lookups of a mapped row by name: (target entity, primary key), None to clear.

        Raises:
            RejectedRowError: The row that a value names does not exist.
        """
        return {item.lookup: self._bind(item, mapped.get(item.to)) for item in self.lookups}

    def _bind(self, item: DestinationLookup, value: Value) -> tuple[str, Value] | None:
        if value is None:
            return None
        for target in item.targets:
            key = self.keys[item.to, target.entity].get(_folded(value))
            if key is not None:
                return target.entity, key
        code = next(known for known in RejectCode if known.value == item.code)
        names = " or ".join(target.entity for target in item.targets)
        raise RejectedRowError(
            item.code,
            f"the destination has no {names} with {item.targets[0].field} {value!r}",
            field=item.to,
            value=value,
            way_out=code.way_out,
        )


class DestinationRows:
    """Finds the rows that lookups of mapped rows must point at: one query a target entity for a batch."""

    def __init__(self, environment: Environment, lookups: Sequence[DestinationLookup]) -> None:
        self._environment = environment
        self._lookups = lookups
        self._known = {(item.to, target.entity): Remembered() for item in lookups for target in item.targets}

    async def find(self, rows: Sequence[Row]) -> FoundRows:
        """Look up the values of mapped rows; what was missing before is asked for again."""
        keys: dict[tuple[str, str], Found] = {}
        for item in self._lookups:
            pending = {_folded(row[item.to]) for row in rows if row.get(item.to) is not None}
            for target in item.targets:
                known = self._known[item.to, target.entity]
                found = await known.find(sorted(pending, key=str), partial(self._ask, target))
                keys[item.to, target.entity] = found
                pending -= found.keys()
        return FoundRows(self._lookups, keys)

    async def _ask(self, target: RelatedTarget, values: list[Asked]) -> Mapping[Asked, Value]:
        entity = self._environment.model.entity[target.entity]
        wanted = [item for item in values if not isinstance(item, tuple)]
        rows = await self._environment.by_values(entity, (target.field,), target.field, wanted)
        return {_folded(row[target.field]): row[entity.key[0]] for row in rows}


def _folded(value: Value) -> Value:
    """Text without regard to case, as both products compare it."""
    return value.casefold() if isinstance(value, str) else value
