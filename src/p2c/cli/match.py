"""`p2c match`: rows that stand on both sides before the first run are recognised, and given one key."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass
from typing import Annotated

import typer

from p2c.cli.console import DELIVERED, SOME_REJECTED, out, say, say_json, whole
from p2c.cli.options import Data, Json, ShowValues, settings
from p2c.cli.person import person
from p2c.cli.tables import listing
from p2c.database.vault import Vault, open_vault
from p2c.errors import ConfigurationError
from p2c.integrator.engine.environments import Environments
from p2c.integrator.match import Ambiguous, Changed, Pair, SideCounts, find_matches, give_keys, matching_task, take_back
from p2c.integrator.match.pairs import SIDES
from p2c.integrator.personal import Sight
from p2c.integrator.projects import Project
from p2c.integrator.store import Store
from p2c.text import _, ngettext
from p2c.tracing import span
from p2c.wiring.databases import open_store
from p2c.wiring.setup import follow_urls

HELP = _("""Recognise rows that stand on both sides before the first run, so that it does not double them.

A task says what makes them the same: match: {on: {name: OrganizationName, address1_postalcode: AddressZipCode}}.
Without --apply nothing is written. --apply gives each source row that matches one row of the destination, and no other
does, that row's integration key; --undo puts back what stood there.

[b]Examples[/b]

  p2c match accounts

  p2c match accounts --apply

  p2c match accounts --undo
""")


@dataclass(frozen=True, slots=True)
class _Found:
    source: SideCounts
    destination: SideCounts
    pairs: list[Pair]
    ambiguous: list[Ambiguous]
    given: Changed | None = None


def match(
    project: Annotated[str, typer.Argument(help=_("Its name; `p2c projects` lists them."))],
    task: Annotated[str | None, typer.Argument(help=_("Otherwise the first that has a match rule."))] = None,
    apply: Annotated[
        bool, typer.Option("--apply", help=_("Give source rows without a key that of their match."))
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help=_("With --apply: also to source rows that have another key."))
    ] = False,
    undo: Annotated[bool, typer.Option("--undo", help=_("Put back what stood there before --apply."))] = False,
    limit: Annotated[int, typer.Option(min=1, help=_("How many pairs and doubtful ones to show."))] = 20,
    show_values: ShowValues = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Match rows of both sides."""
    if undo and (apply or replace):
        raise ConfigurationError("--undo stands alone", way_out="leave --apply and --replace out")
    if replace and not apply:
        raise ConfigurationError("--replace goes with --apply", way_out="add --apply, or leave it out")
    own = settings(data)
    with open_store(own) as store:
        follow_urls(store, own)
        chosen, vault = store.project(project), open_vault(own.data)
        if undo:
            name = task or matching_task(chosen, None).name
            with store.project_lock(project):
                _tell_undone(asyncio.run(_undo(store, vault, chosen, name)), as_json)
        else:
            with span("match", {"p2c.project": project}):
                told = asyncio.run(_find(store, vault, chosen, task, limit, apply, replace, Sight(show_values)))
            _tell_found(told, as_json)


async def _find(
    store: Store,
    vault: Vault,
    project: Project,
    task: str | None,
    limit: int,
    apply: bool,
    replace: bool,
    sight: Sight,
) -> _Found:
    async with Environments(store, vault) as environments, find_matches(environments, project, task, sight) as found:
        source, destination = [await found.joined.counts(side) for side in SIDES]
        pairs = await found.joined.pairs(replace=True, most=limit)
        ambiguous = await found.joined.ambiguous(limit)
        given = None
        if apply:
            by = person()
            with store.project_lock(project.name):
                given = await give_keys(store, found, replace=replace, by=by)
        return _Found(source, destination, pairs, ambiguous, given)


async def _undo(store: Store, vault: Vault, project: Project, task: str) -> Changed:
    async with Environments(store, vault) as environments:
        return await take_back(store, environments, project, task)


def _tell_found(found: _Found, as_json: bool) -> None:
    if as_json:
        say_json(found)
    else:
        _show(found)
    raise typer.Exit(SOME_REJECTED if found.given is not None and found.given.left else DELIVERED)


def _tell_undone(changed: Changed, as_json: bool) -> None:
    if as_json:
        say_json(changed)
    else:
        done = ngettext(
            "{rows} source row has its former key back.", "{rows} source rows have their former key back.", changed.rows
        )
        _show_changed(changed, done)
    raise typer.Exit(SOME_REJECTED if changed.left else DELIVERED)


def _show(found: _Found) -> None:
    table = listing(_("Match"), _("Company"), _("Key there"), _("Key here"))
    for pair in found.pairs:
        table.add_row(pair.shown, pair.company, " / ".join(pair.new_key), " / ".join(pair.key))
    if found.pairs:
        out.print(table)
        say()
    if found.ambiguous:
        table = listing(
            _("Doubtful, left alone"), _("Company"), ">" + _("Source rows"), ">" + _("There"), _("Keys there")
        )
        for group in found.ambiguous:
            table.add_row(
                group.shown,
                group.company,
                whole(group.source_rows),
                whole(group.destination_rows),
                ", ".join(group.keys),
            )
        out.print(table)
        say()
    _show_counts(found)
    if found.given is not None:
        _show_given(found.given, found.source.paired)


def _show_given(given: Changed, paired: int) -> None:
    done = ngettext(
        "{rows} source row was given the key of its match; --undo puts back.",
        "{rows} source rows were given the key of their match; --undo puts back.",
        given.rows,
    )
    _show_changed(given, done)
    if others := paired - given.rows - len(given.left):
        told = ngettext(
            "{rows} source row has another key and kept it; --apply --replace gives it that of its match.",
            "{rows} source rows have another key and kept it; --apply --replace gives them that of their match.",
            others,
        )
        say(told.format(rows=whole(others)))


def _show_counts(found: _Found) -> None:
    columns = {
        "rows": _("Rows"),
        "kept_back": _("Kept back"),
        "joined": _("Same key"),
        "paired": _("Match"),
        "ambiguous": _("Doubtful"),
        "unmatched": _("Without"),
    }
    table = listing("", *(f">{title}" for title in columns.values()))
    for title, counts in ((_("Source"), found.source), (_("Destination"), found.destination)):
        numbers = asdict(counts)
        table.add_row(title, *(whole(numbers[name]) for name in columns))
    out.print(table)


def _show_changed(changed: Changed, done: str) -> None:
    say(done.format(rows=whole(changed.rows)))
    for told in changed.left:
        say(f"  {told.source_id} {told.key}: {told.why}")
