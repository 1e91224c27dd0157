"""Runs projects in order, their tasks in order, their legs one after the other, and keeps the history."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol

from p2c.database.vault import Vault
from p2c.errors import ConfigurationError, P2CError
from p2c.integrator.connections import ConnectionSet
from p2c.integrator.engine.companies import Companies
from p2c.integrator.engine.context import LegContext
from p2c.integrator.engine.environments import Environments
from p2c.integrator.engine.fingerprint import fingerprint, opened, sealed
from p2c.integrator.engine.leg import LegFlow
from p2c.integrator.engine.source import Reading, reading_of
from p2c.integrator.engine.tally import Tally
from p2c.integrator.mapping.compile import compile_leg
from p2c.integrator.mapping.template import Leg
from p2c.integrator.outcome import LegKey, LegRun, Progress, Run, Status
from p2c.integrator.projects import Project, order
from p2c.integrator.store import Store
from p2c.odata.client.environment import Environment


class Watcher(Protocol):
    """Hears how a run goes on; called between batches, must be quick."""

    def leg_started(self, leg: LegRun, expected: int | None) -> None:
        """A leg begins; its counts are zero. `expected` rows will be read, where the source can tell."""

    def leg_advanced(self, leg: LegRun) -> None:
        """A batch is recorded; the counts are the totals so far."""

    def leg_finished(self, leg: LegRun) -> None:
        """A leg has ended, with its status."""


async def run_projects(
    store: Store,
    projects: Sequence[Project],
    *,
    all_data: bool,
    started_by: str,
    watcher: Watcher,
    again: bool = False,
    vault: Vault | None = None,
) -> Run:
    """
    Run projects; each is checked against its environments before the first row moves.

    `all_data` reads everything again instead of what changed; rows that are the same are still not written, unless
    `again` sends them all, for a destination that has lost rows. `vault` opens the secrets of connections.
    An environment that stays away ends the run with that error; the next run continues.

    Raises:
        ConfigurationError: A project does not fit its environments, or is running already.
    """
    ordered = order(projects)
    names = [project.name for project in ordered]
    with store.project_lock(*names):
        run = await asyncio.to_thread(store.begin_run, names, started_by, all_data or again, datetime.now(UTC))
        error = ""
        try:
            async with Environments(store, vault) as environments:
                prepared = [await environments.prepare(project) for project in ordered]
                for project, connection_set in prepared:
                    await _ProjectRun(store, environments, run, project, connection_set, watcher, again).carry_out()
        except ConfigurationError as trouble:
            await asyncio.to_thread(store.finish_run, run.id, datetime.now(UTC), error=str(trouble))
            raise
        except P2CError as trouble:
            error = str(trouble)
        except BaseException as trouble:
            await asyncio.to_thread(store.finish_run, run.id, datetime.now(UTC), error=_broken_off(trouble))
            raise
        return await asyncio.to_thread(store.finish_run, run.id, datetime.now(UTC), error=error)


@dataclass(frozen=True, slots=True)
class _ProjectRun:
    """One project's part of a run."""

    store: Store
    environments: Environments
    run: Run
    project: Project
    connection_set: ConnectionSet
    watcher: Watcher
    again: bool

    async def carry_out(self) -> None:
        """All legs of all tasks, in order."""
        for task in self.project.tasks:
            for number, leg in enumerate(task.legs, start=1):
                await self._leg(LegKey(self.project.name, task.name, number), leg)

    async def _leg(self, key: LegKey, leg: Leg) -> None:
        environment = await self.environments.get(self.connection_set, leg.source.environment)
        reading = reading_of(leg, environment, f"project {key.project}, {key.task}, leg {key.leg}")
        destination = await self.environments.get(self.connection_set, leg.destination.environment)
        ends = [f"{end.environment}.{end.entity}" for end in (leg.source, leg.destination)]
        number = await asyncio.to_thread(self.store.begin_leg, self.run.id, key, *ends)
        shown = LegRun(
            id=number,
            run=self.run.id,
            project=key.project,
            task=key.task,
            leg=key.leg,
            source=ends[0],
            destination=ends[1],
            status=Status.RUNNING,
        )
        tally = Tally([environment, destination])
        mark = fingerprint(leg, self.connection_set.organizations)
        before = await self._checkpoint(key, mark)
        whole = before is None or not reading.source.tracks_changes
        self.watcher.leg_started(shown, await reading.source.count(reading.entity) if whole else None)
        error = checkpoint = ""
        try:
            context = await self._context(key, leg, number, reading, destination, tally)
            flow = LegFlow(context, lambda now: self.watcher.leg_advanced(_with(shown, now, Status.RUNNING)))
            checkpoint = sealed(await flow.run(before), mark)
        except P2CError as trouble:
            error = str(trouble)
            raise
        except BaseException as trouble:
            error = _broken_off(trouble)
            raise
        finally:
            progress = tally.progress()
            status = await asyncio.to_thread(
                self.store.finish_leg, number, progress, error=error, checkpoint=checkpoint or None
            )
            self.watcher.leg_finished(_with(shown, progress, status))

    async def _checkpoint(self, key: LegKey, mark: str) -> str | None:
        """
        Where the leg goes on; None means at the beginning.

        A checkpoint of another map is dropped before the first row: should this run break off and the former map come
        back, the rows that this one has changed would not be read by it.
        """
        stored = await asyncio.to_thread(self.store.checkpoint, key)
        found = opened(stored, mark)
        if stored is not None and found is None:
            await asyncio.to_thread(self.store.drop_checkpoint, key)
        return None if self.run.all_data else found

    async def _context(
        self, key: LegKey, leg: Leg, number: int, reading: Reading, destination: Environment, tally: Tally
    ) -> LegContext:
        source_model = reading.environment.model
        destination_entity = destination.model.entity_set[leg.destination.entity]
        companies = Companies(
            self.connection_set.organizations,
            (leg.source.environment, reading.entity),
            (leg.destination.environment, destination_entity),
            await self.environments.business_units(reading.environment),
        )
        return LegContext(
            key=key,
            leg_run=number,
            run=self.run.id,
            compiled=compile_leg(leg, reading.entity, destination_entity, source_model, destination.model),
            source=reading.source,
            source_entity=reading.entity,
            destination=destination,
            destination_entity=destination_entity,
            companies=companies,
            store=self.store,
            tally=tally,
            again=self.again,
            dismissed=await asyncio.to_thread(self.store.dismissed, key),
        )


def _broken_off(trouble: BaseException) -> str:
    if isinstance(trouble, asyncio.CancelledError | KeyboardInterrupt):
        return "interrupted; what was delivered stays, the next run goes on from there"
    return f"an unexpected error ({type(trouble).__name__}: {trouble})"


def _with(leg: LegRun, progress: Progress, status: Status) -> LegRun:
    return replace(
        leg,
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
