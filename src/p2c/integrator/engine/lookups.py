"""Values in other rows, found in bulk and remembered: related fields of the source, lookups of the destination."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from p2c.edm.values import Row, Value
from p2c.errors import RejectedRowError
from p2c.integrator.mapping.codes import RejectCode
from p2c.integrator.mapping.related import DestinationLookup, RelatedField
from p2c.odata.client.environment import Environment

REMEMBERED = 50_000
Asked: TypeAlias = "Value | tuple[Value, ...]"


class Remembered:
    """The last things looked up, at most `REMEMBERED`: what was asked for, and what was found."""

    def __init__(self) -> None:
        self._values: OrderedDict[Asked, Value] = OrderedDict()

    def missing(self, wanted: Iterable[Value]) -> list[Value]:
        """The distinct values not looked up yet, empty ones left out."""
        return [value for value in dict.fromkeys(wanted) if value is not None and value not in self._values]

    def keep(self, found: Iterable[tuple[Asked, Value]]) -> None:
        """Remember values; the oldest are forgotten beyond the bound."""
        self._values.update(found)
        while len(self._values) > REMEMBERED:
            self._values.popitem(last=False)

    def get(self, value: Asked) -> Value:
        """What was found, or None."""
        return self._values.get(value)


class RelatedValues:
    """Fills related fields into source rows: one query a target entity for a batch."""

    def __init__(self, environment: Environment, fields: Sequence[RelatedField]) -> None:
        self._environment = environment
        self._fields = fields
        self._known = {
            (field.name, target.entity): Remembered() for field in fields for target in field.targets
        }

    async def fill(self, rows: Sequence[Row]) -> None:
        """Put each related value into its row, None where the lookup is empty or points elsewhere."""
        for field in self._fields:
            for row in rows:
                row[field.name] = None
            for target in field.targets:
                known = self._known[field.name, target.entity]
                await self._learn(known, target.entity, target.field, [row[field.lookup] for row in rows])
                for row in rows:
                    found = known.get(row[field.lookup])
                    if found is not None:
                        row[field.name] = found

    async def _learn(self, known: Remembered, name: str, column: str, ids: list[Value]) -> None:
        missing = known.missing(ids)
        if not missing:
            return
        entity = self._environment.model.entity[name]
        primary = entity.key[0]
        found: dict[Value, Value] = dict.fromkeys(missing)
        for row in await self._environment.by_values(entity, (column,), primary, missing):
            found[row[primary]] = row[column]
        known.keep(found.items())


class DestinationRows:
    """Finds the rows that lookups of mapped rows must point at: one query a target entity for a batch."""

    def __init__(self, environment: Environment, lookups: Sequence[DestinationLookup]) -> None:
        self._environment = environment
        self._lookups = lookups
        self._known = {(item.to, target.entity): Remembered() for item in lookups for target in item.targets}

    async def learn(self, rows: Sequence[Row]) -> None:
        """Look up the values of mapped rows; what was missing before is asked again."""
        for item in self._lookups:
            pending = {row[item.to] for row in rows if row.get(item.to) is not None}
            for target in item.targets:
                known = self._known[item.to, target.entity]
                missing = [value for value in pending if known.get(_folded(value)) is None]
                if missing:
                    entity = self._environment.model.entity[target.entity]
                    found = await self._environment.by_values(entity, (target.field,), target.field, missing)
                    known.keep((_folded(row[target.field]), row[entity.key[0]]) for row in found)
                pending = {value for value in pending if known.get(_folded(value)) is None}

    def binds(self, mapped: Row) -> dict[str, tuple[str, Value] | None]:
        """
        The lookups of a mapped row by name: (target entity, primary key), None to clear.

        Raises:
            RejectedRowError: The row that a value names does not exist.
        """
        binds: dict[str, tuple[str, Value] | None] = {}
        for item in self._lookups:
            value = mapped.get(item.to)
            binds[item.lookup] = None if value is None else self._bind(item, value)
        return binds

    def _bind(self, item: DestinationLookup, value: Value) -> tuple[str, Value]:
        for target in item.targets:
            key = self._known[item.to, target.entity].get(_folded(value))
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


def _folded(value: Value) -> Value:
    """Text without regard to case, as both products compare it."""
    return value.casefold() if isinstance(value, str) else value
