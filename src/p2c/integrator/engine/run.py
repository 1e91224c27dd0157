"""Runs projects in order, their tasks in order, their legs one after the other, and keeps the history."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Protocol

from p2c.edm.entity import Model
from p2c.errors import ConfigurationError, P2CError
from p2c.integrator.connections import ConnectionSet
from p2c.integrator.engine.batch import BatchFlow
from p2c.integrator.engine.companies import Companies
from p2c.integrator.engine.environments import open_environment
from p2c.integrator.engine.leg import LegFlow
from p2c.integrator.engine.tally import Tally
from p2c.integrator.mapping.check import check
from p2c.integrator.mapping.compile import compile_leg
from p2c.integrator.mapping.template import Leg, Task
from p2c.integrator.outcome import LegKey, LegRun, Progress, Run, Status
from p2c.integrator.projects import Project, order
from p2c.integrator.store import Store
from p2c.odata.client.environment import Environment


class Watcher(Protocol):
    """Hears how a run goes on; called between batches, must be quick."""

    def leg_started(self, leg: LegRun) -> None:
        """A leg begins; its counts are zero."""

    def leg_advanced(self, leg: LegRun) -> None:
        """A batch is recorded; the counts are the totals so far."""

    def leg_finished(self, leg: LegRun) -> None:
        """A leg has ended, with its status."""


async def run_projects(
    store: Store, projects: Sequence[Project], *, all_data: bool, started_by: str, watcher: Watcher
) -> Run:
    """
    Run projects; each is checked against its environments before the first row moves.

    `all_data` reads everything again instead of what changed; rows that are the same are still not written.
    An environment that stays away ends the run with that error; the next run continues.

    Raises:
        ConfigurationError: A project does not fit its environments, or is running already.
    """
    ordered = order(projects)
    with store.project_lock(*(project.name for project in ordered)):
        run = await asyncio.to_thread(
            store.begin_run, [project.name for project in ordered], started_by, all_data, datetime.now(UTC)
        )
        error = ""
        try:
            async with _Environments(store) as environments:
                prepared = [await environments.prepare(project) for project in ordered]
                for project, connection_set in prepared:
                    for task in project.tasks:
                        await _run_task(store, environments, run, project, connection_set, task, watcher)
        except P2CError as trouble:
            error = str(trouble)
            if isinstance(trouble, ConfigurationError):
                await asyncio.to_thread(store.finish_run, run.id, datetime.now(UTC), error=error)
                raise
        except BaseException as trouble:
            error = f"interrupted ({type(trouble).__name__})"
            await asyncio.to_thread(store.finish_run, run.id, datetime.now(UTC), error=error)
            raise
        return await asyncio.to_thread(store.finish_run, run.id, datetime.now(UTC), error=error)


class _Environments:
    """The environments of a run, opened when first needed, each once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._open: dict[str, Environment] = {}
        self._business_units: dict[str, Mapping[str, str]] = {}

    async def __aenter__(self) -> _Environments:
        return self

    async def __aexit__(self, *error: object) -> None:
        for environment in self._open.values():
            await environment.close()

    async def prepare(self, project: Project) -> tuple[Project, ConnectionSet]:
        """Connect what the project needs and check its maps, with the set's keys, against what is there."""
        connection_set = await asyncio.to_thread(self._store.connection_set, project.connection_set)
        project = replace(project, tasks=tuple(connection_set.keyed(task) for task in project.tasks))
        needed = {
            end.environment
            for task in project.tasks
            for leg in task.legs
            for end in (leg.source, leg.destination)
        }
        models: dict[str, Model] = {}
        for name in sorted(needed):
            models[name] = (await self.get(connection_set, name)).model
        check(project.as_template(), models)
        return project, connection_set

    async def get(self, connection_set: ConnectionSet, name: str) -> Environment:
        """The environment of a connection set under its name in templates."""
        if name not in connection_set.connections:
            raise ConfigurationError(
                f"no connection for {name!r}",
                where=f"connection set {connection_set.name}",
                way_out="add one (DIPV1005)",
            )
        connection = await asyncio.to_thread(self._store.connection, connection_set.connections[name])
        if connection.name not in self._open:
            environment = open_environment(connection)
            self._open[connection.name] = environment
            await environment.connect()
        return self._open[connection.name]

    async def business_units(self, environment: Environment) -> Mapping[str, str]:
        """Ids of Sales' business units by name."""
        entity = environment.model.entity.get("businessunit")
        if entity is None:
            return {}
        if environment.name not in self._business_units:
            found: dict[str, str] = {}
            async for page in environment.changes(entity, ("name",), None):
                found.update((str(row["name"]), str(row[entity.key[0]])) for row in page.rows)
            self._business_units[environment.name] = found
        return self._business_units[environment.name]


