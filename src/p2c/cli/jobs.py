"""`p2c jobs` and `p2c worker`: the queue of work, and who does it."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from dataclasses import replace
from typing import Annotated

import typer
from rich.markup import escape

from p2c.cli.console import out, say, say_json, whole
from p2c.cli.options import Data, Json, LogJson, ask_for_json_logs, settings
from p2c.cli.run import moment
from p2c.cli.tables import listing
from p2c.database.vault import open_vault
from p2c.integrator.jobs import Queue, WaitingJob, Worker
from p2c.integrator.jobs.queue import NOTIFY
from p2c.integrator.jobs.worker import CONCURRENCY
from p2c.integrator.store import Store
from p2c.settings import Service
from p2c.text import _, ngettext
from p2c.wiring.collecting import collect_rarely
from p2c.wiring.databases import open_integrator
from p2c.wiring.logs import set_up_logs

JOBS_HELP = _("""List the work in the queue: what waits (todo), is being done (doing), and was given up (failed).

`p2c run --queue` and schedules put work there. What may pass is tried again by itself; the reason stands beside it.
""")
WORKER_HELP = _("""Do the work of the queue until Ctrl-C; what is under way then goes back into it.

`p2c serve` has a worker inside. Others may run on any machine that reaches the integrator's database and the
environments. To open the secrets of connections, DIR needs a copy of secrets.key.

[b]Examples[/b]

  p2c worker --data ./data

  P2C_INTEGRATOR_DATABASE_URL=postgresql://p2c@db/integrator p2c worker --concurrency 2
""")


def jobs(data: Data = None, as_json: Json = False) -> None:
    """The queue."""
    with open_integrator(settings(data)) as engine:
        Store(engine)
        found = Queue(engine).jobs()
    if as_json:
        say_json(found)
        return
    table = listing(
        ">" + _("Job"), _("What"), _("Status"), ">" + _("Tries"), _("Since"), _("Not before"), _("Last trouble")
    )
    for item in found:
        table.add_row(
            str(item.id),
            escape(_what(item)),
            item.status,
            str(item.attempts),
            moment(item.since) if item.since else "",
            moment(item.next_at) if item.next_at else "",
            escape(item.reason),
        )
    out.print(table)


def worker(
    concurrency: Annotated[int, typer.Option(min=1, max=64, help=_("How many jobs at once."))] = CONCURRENCY,
    database: Annotated[
        str,
        typer.Option(
            metavar="URL",
            help=_(
                "The integrator's database, in place of P2C_INTEGRATOR_DATABASE_URL; other users can read options, "
                "so give a password in the variable only."
            ),
        ),
    ] = "",
    log_json: LogJson = False,
    data: Data = None,
) -> None:
    """Work until told to end."""
    ask_for_json_logs(log_json)
    set_up_logs(os.environ)
    own = settings(data)
    if database:
        own = replace(own, database_urls={**own.database_urls, Service.INTEGRATOR: database})
    collect_rarely()
    with open_integrator(own) as engine:
        working = Worker(engine, open_vault(own.data), concurrency=concurrency, history_days=own.history_days)
        ready = ngettext(
            "Ready, {count} job at once; Ctrl-C ends.", "Ready, {count} jobs at once; Ctrl-C ends.", concurrency
        )
        say(ready.format(count=whole(concurrency)))
        asyncio.run(_until_told_to_end(working))
    say(_("Ended."))


async def _until_told_to_end(working: Worker) -> None:
    task = asyncio.create_task(working.work())
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    with suppress(asyncio.CancelledError):
        await task


def _what(item: WaitingJob) -> str:
    return " ".join([item.task, *(str(value) for value in _names(item))])


def _names(item: WaitingJob) -> list[object]:
    projects = item.args.get("projects")
    if item.task == NOTIFY:
        return [item.args["channel"]]
    return [*projects, _("by {who}").format(who=item.args["started_by"])] if isinstance(projects, list) else []
