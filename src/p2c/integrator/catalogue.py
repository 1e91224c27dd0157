"""The entities and fields that an environment has, as it tells them itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from p2c.database.vault import Vault
from p2c.edm.entity import Entity
from p2c.edm.property import Property
from p2c.errors import ConfigurationError, nearest
from p2c.integrator.engine.environments import open_environment
from p2c.integrator.engine.shared_gates import SharedGates
from p2c.integrator.mapping.drift import type_name
from p2c.integrator.store import Store
from p2c.odata.client.dataverse import DataverseEnvironment
from p2c.odata.client.definitions import dataverse_entity, fno_entity
from p2c.odata.client.environment import Environment
from p2c.odata.client.fno import FnoEnvironment


@dataclass(frozen=True, slots=True)
class CatalogueEntity:
    """An entity set: its keys, the alternate ones after its own, and how many fields it has."""

    entity_set: str
    name: str
    keys: tuple[tuple[str, ...], ...]
    fields: int
    writable: bool


@dataclass(frozen=True, slots=True)
class CatalogueChoice:
    """A member of a list of choices; `name` is what people read, or what an enum's member is called."""

    value: int
    name: str


@dataclass(frozen=True, slots=True)
class CatalogueField:
    """A field: its type, the entities that a lookup points at, the choices of a list, and its bounds."""

    name: str
    type: str
    key: bool
    required: bool
    writable: bool
    max_length: int | None
    targets: tuple[str, ...]
    choices: tuple[CatalogueChoice, ...]


@asynccontextmanager
async def connected(store: Store, name: str, vault: Vault | None) -> AsyncIterator[Environment]:
    """
    The environment of a connection, tried once.

    Raises:
        ConfigurationError: There is no such connection, or its sign-in is refused.
        RetryError, StopError: The environment does not answer, or refuses its metadata.
    """
    connection = await asyncio.to_thread(store.connection, name)
    async with SharedGates(store) as gates:
        environment = open_environment(connection, vault, attempts=1, gate=gates.of(connection))
        try:
            await environment.connect()
            yield environment
        finally:
            await environment.close()


async def entities(store: Store, name: str, vault: Vault | None) -> list[CatalogueEntity]:
    """All entity sets of a connection, by name; errors as `connected`."""
    async with connected(store, name, vault) as environment:
        return [_entity(item) for _name, item in sorted(environment.model.entity_set.items())]


async def fields(store: Store, name: str, entity_set: str, vault: Vault | None) -> list[CatalogueField]:
    """
    The fields of one entity set, in the environment's order; errors as `connected`.

    Raises:
        ConfigurationError: There is no such entity set.
    """
    async with connected(store, name, vault) as environment:
        found = environment.model.entity_set.get(entity_set)
        if found is None:
            raise ConfigurationError(
                f"there is no entity {entity_set!r}",
                where=f"connection {name}",
                way_out=nearest(entity_set, environment.model.entity_set),
            )
        if isinstance(environment, DataverseEnvironment):
            found = await dataverse_entity(environment, found)
        elif isinstance(environment, FnoEnvironment):
            found = await fno_entity(environment, found)
    return [_field(item, found) for item in found.properties]


def _entity(item: Entity) -> CatalogueEntity:
    keys = (item.key, *(key.properties for key in item.alternate_keys))
    return CatalogueEntity(item.set_name, item.name, keys, len(item.properties), item.writable)


def _field(item: Property, entity: Entity) -> CatalogueField:
    return CatalogueField(
        name=item.name,
        type=type_name(item),
        key=item.name in entity.key,
        required=item.required.mandatory,
        writable=entity.writable and not item.read_only,
        max_length=item.max_length,
        targets=item.targets,
        choices=tuple(CatalogueChoice(one.value, one.name) for one in item.choices.members) if item.choices else (),
    )
