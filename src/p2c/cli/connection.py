"""`p2c connection`: try connections, and say who the integrator is there."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from p2c.cli.catalogue import show_entities, show_fields
from p2c.cli.commands import Commands
from p2c.cli.console import FAILED, say, say_json, whole
from p2c.cli.options import Data, Json, settings
from p2c.cli.probe import show_probe
from p2c.database.vault import open_vault
from p2c.errors import ConfigurationError, nearest
from p2c.integrator.catalogue import entities, fields
from p2c.integrator.connections import SignIn
from p2c.integrator.probe import probe
from p2c.odata.client.credentials import ENTRA_ID
from p2c.text import _, ngettext
from p2c.wiring.databases import open_store
from p2c.wiring.setup import follow_urls

HELP = _("Try connections, and say which application the integrator is there.")
TEST_HELP = _("""Try a connection: what answers, as whom and with which roles, and how changes are read.

For each entity that enabled projects use: whether it is there and may be read and written, and which fields their maps
miss or meet with another type than at the last run.

[b]Example[/b]

  p2c connection test sales
""")
CATALOG_HELP = _("""List the entities of an environment, or the fields of one, as the environment tells them.

[b]Examples[/b]

  p2c connection catalog sales

  p2c connection catalog sales accounts

  p2c connection catalog operations CustomersV2 --json
""")
ACCEPT_HELP = _("""Accept the fields of an environment as they are now, after changes to them have stopped tasks.

First see that the maps still fit: `p2c connection catalog` shows the fields, `p2c export` and `p2c apply` change maps.

[b]Examples[/b]

  p2c connection accept sales

  p2c connection accept sales accounts
""")
SIGN_IN_HELP = _("""Sign in at a connection as an application of Entra ID or of the local identity service.

The secret is asked for, or read from standard input; it is kept encrypted, and never shown or exported.

[b]Examples[/b]

  p2c connection sign-in sales --tenant contoso.com --application 6f3c…

  p2c connection sign-in operations --tenant contoso.com --application 6f3c… --certificate key.pem --thumbprint AB12…

  p2c connection sign-in sales --none        nobody is asked there
""")

group = typer.Typer(
    cls=Commands, help=HELP, pretty_exceptions_enable=False, rich_markup_mode="rich", no_args_is_help=True
)


@group.command("test", help=TEST_HELP)
def test(
    name: Annotated[str, typer.Argument(metavar="NAME", help=_("`p2c connections` lists them."))],
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Try one connection; exit code 2 when something that projects need is not there."""
    own = settings(data)
    with open_store(own) as store:
        follow_urls(store, own)
        found = asyncio.run(probe(store, name, open_vault(own.data)))
    if as_json:
        say_json(found)
    else:
        show_probe(found)
    if not found.sound:
        raise typer.Exit(FAILED)


@group.command("catalog", help=CATALOG_HELP)
def catalog(
    name: Annotated[str, typer.Argument(metavar="NAME", help=_("`p2c connections` lists them."))],
    entity: Annotated[str | None, typer.Argument(metavar="[ENTITY]", help=_("The fields of this entity set."))] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """What an environment has."""
    own = settings(data)
    with open_store(own) as store:
        follow_urls(store, own)
        vault = open_vault(own.data)
        if entity is None:
            show_entities(asyncio.run(entities(store, name, vault)), as_json=as_json)
        else:
            show_fields(asyncio.run(fields(store, name, entity, vault)), as_json=as_json)


@group.command("accept", help=ACCEPT_HELP)
def accept(
    name: Annotated[str, typer.Argument(metavar="NAME", help=_("`p2c connections` lists them."))],
    entity: Annotated[str | None, typer.Argument(metavar="[ENTITY]", help=_("One entity set; otherwise all."))] = None,
    data: Data = None,
) -> None:
    """Forget what the entities were; the next run takes them as they are."""
    with open_store(settings(data)) as store:
        known = store.fields([store.connection(name).name]).get(name, {})
        if entity is not None and entity not in known:
            raise ConfigurationError(
                _("no run has met {entity} there").format(entity=entity), way_out=nearest(entity, known)
            )
        count = store.forget_fields(name, entity)
    told = ngettext(
        "{n} entity of {name} is accepted as it is.", "{n} entities of {name} are accepted as they are.", count
    )
    say(told.format(n=whole(count), name=name))


@group.command("sign-in", help=SIGN_IN_HELP)
def sign_in(
    name: Annotated[str, typer.Argument(metavar="NAME", help=_("`p2c connections` lists them."))],
    tenant: Annotated[str, typer.Option(help=_("Tenant, by name or id."))] = "",
    application: Annotated[str, typer.Option(help=_("Application (client) id."))] = "",
    certificate: Annotated[
        Path | None, typer.Option(help=_("PEM file of the private key, instead of a secret."))
    ] = None,
    thumbprint: Annotated[str, typer.Option(help=_("SHA-1 of the certificate, in hex."))] = "",
    authority: Annotated[str, typer.Option(help=_("The identity service, without the tenant."))] = ENTRA_ID,
    trust: Annotated[Path | None, typer.Option(help=_("Certificates to trust beside the system's."))] = None,
    none: Annotated[bool, typer.Option("--none", help=_("Forget the sign-in."))] = False,
    data: Data = None,
) -> None:
    """Keep who the integrator is at a connection."""
    own = settings(data)
    with open_store(own) as store:
        connection = store.connection(name)
        if none:
            store.save_connections([replace(connection, sign_in=None)])
            say(_("Nobody signs in at {name}.").format(name=name))
            return
        if not tenant or not application:
            raise typer.BadParameter(_("give --tenant and --application"))
        secret = "" if certificate is not None else typer.prompt(_("Secret"), hide_input=True)
        kept = SignIn(
            tenant=tenant,
            application=application,
            authority=authority.rstrip("/"),
            secret=open_vault(own.data).seal(secret, connection.purpose) if secret else "",
            certificate=str(certificate.absolute()) if certificate is not None else "",
            thumbprint=thumbprint,
            trust=str(trust.absolute()) if trust is not None else "",
        )
        store.save_connections([replace(connection, sign_in=kept)])
    say(_("The integrator signs in at {name} as application {application}.").format(name=name, application=application))
