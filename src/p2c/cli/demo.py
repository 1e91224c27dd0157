"""`p2c demo`: the whole process, prospect to cash, with sample data on this machine."""

from __future__ import annotations

import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from p2c.cli.console import FAILED, headline, say, whole
from p2c.cli.options import settings
from p2c.cli.serve import show_urls, until_told_to_end
from p2c.integrator.connections import OrganizationMapping
from p2c.sample_companies import ORGANIZATION_MAPPING
from p2c.sample_rows import SEED
from p2c.settings import ENVIRONMENTS, SERVICES, Service
from p2c.text import _
from p2c.wiring.databases import open_store
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


def demo(
    keep: Annotated[bool, typer.Option("--keep", help=_("Leave the services up on their usual ports."))] = False,
    seed: Annotated[int, typer.Option(help=_("Another number makes other sample data."))] = SEED,
) -> None:
    """Load sample data, run everything, and run it again."""
    # The sample data's library is slow to import; only this command waits for it.
    from p2c.cli.demonstration import show_process

    began = time.monotonic()
    done = False
    with until_told_to_end(), tempfile.TemporaryDirectory(prefix="p2c-demo-") as directory:
        own = settings(Path(directory))
        ports = own.ports if keep else dict.fromkeys(Service, 0)
        own = replace(own, ports=ports, database_urls={}, urls={})
        services = list(SERVICES) if keep else list(ENVIRONMENTS)
        headline(_("Starting PostgreSQL and the services"))
        # Sales starts empty: the sample brings its own organization.
        with RunningServices(own, services, seed=False, lasting=False) as running, open_store(own, make=True) as store:
            show_urls(running)
            set_up(store, own, [OrganizationMapping(*names) for names in ORGANIZATION_MAPPING])
            show_process(store, running.urls, seed)
            done = True
            say()
            say(_("Done in {seconds} seconds.").format(seconds=whole(round(time.monotonic() - began))))
            if keep:
                _show_requests(running, own.data)
                running.watch()
    if not done:
        say(_("Ended before it was done."))
        raise typer.Exit(FAILED)


def _show_requests(running: RunningServices, data: Path) -> None:
    sales, operations, hub = (running.urls[service] for service in ENVIRONMENTS)
    headline(_("The services are up until Ctrl-C. Try:"))
    for request in (
        f"curl -s '{sales}accounts?$select=name,accountnumber&$top=3'",
        f"curl -s '{sales}quotes?$filter=statecode%20eq%201&$select=name,totalamount&$top=3'",
        f"curl -s '{operations}CustomersV3?cross-company=true&$select=CustomerAccount,OrganizationName&$top=3'",
        f"curl -s '{hub}Quotations/$count'",
        f"p2c run --data {data}",
        f"p2c rejected --data {data}",
    ):
        say(f"  {request}")
