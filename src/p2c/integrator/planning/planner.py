"""Plans projects: each leg is read and judged as a run would, after what earlier legs of the plan would write."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from p2c.database.vault import Vault
from p2c.integrator.connections import ConnectionSet
from p2c.integrator.engine.contexts import leg_context
from p2c.integrator.engine.continuing import check_not_elsewhere, continued, elsewhere
from p2c.integrator.engine.drift import prepare_run
from p2c.integrator.engine.environments import Environments
from p2c.integrator.engine.fingerprint import fingerprint, opened
from p2c.integrator.engine.leg import LegFlow
from p2c.integrator.engine.source import queried_source
from p2c.integrator.engine.tally import Tally
from p2c.integrator.engine.watcher import Watcher, shown_leg
from p2c.integrator.mapping.template import Task
from p2c.integrator.outcome import LegKey, Progress, Status
from p2c.integrator.personal import MASKED, Sight
from p2c.integrator.planning.coming import AfterEarlierLegs, Coming
from p2c.integrator.planning.dry import DryFlow
from p2c.integrator.planning.plan import FORMAT, End, Head, Plan, PlanFile, PlannedLeg, read_plan
from p2c.integrator.projects import Project, order
from p2c.integrator.store import Store
from p2c.tracing import span


async def plan_projects(
    store: Store,
    projects: Sequence[Project],
    path: Path,
    *,
    all_data: bool,
    made_by: str,
    watcher: Watcher,
    sight: Sight = MASKED,
    vault: Vault | None = None,
) -> Plan:
    """
    Write down what a run of these projects would do; nothing else is written, on no side.

    A leg is planned as if the legs before it had been run. `all_data` plans a run that reads everything again. Values
    stand in the plan as `sight` has them.

    Raises:
        ConfigurationError: A project does not fit its environments, or the file cannot be written.
        RetryError, StopError: An environment stays away or refuses; the file is not complete.
    """
    ordered = order(projects)
    head = Head(
        plan=FORMAT,
        made_at=datetime.now(UTC),
        made_by=made_by,
        projects=tuple(project.name for project in ordered),
        all_data=all_data,
    )
    async with Environments(store, vault) as environments:
        prepared, notes = await prepare_run(store, environments, ordered, keep=False)
        with span("plan", {"p2c.projects": head.projects}), PlanFile(path, head, sight) as file:
            planner = _Planner(store, environments, file, watcher, all_data=all_data)
            stopped: list[str] = []
            for item in prepared:
                for task in item.project.tasks:
                    if task.name in item.stopped:
                        stopped.append(f"{item.project.name}, {task.name}: {item.stopped[task.name]}")
                    else:
                        await planner.task(item.project.name, task, item.connection_set)
            file.end(End(legs=tuple(planner.legs), notes=tuple(notes), stopped=tuple(stopped)))
    return await asyncio.to_thread(read_plan, path)


class _Planner:
    """Plans task after task."""

    def __init__(
        self, store: Store, environments: Environments, file: PlanFile, watcher: Watcher, *, all_data: bool
    ) -> None:
        self._store = store
        self._environments = environments
        self._file = file
        self._watcher = watcher
        self._all_data = all_data
        self._expected: dict[str, set[str]] = defaultdict(set)
        self.legs: list[PlannedLeg] = []

    async def task(self, project: str, task: Task, connection_set: ConnectionSet) -> None:
        """Plan all legs of a task, each after the one before."""
        before: Coming | None = None
        with ExitStack() as kept:
            for number in range(1, len(task.legs) + 1):
                file = kept.enter_context(TemporaryFile())
                key = LegKey(project, task.name, number)
                before = await self._leg(key, task, connection_set, before, file)

    async def _leg(
        self, key: LegKey, task: Task, connection_set: ConnectionSet, before: Coming | None, file: IO[bytes]
    ) -> Coming:
        leg = task.legs[key.leg - 1]
        ends = [await self._environments.get(connection_set, end.environment) for end in (leg.source, leg.destination)]
        context = await leg_context(self._store, self._environments, connection_set, key, task, tally=Tally(ends))
        coming = Coming(context, file)
        mark = fingerprint(leg, connection_set.organizations)
        stored = await asyncio.to_thread(self._store.checkpoint, key)
        check_not_elsewhere(await elsewhere(self._environments, ends, stored))
        planned = PlannedLeg(
            project=key.project,
            task=key.task,
            leg=key.leg,
            source=f"{leg.source.environment}.{leg.source.entity}",
            destination=f"{leg.destination.environment}.{leg.destination.entity}",
            mark=mark,
            checkpoint=None if self._all_data or context.lost else opened(stored, mark),
        )
        flow = DryFlow(
            context,
            self._file.row,
            number=len(self.legs),
            coming=coming,
            before=before,
            queried=bool(leg.query),
            expected=self._expected[connection_set.connections[leg.destination.environment]],
        )
        if before is not None:
            after = AfterEarlierLegs(ends[0], before)
            source = (
                queried_source(leg, after, f"project {key.project}, {key.task}, leg {key.leg}") if leg.query else after
            )
            context = replace(context, source=source)
        shown = shown_leg(key, planned.source, planned.destination)
        self._watcher.leg_started(shown)
        since = await continued(context, planned.checkpoint)
        expected = await context.source.count(context.source_entity) if since is None else 0
        if expected:
            self._watcher.leg_expects(shown, expected)

        def advanced(progress: Progress) -> None:
            self._watcher.leg_advanced(replace(shown, counts=progress.counts))

        await LegFlow(context, advanced, flow).run(since, expected)
        counts = context.tally.counts
        self.legs.append(replace(planned, counts=counts, skipped_because=dict(context.tally.skipped)))
        ended = Status.WARNING if counts.rejected else Status.COMPLETED
        self._watcher.leg_finished(replace(shown, counts=counts, status=ended))
        return coming
