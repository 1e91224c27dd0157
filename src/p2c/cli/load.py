"""`p2c load`: a user's own rows, from a CSV file through the public API of a service."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from p2c.cli.console import DELIVERED, SOME_REJECTED, say, say_json, whole
from p2c.cli.options import Data, Json, settings
from p2c.cli.progress import Bars
from p2c.database.vault import Vault, open_vault
from p2c.errors import ConfigurationError, nearest
from p2c.integrator.connections import SignIn
from p2c.settings import ENVIRONMENTS, Service, Settings
from p2c.text import _, ngettext
from p2c.wiring.address_book import environment_url
from p2c.wiring.databases import open_store
from p2c.wiring.loading.file import CsvFile, read_csv, write_rejected
from p2c.wiring.loading.load import Loaded, load_file
from p2c.wiring.loading.plan import find_entity, make_plan
from p2c.wiring.loading.send import environment_at

HELP = _("""Load rows of a CSV file into ENVIRONMENT: [b]sales[/b], [b]operations[/b] or [b]commondata[/b].

The first line names the columns; a column goes into the field of its name, or into the one that --map says.
A lookup is written as lookup.field, with a field that identifies the other row. Rows are found by their key and
created or changed; a row is written whole or not at all. Rejected rows go to FILE.rejected.csv with the reason:
mend them there and load that file.

[b]Examples[/b]

  p2c load sales accounts customers.csv --map Company=name --map Number=accountnumber

  p2c load sales accounts customers.csv --map "Currency=transactioncurrencyid.isocurrencycode"

  p2c load operations CustomerGroups groups.csv --set dataAreaId=usmf
""")


def load(
    environment: Annotated[str, typer.Argument(metavar="ENVIRONMENT", help=_("sales, operations or commondata"))],
    entity: Annotated[str, typer.Argument(metavar="ENTITY", help=_("An entity set, as in its URL."))],
    path: Annotated[Path, typer.Argument(metavar="FILE.csv", help=_("UTF-8; its first line names the columns."))],
    maps: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="COLUMN=FIELD", help=_("May be repeated; an empty FIELD leaves it out.")),
    ] = None,
    constants: Annotated[
        list[str] | None, typer.Option("--set", metavar="FIELD=VALUE", help=_("The same for every row."))
    ] = None,
    key: Annotated[
        str, typer.Option(metavar="FIELD,...", help=_("What identifies a row; otherwise a key of the entity."))
    ] = "",
    only_mapped: Annotated[
        bool, typer.Option("--only-mapped", help=_("Leave out columns that --map does not name."))
    ] = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Load a file; exit code 1 when rows were rejected."""
    own = settings(data)
    url = environment_url(own, _environment(environment))
    file = read_csv(path)
    names = [name.strip() for name in key.split(",") if name.strip()]
    loaded = asyncio.run(
        _load(
            (environment, url, _sign_in(own, environment), open_vault(own.data)),
            entity,
            file,
            maps=_pairs("--map", maps),
            constants=_pairs("--set", constants),
            key=names,
            only_mapped=only_mapped,
            quiet=as_json,
        )
    )
    rejected = write_rejected(file, [(item.line, item.code, item.field, item.reason) for item in loaded.rejected])
    if as_json:
        summary = {
            "written": loaded.written,
            "rejected": len(loaded.rejected),
            "rejected_file": rejected and str(rejected),
        }
        say_json(summary)
    else:
        _show(loaded, file, rejected)
    if loaded.stopped is not None:
        raise loaded.stopped
    raise typer.Exit(SOME_REJECTED if loaded.rejected else DELIVERED)


def _sign_in(own: Settings, environment: str) -> SignIn | None:
    """Who the integrator is at the environment's own connection."""
    with open_store(own, make=True) as store:
        return next((item.sign_in for item in store.connections() if item.name == environment), None)


async def _load(
    place: tuple[str, str, SignIn | None, Vault],
    entity_name: str,
    file: CsvFile,
    *,
    maps: dict[str, str],
    constants: dict[str, str],
    key: Sequence[str],
    only_mapped: bool,
    quiet: bool,
) -> Loaded:
    async with environment_at(*place) as opened:
        entity = find_entity(opened.model, entity_name)
        plan = make_plan(opened.model, entity, file, maps=maps, constants=constants, key=key, only_mapped=only_mapped)
        began = time.monotonic()
        with Bars(quiet=quiet) as bars:
            title = f"{file.path.name} → {opened.name}.{entity.set_name}"
            bar = bars.begin(title, len(file.lines))
            loaded = await load_file(opened, file, plan, advanced=lambda done: bars.advance(bar, done))
            bars.finish(bar, title, len(file.lines), time.monotonic() - began)
    return loaded


def _show(loaded: Loaded, file: CsvFile, rejected: Path | None) -> None:
    say(
        ngettext(
            "{read} row read, {written} written, {rejected} rejected.",
            "{read} rows read, {written} written, {rejected} rejected.",
            len(file.lines),
        ).format(read=whole(len(file.lines)), written=whole(loaded.written), rejected=whole(len(loaded.rejected)))
    )
    for item in loaded.rejected[:_SHOWN]:
        say(f"  {file.path.name}, {_('line')} {item.line.number}: {item.code} {item.field}: {item.reason}")
    if len(loaded.rejected) > _SHOWN:
        say(f"  … {_('and {n} more').format(n=whole(len(loaded.rejected) - _SHOWN))}")
    if rejected is not None:
        say(_("Rejected rows, with reasons: {path}").format(path=rejected))


_SHOWN = 10


def _environment(word: str) -> Service:
    known = {service.value: service for service in ENVIRONMENTS}
    if word not in known:
        raise ConfigurationError(f"no environment is called {word!r}", way_out=nearest(word, known))
    return known[word]


def _pairs(option: str, texts: Sequence[str] | None) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in texts or ():
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise ConfigurationError(f"{text!r} has no '='", where=option, way_out="write NAME=VALUE")
        found[name.strip()] = value.strip()
    return found
