"""The environments of a run: opened when first needed, each once, and checked against what projects expect."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace

from p2c.database.vault import Vault
from p2c.edm.entity import Model
from p2c.errors import ConfigurationError, RetryError
from p2c.integrator.connections import Connection, ConnectionSet
from p2c.integrator.engine.shared_gates import SharedGates
from p2c.integrator.engine.signing_in import credential_of, trust_of
from p2c.integrator.engine.source import shape_of
from p2c.integrator.mapping.check import check
from p2c.integrator.mapping.template import Leg
from p2c.integrator.projects import Project
from p2c.integrator.store import Store
from p2c.odata.client.dataverse import DataverseEnvironment
from p2c.odata.client.environment import Environment
from p2c.odata.client.fno import FnoEnvironment
from p2c.odata.client.gate import RateGate
from p2c.odata.client.http import ATTEMPTS, HttpEnvironment


def open_environment(
    connection: Connection, vault: Vault | None = None, *, attempts: int = ATTEMPTS, gate: RateGate | None = None
) -> Environment:
    """
    A client for the connection, its protocol dialect following from the environment; nothing is sent yet.

    `gate` is shared with others who work on the environment; without one the client has a gate of its own.

    Raises:
        ConfigurationError: The connection signs in, and its secret or certificate cannot be had.
    """
    http = HttpEnvironment(
        connection.url,
        name=connection.name,
        attempts=attempts,
        gate=gate,
        credential=credential_of(connection, vault),
        trust=trust_of(connection),
    )
    if connection.environment == "operations":
        return FnoEnvironment(http)
    return DataverseEnvironment(http)


@dataclass(frozen=True, slots=True)
class Connected:
    """A project with its set's keys, and the models of what it needs by environment name."""

    project: Project
    connection_set: ConnectionSet
    models: Mapping[str, Model]


class Environments:
    """Connected environments by connection; all runs keep to their limits together."""

    def __init__(self, store: Store, vault: Vault | None = None, *, attempts: int = ATTEMPTS) -> None:
        self._store = store
        self._vault = vault
        self._attempts = attempts
        self._gates = SharedGates(store)
        self._leaving = AsyncExitStack()
        self._open: dict[str, Environment] = {}
        self._business_units: dict[str, Mapping[str, str]] = {}
        self._identities: dict[str, str] = {}

    async def __aenter__(self) -> Environments:
        await self._leaving.enter_async_context(self._gates)
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._leaving.aclose()

    async def connect(self, project: Project) -> Connected:
        """The project with the keys of its connection set, and the environments that it needs."""
        connection_set = await asyncio.to_thread(self._store.connection_set, project.connection_set)
        keyed = replace(project, tasks=tuple(connection_set.keyed(task) for task in project.tasks))
        ends = (end for task in keyed.tasks for leg in task.legs for end in (leg.source, leg.destination))
        models: dict[str, Model] = {}
        for name in sorted({end.environment for end in ends}):
            models[name] = (await self.get(connection_set, name)).model
        return Connected(keyed, connection_set, models)

    async def prepare(self, project: Project, file: str = "") -> tuple[Project, ConnectionSet]:
        """
        Connect what the project needs and check its maps, with the set's keys, against what is there.

        `file` is where the project was read from, for messages.

        Raises:
            ConfigurationError: The project does not fit its environments.
        """
        connected = await self.connect(project)
        template = connected.project.as_template()
        check(replace(template, file=file) if file else template, connected.models, shape_of)
        return connected.project, connected.connection_set

    async def source(self, project: Project, leg: Leg) -> Environment:
        """The environment that a leg of a project reads, connected."""
        connection_set = await asyncio.to_thread(self._store.connection_set, project.connection_set)
        return await self.get(connection_set, leg.source.environment)

    async def get(self, connection_set: ConnectionSet, name: str) -> Environment:
        """The environment of a connection set under its name in templates, connected."""
        if name not in connection_set.connections:
            raise ConfigurationError(
                f"no connection for {name!r} (DIPV1005)",
                where=f"connection set {connection_set.name}",
                way_out="add one",
            )
        called = connection_set.connections[name]
        if called not in self._open:
            connection = await asyncio.to_thread(self._store.connection, called)
            gate = self._gates.of(connection)
            environment = open_environment(connection, self._vault, attempts=self._attempts, gate=gate)
            self._leaving.push_async_callback(environment.close)
            await environment.connect()
            # Not before: who asks again after it stayed away would get it without its model.
            self._open[called] = environment
        return self._open[called]

    async def identity(self, environment: Environment) -> str:
        """Which environment answers at the connection's URL; empty where it does not say."""
        if environment.name not in self._identities:
            self._identities[environment.name] = await environment.identity()
        return self._identities[environment.name]

    async def business_units(self, environment: Environment) -> Mapping[str, str]:
        """Ids of the business units of a Sales environment by name; none elsewhere."""
        entity = environment.model.entity.get("businessunit")
        if entity is None:
            return {}
        if environment.name not in self._business_units:
            found: dict[str, str] = {}
            async for page in environment.changes(entity, ("name",), None):
                found.update((str(row["name"]), str(row[entity.key[0]])) for row in page.rows)
            self._business_units[environment.name] = found
        return self._business_units[environment.name]


async def check_projects(store: Store, projects: Mapping[str, Project], vault: Vault | None = None) -> list[str]:
    """
    Check projects, by the file that each was read from, against the environments that answer now.

    Returns:
        Why some could not be checked: their environments are away, or not set up yet.

    Raises:
        ConfigurationError: A project does not fit its environments; the file and line are named.
    """
    unchecked: list[str] = []
    known = {item.name for item in await asyncio.to_thread(store.connection_sets)}
    async with Environments(store, vault, attempts=1) as environments:
        for file, project in projects.items():
            if project.connection_set not in known:
                unchecked.append(f"{file}: connection set {project.connection_set} is not set up yet")
                continue
            try:
                await environments.prepare(project, file)
            except RetryError as error:
                unchecked.append(f"{file}: {error.where} does not answer")
    return unchecked
