"""`p2c serve`: starts services and keeps them running until it is told to end."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from enum import Enum
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from p2c.cli.console import say
from p2c.cli.options import Data, LogJson, ask_for_json_logs, settings
from p2c.errors import ConfigurationError, nearest
from p2c.settings import LOOPBACK, SERVICES, Service
from p2c.text import _
from p2c.wiring.databases import open_store
from p2c.wiring.guard import GuardOptions, parse_limits
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


class Auth(Enum):
    """Whether callers must say who they are."""

    ON = "on"
    OFF = "off"


def serve(
    services: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SERVICE]...", help=_("Which ones; all when none is named.")),
    ] = None,
    data: Data = None,
    host: Annotated[
        str, typer.Option(help=_("Address to listen on; another than this machine's own needs --auth on and --tls."))
    ] = LOOPBACK,
    name: Annotated[str, typer.Option(metavar="NAME", help=_("The name that clients use in URLs."))] = "",
    auth: Annotated[Auth, typer.Option(help=_("Whether callers need a token; `p2c identity` gives them."))] = Auth.OFF,
    tls: Annotated[bool, typer.Option("--tls", help=_("Encrypt, with a generated certificate (DIR/tls)."))] = False,
    tls_cert: Annotated[Path | None, typer.Option(metavar="FILE", help=_("Your own certificate, PEM."))] = None,
    tls_key: Annotated[Path | None, typer.Option(metavar="FILE", help=_("Your own private key, PEM."))] = None,
    limits: Annotated[
        list[str] | None,
        typer.Option(
            metavar="DIALECT", help=_("Service protection: dataverse, fno (may be repeated), none; see the how-to.")
        ),
    ] = None,
    log_json: LogJson = False,
    port_integrator: Annotated[int | None, typer.Option(min=0, max=65535, show_default="8400")] = None,
    port_sales: Annotated[int | None, typer.Option(min=0, max=65535, show_default="8401")] = None,
    port_operations: Annotated[int | None, typer.Option(min=0, max=65535, show_default="8402")] = None,
    port_commondata: Annotated[int | None, typer.Option(min=0, max=65535, show_default="8403")] = None,
    port_identity: Annotated[int | None, typer.Option(min=0, max=65535, show_default="8404")] = None,
) -> None:
    """Start services and wait until they are told to end."""
    ask_for_json_logs(log_json)
    base = settings(data)
    given = {
        Service.INTEGRATOR: port_integrator,
        Service.SALES: port_sales,
        Service.OPERATIONS: port_operations,
        Service.COMMONDATA: port_commondata,
        Service.IDENTITY: port_identity,
    }
    ports = {service: base.ports[service] if port is None else port for service, port in given.items()}
    own = replace(base, ports=ports)
    options = GuardOptions(
        host, name, auth is Auth.ON, tls or tls_cert is not None, tls_cert, tls_key, parse_limits(limits or ())
    )
    with until_told_to_end(), RunningServices(own, _named(services), options=options) as running:
        if Service.INTEGRATOR in running.urls:
            with open_store(own, make=True) as store:
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
    return [service for service in Service if service.value in words] if words else list(SERVICES)
