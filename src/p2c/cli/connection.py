"""`p2c connection`: try connections, and say who the integrator is there."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from p2c.cli.commands import Commands
from p2c.cli.console import FAILED, out, say, say_json, whole
from p2c.cli.options import Data, Json, settings
from p2c.cli.tables import listing
from p2c.database.vault import open_vault
from p2c.integrator.connections import SignIn
from p2c.integrator.probe import probe
from p2c.odata.client.credentials import ENTRA_ID
from p2c.text import _
from p2c.wiring.databases import open_store

HELP = _("Try connections, and say which application the integrator is there.")
TEST_HELP = _("""Try a connection: what answers, as whom, what projects need there, how it is read and written.

[b]Example[/b]

  p2c connection test sales
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
        found = asyncio.run(probe(store, name, open_vault(own.data)))
    if as_json:
        say_json(found)
    else:
        say(f"{found.connection}: {found.url}")
        if found.who:
            say(_("as {who}").format(who=found.who))
        say(_("{count} entities").format(count=whole(found.entities)))
        table = listing(_("Entity"), _("For the projects"), _("Changes are read by"), _("Rows are written in"))
        for finding in found.findings:
            may = finding.trouble or _("may be read")
            table.add_row(finding.entity_set, may, finding.reading, finding.writing)
        out.print(table)
    if not found.sound:
        raise typer.Exit(FAILED)


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
