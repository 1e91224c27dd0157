"""`p2c schedule`: when projects run by themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated

import typer
from rich.markup import escape

from p2c.cli.commands import Commands
from p2c.cli.console import out, say, say_json
from p2c.cli.options import Data, Json, settings
from p2c.cli.run import moment
from p2c.cli.tables import listing
from p2c.errors import ConfigurationError
from p2c.integrator.schedule import Schedule, from_words, start_text, zone
from p2c.integrator.store import ScheduledProject, Store
from p2c.text import _
from p2c.wiring.databases import open_store

HELP = _(
    "Say when projects run by themselves. A worker runs them: `p2c serve` has one inside, `p2c worker` is another."
)
LIST_HELP = _("List the schedules: when, the next time, how the last run ended, and why a project is paused.")
SHOW_HELP = _("Show the next times of one project, in its own time zone and in this machine's.")
SET_HELP = _("""Run a project every so many minutes, hours, days, weeks or months, or by a cron expression.

Minutes and hours are elapsed time. Days, weeks, months and cron are times on the wall of the time zone, also over
changes of the clocks. A time that was missed because nothing ran is made up for once.

The project is paused by itself, until `p2c schedule resume`, where a bound is given and passed.

[b]Examples[/b]

  p2c schedule set accounts --every 5m

  p2c schedule set quotes --every "1 day" --start "2026-03-01 06:00" --timezone Europe/Prague

  p2c schedule set products --cron "0 6 * * 1-5" --timezone Europe/Prague --pause-after-errors 3
