"""`p2c serve`: starts services and keeps them running until it is told to end."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import FrameType
from typing import Annotated

import typer

from p2c.cli.console import say
from p2c.cli.options import Data, settings
from p2c.errors import ConfigurationError, nearest
from p2c.settings import LOOPBACK, Service
from p2c.text import _
from p2c.wiring.databases import open_store
from p2c.wiring.setup import set_up
from p2c.wiring.supervisor import RunningServices

HELP = _("""Start services on this machine and keep them running; Ctrl-C ends them.

All four without names: [b]integrator[/b] (8400), [b]sales[/b] (8401), [b]operations[/b] (8402),
[b]commondata[/b] (8403).
One embedded PostgreSQL in DIR keeps a database for each; P2C_SALES_DATABASE_URL and its like
(postgresql://user@host/database) name your own server instead.

[b]Examples[/b]

  p2c serve --data ./data

  p2c serve sales commondata --port-sales 9001
""")


def serve(
    services: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SERVICE]...", help=_("Which ones; all when none is named.")),
    ] = None,
    data: Data = None,
    host: Annotated[str, typer.Option(help=_("Address to listen on: this machine's own only."))] = LOOPBACK,
    port_integrator: Annotated[int | None, typer.Option(min=0, max=65535, show_default="8400")] = None,
    port_sales: Annotated[int | None, typer.Option(min=0, max=65535, show_default="8401")] = None,
    port_operations: Annotated[int | None, typer.Option(min=0, max=65535, show_default="8402")] = None,
    port_commondata: Annotated[int | None, typer.Option(min=0, max=65535, show_default="8403")] = None,
) -> None:
    """Start services and wait until they are told to end."""
    base = settings(data)
    given = {
        Service.INTEGRATOR: port_integrator,
        Service.SALES: port_sales,
        Service.OPERATIONS: port_operations,
        Service.COMMONDATA: port_commondata,
    }
    ports = {service: base.ports[service] if port is None else port for service, port in given.items()}
    own = replace(base, ports=ports)
    with until_told_to_end(), RunningServices(own, _named(services), host=host) as running:
        if Service.INTEGRATOR in running.urls:
            with open_store(own) as store:
                set_up(store, own)
        say(_("Ready. Data in {data}; Ctrl-C ends all.").format(data=base.data))
        show_urls(running)
        running.watch()
    say(_("Ended."))


def show_urls(running: RunningServices) -> None:
    """One line a service."""
    for service, url in running.urls.items():
        say(f"  {service.title:<20} {url}")


@contextmanager
def until_told_to_end() -> Iterator[None]:
    """Leave the block quietly at Ctrl-C or SIGTERM; what was opened inside is closed without being disturbed."""

    def end(number: int, frame: FrameType | None) -> None:
        for other in _ENDING:
            signal.signal(other, signal.SIG_IGN)
        raise _EndRequestedError

    before = {number: signal.signal(number, end) for number in _ENDING}
    try:
        yield
    except _EndRequestedError:
        pass
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


_ENDING = (signal.SIGINT, signal.SIGTERM)


class _EndRequestedError(BaseException):
    """Not an Exception: nothing on the way out may take it for a failure of its own."""


def _named(words: list[str] | None) -> list[Service]:
    known = {service.value: service for service in Service}
    for word in words or ():
        if word not in known:
            raise ConfigurationError(f"no service is called {word!r}", way_out=nearest(word, known))
    return [service for service in Service if not words or service.value in words]
