"""Tables for people: runs with their legs, and rejected rows with their way out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from p2c.cli.console import one_decimal, out, say, whole
from p2c.integrator.outcome import Counts, LegRun, Rejection, Run, Status
from p2c.integrator.personal import MASKED, Sight
from p2c.text import _, ngettext

_STYLES = {Status.COMPLETED: "green", Status.WARNING: "yellow", Status.ERROR: "red", Status.RUNNING: "cyan"}
_LONGEST_VALUE = 40
_LONGEST_CHECKPOINT = 24
_MEGABYTE = 1_000_000
_UNDER = (0, 0, 0, 5)


def listing(*columns: str) -> Table:
    """An empty table; a column whose title starts with `>` is for numbers."""
    table = Table(box=None, pad_edge=False, header_style="bold", collapse_padding=True)
    for column in columns:
        number = column.startswith(">")
        table.add_column(column.lstrip(">"), justify="right" if number else "left", overflow="fold", no_wrap=number)
    return table


def show_run(run: Run, *, reasons: bool = True, costs: bool = False) -> None:
    """
    Each leg's counts and seconds under its task, and the totals.

    With `reasons` why rows were skipped, with `costs` what each leg ran by, sent, waited for and reached.
    """
    columns = _columns(run)
    titles = ["", *columns.values(), _("Sec.")]
    legs = [[leg_title(leg), *_numbers(leg.counts, columns), one_decimal(leg.seconds)] for leg in run.legs]
    total = [_("Total"), *_numbers(run.counts, columns), one_decimal(sum(leg.seconds for leg in run.legs))]
    if _width([titles, *legs, total]) > out.width:
        legs = [[short_title(leg), *cells[1:]] for leg, cells in zip(run.legs, legs, strict=True)]
    widths = [max(len(line[place]) for line in (titles, *legs, total)) for place in range(len(titles))]
    _line(titles, widths, "bold")
    for place, (leg, cells) in enumerate(zip(run.legs, legs, strict=True)):
        if place == 0 or (run.legs[place - 1].project, run.legs[place - 1].task) != (leg.project, leg.task):
            out.print(Text(f"{leg.project}: {leg.task}", style="cyan"), soft_wrap=True)
        _line(cells, widths, "")
        for reason, number in leg.skipped_because.items() if reasons else ():
            _under(f"{whole(number)} {_('skipped')}: {reason}")
        for text in leg_costs(leg) if costs else ():
            _under(text)
    _line(total, widths, "bold")
    show_status(run)


def _columns(run: Run) -> dict[str, str]:
    """Titles of the counts that a run's table shows; rows that are gone at the source only where there are some."""
    columns = {
        "read": _("Read"),
        "created": _("Created"),
        "updated": _("Updated"),
        "unchanged": _("Unchanged"),
        "skipped": _("Skipped"),
        "rejected": _("Rejected"),
    }
    return {**columns, "deleted": _("Deleted")} if run.counts.deleted else columns


_INDENT = 2


def _line(cells: Sequence[str], widths: Sequence[int], style: str) -> None:
    name, *numbers = cells
    text = f"{'':{_INDENT}}{name:<{widths[0]}}"
    text += "".join(f" {number:>{width}}" for number, width in zip(numbers, widths[1:], strict=True))
    out.print(Text(text, style=style), soft_wrap=True)


def _width(lines: Sequence[Sequence[str]]) -> int:
    return _INDENT + sum(max(len(line[place]) for line in lines) + 1 for place in range(len(lines[0]))) - 1


def _under(text: str) -> None:
    out.print(Text(f"    {text}", style="dim"), soft_wrap=True)


def leg_costs(leg: LegRun) -> list[str]:
    """Lines about a leg: versions, traffic, seconds a step, checkpoints, who carried its parts."""
    versions = leg.versions
    steps = {
        _("read"): leg.steps.read,
        _("map"): leg.steps.map,
        _("match"): leg.steps.match,
        _("write"): leg.steps.write,
        _("record"): leg.steps.record,
    }
    lines = [
        ngettext(
            "{requests} request, {retries} tried again, {waited} s waited",
            "{requests} requests, {retries} tried again, {waited} s waited",
            leg.requests,
        ).format(requests=whole(leg.requests), retries=whole(leg.retries), waited=one_decimal(leg.waited)),
        _("{read} MB read, {written} MB written").format(
            read=one_decimal(leg.bytes_read / _MEGABYTE), written=one_decimal(leg.bytes_written / _MEGABYTE)
        ),
        _("seconds of batches: {steps}").format(
            steps=", ".join(f"{name} {one_decimal(seconds)}" for name, seconds in steps.items())
        ),
        _("checkpoint: {before} → {after}").format(
            before=_tail(leg.checkpoint_before), after=_tail(leg.checkpoint_after)
        ),
    ]
    if leg.carried_by:
        lines.append(_carried_by(leg))
    if versions.project:
        by = _("project version {project}, template {template} version {version}").format(
            project=versions.project, template=versions.template, version=versions.template_version
        )
        lines.insert(0, by)
    return lines


def _carried_by(leg: LegRun) -> str:
    """Who carried the parts of a leg that was divided, and their rows."""
    workers = ", ".join(
        ngettext("{worker} {parts} ({rows} row)", "{worker} {parts} ({rows} rows)", item.rows).format(
            worker=item.worker or _("nobody"), parts=whole(item.parts), rows=whole(item.rows)
        )
        for item in leg.carried_by
    )
    parts = whole(sum(item.parts for item in leg.carried_by))
    return _("divided into {parts} parts: {workers}").format(parts=parts, workers=workers)


