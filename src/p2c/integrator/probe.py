"""Tries a connection: what answers there, as whom, what is there for the projects, and how it is read and written."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import msgspec

from p2c.database.vault import Vault
from p2c.errors import ConfigurationError, P2CError
from p2c.integrator.connections import Connection
from p2c.integrator.engine.environments import open_environment
from p2c.integrator.store import Store
from p2c.odata.client.dataverse import DataverseEnvironment
from p2c.odata.client.environment import Environment


@dataclass(frozen=True, slots=True)
class Finding:
    """One entity set that enabled projects use; `trouble` is empty when it is there and may be read.

    `reading` says how its changes are read, `writing` how rows are written; empty where projects do not do so.
    """

    entity_set: str
    trouble: str
    reading: str = ""
    writing: str = ""


@dataclass(frozen=True, slots=True)
class Probe:
    """What a connection was found to be. `who` is the caller as the environment knows it, empty if it does not say."""

    connection: str
    url: str
    who: str
    entities: int
    findings: tuple[Finding, ...]

    @property
    def sound(self) -> bool:
        """Whether all that the projects need is there."""
        return not any(finding.trouble for finding in self.findings)


class _WhoAmI(msgspec.Struct):
    UserId: str = ""
    OrganizationId: str = ""


async def probe(store: Store, name: str, vault: Vault | None) -> Probe:
    """
    Try a connection once.

    Raises:
        ConfigurationError: There is no such connection, or its sign-in is refused.
        RetryError, StopError: The environment does not answer, or refuses its metadata.
    """
    connection = await asyncio.to_thread(store.connection, name)
    environment = open_environment(connection, vault, attempts=1)
    try:
        await environment.connect()
        needed = await asyncio.to_thread(_needed, store, connection)
        findings = [await _try(environment, *item) for item in needed]
        return Probe(
            connection.name,
            environment.where.partition(" at ")[2],
            await _who(environment, connection),
            len(environment.model.entities),
            tuple(findings),
        )
    finally:
        await environment.close()


def _needed(store: Store, connection: Connection) -> list[tuple[str, bool, bool]]:
    """Entity sets that enabled projects use through the connection, by name: whether they read, and write it."""
    sets = {item.name for item in store.connection_sets() if connection.name in item.connections.values()}
    legs = [
        leg
        for project in store.projects()
        if project.enabled and project.connection_set in sets
        for task in project.tasks
        for leg in task.legs
    ]
    read = {leg.source.entity for leg in legs if leg.source.environment == connection.environment}
    written = {leg.destination.entity for leg in legs if leg.destination.environment == connection.environment}
    return [(name, name in read, name in written) for name in sorted(read | written)]


async def _try(environment: Environment, entity_set: str, read: bool, written: bool) -> Finding:
    entity = environment.model.entity_set.get(entity_set)
    if entity is None:
        return Finding(entity_set, "it is not there")
    try:
        await environment.count(entity)
        reading = (await environment.tracking(entity)).told if read else ""
        return Finding(entity_set, "", reading, await environment.writing(entity) if written else "")
    except P2CError as error:
        return Finding(entity_set, error.what)


async def _who(environment: Environment, connection: Connection) -> str:
    application = f"application {connection.sign_in.application}" if connection.sign_in is not None else ""
    if not isinstance(environment, DataverseEnvironment):
        return application
    try:
        told = msgspec.json.decode(await environment.get("WhoAmI"), type=_WhoAmI)
    except (P2CError, msgspec.MsgspecError) as error:
        raise ConfigurationError(f"the environment does not say who calls ({error})", where=connection.name) from error
    user = f"user {told.UserId} of organization {told.OrganizationId}"
    return f"{application}, {user}" if application else user