async def _run_task(
    store: Store,
    environments: _Environments,
    run: Run,
    project: Project,
    connection_set: ConnectionSet,
    task: Task,
    watcher: Watcher,
) -> None:
    for number, leg in enumerate(task.legs, start=1):
        key = LegKey(project.name, task.name, number)
        await _run_leg(store, environments, run, key, connection_set, leg, watcher)


async def _run_leg(
    store: Store,
    environments: _Environments,
    run: Run,
    key: LegKey,
    connection_set: ConnectionSet,
    leg: Leg,
    watcher: Watcher,
) -> None:
    source = await environments.get(connection_set, leg.source.environment)
    destination = await environments.get(connection_set, leg.destination.environment)
    source_entity = source.model.entity_set[leg.source.entity]
    destination_entity = destination.model.entity_set[leg.destination.entity]
    names = [f"{end.environment}.{end.entity}" for end in (leg.source, leg.destination)]
    leg_run = await asyncio.to_thread(store.begin_leg, run.id, key, names[0], names[1])
    shown = LegRun(
        id=leg_run,
        run=run.id,
        project=key.project,
        task=key.task,
        leg=key.leg,
        source=names[0],
        destination=names[1],
        status=Status.RUNNING,
    )
    watcher.leg_started(shown)
    tally = Tally([source, destination])
    error = checkpoint = ""
    try:
        companies = Companies(
            connection_set.organizations,
            (leg.source.environment, source_entity),
            (leg.destination.environment, destination_entity),
            await environments.business_units(source) if leg.source.environment == "sales" else {},
        )
        compiled = compile_leg(leg, source_entity, destination_entity, source.model, destination.model)
        flow = BatchFlow(
            key=key,
            leg_run=leg_run,
            run=run.id,
            compiled=compiled,
            source=source,
            source_entity=source_entity,
            destination=destination,
            destination_entity=destination_entity,
            companies=companies,
            store=store,
            tally=tally,
        )
        reader = LegFlow(
            key=key,
            run=run.id,
            flow=flow,
            compiled=compiled,
            source=source,
            entity=source_entity,
            companies=companies,
            store=store,
            tally=tally,
            advanced=lambda progress: watcher.leg_advanced(_with(shown, progress, Status.RUNNING)),
        )
        before = None if run.all_data else await asyncio.to_thread(store.checkpoint, key)
        checkpoint = await reader.run(before)
    except P2CError as trouble:
        error = str(trouble)
        raise
    except BaseException as trouble:
        error = f"interrupted ({type(trouble).__name__}: {trouble})"
        raise
    finally:
        progress = tally.progress()
        status = await asyncio.to_thread(
            store.finish_leg, leg_run, progress, error=error, checkpoint=checkpoint or None
        )
        watcher.leg_finished(_with(shown, progress, status))


def _with(leg: LegRun, progress: Progress, status: Status) -> LegRun:
    return LegRun(
        id=leg.id,
        run=leg.run,
        project=leg.project,
        task=leg.task,
        leg=leg.leg,
        source=leg.source,
        destination=leg.destination,
        status=status,
        counts=progress.counts,
        skipped_because=progress.skipped_because,
        requests=progress.requests,
        retries=progress.retries,
        writes=progress.writes,
        bytes_read=progress.bytes_read,
        bytes_written=progress.bytes_written,
        seconds=progress.seconds,
    )
