"""`p2c rejected`: rows that could not be delivered, and what people do about them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from p2c.cli.commands import DefaultCommand
from p2c.cli.console import say, say_json, whole
from p2c.cli.decisions import decided, edited
from p2c.cli.options import Data, Json, ShowValues, settings
from p2c.cli.person import person
from p2c.cli.run import run_watched, tell_run
from p2c.cli.tables import show_causes, show_rejection, show_rejections
from p2c.database.vault import open_vault
from p2c.errors import ConfigurationError, nearest
from p2c.integrator.mapping.template import OnConflict
from p2c.integrator.outcome import Edit, LegKey, Rejection, RejectionStatus, Verdict
from p2c.integrator.personal import Sight
from p2c.integrator.store import Store
from p2c.text import _, ngettext
from p2c.wiring.databases import open_store
from p2c.wiring.setup import follow_urls

HELP = _("""List rows that could not be delivered, by cause, each with the way out.

They wait and are tried again at every run. `show` tells all of a row; `retry`, `edit`, `dismiss` and `reopen` act on
rows by number, on all with a code, on all of a project, or on all. `--dismissed` lists those that were given up.

[b]Examples[/b]

  p2c rejected

  p2c rejected accounts --rows

  p2c rejected show 3

  p2c rejected retry --code LOOKUP-NOT-FOUND
""")
SHOW_HELP = _("Show rejected rows whole: reason, way out, attempts, the row as it was read, and edits of it.")
RETRY_HELP = _("""Try rejected rows again now, without reading anything else.

A row that passes goes on through the later legs of its task.

[b]Examples[/b]

  p2c rejected retry 3 7

  p2c rejected retry --project accounts

  p2c rejected retry 5 --winner destination --why "asked the customer"        both sides have changed the row
""")
EDIT_HELP = _("""Change fields of a rejected row on its way, and try it again. The source keeps its own values.

The change holds until the row changes at its source. Who made it, when and why is kept.

[b]Examples[/b]

  p2c rejected edit 3 --set address1_country=Finland --why "typing error, told to sales"

  p2c rejected edit 3 --set fax= --why "not a number"
""")
DISMISS_HELP = _("""Give rejected rows up: they are left alone until they change at their source.

[b]Examples[/b]

  p2c rejected dismiss 3 7 --why "test data"

  p2c rejected dismiss --project accounts --code COUNTRY-UNKNOWN --why "old customers"
""")
REOPEN_HELP = _("""Take dismissals back: the rows are tried again at the next run.

[b]Examples[/b]

  p2c rejected --dismissed

  p2c rejected reopen 3 7 --why "they are customers after all"
""")

group = typer.Typer(cls=DefaultCommand, help=HELP, pretty_exceptions_enable=False, rich_markup_mode="rich")


class Winner(Enum):
    """A side."""

    SOURCE = "source"
    DESTINATION = "destination"


Numbers: TypeAlias = Annotated[
    list[int] | None, typer.Argument(metavar="[NO]...", help=_("The numbers that `p2c rejected --rows` shows."))
]
Project: TypeAlias = Annotated[str | None, typer.Option("--project", help=_("All rows of a project."))]
Code: TypeAlias = Annotated[str | None, typer.Option("--code", help=_("All rows with this code."))]
All: TypeAlias = Annotated[bool, typer.Option("--all", help=_("All rejected rows that wait."))]
Why: TypeAlias = Annotated[str, typer.Option("--why", help=_("The reason, for those who ask later."))]


@group.command("list", help=HELP, hidden=True)
def listed(
    project: Annotated[str | None, typer.Argument(help=_("Of one project."))] = None,
    code: Annotated[str | None, typer.Option("--code", help=_("With this code."))] = None,
    rows: Annotated[bool, typer.Option("--rows", help=_("Every row, instead of the causes."))] = False,
    dismissed: Annotated[bool, typer.Option("--dismissed", help=_("Those that were given up."))] = False,
    show_values: ShowValues = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Rejected rows that wait, or that were given up."""
    status = RejectionStatus.DISMISSED if dismissed else RejectionStatus.OPEN
    with open_store(settings(data)) as store:
        if project is not None:
            store.project(project)
        found = store.rejections(project, status, code=code)
    sight = Sight(show_values)
    if as_json:
        say_json([sight.rejection(item) for item in found])
    elif rows:
        show_rejections(found, sight)
    else:
        show_causes([sight.rejection(item) for item in found])


