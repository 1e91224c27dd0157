"""Writes many rows by packages: which rows may go together, and which the environment had before."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Protocol

from p2c.edm.entity import Entity
from p2c.edm.values import Row
from p2c.odata.client.data_management.catalogue import NoPackagesError
from p2c.odata.client.data_management.importer import Importer
from p2c.odata.client.data_management.outgoing import carries, columns
from p2c.odata.client.data_management.refused import Identity, identity
from p2c.odata.client.environment import Upsert, WriteResult, Written

SMALLEST = 1_000
"""Rows that are worth a package: fewer are there sooner by `$batch`."""
LARGEST = 10_000
"""Rows of one package; they are in memory together."""
MOST_TIMES = 100
"""A page of keys has as many rows as a hundred operations of a batch cost."""


class KeyReader(Protocol):
    """Reads what an environment has."""

    async def count_in(self, entity: Entity, company: str) -> int:
        """How many rows a company has; of all companies where the entity has none."""

    def keys_in(self, entity: Entity, company: str) -> AsyncIterator[list[Row]]:
        """Pages of the keys of those rows."""


class BulkWriter:
    """Writes rows of one environment by packages.

    New rows of a company go together: what a row leaves out, its defaults fill. Rows that exist go together when they
    send the same columns: a column that only some of them send could be emptied in the others.
    """

    def __init__(self, reader: KeyReader, importer: Importer) -> None:
        self._reader = reader
        self._importer = importer
        self._created: defaultdict[tuple[str, str], int] = defaultdict(int)
        # The product does not take two packages into one data project at a time.
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def write(self, entity: Entity, rows: Sequence[Upsert]) -> dict[int, WriteResult]:
        """The results of rows that packages brought, by place; all others are to be sent otherwise."""
        async with self._turns[entity.set_name]:
            results: dict[int, WriteResult] = {}
            try:
                await self._importer.packaged(entity)
                await self._write(entity, rows, results)
            except NoPackagesError:
                # What was brought before stays; the others go by batches.
                pass
            self.note(entity, [rows[number] for number in results], list(results.values()))
            return results

    async def _write(self, entity: Entity, rows: Sequence[Upsert], results: dict[int, WriteResult]) -> None:
        for company, numbers in _by_company(entity, rows).items():
            if len(numbers) < SMALLEST:
                continue
            known = await self._there(entity, company, {identity(entity, rows[n].key): n for n in numbers})
            if known is None:
                continue
            for group in _groups(rows, numbers, known):
                part = [rows[number] for number in group]
                brought = await self._importer.bring(entity, company, part)
                for number, arrived in zip(group, brought, strict=True):
                    if arrived:
                        results[number] = WriteResult(Written.UPDATED if number in known else Written.CREATED)

    def note(self, entity: Entity, rows: Sequence[Upsert], results: Sequence[WriteResult]) -> None:
        """Count what was created."""
        for row, result in zip(rows, results, strict=True):
            if result.written is Written.CREATED:
                self._created[entity.set_name, _company(entity, row)] += 1

    async def _there(self, entity: Entity, company: str, places: Mapping[Identity, int]) -> set[int] | None:
        """The places of rows that the environment has; None where it has so many that looking costs more than it saves.

        A company that has only what was created here has none of them: nothing is read then.
        """
        count = await self._reader.count_in(entity, company)
        if count == self._created[entity.set_name, company]:
            return set()
        if count > MOST_TIMES * len(places):
            return None
        found: set[int] = set()
        async for page in self._reader.keys_in(entity, company):
            found.update(places[key] for row in page if (key := identity(entity, row)) in places)
        return found


def _by_company(entity: Entity, rows: Sequence[Upsert]) -> Mapping[str, list[int]]:
    found: defaultdict[str, list[int]] = defaultdict(list)
    for number, row in enumerate(rows):
        if carries(row) and row.key.keys() >= set(entity.key):
            found[_company(entity, row)].append(number)
    return found


def _groups(rows: Sequence[Upsert], numbers: Sequence[int], known: set[int]) -> list[list[int]]:
    """Rows that may share a package, in their order, as far as they are worth one."""
    groups: defaultdict[frozenset[str] | None, list[int]] = defaultdict(list)
    for number in numbers:
        groups[columns(rows[number]) if number in known else None].append(number)
    parts = [group[start : start + LARGEST] for group in groups.values() for start in range(0, len(group), LARGEST)]
    return [part for part in parts if len(part) >= SMALLEST]


def _company(entity: Entity, row: Upsert) -> str:
    return str(row.key.get(entity.company_property, "")).lower()
