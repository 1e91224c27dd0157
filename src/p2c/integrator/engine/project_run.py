"""One project's part of a run: its legs, one after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from opentelemetry.util.types import AttributeValue

from p2c.errors import P2CError
from p2c.integrator.connections import ConnectionSet
from p2c.integrator.engine.batch import BatchFlow
from p2c.integrator.engine.bounds import LegLimits, RunLimits
from p2c.integrator.engine.context import LegContext
from p2c.integrator.engine.contexts import leg_context
from p2c.integrator.engine.continuing import check_not_elsewhere, continued, elsewhere
from p2c.integrator.engine.deletion_guard import DeletionGuard
from p2c.integrator.engine.divided import DividedLeg
from p2c.integrator.engine.drift import Prepared
from p2c.integrator.engine.environments import Environments
from p2c.integrator.engine.fingerprint import fingerprint, opened, sealed
from p2c.integrator.engine.leg import LegFlow
from p2c.integrator.engine.sharing import Sharing, divide
from p2c.integrator.engine.tally import Tally
from p2c.integrator.engine.watcher import Watcher, shown_leg
from p2c.integrator.mapping.template import Leg, OnConflict, OnDelete, Task
from p2c.integrator.outcome import Fate, LegKey, LegRun, Progress, Run, Status, Versions
from p2c.integrator.store import Store
from p2c.odata.client.environment import Division, Environment
from p2c.text import N_, _
from p2c.tracing import span

_LOST = N_("{where}: fields were gone or of another type meanwhile: {fields}; everything is read and sent again")
_MOVED = N_("{where}: another environment answers here than at the last run; everything is read and sent again")


@dataclass(frozen=True, slots=True)
class How:
    """
    How projects are run.

    `again` sends also rows that are the same. `only` names source rows by leg: just they are tried, and what became of
    them goes on through the later legs of their tasks. `limits` say what the run may do, where not everything.
    `winner` settles conflicts of the rows that `only` names, whatever the tasks say.
    `allow_deletions` removes at the destination however many source rows are gone. `sharing` lets other workers help
    with large legs.
    """

    again: bool = False
    only: Mapping[LegKey, Sequence[str]] | None = None
    limits: RunLimits | None = None
    winner: OnConflict | None = None
    allow_deletions: bool = False
    sharing: Sharing | None = None


@dataclass(frozen=True, slots=True)
class ProjectRun:
    """One prepared project of a run."""

    store: Store
    environments: Environments
    run: Run
    prepared: Prepared
    watcher: Watcher
    how: How

    @property
    def _connection_set(self) -> ConnectionSet:
        return self.prepared.connection_set

    async def carry_out(self) -> None:
        """All legs of all tasks that may start, in order; with `only`, a task from the first leg that it names on."""
        only = self.how.only
        for task in self.prepared.project.tasks:
            if task.name in self.prepared.stopped:
                await self._stop(task)
                continue
            begun = only is None
            for number in range(1, len(task.legs) + 1):
                key = LegKey(self.prepared.project.name, task.name, number)
                rows = None if begun or only is None else only.get(key)
                if begun or rows is not None:
                    begun = True
                    await self._leg(key, task, rows)

    async def _stop(self, task: Task) -> None:
        """The legs of a task that must not start end with the reason."""
        for place, leg in enumerate(task.legs, start=1):
            shown = await self._begin(LegKey(self.prepared.project.name, task.name, place), leg)
            self.watcher.leg_started(shown)
            why = self.prepared.stopped[task.name]
            status = await asyncio.to_thread(self.store.finish_leg, shown.id, Progress(), error=why)
            self.watcher.leg_finished(_with(shown, Progress(), status))

    async def _begin(self, key: LegKey, leg: Leg) -> LegRun:
        ends = [f"{end.environment}.{end.entity}" for end in (leg.source, leg.destination)]
        project = self.prepared.project
        versions = Versions(project.version, project.template, project.template_version)
        number = await asyncio.to_thread(self.store.begin_leg, self.run.id, key, ends[0], ends[1], versions)
        return replace(shown_leg(key, *ends, number=number, run=self.run.id), versions=versions)

    async def _leg(self, key: LegKey, task: Task, only: Sequence[str] | None) -> None:
        leg = task.legs[key.leg - 1]
        source = await self.environments.get(self._connection_set, leg.source.environment)
        destination = await self.environments.get(self._connection_set, leg.destination.environment)
        shown = await self._begin(key, leg)
        with span("leg", _attributes(shown)):
            await self._carry(key, task, shown, (source, destination), only)

    async def _carry(
        self,
        key: LegKey,
        task: Task,
        shown: LegRun,
        ends: tuple[Environment, Environment],
        only: Sequence[str] | None,
    ) -> None:
        leg, organizations = task.legs[key.leg - 1], self._connection_set.organizations
        tally = Tally(ends)
        error = checkpoint = ""
        filled: frozenset[str] = frozenset()
        division: Division | None = None
        self.watcher.leg_started(shown)
        try:
            mark = fingerprint(leg, organizations)
            stored = await asyncio.to_thread(self.store.checkpoint, key)
            identities = [await self.environments.identity(end) for end in ends]
            others = await elsewhere(self.environments, ends, stored)
            before = None if others else opened(stored, mark)
            if self.how.limits is not None:
                check_not_elsewhere(others)
            if others:
                # Before the checkpoint, which tells that they are of somebody else, should this run break off.
                await self._forget_rows(key)
            if stored is not None and before is None:
                # Should this run break off and the former map come back, rows that it has changed would not be read.
                await asyncio.to_thread(self.store.drop_checkpoint, key)
            if self.how.limits is not None:
                before = self.how.limits.checkpoint(key, leg, organizations)
            context = await self._context(key, task, shown, tally, None if only is None else self.how.winner)
            if self.how.limits is None and (self.run.all_data or context.lost):
                before = None
            if only is None:
                before = await continued(context, before)
            whole = only is None and before is None
            expected = await context.source.count(context.source_entity) if whole else None
            if whole and self.how.limits is None and self.how.sharing is not None:
                division = await divide(context, self.how.sharing, expected)
                expected = division.rows if division is not None else expected
            if expected is not None:
                self.watcher.leg_expects(shown, expected)
            for end in others:
                await self._tell(shown, _(_MOVED).format(where=end.where))
            if whole and context.lost:
                fields = ", ".join(sorted(context.lost))
                await self._tell(shown, _(_LOST).format(where=shown.destination, fields=fields))
            guard = await self._guard(context)
            flow, limits = self._flow(context, leg, shown, guard)
            if division is not None and self.how.sharing is not None:
                divided = DividedLeg(context, self.how.sharing, division, mark, self._advanced(shown), guard)
                checkpoint = sealed(await divided.run(), mark, identities)
            elif only is None:
                reached = await flow.run(before, expected if whole else 0)
                # What was left must be met again.
                checkpoint = "" if limits is not None and limits.left else sealed(reached, mark, identities)
            else:
                await flow.retry(only)
            filled = context.lost if whole else filled
        except P2CError as trouble:
            error = str(trouble)
            raise
        except BaseException as trouble:
            error = broken_off(trouble)
            raise
        finally:
            shared = division is not None
            progress = tally.progress()
            status = await asyncio.to_thread(
                self.store.finish_leg,
                shown.id,
                tally.added() if shared else progress,
                error=error,
                checkpoint=checkpoint or None,
                filled=filled,
                shared=shared,
            )
            self.watcher.leg_finished(_with(shown, progress, status))

    async def _tell(self, shown: LegRun, what: str) -> None:
        """People hear it now, and find it with the run later."""
        self.watcher.leg_noticed(shown, what)
        await asyncio.to_thread(self.store.note, self.run.id, [what])

    async def _context(
        self, key: LegKey, task: Task, shown: LegRun, tally: Tally, winner: OnConflict | None
    ) -> LegContext:
        return await leg_context(
            self.store,
            self.environments,
            self._connection_set,
            key,
            task,
            tally=tally,
            again=self.how.again,
            winner=winner,
            leg_run=shown.id,
            run=self.run.id,
        )

    async def _guard(self, context: LegContext) -> DeletionGuard | None:
        """What keeps the leg from removing too much; none where nothing is removed, or somebody has agreed to it."""
        agreed = self.how.allow_deletions or self.how.limits is not None
        if agreed or context.on_delete is OnDelete.IGNORE:
            return None
        return DeletionGuard(context, await asyncio.to_thread(self.store.delivered_rows, context.key))

    def _flow(
        self, context: LegContext, leg: Leg, shown: LegRun, guard: DeletionGuard | None
    ) -> tuple[LegFlow, LegLimits | None]:
        limits = None
        if self.how.limits is not None:
            limits = self.how.limits.leg(context.key, leg, context, self._connection_set.organizations)
        return LegFlow(context, self._advanced(shown), BatchFlow(context, limits), guard), limits

    def _advanced(self, shown: LegRun) -> Callable[[Progress], None]:
        return lambda now: self.watcher.leg_advanced(_with(shown, now, Status.RUNNING))

    async def _forget_rows(self, key: LegKey) -> None:
        """What is remembered of rows was read from, or delivered to, somebody else."""
        pages = self.store.states_not_seen(key, self.run.id)
        while batch := await asyncio.to_thread(next, pages, None):
            ids = [state.source_id for state in batch]
            await asyncio.to_thread(self.store.forget, key, ids, run=self.run.id, fate=Fate.FORGOTTEN)


def _attributes(leg: LegRun) -> dict[str, AttributeValue]:
    """What a span tells of a leg; the numbers are those of the history and of the log."""
    return {
        "p2c.run": leg.run,
        "p2c.leg_run": leg.id,
        "p2c.project": leg.project,
        "p2c.task": leg.task,
        "p2c.leg": leg.leg,
        "p2c.source": leg.source,
        "p2c.destination": leg.destination,
    }


ENDINGS = (asyncio.CancelledError, KeyboardInterrupt)
"""What ends a run from outside."""


def broken_off(trouble: BaseException) -> str:
    """What is kept of a run that was ended from outside, or by a mistake of ours."""
    if isinstance(trouble, ENDINGS):
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
        waited=progress.waited,
        steps=progress.steps,
    )