@group.command("show", help=SHOW_HELP)
def show(
    numbers: Annotated[list[int], typer.Argument(metavar="NO...", help=_("The rows' numbers."))],
    show_values: ShowValues = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Rejected rows whole, whether they wait or not."""
    sight = Sight(show_values)
    with open_store(settings(data)) as store:
        found = store.rejections(status=None, ids=numbers)
        _all_found(numbers, found)
        edits = {item.id: [sight.edit(edit) for edit in store.edits_of(_leg(item), item.source_id)] for item in found}
        holding = {item.id: store.edits(_leg(item)).get(item.source_id) for item in found}
        decisions = store.decisions(numbers)
    if as_json:
        say_json(
            [
                {
                    "rejected": sight.rejection(item),
                    "edit": _seen(holding[item.id], sight),
                    "edits": edits[item.id],
                    "decisions": decisions.get(item.id, []),
                }
                for item in found
            ]
        )
        return
    for item in found:
        show_rejection(item, sight)
        for line in (*map(edited, edits[item.id]), *map(decided, decisions.get(item.id, []))):
            say(line)
        if item.decided_by and item.id not in decisions:
            # Given up before decisions were kept apart.
            say(f"{item.decided_by}: {item.why}")


@group.command("retry", help=RETRY_HELP)
def retry(
    numbers: Numbers = None,
    project: Project = None,
    code: Code = None,
    every: All = False,
    winner: Annotated[
        Winner | None,
        typer.Option("--winner", help=_("Whose values stay, where both sides have changed a row.")),
    ] = None,
    why: Annotated[str, typer.Option("--why", help=_("With --winner: the reason, for those who ask later."))] = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Try rejected rows again; the exit code says how it went."""
    wins = OnConflict(winner.value) if winner is not None else None
    with open_store(settings(data)) as store:
        chosen = _chosen(store, numbers, project, code, every=every)
        if winner is not None:
            # Kept before the run: a decision that was carried out is never without its name.
            store.decide([item.id for item in chosen], Verdict(winner.value), by=person(), why=why)
        _try(store, chosen, data, as_json, wins)


@group.command("edit", help=EDIT_HELP)
def edit(
    numbers: Annotated[list[int], typer.Argument(metavar="NO...", help=_("The rows' numbers."))],
    changes: Annotated[
        list[str], typer.Option("--set", metavar="FIELD=VALUE", help=_("A field's value; may be repeated."))
    ],
    why: Why = "",
    later: Annotated[bool, typer.Option("--later", help=_("Leave the retry to the next run."))] = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Change rejected rows on their way."""
    with open_store(settings(data)) as store:
        chosen = _chosen(store, numbers, None, None, every=False)
        wanted = _changes(changes, chosen)
        store.edit([item.id for item in chosen], wanted, by=person(), why=why, now=datetime.now(UTC))
        if not later:
            _try(store, chosen, data, as_json)
    count = len(chosen)
    text = ngettext("{n} row is changed at the next run.", "{n} rows are changed at the next run.", count)
    _tell(chosen, text.format(n=whole(count)), as_json=as_json)


@group.command("dismiss", help=DISMISS_HELP)
def dismiss(
    numbers: Numbers = None,
    project: Project = None,
    code: Code = None,
    every: All = False,
    why: Why = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Give rejected rows up."""
    with open_store(settings(data)) as store:
        chosen = _chosen(store, numbers, project, code, every=every)
        store.dismiss([item.id for item in chosen], by=person(), why=why)
    count = len(chosen)
    text = ngettext("{n} row is given up until it changes.", "{n} rows are given up until they change.", count)
    _tell(chosen, text.format(n=whole(count)), as_json=as_json)


@group.command("reopen", help=REOPEN_HELP)
def reopen(
    numbers: Numbers = None,
    project: Project = None,
    code: Code = None,
    every: Annotated[bool, typer.Option("--all", help=_("All rows that were given up."))] = False,
    why: Why = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Take dismissals back."""
    with open_store(settings(data)) as store:
        chosen = _chosen(store, numbers, project, code, every=every, status=RejectionStatus.DISMISSED)
        reopened = set(store.decide([item.id for item in chosen], Verdict.REOPENED, by=person(), why=why))
    count = len(reopened)
    text = ngettext("{n} row is tried at the next run.", "{n} rows are tried at the next run.", count)
    _tell([item for item in chosen if item.id in reopened], text.format(n=whole(count)), as_json=as_json)


def _chosen(
    store: Store,
    numbers: Sequence[int] | None,
    project: str | None,
    code: str | None,
    *,
    every: bool,
    status: RejectionStatus = RejectionStatus.OPEN,
) -> list[Rejection]:
    """
    The waiting rows that a person means, or those that were given up.

    Raises:
        ConfigurationError: Nothing says which ones, or one that is named does not wait.
    """
    if project is not None:
        store.project(project)
    if not (numbers or project or code or every):
        raise ConfigurationError("nothing says which rows", way_out="name their numbers, --project, --code or --all")
    found = store.rejections(project, status, code=code, ids=numbers or None)
    given_up = status is RejectionStatus.DISMISSED
    _all_found(numbers or (), found, given_up=given_up)
    if not found and given_up:
        raise ConfigurationError("no such row was given up", way_out="`p2c rejected --dismissed` lists them")
    if not found:
        raise ConfigurationError("no such rejected row waits", way_out="`p2c rejected` lists them")
    return found


def _all_found(numbers: Sequence[int], found: Sequence[Rejection], *, given_up: bool = False) -> None:
    unknown = ", ".join(map(str, sorted(set(numbers) - {item.id for item in found})))
    if unknown and given_up:
        raise ConfigurationError(
            f"no row with the number {unknown} was given up", way_out="`p2c rejected --dismissed --rows` lists them"
        )
    if unknown:
        raise ConfigurationError(
            f"no rejected row with the number {unknown} waits", way_out="`p2c rejected --rows` lists them"
        )


def _changes(texts: Sequence[str], rows: Sequence[Rejection]) -> dict[str, str | None]:
    """Fields with their values; an empty one means none. Every field must be one that the rows were read with."""
    changes: dict[str, str | None] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise ConfigurationError(f"{text!r} sets nothing", way_out="write --set FIELD=VALUE")
        for row in rows:
            if name not in row.payload:
                raise ConfigurationError(
                    f"row {row.id} was not read with a field {name!r}", way_out=nearest(name, row.payload)
                )
        changes[name] = value or None
    return changes


def _try(
    store: Store, chosen: Sequence[Rejection], data: Path | None, as_json: bool, winner: OnConflict | None = None
) -> None:
    """Run the rows' projects for these rows alone, and tell how it went."""
    own = settings(data)
    follow_urls(store, own)
    only: dict[LegKey, list[str]] = defaultdict(list)
    for item in chosen:
        only[_leg(item)].append(item.source_id)
    projects = [store.project(name) for name in dict.fromkeys(item.project for item in chosen)]
    vault = open_vault(own.data)
    ended = run_watched(store, projects, all_data=False, only=only, winner=winner, vault=vault, quiet=as_json)
    tell_run(store, ended, as_json=as_json)


def _seen(edit: Edit | None, sight: Sight) -> Edit | None:
    return sight.edit(edit) if edit is not None else None


def _leg(item: Rejection) -> LegKey:
    return LegKey(item.project, item.task, item.leg)


def _tell(chosen: Sequence[Rejection], text: str, *, as_json: bool) -> None:
    if as_json:
        say_json([item.id for item in chosen])
    else:
        say(text)
