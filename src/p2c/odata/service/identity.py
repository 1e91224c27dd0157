"""Finds rows by what clients call them: primary keys, alternate keys, keys reached through lookups."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from p2c.database.session import Session
from p2c.edm.change import Problem, ProblemKind
from p2c.edm.entity import Entity, Model
from p2c.edm.values import Row, Value
from p2c.odata.service.writes import Address

Keys: TypeAlias = "list[Value]"
Absent: TypeAlias = "dict[tuple[str, ...], set[tuple[Value, ...]]]"
"""Values that no row has together, as the table compares them, by the table and its unique columns."""


@dataclass(slots=True)
class Found:
    """Primary keys by address; rows that do not exist are left out.

    `several` are addresses that name more than one row: an alternate key may be unique inside an owner's
    business unit only. `absent` are keys among them that no row has.
    """

    keys: dict[Address, Value] = field(default_factory=dict)
    several: set[Address] = field(default_factory=set)
    absent: Absent = field(default_factory=dict)


def several_rows(entity: Entity, address: Address) -> Problem:
    """What is wrong with an address that names several rows."""
    return Problem(
        ProblemKind.DUPLICATE_KEY,
        f"several rows have the key {address}; address the row by its {entity.table.primary_key}",
        field=address.names[0],
        value=", ".join(str(value) for value in address.values),
    )


class Resolver:
    """Turns addresses into primary keys, one query a level for any number of rows."""

    def __init__(self, model: Model, session: Session) -> None:
        self._model = model
        self._session = session

    def addresses(self, addresses: Iterable[Address]) -> Found:
        """The rows named."""
        groups: dict[tuple[str, tuple[str, ...]], list[Address]] = defaultdict(list)
        for address in addresses:
            groups[address.entity, address.names].append(address)
        found = Found()
        for (name, names), group in groups.items():
            entity, tuples = self._model.entity[name], [address.values for address in group]
            keys, several = self._keys(entity, names, tuples, found.absent)
            found.keys.update((address, key) for address, key in zip(group, keys, strict=True) if key is not None)
            found.several.update(group[place] for place in several)
        return found

    def _keys(
        self, entity: Entity, names: Sequence[str], tuples: Sequence[tuple[Value, ...]], absent: Absent | None = None
    ) -> tuple[Keys, set[int]]:
        """The primary key of each row whose properties `names` have these values, None where there is none;
        and the places of tuples that name several rows."""
        columns, values, vague = self._storage(entity, names, tuples)
        primary = entity.table.primary_key
        rows = self._session.match(entity.table.name, columns, values, columns_out=(primary, *columns))
        found: dict[tuple[Value, ...], Value] = {}
        doubled: set[tuple[Value, ...]] = set()
        for row in rows:
            key = entity.table.folded(tuple(row[column] for column in columns))
            if found.setdefault(key, row[primary]) != row[primary]:
                doubled.add(key)
        asked = [entity.table.folded(key) for key in values]
        if absent is not None and tuple(columns) in entity.table.unique:
            absent[entity.table.name, *columns] = set(asked) - found.keys()
        several = vague | {place for place, key in enumerate(asked) if key in doubled}
        return [None if place in several else found.get(key) for place, key in enumerate(asked)], several

    def _storage(
        self, entity: Entity, names: Sequence[str], tuples: Sequence[tuple[Value, ...]]
    ) -> tuple[list[str], list[tuple[Value, ...]], set[int]]:
        """Property values as column values: what is reached through a lookup becomes the lookup's key."""
        columns: list[str] = []
        parts: list[Sequence[Value]] = []
        vague: set[int] = set()
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
            inner = [inner_name(target, entity.property[names[place]].path) for place in places]
            columns.append(lookup)
            keys, several = self._keys(target, inner, [tuple(values[place] for place in places) for values in tuples])
            parts.append(keys)
            vague |= several
        return columns, [tuple(part[row] for part in parts) for row in range(len(tuples))], vague


def inner_name(target: Entity, path: tuple[str, ...]) -> str:
    """The target's property for the rest of a path: its own column, or its property with that path."""
    rest = path[1:]
    if len(rest) == 1:
        return rest[0]
    return next(item.name for item in target.properties if item.path == rest)


def lookup_parts(entity: Entity, values: Row) -> dict[str, dict[str, Value]]:
    """Path properties among `values`, by the lookup they go through: {lookup: {target's property: value}}."""
    parts: dict[str, dict[str, Value]] = {}
    if not entity.paths.isdisjoint(values):
        for name in values:
            if name in entity.paths:
                parts.setdefault(entity.property[name].path[0], {})[name] = values[name]
    return parts
