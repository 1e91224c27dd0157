"""`p2c run`, `p2c run show` and `p2c runs`: moving rows, and what became of them."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from babel.dates import format_datetime

from p2c.cli.commands import DefaultCommand
from p2c.cli.console import DELIVERED, FAILED, SOME_REJECTED, out, say, say_json, whole
from p2c.cli.options import Data, Json, settings
from p2c.cli.person import person
from p2c.cli.progress import RunBars
from p2c.cli.tables import listing, show_rejections, show_run
from p2c.database.vault import Vault, open_vault
from p2c.errors import ConfigurationError
from p2c.integrator.engine import Sharing, run_projects
from p2c.integrator.engine.bounds import RunLimits
from p2c.integrator.jobs.queue import Queue, RunOrder
from p2c.integrator.mapping.template import OnConflict
from p2c.integrator.outcome import Cause, LegKey, Run, Status
from p2c.integrator.planning import PlanBounds, read_plan
from p2c.integrator.projects import Project, order
from p2c.integrator.store import Store
from p2c.settings import Settings
from p2c.text import N_, _, language
from p2c.wiring.collecting import collect_rarely
from p2c.wiring.databases import open_integrator, open_store
from p2c.wiring.setup import follow_urls

RUN_HELP = _("""Run projects: read what has changed, map it, write it, tell what became of every row.

All enabled projects in the order of their needs, or the named ones. Rejected rows are tried again at every run.

[b]Examples[/b]

  p2c run

  p2c run accounts quotes --all-data

  p2c run --plan monday.plan
  p2c run quotes --queue

  p2c run show 12
""")
SHOW_HELP = _(
    "Show one run again: who started it when, each leg, how it ended, by which versions, what it sent and waited for."
)
RUNS_HELP = _("List the latest runs, newest first. `p2c run show ID` shows one.")

group = typer.Typer(cls=DefaultCommand, help=RUN_HELP, pretty_exceptions_enable=False, rich_markup_mode="rich")
_SHOWN = 25
"""Rejected rows that a run shows at its end."""
_CAUSES = {
    Cause.AWAY: N_("An environment stayed away: the same run may pass later."),
    Cause.INTERRUPTED: N_("Its process was ended: the next run goes on."),
    Cause.REFUSED: N_("It cannot pass until somebody changes something."),
}
_EXIT_CODES = {Status.COMPLETED: DELIVERED, Status.WARNING: SOME_REJECTED}


@group.command("projects", help=RUN_HELP, hidden=True)
def run(
    projects: Annotated[
        list[str] | None, typer.Argument(metavar="[PROJECT]...", help=_("Which ones; the enabled when none is named."))
    ] = None,
    all_data: Annotated[
        bool, typer.Option("--all-data", help=_("Read everything again, not only what has changed."))
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help=_("Read everything and send it all again, also what is the same."))
    ] = False,
    allow_deletions: Annotated[
        bool,
        typer.Option(
            "--allow-deletions", help=_("Remove at the destination however many rows are gone at the source.")
        ),
    ] = False,
    plan: Annotated[
        Path | None,
        typer.Option("--plan", metavar="FILE", help=_("Do what this plan says, and no more.")),
    ] = None,
    queue: Annotated[
        bool, typer.Option("--queue", help=_("Let a worker do it, and do not wait; `p2c jobs` shows how it stands."))
    ] = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Run projects; the exit code says how it went."""
    if plan is not None and (projects or all_data or again or allow_deletions or queue):
        raise ConfigurationError("a plan says itself what is run", way_out="give --plan alone")
    own = settings(data)
    if queue:
        waiting = enqueue_run(own, projects or (), all_data=all_data, again=again, allow_deletions=allow_deletions)
        tell_queued(waiting, as_json=as_json)
        return
    with open_store(own) as store:
        follow_urls(store, own)
        limits = None
        if plan is not None:
            planned = read_plan(plan)
            projects, limits = list(planned.head.projects), PlanBounds(planned, store)
        chosen = chosen_projects(store, projects or ())
        vault = open_vault(own.data)
        ended = run_watched(
            store,
            chosen,
            all_data=all_data,
            again=again,
            limits=limits,
            allow_deletions=allow_deletions,
            vault=vault,
            quiet=as_json,
        )
        tell_run(store, ended, as_json=as_json)


def tell_run(store: Store, ended: Run, *, as_json: bool) -> None:
    """
    Show a run and the rows that it rejected.

    Raises:
        typer.Exit: Always, with the code for how the run went.
    """
    if as_json:
        say_json(ended)
    else:
        show_run(ended)
        show_rejected_of(store, ended)
    raise typer.Exit(_EXIT_CODES.get(ended.status, FAILED))


