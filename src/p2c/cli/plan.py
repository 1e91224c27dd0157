"""`p2c plan`: what a run would do."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import msgspec
import typer
from rich.text import Text

from p2c.cli.console import DELIVERED, FAILED, SOME_REJECTED, out, say, whole
from p2c.cli.options import Data, Json, ShowValues, settings
from p2c.cli.person import person
from p2c.cli.progress import RunBars
from p2c.cli.run import chosen_projects
from p2c.cli.tables import listing
from p2c.database.vault import open_vault
from p2c.integrator.personal import Sight
from p2c.integrator.planning import Action, Plan, PlannedRow, plan_projects
from p2c.text import _
from p2c.wiring.databases import open_store
from p2c.wiring.setup import follow_urls

HELP = _("""Show what a run would do, without writing: rows to create, to update (field: old -> new), and to reject.

The second leg of a task is planned as if the first had been run. `p2c run --plan FILE` does exactly what a plan says,
and refuses rows that have changed since.

[b]Examples[/b]

  p2c plan accounts

  p2c plan accounts --rows

  p2c plan --out monday.plan        then: p2c run --plan monday.plan
""")
_SHOWN = 50
_STYLES = {Action.CREATE: "green", Action.UPDATE: "cyan", Action.REMOVE: "magenta", Action.REJECT: "yellow"}


def plan(
    projects: Annotated[
        list[str] | None, typer.Argument(metavar="[PROJECT]...", help=_("Which ones; the enabled when none is named."))
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help=_("Keep the plan, for `p2c run --plan FILE`."))
    ] = None,
    rows: Annotated[bool, typer.Option("--rows", help=_("Every row, not only the first."))] = False,
    all_data: Annotated[bool, typer.Option("--all-data", help=_("As a run that reads everything again."))] = False,
    show_values: ShowValues = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Plan projects; the exit code is that of the run: 1 when rows would be rejected, 2 when a task cannot run."""
    own = settings(data)
    with open_store(own) as store, _place(file) as path:
        follow_urls(store, own)
        bars = RunBars(quiet=as_json)
        with bars:
            planned = asyncio.run(
                plan_projects(
                    store,
                    chosen_projects(store, projects or ()),
                    path,
                    all_data=all_data,
                    made_by=person(),
                    watcher=bars,
                    sight=Sight(show_values),
                    vault=open_vault(own.data),
                )
            )
        if as_json:
            _write_json(planned)
        else:
            _show(planned, None if rows else _SHOWN)
            if file is not None:
                say(_written(planned).format(file=file))
    raise typer.Exit(_exit_code(planned))


def _written(planned: Plan) -> str:
    if planned.stopped:
        return _("Written to {file} without what cannot run; `p2c run --plan {file}` does the rest.")
    return _("Written to {file}; `p2c run --plan {file}` does it.")


def _exit_code(planned: Plan) -> int:
    """As of the run."""
    if planned.stopped:
        return FAILED
    return SOME_REJECTED if planned.counts.rejected else DELIVERED


@contextmanager
def _place(file: Path | None) -> Iterator[Path]:
    """Where the plan is written: the file asked for, or one that is gone afterwards."""
    if file is not None:
        yield file
        return
    with TemporaryDirectory(prefix="p2c-plan-") as directory:
        yield Path(directory) / "plan"


def _show(planned: Plan, most: int | None) -> None:
    table = listing(
        _("Leg"),
        *(
            f">{title}"
            for title in (_("Read"), _("Create"), _("Update"), _("Same"), _("Skip"), _("Reject"), _("Deleted"))
        ),
    )
    for leg in planned.legs:
        counts = leg.counts
        numbers = (
            counts.read,
            counts.created,
            counts.updated,
            counts.unchanged,
            counts.skipped,
            counts.rejected,
            counts.deleted,
        )
        table.add_row(f"{leg.task}: {leg.source} → {leg.destination}", *map(whole, numbers))
    out.print(table)
    for note in (*planned.notes, *planned.stopped):
        say(note)
    shown = list(islice(planned.rows(), most))
    total = sum(1 for _row in planned.rows())
    leg_shown = -1
    for row in shown:
        if row.leg != leg_shown:
            leg_shown = row.leg
            leg = planned.legs[row.leg]
            say()
            out.print(Text(f"{leg.task}: {leg.source} → {leg.destination}", style="bold"), soft_wrap=True)
        _show_row(row, whole_rows=most is None)
    if most is not None and total > most:
        say(_("… of {total}; --rows shows every row, and the values of new ones.").format(total=whole(total)))
    elif most is not None and any(row.action is Action.CREATE for row in shown):
        say(_("--rows shows the values of new rows."))


def _show_row(row: PlannedRow, *, whole_rows: bool) -> None:
    key = f"{row.key} ({row.company})" if row.company else row.key
    out.print(Text.assemble((f"{row.action.value:<6}", _STYLES[row.action]), f"  {key}"), soft_wrap=True)
    if row.action is Action.UPDATE:
        _show_changes(row)
        if not row.changes:
            out.print(Text(_("          the destination has these values already"), style="dim"), soft_wrap=True)
    elif row.action is Action.CREATE and whole_rows:
        for change in row.changes:
            out.print(Text(f"          {change.field}: {change.new}"), soft_wrap=True)
    elif row.action is Action.REJECT:
        out.print(Text.assemble("          ", (row.code, "yellow"), f"  {row.field} {row.value}"), soft_wrap=True)
        out.print(Text(f"          {row.reason}"), soft_wrap=True)
        _show_changes(row)
        out.print(Text(f"          → {row.way_out}", style="dim"), soft_wrap=True)


def _show_changes(row: PlannedRow) -> None:
    for change in row.changes:
        old, new = ("" if value is None else str(value) for value in (change.old, change.new))
        out.print(Text(f"          {change.field}: {old} -> {new}"), soft_wrap=True)


def _write_json(planned: Plan) -> None:
    """
    One document, its rows written as they are read: a plan may be larger than memory.

    Rows name their leg as legs do: project, task, and its number in the task.
    """
    encode = msgspec.json.Encoder(order="deterministic").encode
    write = sys.stdout.write
    end = {"legs": planned.legs, "notes": planned.notes, "stopped": planned.stopped}
    head = encode({**msgspec.structs.asdict(planned.head), **end}).decode()
    write(head[:-1] + ', "rows": [')
    for number, row in enumerate(planned.rows()):
        shown = {**msgspec.to_builtins(row), **planned.legs[row.leg].key._asdict()}
        write((",\n" if number else "\n") + encode(shown).decode())
    write("\n]}\n")
