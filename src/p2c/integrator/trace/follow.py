"""Finds a row on any leg, goes back to where it came from, and follows it to the other side."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from p2c.database.vault import Vault
from p2c.edm.values import Row
from p2c.errors import ConfigurationError, nearest
from p2c.integrator.engine.contexts import leg_context
from p2c.integrator.engine.environments import Environments
from p2c.integrator.engine.tally import Tally
from p2c.integrator.mapping.template import End, Leg
from p2c.integrator.outcome import LegKey
from p2c.integrator.projects import Project
from p2c.integrator.store import Store
from p2c.integrator.trace.journey import LegTrace
from p2c.integrator.trace.station import Station

_MOST = 10
"""Rows that are followed: a number may stand for a row of each company."""


async def trace(
    store: Store, projects: Sequence[Project], entity: str, word: str, vault: Vault | None = None
) -> list[LegTrace]:
    """
    The journey of the rows that are called `word` on one side: every leg, in the order of tasks.

    Args:
        entity: An entity set, with or without its environment: `accounts`, `operations.CustomersV2`.
        word: The integration key as people read it, the id of a source row, or the address at the destination.

    Raises:
        ConfigurationError: No leg reads or writes such an entity, or none knows such a row.
        RetryError, StopError: An environment stays away or refuses.
    """
    _check_entity(projects, entity)
    found: list[LegTrace] = []
    async with Environments(store, vault) as environments:
        for project in projects:
            if not any(True for _ in _ends(project, entity)):
                continue
            prepared, connection_set = await environments.prepare(project)
            for task in prepared.tasks:
                if not any(_is(end, entity) for leg in task.legs for end in (leg.source, leg.destination)):
                    continue
                keys = [LegKey(project.name, task.name, number) for number in range(1, len(task.legs) + 1)]
                stations = [
                    Station(leg, await leg_context(store, environments, connection_set, key, task, tally=Tally(())))
                    for key, leg in zip(keys, task.legs, strict=True)
                ]
                found += await _Way(stations, entity).of(word)
    if not found:
        raise ConfigurationError(
            f"no leg has met a row {word!r}, and the source has none",
            where=entity,
            way_out="give its integration key, its id, or the number that it has at the destination",
        )
    return found


@dataclass(frozen=True, slots=True)
class _Way:
    """The legs of one task, in order."""

    stations: Sequence[Station]
    entity: str

    async def of(self, word: str) -> list[LegTrace]:
        """All legs of all rows that are called so, each row once."""
        told: list[LegTrace] = []
        begun: set[tuple[int, str]] = set()
        for number, station in enumerate(self.stations):
            for source_id in (await self._met(station, word))[:_MOST]:
                start = await self._back(number, source_id)
                if start not in begun:
                    begun.add(start)
                    told += await self._on(*start)
        return told

    async def _met(self, station: Station, word: str) -> list[str]:
        found: list[str] = []
        if _is(station.leg.source, self.entity):
            found += await station.sources_called(word)
        if _is(station.leg.destination, self.entity):
            found += await asyncio.to_thread(station.ends.store.delivered_as, station.ends.key, word)
        return list(dict.fromkeys(found))

    async def _back(self, number: int, source_id: str) -> tuple[int, str]:
        """The first leg on which the row is known, and its id there."""
        while number > 0:
            row = await self.stations[number].source_row(source_id, self.stations[number - 1].ends.key_names)
            before = await self._before(number - 1, row) if row is not None else ""
            if not before:
                break
            number, source_id = number - 1, before
        return number, source_id

    async def _before(self, number: int, row: Row) -> str:
        station = self.stations[number]
        address = station.ends.address(row)
        owners = await asyncio.to_thread(station.ends.store.owners, station.ends.key, [address])
        if address in owners:
            return owners[address]
        once = await asyncio.to_thread(station.ends.store.delivered_as, station.ends.key, address)
        return next(iter(once), "")

    async def _on(self, number: int, source_id: str) -> list[LegTrace]:
        told: list[LegTrace] = []
        for station in self.stations[number:]:
            leg, there = await station.visit(source_id)
            told.append(leg)
            if there is None or station is self.stations[-1]:
                break
            # Both legs name the hub's row by its own key.
            source_id = "|".join(str(there[name]) for name in station.ends.destination_entity.key)
        return told


def _is(end: End, entity: str) -> bool:
    name = f"{end.environment}.{end.entity}".casefold()
    return entity.casefold() in (name, end.entity.casefold())


def _legs(project: Project) -> Iterator[Leg]:
    return (leg for task in project.tasks for leg in task.legs)


def _ends(project: Project, entity: str) -> Iterator[End]:
    return (end for leg in _legs(project) for end in (leg.source, leg.destination) if _is(end, entity))


def _check_entity(projects: Sequence[Project], entity: str) -> None:
    if any(True for project in projects for _ in _ends(project, entity)):
        return
    known = {
        f"{end.environment}.{end.entity}"
        for project in projects
        for leg in _legs(project)
        for end in (leg.source, leg.destination)
    }
    raise ConfigurationError(f"no project reads or writes {entity!r}", way_out=nearest(entity, known))