@group.command("show", help=SHOW_HELP)
def show(
    number: Annotated[int, typer.Argument(metavar="ID", help=_("The run's number."))],
    data: Data = None,
    as_json: Json = False,
) -> None:
    """One run again."""
    with open_store(settings(data)) as store:
        found = store.run(number)
        if as_json:
            say_json(found)
        else:
            _show_head(found)
            show_run(found, costs=True)


def _show_head(found: Run) -> None:
    """When and by whom the run was started, when it ended, and what its error means for the next one."""
    say(
        _("{projects}, by {who}: {started} to {ended}").format(
            projects=", ".join(found.projects),
            who=found.started_by,
            started=moment(found.started_at),
            ended=moment(found.finished_at) if found.finished_at else "",
        )
    )
    if found.all_data:
        say(_("Everything was read, not only what had changed."))
    if found.cause in _CAUSES:
        say(_(_CAUSES[found.cause]))
    say()


def runs(
    limit: Annotated[int, typer.Option(min=1, help=_("How many."))] = 20, data: Data = None, as_json: Json = False
) -> None:
    """The latest runs."""
    with open_store(settings(data)) as store:
        found = store.runs(limit)
    if as_json:
        say_json(found)
        return
    table = listing(
        ">" + _("Run"), _("Started"), _("By"), _("Status"), ">" + _("Read"), ">" + _("Rejected"), _("Projects")
    )
    for item in found:
        counts = item.counts
        table.add_row(
            str(item.id),
            moment(item.started_at),
            item.started_by,
            item.status.value,
            whole(counts.read),
            whole(counts.rejected),
            ", ".join(item.projects),
        )
    out.print(table)


def chosen_projects(store: Store, names: Sequence[str]) -> list[Project]:
    """
    The named projects, or all that are enabled.

    Raises:
        ConfigurationError: There is none of that name, or none at all.
    """
    found = [store.project(name) for name in names] if names else [p for p in store.projects() if p.enabled]
    if not found:
        raise ConfigurationError("no project is enabled", way_out="`p2c setup` makes the default ones")
    return found


@dataclass(frozen=True, slots=True)
class QueuedRun:
    """A run that waits for a worker; no `job` where one of its projects waited already."""

    job: int | None
    projects: tuple[str, ...]


def enqueue_run(
    own: Settings, names: Sequence[str], *, all_data: bool, again: bool, allow_deletions: bool = False
) -> QueuedRun:
    """Queue a run of the named projects, or of all that are enabled, in the order of their needs."""
    with open_integrator(own) as engine:
        chosen = order(chosen_projects(Store(engine), names))
        projects = tuple(project.name for project in chosen)
        wanted = RunOrder(
            projects=projects,
            started_by=person(),
            all_data=all_data,
            again=again,
            allow_deletions=allow_deletions,
        )
        return QueuedRun(Queue(engine).enqueue(wanted), projects)


def tell_queued(waiting: QueuedRun, *, as_json: bool) -> None:
    """Say which job will do it."""
    if as_json:
        say_json(waiting)
    elif waiting.job is None:
        say(_("These projects wait in the queue already; `p2c jobs` shows since when."))
    else:
        say(_("Job {number} waits for a worker; `p2c jobs` shows how it stands.").format(number=waiting.job))


def run_watched(
    store: Store,
    projects: Sequence[Project],
    *,
    all_data: bool,
    again: bool = False,
    only: Mapping[LegKey, Sequence[str]] | None = None,
    limits: RunLimits | None = None,
    winner: OnConflict | None = None,
    allow_deletions: bool = False,
    vault: Vault | None = None,
    quiet: bool = False,
) -> Run:
    """Run projects under progress bars. A signal to end is heard as Ctrl-C is."""
    collect_rarely()
    bars = RunBars(quiet=quiet)
    with bars:
        running = run_projects(
            store,
            projects,
            all_data=all_data,
            again=again,
            only=only,
            limits=limits,
            winner=winner,
            allow_deletions=allow_deletions,
            started_by=person(),
            watcher=bars,
            vault=vault,
            # Another process would read from where the connections are stored to be.
            sharing=None if store.elsewhere else Sharing(),
        )
        try:
            return asyncio.run(_until_told_to_end(running))
        except asyncio.CancelledError:
            raise KeyboardInterrupt from None


async def _until_told_to_end(running: Coroutine[None, None, Run]) -> Run:
    task = asyncio.ensure_future(running)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await task


def show_rejected_of(store: Store, ended: Run) -> None:
    """Rejected rows that the run met."""
    met = [item for item in store.rejections() if item.last_run == ended.id]
    if met:
        say()
        show_rejections(met[:_SHOWN])
    if len(met) > _SHOWN:
        more = whole(len(met) - _SHOWN)
        say(_("… and {more} more; `p2c rejected` lists them all.").format(more=more))


def moment(time: datetime) -> str:
    """A time as people of the user's language write it, in the machine's time zone."""
    return format_datetime(time.astimezone(), "medium", locale=language)
