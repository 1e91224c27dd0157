"""Runs projects in order, their tasks in order, their legs one after the other, and keeps the history."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from p2c.database.vault import Vault
from p2c.errors import ConfigurationError, P2CError, RetryError
from p2c.integrator.engine.bounds import RunLimits
from p2c.integrator.engine.drift import prepare_run
from p2c.integrator.engine.environments import Environments
from p2c.integrator.engine.project_run import ENDINGS, How, ProjectRun, broken_off
from p2c.integrator.engine.sharing import Sharing
from p2c.integrator.engine.watcher import Watcher
from p2c.integrator.mapping.template import OnConflict
from p2c.integrator.outcome import Cause, LegKey, Run
from p2c.integrator.projects import Project, order
from p2c.integrator.store import Store
from p2c.tracing import fail, span


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
    winner: OnConflict | None = None,
    allow_deletions: bool = False,
    vault: Vault | None = None,
    sharing: Sharing | None = None,
) -> Run:
    """
    Run projects; each is checked against its environments before the first row moves.

    `all_data` reads everything again instead of what changed; rows that are the same are still not written, unless
    `again` sends them all, for a destination that has lost rows. `only` names source rows by leg: just they are
    tried, and what became of them goes on through the later legs of their tasks. `limits` say what the run may do,
    where not everything. `winner` settles conflicts of the rows that `only` names, whatever the tasks say.
    `allow_deletions` removes at the destination however many rows are gone. `vault` opens the secrets of connections.
    `sharing` lets other workers help with legs that read much.
    An environment that stays away ends the run with that error; the next run continues. A task whose environment
    has changed so that its map may not fit any more ends with an error before it starts; the others go on.

    Raises:
        ConfigurationError: A project does not fit its environments.
        ProjectIsRunningError: It is running already.
    """
    ordered = order(projects)
    names = [project.name for project in ordered]
    with span("run", {"p2c.projects": names}) as traced, store.project_lock(*names):
        whole = all_data or again or (limits is not None and limits.all_data)
        run = await asyncio.to_thread(store.begin_run, names, started_by, whole, datetime.now(UTC))
        traced.set_attribute("p2c.run", run.id)
        how = How(again, only, limits, winner, allow_deletions, sharing)
        error, cause = "", Cause.NONE
        try:
            if limits is not None:
                await limits.begin(run.id)
            async with Environments(store, vault) as environments:
                prepared, notes = await prepare_run(store, environments, ordered)
                await asyncio.to_thread(store.note, run.id, notes)
                for item in prepared:
                    await ProjectRun(store, environments, run, item, watcher, how).carry_out()
            if limits is not None:
                error = await limits.end(run.id)
        except ConfigurationError as trouble:
            await asyncio.to_thread(store.finish_run, run.id, datetime.now(UTC), error=str(trouble))
            raise
        except P2CError as trouble:
            error, cause = str(trouble), Cause.AWAY if isinstance(trouble, RetryError) else Cause.REFUSED
            fail(traced, type(trouble).__name__)
        except BaseException as trouble:
            cause = Cause.INTERRUPTED if isinstance(trouble, ENDINGS) else Cause.REFUSED
            error = broken_off(trouble)
            await asyncio.to_thread(store.finish_run, run.id, datetime.now(UTC), error=error, cause=cause)
            raise
        ended = await asyncio.to_thread(store.finish_run, run.id, datetime.now(UTC), error=error, cause=cause)
        traced.set_attribute("p2c.status", ended.status.value)
        return ended
