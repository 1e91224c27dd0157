"""The acts of the demonstration: load, run, look at what was rejected, run again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial

from p2c.cli.console import headline, say
from p2c.cli.progress import Bars
from p2c.cli.run import run_watched
from p2c.cli.tables import show_rejections, show_run
from p2c.errors import StopError
from p2c.integrator.outcome import Run, Status
from p2c.integrator.projects import Project, order
from p2c.integrator.store import Store
from p2c.sales.sample import quotes
from p2c.settings import ENVIRONMENTS, Service
from p2c.text import _, ngettext
from p2c.wiring.sample import load_sets, make_moves, master_data

_PRODUCTS = "products"


def show_process(store: Store, urls: Mapping[Service, str], seed: int) -> None:
    """
    Show the whole process over running, empty services.

    Raises:
        StopError: A run failed, or does not show what the demonstration says.
    """
    projects = order(project for project in store.projects() if project.enabled)
    products = [project for project in projects if project.name == _PRODUCTS]
    others = [project for project in projects if project.name != _PRODUCTS]

    headline(_("Loading sample data through the public APIs"))
    with Bars() as bars:
        for service in ENVIRONMENTS:
            sets = master_data(service, seed)
            rows = sum(len(sample.rows) for sample in sets)
            _watched(bars, service.title, rows, partial(load_sets, service, urls[service], sets))

    headline(_("Products come to Sales"))
    first = _run(store, products)
    headline(_("Sellers quote on them"))
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
    headline(_("Customers and quotes go to Operations"))
    second = _run(store, others)
    say()
    for run in (first, second):
        show_run(run)
        say()
    say(_("Rejected rows (the sample has some that are wrong on purpose):"), markup=False)
    show_rejections(store.rejections())

    headline(_("Once more, with all data: nothing has changed, so nothing is sent"))
    again = _run(store, projects, all_data=True)
    show_run(again, reasons=False)
    headline(_("Once more, as every day: only what has changed is read"))
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
        told = ngettext(
            "{n} row was written again though nothing had changed",
            "{n} rows were written again though nothing had changed",
            changed,
        )
        raise StopError(told.format(n=changed))


def _watched(
    bars: Bars, title: str, total: int, work: Callable[[Callable[[int], None]], Coroutine[object, object, None]]
) -> None:
    began = time.monotonic()
    bar = bars.begin(title, total)
    asyncio.run(work(lambda done: bars.advance(bar, done)))
    bars.finish(bar, title, total, time.monotonic() - began)
