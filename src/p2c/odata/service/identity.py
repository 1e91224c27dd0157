"""Finds rows by what clients call them: primary keys, alternate keys, keys reached through lookups."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TypeAlias

from p2c.database.session import Session
from p2c.edm.entity import Entity, Model
from p2c.edm.values import Row, Value
from p2c.odata.service.writes import Address

Keys: TypeAlias = "list[Value]"


class AmbiguousKeyError(ValueError):
    """Several rows have this alternate key (it is unique only inside an owner's business unit)."""


class Resolver:
    """Turns addresses into primary keys, one query a level for any number of rows."""

    def __init__(self, model: Model, session: Session) -> None:
        self._model = model
        self._session = session

    def addresses(self, addresses: Sequence[Address]) -> dict[Address, Value]:
        """Primary keys of the rows named; rows that do not exist are left out.

        Raises:
            AmbiguousKeyError: A key names several rows.
        """
        groups: dict[tuple[str, tuple[str, ...]], list[Address]] = defaultdict(list)
        for address in addresses:
            groups[address.entity, address.names].append(address)
        found: dict[Address, Value] = {}
        for (name, names), group in groups.items():
            keys = self.keys(self._model.entity[name], names, [address.values for address in group])
            found.update((address, key) for address, key in zip(group, keys, strict=True) if key is not None)
        return found

    def keys(self, entity: Entity, names: Sequence[str], tuples: Sequence[tuple[Value, ...]]) -> Keys:
        """The primary key of each row whose properties `names` have these values; None where there is none."""
        columns, values = self._storage(entity, names, tuples)
        primary = entity.table.primary_key
        rows = self._session.match(entity.table.name, columns, values, columns_out=(primary, *columns))
        found: dict[tuple[Value, ...], Value] = {}
        for row in rows:
            key = tuple(row[column] for column in columns)
            if key in found and found[key] != row[primary]:
                raise AmbiguousKeyError(
                    f"several rows of {entity.name} have {dict(zip(columns, key, strict=True))}"
                )
            found[key] = row[primary]
        return [found.get(item) for item in values]

    def _storage(
        self, entity: Entity, names: Sequence[str], tuples: Sequence[tuple[Value, ...]]
    ) -> tuple[list[str], list[tuple[Value, ...]]]:
        """Property values as column values: what is reached through a lookup becomes the lookup's key."""
        columns: list[str] = []
        parts: list[Sequence[Value]] = []
        through: dict[str, list[int]] = defaultdict(list)
        for place, name in enumerate(names):
            item = entity.property[name]
            if item.path:
                through[item.path[0]].append(place)
            else:
                columns.append(item.storage)
                parts.append([values[place] for values in tuples])
        for lookup, places in through.items():
            target = self._model.entity[entity.property[lookup].targets[0]]
            inner = [_inner_name(target, entity.property[names[place]].path) for place in places]
            columns.append(lookup)
            parts.append(
                self.keys(target, inner, [tuple(values[place] for place in places) for values in tuples])
            )
        return columns, [tuple(part[row] for part in parts) for row in range(len(tuples))]


def _inner_name(target: Entity, path: tuple[str, ...]) -> str:
    """The target's property for the rest of a path: its own column, or its property with that path."""
    rest = path[1:]
    if len(rest) == 1:
        return rest[0]
    return next(item.name for item in target.properties if item.path == rest)


def lookup_parts(entity: Entity, values: Row) -> dict[str, dict[str, Value]]:
    """Path properties among `values`, by the lookup they go through: {lookup: {target's property: value}}."""
    parts: dict[str, dict[str, Value]] = defaultdict(dict)
    for name in values:
        item = entity.property[name]
        if item.path:
            parts[item.path[0]][name] = values[name]
    return parts
