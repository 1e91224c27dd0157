"""`p2c demo`: the whole process, prospect to cash, with sample data on this machine."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from p2c.cli.console import out, say, whole
from p2c.cli.options import settings
from p2c.cli.progress import Bars
from p2c.cli.run import run_watched
from p2c.cli.serve import show_urls, until_told_to_end
from p2c.cli.tables import show_rejections, show_run
from p2c.errors import StopError
from p2c.integrator.connections import OrganizationMapping
from p2c.integrator.outcome import Run, Status
from p2c.integrator.projects import Project, order
from p2c.integrator.store import Store
from p2c.sales.sample import quotes
from p2c.sample_companies import ORGANIZATION_MAPPING
from p2c.sample_rows import SEED
from p2c.settings import ENVIRONMENTS, Service
from p2c.text import _
from p2c.wiring.databases import open_store
from p2c.wiring.sample import load_sets, make_moves, master_data
from p2c.wiring.setup import set_up
from p2c.wiring.supervisor import RunningServices

HELP = _("""Show the whole process with sample data: load, run, and run again.

Starts the services on this machine over a directory that is gone afterwards, loads three companies with customers,
products and quotes, runs all projects, and shows that a second run finds all unchanged.
A few rows are wrong on purpose, so that rejected rows can be seen.

[b]Examples[/b]

  p2c demo

  p2c demo --keep        services stay up until Ctrl-C, with example requests to try
""")
_PRODUCTS = "products"


def demo(
    keep: Annotated[bool, typer.Option("--keep", help=_("Leave the services up on their usual ports."))] = False,
    seed: Annotated[int, typer.Option(help=_("Another number makes other sample data."))] = SEED,
) -> None:
    """Load sample data, run everything, and run it again."""
    began = time.monotonic()
    with until_told_to_end(), tempfile.TemporaryDirectory(prefix="p2c-demo-") as directory:
        own = settings(Path(directory))
        ports = own.ports if keep else dict.fromkeys(Service, 0)
        own = replace(own, ports=ports, database_urls={}, urls={})
        services = list(Service) if keep else list(ENVIRONMENTS)
        _headline(_("Starting PostgreSQL and the services"))
        # Sales starts empty: the sample brings its own organization.
        with RunningServices(own, services, seed=False, lasting=False) as running, open_store(own) as store:
            show_urls(running)
            set_up(store, own, [OrganizationMapping(*names) for names in ORGANIZATION_MAPPING])
            _show_process(store, running, seed)
            say()
            say(_("Done in {seconds} seconds.").format(seconds=whole(round(time.monotonic() - began))))
            if keep:
                _show_requests(running, own.data)
                running.watch()


def _show_process(store: Store, running: RunningServices, seed: int) -> None:
    urls = running.urls
    projects = order(project for project in store.projects() if project.enabled)
    products = [project for project in projects if project.name == _PRODUCTS]
    others = [project for project in projects if project.name != _PRODUCTS]

    _headline(_("Loading sample data through the public APIs"))
    with Bars() as bars:
        for service in ENVIRONMENTS:
            sets = master_data(service, seed)
            rows = sum(len(sample.rows) for sample in sets)
            _watched(bars, service.title, rows, partial(load_sets, service, urls[service], sets))

    _headline(_("Products come to Sales"))
    first = _run(store, products)
    _headline(_("Sellers quote on them"))
    sets, moves = quotes(seed)
    with Bars() as bars:
        for sample in sets:
            _watched(
                bars,
                f"Sales: {sample.entity_set}",
                len(sample.rows),
                partial(load_sets, Service.SALES, urls[Service.SALES], [sample]),
            )
        _watched(
            bars,
            _("Sales: activated, won, lost, revised"),
            len(moves),
            partial(make_moves, urls[Service.SALES], moves),
        )
    _headline(_("Customers and quotes go to Operations"))
    second = _run(store, others)
    say()
    for run in (first, second):
        show_run(run)
        say()
    say(_("Rejected rows (the sample has some that are wrong on purpose):"), markup=False)
    show_rejections(store.rejections())

    _headline(_("Once more, with all data: nothing has changed, so nothing is sent"))
    again = _run(store, projects, all_data=True)
    show_run(again, reasons=False)
    _headline(_("Once more, as every day: only what has changed is read"))
    daily = _run(store, projects)
    show_run(daily, reasons=False)
    _check([first, second], again, daily)


def _run(store: Store, projects: Sequence[Project], *, all_data: bool = False) -> Run:
    run = run_watched(store, projects, all_data=all_data)
    if run.status is Status.ERROR:
        raise StopError(run.error, where=_("run {id}").format(id=run.id))
    return run


def _check(first: Sequence[Run], again: Run, daily: Run) -> None:
    """The demonstration shows what it says, or fails."""
    for run in (*first, again, daily):
        for leg in run.legs:
            if not leg.counts.adds_up:
                raise StopError(f"the counts of {leg.task}, leg {leg.leg} do not add up", where=f"run {run.id}")
    changed = again.counts.created + again.counts.updated + daily.counts.created + daily.counts.updated
    if changed:
        raise StopError(_("{n} rows were written again though nothing had changed").format(n=changed))


def _watched(
    bars: Bars, title: str, total: int, work: Callable[[Callable[[int], None]], Coroutine[object, object, None]]
) -> None:
    began = time.monotonic()
    bar = bars.begin(title, total)
    asyncio.run(work(lambda done: bars.advance(bar, done)))
    bars.finish(bar, title, total, time.monotonic() - began)


def _headline(text: str) -> None:
    say()
    out.print(text, style="bold", markup=False)


def _show_requests(running: RunningServices, data: Path) -> None:
    sales, operations, hub = (running.urls[service] for service in ENVIRONMENTS)
    _headline(_("The services are up until Ctrl-C. Try:"))
    for request in (
        f"curl -s '{sales}accounts?$select=name,accountnumber&$top=3'",
        f"curl -s '{sales}quotes?$filter=statecode%20eq%201&$select=name,totalamount&$top=3'",
        f"curl -s '{operations}CustomersV3?cross-company=true&$select=CustomerAccount,OrganizationName&$top=3'",
        f"curl -s '{hub}Quotations/$count'",
        f"p2c run --data {data}",
        f"p2c rejected --data {data}",
    ):
        say(f"  {request}")