""")
PAUSE_HELP = _("Do not run a project by its schedule until it is resumed. By hand it still runs.")
RESUME_HELP = _("Run a paused project by its schedule again, from its next time on.")
REMOVE_HELP = _("Take a project's schedule away.")
_SHOWN = 5

group = typer.Typer(
    cls=Commands, help=HELP, pretty_exceptions_enable=False, rich_markup_mode="rich", no_args_is_help=True
)
_Project = Annotated[str, typer.Argument(metavar="PROJECT", help=_("`p2c projects` lists them."))]


@group.command("list", help=LIST_HELP)
def list_schedules(data: Data = None, as_json: Json = False) -> None:
    """All schedules."""
    with open_store(settings(data)) as store:
        store.settle_schedules(datetime.now(UTC))
        found = store.scheduled()
    if as_json:
        say_json([_plain(item) for item in found])
        return
    table = listing(_("Project"), _("When"), _("Next"), ">" + _("Last run"), _("Status"), _("Paused"))
    for item in found:
        table.add_row(
            item.project,
            escape(_when(item.schedule)),
            moment(item.next_at) if item.next_at and not item.paused_at else "",
            str(item.last_run or ""),
            item.status.value if item.status else "",
            escape(item.paused_because),
        )
    out.print(table)


@group.command("show", help=SHOW_HELP)
def show(project: _Project, data: Data = None, as_json: Json = False) -> None:
    """One schedule."""
    with open_store(settings(data)) as store:
        store.project(project)
        store.settle_schedules(datetime.now(UTC))
        (found,) = store.scheduled(project)
    if as_json:
        say_json({**_plain(found), "times": _times(found)})
        return
    say(f"{project}: {_when(found.schedule)}")
    if found.paused_at is not None:
        say(
            _("Paused since {since}: {reason}. `p2c schedule resume {project}` goes on.").format(
                since=moment(found.paused_at), reason=found.paused_because, project=project
            )
        )
    there = zone(found.schedule.recurrence.timezone)
    table = listing(there.key, _("Here"))
    for time in _times(found):
        table.add_row(f"{time.astimezone(there):%Y-%m-%d %H:%M %Z}", moment(time))
    out.print(table)


@group.command("set", help=SET_HELP)
def set_schedule(
    project: _Project,
    every: Annotated[str | None, typer.Option(metavar="INTERVAL", help=_("As 5m, 2h, 1d, 1w, 1mo."))] = None,
    cron: Annotated[str | None, typer.Option(metavar="FIELDS", help=_("Minute, hour, day, month and weekday."))] = None,
    start: Annotated[
        str | None, typer.Option(metavar="TIME", help=_("From when on, as 2026-03-01 06:00; otherwise from now on."))
    ] = None,
    timezone: Annotated[str, typer.Option(metavar="ZONE", help=_("As Europe/Prague."))] = "UTC",
    pause_after_errors: Annotated[
        int | None, typer.Option(metavar="N", help=_("Pause when so many runs in a row ended by an error."))
    ] = None,
    pause_above_rejected: Annotated[
        int | None, typer.Option(metavar="N", help=_("Pause when a run rejects more rows."))
    ] = None,
    pause_above_percent: Annotated[
        str | None, typer.Option(metavar="X", help=_("Pause when a run rejects more than X percent of its rows."))
    ] = None,
    data: Data = None,
) -> None:
    """Give a project a schedule, in place of the one it has."""
    if every is not None and start is None:
        start = start_text(datetime.now(zone(timezone)))
    given = {
        "every": every,
        "cron": cron,
        "start": start,
        "timezone": timezone,
        "pause_after_errors": pause_after_errors,
        "pause_above_rejected": pause_above_rejected,
        "pause_above_percent": _percent(pause_above_percent),
    }
    schedule = from_words({word: value for word, value in given.items() if value is not None})
    with open_store(settings(data)) as store:
        _save(store, project, schedule)
        (found,) = store.scheduled(project)
    say(f"{project}: {_when(schedule)}")
    if found.next_at is not None:
        say(_("Next: {time}").format(time=moment(found.next_at)))
    if found.paused_at is not None:
        say(_("The project is paused: {reason}.").format(reason=found.paused_because))


@group.command("pause", help=PAUSE_HELP)
def pause(
    project: _Project,
    because: Annotated[str, typer.Option(metavar="TEXT", help=_("What others shall read."))] = "",
    data: Data = None,
) -> None:
    """Pause a project."""
    with open_store(settings(data)) as store:
        store.project(project)
        store.scheduled(project)
        store.pause(project, datetime.now(UTC), because or _("by hand"))
    say(_("{project} is paused; `p2c schedule resume {project}` goes on.").format(project=project))


@group.command("resume", help=RESUME_HELP)
def resume(project: _Project, data: Data = None) -> None:
    """Resume a project."""
    with open_store(settings(data)) as store:
        store.project(project)
        store.scheduled(project)
        store.resume(project, datetime.now(UTC))
        (found,) = store.scheduled(project)
    if found.next_at is not None:
        say(_("{project} runs again, next at {time}.").format(project=project, time=moment(found.next_at)))


@group.command("remove", help=REMOVE_HELP)
def remove(project: _Project, data: Data = None) -> None:
    """Take a schedule away."""
    with open_store(settings(data)) as store:
        _save(store, project, None)
    say(_("{project} has no schedule any more.").format(project=project))


def _save(store: Store, project: str, schedule: Schedule | None) -> None:
    store.save_projects([replace(store.project(project), schedule=schedule)])
    store.settle_schedules(datetime.now(UTC))


def _percent(text: str | None) -> Decimal | None:
    try:
        return None if text is None else Decimal(text)
    except InvalidOperation as error:
        raise ConfigurationError(f"{text!r} is no number", where="--pause-above-percent") from error


def _when(schedule: Schedule) -> str:
    words = dict(schedule.words())
    timezone = words.pop("timezone")
    if "cron" in words:
        when = f"cron {words.pop('cron')} ({timezone})"
    else:
        when = _("every {interval} from {start} ({timezone})").format(
            interval=words.pop("every"), start=words.pop("start"), timezone=timezone
        )
    return ", ".join([when, *(f"{word.replace('_', ' ')} {bound}" for word, bound in words.items())])


def _times(item: ScheduledProject) -> list[datetime]:
    found = [item.next_at or item.schedule.after(datetime.now(UTC))]
    while len(found) < _SHOWN:
        found.append(item.schedule.after(found[-1]))
    return found


def _plain(item: ScheduledProject) -> dict[str, object]:
    return {
        "project": item.project,
        "schedule": item.schedule.words(),
        "next_at": item.next_at,
        "paused_at": item.paused_at,
        "paused_because": item.paused_because,
        "last_run": item.last_run,
        "status": item.status,
        "errors_in_a_row": item.errors_in_a_row,
        "last_success_at": item.last_success_at,
    }