def _tail(checkpoint: str | None) -> str:
    """The end of a checkpoint: there it differs from others."""
    if not checkpoint:
        return _("none")
    return checkpoint if len(checkpoint) <= _LONGEST_CHECKPOINT else f"…{checkpoint[-_LONGEST_CHECKPOINT:]}"


def short_title(leg: LegRun) -> str:
    """Where from and where to, without the entity sets."""
    return " → ".join(end.partition(".")[0] for end in (leg.source, leg.destination))


def leg_title(leg: LegRun) -> str:
    """Where from and where to."""
    return f"{leg.source} → {leg.destination}"


def show_status(run: Run) -> None:
    """One line: how the run ended."""
    sent = sum(leg.writes for leg in run.legs)
    writes = ngettext("{n} row was sent", "{n} rows were sent", sent).format(n=whole(sent))
    texts = {
        Status.COMPLETED: _("all delivered"),
        Status.WARNING: _("some rows rejected"),
        Status.ERROR: _("ended by an error"),
        Status.RUNNING: _("running"),
    }
    line = Text.assemble(_("Run {id}: ").format(id=run.id), (texts[run.status], _STYLES[run.status]), f"; {writes}.")
    out.print(line, soft_wrap=True)
    if run.error:
        say(f"  {run.error}")
    for note in run.notes:
        say("  " + _("Changed since the last run: {note}").format(note=note))


def show_rejections(rejections: Sequence[Rejection], sight: Sight = MASKED) -> None:
    """Rejected rows with code, field, value, reason and the way out."""
    if not rejections:
        say(_("No rejected rows."))
        return
    for item in map(sight.rejection, rejections):
        number, task, key, code, field, value = _cells(item)
        out.print(
            Text.assemble(
                (f"{number:>3}  {task}  {key}", "bold"), "  ", (code, "yellow"), f"  {field} {value}".rstrip()
            )
        )
        out.print(Padding(Text(item.reason), _UNDER, expand=False))
        for change in item.changes:
            both = _("{field}: the source has {new}, the destination {old}").format(
                field=change.field, new=_quoted(change.new), old=_quoted(change.old)
            )
            out.print(Padding(Text(both), _UNDER, expand=False))
        if item.way_out:
            out.print(Padding(Text(f"→ {item.way_out}", style="dim"), _UNDER, expand=False))


_EXAMPLES = 8
"""Rows that a cause names."""


def show_causes(rejections: Sequence[Rejection]) -> None:
    """Rejected rows by cause, the most frequent first: code, field, how many, why, the way out, some of the rows."""
    if not rejections:
        say(_("No rejected rows."))
        return
    causes: dict[tuple[str, str, int, str, str], list[Rejection]] = defaultdict(list)
    for item in rejections:
        causes[item.project, item.task, item.leg, item.code, item.field].append(item)
    for (_project, task, leg, code, field), rows in sorted(causes.items(), key=lambda cause: -len(cause[1])):
        count = ngettext("{n} row", "{n} rows", len(rows)).format(n=whole(len(rows)))
        where = f"{task}, {_('leg')} {leg}"
        out.print(
            Text.assemble((count, "bold"), "  ", (code, "yellow"), f"  {field}  ", (where, "cyan")), soft_wrap=True
        )
        out.print(Padding(Text(rows[0].reason), _UNDER, expand=False))
        if rows[0].way_out:
            out.print(Padding(Text(f"→ {rows[0].way_out}", style="dim"), _UNDER, expand=False))
        named = [f"{row.id} {row.key}" for row in rows[:_EXAMPLES]]
        more = [_("and {n} more").format(n=whole(len(rows) - _EXAMPLES))] if len(rows) > _EXAMPLES else []
        out.print(Padding(Text(", ".join((*named, *more))), _UNDER, expand=False))


def show_rejection(item: Rejection, sight: Sight = MASKED) -> None:
    """One rejected row whole."""
    show_rejections([item], sight)
    say(
        ngettext(
            "     {status}; tried {attempts} time, first in run {first}, last in run {last}",
            "     {status}; tried {attempts} times, first in run {first}, last in run {last}",
            item.attempts,
        ).format(status=item.status.value, attempts=whole(item.attempts), first=item.first_run, last=item.last_run)
    )
    table = listing(_("Field"), _("Value as it was read"))
    for name, value in sight.row(item.payload).items():
        table.add_row(Text(name), Text("" if value is None else str(value)))
    out.print(Padding(table, _UNDER, expand=False))


def _quoted(value: object) -> str:
    return _("nothing") if value is None else repr(value)


def _cells(item: Rejection) -> tuple[str, str, str, str, str, str]:
    value = item.value if len(item.value) <= _LONGEST_VALUE else f"{item.value[: _LONGEST_VALUE - 1]}…"
    key = f"{item.key} ({item.company})" if item.company else item.key
    return str(item.id), f"{item.task}, {_('leg')} {item.leg}", key, item.code, item.field, value


def _numbers(counts: Counts, columns: Iterable[str]) -> list[str]:
    return [whole(getattr(counts, name)) for name in columns]
