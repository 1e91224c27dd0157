"""Runs projects in order, their tasks in order, their legs one after the other, and keeps the history."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from p2c.database.vault import Vault
from p2c.errors import ConfigurationError, P2CError
from p2c.integrator.connections import ConnectionSet
from p2c.integrator.engine.batch import BatchFlow
from p2c.integrator.engine.bounds import RunLimits
from p2c.integrator.engine.contexts import leg_context
from p2c.integrator.engine.environments import Environments
from p2c.integrator.engine.fingerprint import fingerprint, moved, opened, sealed
from p2c.integrator.engine.leg import LegFlow
from p2c.integrator.engine.tally import Tally
from p2c.integrator.engine.watcher import Watcher, shown_leg
from p2c.integrator.mapping.template import Task
from p2c.integrator.outcome import LegKey, LegRun, Progress, Run, Status
from p2c.integrator.projects import Project, order
from p2c.integrator.store import Store
from p2c.text import N_, _

_MOVED = N_("{where}: another environment answers here than at the last run; everything is read and sent again")


async def run_projects(
    store: Store,
    projects: Sequence[Project],
    *,
    all_data: bool,
    started_by: str,
    watcher: Watcher,
    again: bool = False,
    only: Mapping[LegKey, Sequence[str]] | None = None,
    limits: RunLimits | None = None,
    vault: Vault | None = None,
) -> Run:
    """
    Run projects; each is checked against its environments before the first row moves.

    `all_data` reads everything again instead of what changed; rows that are the same are still not written, unless
    `again` sends them all, for a destination that has lost rows. `only` names source rows by leg: just they are
    tried, and what became of them goes on through the later legs of their tasks. `limits` say what the run may do,
    where not everything. `vault` opens the secrets of connections.
    An environment that stays away ends the run with that error; the next run continues.

    Raises:
        ConfigurationError: A project does not fit its environments, or is running already.
    """
    ordered = order(projects)
    names = [project.name for project in ordered]
    with store.project_lock(*names):
        whole = all_data or again or (limits is not None and limits.all_data)
        run = await asyncio.to_thread(store.begin_run, names, started_by, whole, datetime.now(UTC))
        error = ""
        try:
            if limits is not None:
                await limits.begin(run.id)
            async with Environments(store, vault) as environments:
                prepared = [await environments.prepare(project) for project in ordered]
                for project, connection_set in prepared:
                    await _ProjectRun(
                        store, environments, run, project, connection_set, watcher, again, only, limits
                    ).carry_out()
            if limits is not None:
                error = await limits.end(run.id)
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
    only: Mapping[LegKey, Sequence[str]] | None
    limits: RunLimits | None

    async def carry_out(self) -> None:
        """All legs of all tasks, in order; with `only`, a task from the first leg that it names on."""
        for task in self.project.tasks:
            begun = self.only is None
            for number in range(1, len(task.legs) + 1):
                key = LegKey(self.project.name, task.name, number)
                rows = None if begun or self.only is None else self.only.get(key)
                if begun or rows is not None:
                    begun = True
                    await self._leg(key, task, rows)

    async def _leg(self, key: LegKey, task: Task, only: Sequence[str] | None) -> None:
        leg = task.legs[key.leg - 1]
        source = await self.environments.get(self.connection_set, leg.source.environment)
        destination = await self.environments.get(self.connection_set, leg.destination.environment)
        ends = [f"{end.environment}.{end.entity}" for end in (leg.source, leg.destination)]
        number = await asyncio.to_thread(self.store.begin_leg, self.run.id, key, *ends)
        shown = shown_leg(key, *ends, number=number, run=self.run.id)
        tally = Tally([source, destination])
        mark = fingerprint(leg, self.connection_set.organizations)
        stored = await asyncio.to_thread(self.store.checkpoint, key)
        identities = [await self.environments.identity(end) for end in (source, destination)]
        elsewhere = [
            end for end, is_other in zip((source, destination), moved(stored, identities), strict=True) if is_other
        ]
        before = None if self.run.all_data or elsewhere else opened(stored, mark)
        if self.limits is not None:
            before = self.limits.checkpoint(key, leg, self.connection_set.organizations)
        whole = only is None and (before is None or not source.tracks_changes)
        entity = source.model.entity_set[leg.source.entity]
        self.watcher.leg_started(shown, await source.count(entity) if whole else None)
        for end in elsewhere:
            self.watcher.leg_noticed(shown, _(_MOVED).format(where=end.where))
        error = checkpoint = ""
        try:
            if elsewhere:
                await self._forget_rows(key)
            context = await leg_context(
                self.store,
                self.environments,
                self.connection_set,
                key,
                task,
                tally=tally,
                again=self.again,
                leg_run=number,
                run=self.run.id,
            )
            limits = self.limits.leg(key, leg, context, self.connection_set.organizations) if self.limits else None
            flow = LegFlow(
                context,
                lambda now: self.watcher.leg_advanced(_with(shown, now, Status.RUNNING)),
                BatchFlow(context, limits),
            )
            if only is None:
                reached = sealed(await flow.run(before), mark, identities)
                # What was left must be met again.
                checkpoint = "" if limits is not None and limits.left else reached
            else:
                await flow.retry(only)
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

    async def _forget_rows(self, key: LegKey) -> None:
        """What is remembered of rows was read from, or delivered to, somebody else."""
        pages = self.store.states_not_seen(key, self.run.id)
        while batch := await asyncio.to_thread(next, pages, None):
            await asyncio.to_thread(self.store.forget, key, [state.source_id for state in batch])


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
