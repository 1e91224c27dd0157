"""Rows that an earlier leg of a plan would write, as the next leg would read them."""

from __future__ import annotations

import pickle
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import IO
from uuid import UUID

from p2c.edm.entity import Entity, Model
from p2c.edm.values import EdmType, Row, Value
from p2c.integrator.engine.comparing import key_of
from p2c.integrator.engine.decide import MappedRow
from p2c.integrator.engine.ends import LegEnds
from p2c.odata.client.environment import Source, Tracking
from p2c.odata.client.http import Traffic
from p2c.odata.client.rows import RowPage

_PAGE = 500


class Coming:
    """The rows that one leg would write, kept in `file` (empty, of this process alone).

    `removed` are the keys of those it would remove.
    """

    def __init__(self, ends: LegEnds, file: IO[bytes]) -> None:
        self.ends = ends
        self._keys: set[bytes] = set()
        self._removed_keys: set[bytes] = set()
        self.removed: list[Row] = []
        self._file = file

    def add(self, row: MappedRow, sent: Sequence[str]) -> None:
        """A row with the fields that would be sent."""
        self._keys.add(key_of(self.ends.identity(row.values)))
        pickle.dump({name: row.values[name] for name in (*self.ends.key_names, *sent)}, self._file)

    def remove(self, key: Row) -> None:
        """A row that would be removed."""
        self.removed.append(key)
        self._removed_keys.add(key_of(self.ends.identity(key)))

    @property
    def is_empty(self) -> bool:
        """Whether the leg would change nothing."""
        return not self._keys and not self.removed

    def has(self, row: Row) -> bool:
        """Whether a row, as the next leg reads it, is one of these."""
        return key_of(self.ends.identity(row)) in self._keys

    def leaves(self, row: Row) -> bool:
        """Whether a row, as the next leg reads it, stays as it is."""
        key = key_of(self.ends.identity(row))
        return key not in self._keys and key not in self._removed_keys

    def has_mapped(self, row: MappedRow) -> bool:
        """Whether the leg would write the destination row of this one already."""
        return key_of(self.ends.identity(row.values)) in self._keys

    def rows(self) -> Iterator[list[Row]]:
        """All rows, some hundred at a time."""
        self._file.seek(0)
        part: list[Row] = []
        try:
            while True:
                # Written by this very process, into a file that nobody else can open.
                part.append(pickle.load(self._file))
                if len(part) == _PAGE:
                    yield part
                    part = []
        except EOFError:
            if part:
                yield part


class AfterEarlierLegs:
    """
    A source as it would be after an earlier leg: what that would write is read instead of what is there.

    Rows that are yet to be created have a number of their own for a primary key, which no row has that is there.
    """

    def __init__(self, environment: Source, coming: Coming) -> None:
        self._environment = environment
        self._coming = coming
        self.model: Model = environment.model

    @property
    def traffic(self) -> Traffic:
        """The source's own."""
        return self._environment.traffic

    async def tracking(self, entity: Entity) -> Tracking:
        """The source's own."""
        return await self._environment.tracking(entity)

    async def changes(self, entity: Entity, names: Sequence[str], since: str | None) -> AsyncIterator[RowPage]:
        """The environment's changes without the rows that the earlier leg changes, then those as they would be."""
        ends = self._coming.ends
        if entity.name != ends.destination_entity.name:
            async for page in self._environment.changes(entity, names, since):
                yield page
            return
        wanted = tuple(dict.fromkeys((*names, *ends.key_names)))
        async for page in self._environment.changes(entity, wanted, since):
            rows = [row for row in page.rows if self._coming.leaves(row)]
            yield RowPage(rows, page.deleted, page.next_link, page.delta_link)
        number = 0
        for part in self._coming.rows():
            column = ends.compiled.key[0]
            values: list[Value] = list(dict.fromkeys(row[column] for row in part))
            found = await self._environment.by_values(entity, wanted, column, values)
            there = {key_of(ends.identity(row)): row for row in found}
            rows = []
            for row in part:
                number += 1
                known = there.get(key_of(ends.identity(row)))
                blank: Row = dict.fromkeys((*entity.key, *wanted))
                blank[entity.key[0]] = _not_yet_given(entity.property[entity.key[0]].type, number)
                rows.append({**(known or blank), **row})
            yield RowPage(rows, [], None, None)
        for start in range(0, len(self._coming.removed), _PAGE):
            yield RowPage([], await self._removed(entity, self._coming.removed[start : start + _PAGE]), None, None)

    async def _removed(self, entity: Entity, keys: Sequence[Row]) -> list[str]:
        """The ids of the rows with these keys, as the environment will tell them when they are deleted."""
        ends, column = self._coming.ends, self._coming.ends.compiled.key[0]
        values: list[Value] = list(dict.fromkeys(key[column] for key in keys))
        wanted = tuple(dict.fromkeys((*entity.key, *ends.key_names)))
        going = {key_of(ends.identity(key)) for key in keys}
        found = await self._environment.by_values(entity, wanted, column, values)
        return [str(row[entity.key[0]]) for row in found if key_of(ends.identity(row)) in going]

    async def count(self, entity: Entity) -> int | None:
        """The source's own."""
        return await self._environment.count(entity)

    async def by_values(self, entity: Entity, names: Sequence[str], column: str, values: Sequence[Value]) -> list[Row]:
        """The source's own."""
        return await self._environment.by_values(entity, names, column, values)


def _not_yet_given(type: EdmType, number: int) -> Value:
    """A primary key for a row that has none before it is created."""
    return -number if type in (EdmType.INT32, EdmType.INT64) else str(UUID(int=number))
