"""`p2c trace`: the journey of one row."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated

import typer
from rich.text import Text

from p2c.cli.console import out, say, say_json, whole
from p2c.cli.decisions import edited
from p2c.cli.options import Data, Json, ShowValues, settings
from p2c.cli.run import chosen_projects, moment
from p2c.cli.tables import listing, show_rejections
from p2c.database.vault import open_vault
from p2c.integrator.outcome import Fate, FormerDelivery, RejectionStatus
from p2c.integrator.personal import Sight
from p2c.integrator.trace import FieldTrace, LegTrace, trace
from p2c.text import _, ngettext
from p2c.wiring.databases import open_store
from p2c.wiring.setup import follow_urls

HELP = _("""Follow one row from its source to the other side.

For every leg that meets it: what the source has now, the rule that makes each field, what the destination should have
and has, which run last delivered it, and why it was last rejected.

[b]Examples[/b]

  p2c trace accounts ACC-1001

  p2c trace operations.CustomersV2 ACC-1001 --show-values
""")
_NOTHING = "-"
_SHOWN = 10
"""Deliveries of a leg that are shown."""
_FATES = {
    Fate.REPLACED: _("sent anew by"),
    Fate.REMOVED: _("gone at the source and deleted at the destination by"),
    Fate.DEACTIVATED: _("gone at the source and made inactive at the destination by"),
    Fate.LEFT: _("gone at the source, left at the destination by"),
    Fate.FORGOTTEN: _("forgotten, because another environment answered, by"),
}
_DIFFERS, _FILLED, _KEPT = "≠", "+", "="


def follow(
    entity: Annotated[str, typer.Argument(help=_("An entity set: accounts, or sales.accounts."))],
    key: Annotated[str, typer.Argument(help=_("The row's integration key, or its id."))],
    project: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help=_("Only through this project; may be repeated."))
    ] = None,
    show_values: ShowValues = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """One row's journey."""
    own, sight = settings(data), Sight(show_values)
    with open_store(own) as store:
        follow_urls(store, own)
        projects = chosen_projects(store, project or ())
        found = asyncio.run(trace(store, projects, entity, key, open_vault(own.data)))
    told = [leg.seen(sight) for leg in found]
    if as_json:
        say_json(told)
        return
    for leg in told:
        _show(leg, sight)


def _show(leg: LegTrace, sight: Sight) -> None:
    name = leg.leg
    say()
    where = f"{name.project}: {name.task}, {_('leg')} {name.leg}: {leg.source} → {leg.destination}"
    out.print(Text(where, style="cyan"), soft_wrap=True)
    company = f" ({leg.company})" if leg.company else ""
    out.print(Text.assemble((f"  {leg.key}{company}", "bold"), f"  {leg.source_id}"), soft_wrap=True)
    for line in _history(leg):
        say(f"  {line}")
    if leg.rejection is not None:
        show_rejections([leg.rejection], sight)
    if not leg.fields or (leg.now and not leg.disposition):
        return
    table = listing("", _("Field"), _("Rule"), _("Source"), _("Expected"), _("There"))
    for field in leg.fields:
        mark = _mark(leg, field)
        table.add_row(mark, *_cells(field), style="yellow" if mark == _DIFFERS else "")
    out.print(table)


def _history(leg: LegTrace) -> list[str]:
    lines = [_former(item) for item in leg.former[-_SHOWN:]]
    if len(leg.former) > _SHOWN:
        earlier = len(leg.former) - _SHOWN
        told = ngettext("{n} earlier delivery", "{n} earlier deliveries", earlier).format(n=whole(earlier))
        lines.insert(0, told)
    if leg.delivery is not None:
        by = leg.delivery.versions
        lines.append(
            _("delivered by run {run}, {when}, started by {who}").format(
                run=leg.delivery.run, when=moment(leg.delivery.started_at), who=leg.delivery.started_by
            )
        )
        if by.project:
            lines.append(
                _("project version {project}, template {template} version {version}").format(
                    project=by.project, template=by.template, version=by.template_version
                )
            )
    elif leg.disposition != "delivered" and not leg.former:
        lines.append(_("never delivered"))
    if leg.disposition and leg.disposition != "delivered":
        lines.append(f"{leg.disposition}: {leg.reason}")
    if leg.rejection is not None and leg.rejection.status is not RejectionStatus.OPEN:
        lines.append(_("its last rejection is over ({status})").format(status=leg.rejection.status.value))
    if leg.edit is not None:
        lines.append(edited(leg.edit))
    if leg.now:
        lines.append(_("kept back now: {reason}").format(reason=leg.now))
    if not leg.there:
        lines.append(_("the destination has no such row"))
    return lines


def _former(item: FormerDelivery) -> str:
    """A delivery that is over, and the run that ended it."""
    by = item.versions
    version = (
        _(" (template {template} version {version})").format(template=by.template, version=by.template_version)
        if by.template
        else ""
    )
    return _("delivered by {delivery}{version}; {fate} {end}").format(
        delivery=_run(item.run, item.started_at, item.started_by),
        version=version,
        fate=_FATES[item.fate],
        end=_run(item.ended_run, item.ended_at, item.ended_by),
    )


def _run(number: int, started_at: datetime | None, started_by: str) -> str:
    """A run, with what is remembered of it."""
    if not number:
        return _("an early run")
    if started_at is None:
        return _("run {run}").format(run=number)
    return _("run {run}, {when}, started by {who}").format(run=number, when=moment(started_at), who=started_by)


def _mark(leg: LegTrace, field: FieldTrace) -> str:
    if field.agrees or not leg.there:
        return ""
    if field.kept:
        return _KEPT
    return _FILLED if field.filled else _DIFFERS


def _cells(field: FieldTrace) -> tuple[str, ...]:
    sources = ", ".join(_shown(value) for value in field.sources.values()) or _NOTHING
    return (
        field.field,
        field.rule,
        sources,
        _shown(field.expected),
        _shown(field.found),
    )


def _shown(value: object) -> str:
    return _NOTHING if value is None else str(value)
