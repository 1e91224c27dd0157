"""`p2c reconcile`: does the destination have what the source says?"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import TaskID
from rich.text import Text

from p2c.cli.console import DELIVERED, SOME_REJECTED, out, say, say_json, whole
from p2c.cli.options import Data, Json, ShowValues, settings
from p2c.cli.progress import Bars
from p2c.cli.tables import listing
from p2c.database.vault import open_vault
from p2c.integrator.personal import Sight
from p2c.integrator.reconcile import Finding, Kind, LegComparison, reconcile
from p2c.integrator.reconcile.report import Line, Write, lines, open_report
from p2c.text import _
from p2c.tracing import span
from p2c.wiring.databases import open_store
from p2c.wiring.setup import follow_urls

HELP = _("""Compare both sides of a project, row by row and field by field. Nothing is written.

Every source row is mapped as a run would map it and held against the row of that key at the destination. The exit code
is 0 when both sides agree, 1 when they do not.

[b]Examples[/b]

  p2c reconcile accounts

  p2c reconcile accounts --company czmf --report differences.csv
""")
_SHOWN = 20
"""Lines of a leg that are shown; a report has all."""


class _Told(Bars):
    """Hears of findings: a bar a leg, the first lines for the screen, all lines for the report."""

    def __init__(self, sight: Sight, write: Write | None, *, quiet: bool) -> None:
        super().__init__(quiet=quiet)
        self._sight = sight
        self._write = write
        self._bar: TaskID | None = None
        self.first: list[list[Line]] = []

    def leg_started(self, comparison: LegComparison) -> None:
        """A bar and an empty list."""
        self._bar = self.begin(_title(comparison))
        self.first.append([])

    def leg_advanced(self, read: int) -> None:
        """Rows so far."""
        if self._bar is not None:
            self.advance(self._bar, read)

    def found(self, comparison: LegComparison, finding: Finding) -> None:
        """A line for the screen, as long as there is room, and for the report."""
        if len(self.first[-1]) < _SHOWN:
            self.first[-1] += lines(comparison, finding, self._sight)
        if self._write is not None:
            self._write(comparison, finding)

    def leg_finished(self, comparison: LegComparison) -> None:
        """The bar is full."""
        if self._bar is not None:
            counts = comparison.total
            compared = sum(getattr(counts, kind.value) for kind in Kind)
            self.finish(self._bar, _title(comparison), compared, comparison.seconds)


def compare(
    project: Annotated[str, typer.Argument(help=_("Which project."))],
    task: Annotated[str, typer.Option("--task", metavar="NAME", help=_("Only this task."))] = "",
    company: Annotated[
        str, typer.Option("--company", metavar="NAME", help=_("Only rows of this company, by any of its names."))
    ] = "",
    report: Annotated[
        Path | None, typer.Option(metavar="FILE", help=_("Write all findings to FILE.csv or FILE.jsonl."))
    ] = None,
    show_values: ShowValues = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Compare; the exit code says whether both sides agree."""
    own, sight = settings(data), Sight(show_values)
    with open_store(own) as store, open_report(report, sight) if report else nullcontext() as write:
        follow_urls(store, own)
        told = _Told(sight, write, quiet=as_json)
        with told:
            work = reconcile(
                store, store.project(project), told, task=task, company=company, vault=open_vault(own.data)
            )
            with span("reconcile", {"p2c.project": project}):
                found = asyncio.run(work)
    agrees = all(item.total.agrees for item in found)
    if as_json:
        say_json({"agrees": agrees, "legs": [item.as_json() for item in found]})
    else:
        for comparison, first in zip(found, told.first, strict=True):
            _show(comparison, first)
        _show_end(found, report)
    raise typer.Exit(DELIVERED if agrees else SOME_REJECTED)


def _title(comparison: LegComparison) -> str:
    return f"{comparison.leg.task}: {comparison.source} → {comparison.destination}"


_KINDS = {
    Kind.EQUAL: _("Equal"),
    Kind.DIFFERENT: _("Different"),
    Kind.MISSING: _("Missing"),
    Kind.EXTRA: _("Extra"),
    Kind.REJECTED: _("Rejected"),
    Kind.SKIPPED: _("Skipped"),
}


def _show(comparison: LegComparison, first: Sequence[Line]) -> None:
    say()
    out.print(Text(_title(comparison), style="cyan"), soft_wrap=True)
    table = listing(_("Company"), *(f">{title}" for title in _KINDS.values()))
    for company, counts in sorted(comparison.companies.items()):
        table.add_row(company or "-", *(whole(getattr(counts, kind.value)) for kind in _KINDS))
    out.print(table)
    for field, number in comparison.fields.most_common():
        say(f"  {whole(number)} {_('different in')} {field}")
    for field, number in comparison.filled.most_common():
        out.print(Text(f"  {whole(number)} {_('filled by the destination')}: {field}", style="dim"), soft_wrap=True)
    for field, number in comparison.kept.most_common():
        out.print(Text(f"  {whole(number)} {_('kept for the destination')}: {field}", style="dim"), soft_wrap=True)
    for reason, number in comparison.because.most_common():
        out.print(Text(f"  {whole(number)} {reason}", style="dim"), soft_wrap=True)
    for line in first[:_SHOWN]:
        _show_line(line)


def _show_line(line: Line) -> None:
    key = f"{line['key']} ({line['company']})" if line["company"] else str(line["key"])
    parts: list[str | tuple[str, str]] = ["  ", (key, "bold"), "  ", (str(line["finding"]), "yellow")]
    if line["found"] is not None or (line["field"] and line["finding"] == Kind.DIFFERENT.value):
        expected, found = (_quoted(line[side]) for side in ("expected", "found"))
        parts.append(f"  {line['field']}: {_('expected')} {expected}, {_('found')} {found}")
    elif line["code"] or line["reason"]:
        parts.append("  " + ": ".join(str(line[name]) for name in ("code", "reason") if line[name]))
    out.print(Text.assemble(*parts), soft_wrap=True)


def _quoted(value: object) -> str:
    return _("nothing") if value is None else repr(value)


def _show_end(found: Sequence[LegComparison], report: Path | None) -> None:
    totals = [item.total for item in found]
    wrong = sum(item.different + item.missing + item.extra + item.rejected for item in totals)
    say()
    if not wrong:
        out.print(Text(_("Both sides agree."), style="green"))
        return
    out.print(Text(_("{n} rows do not agree.").format(n=whole(wrong)), style="yellow"))
    where = str(report) if report else _("--report FILE.csv writes them all to a file")
    say(f"  {where}")
