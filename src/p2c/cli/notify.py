"""`p2c notify`: who hears when a project's state changes."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Annotated
from uuid import uuid4

import typer
from rich.markup import escape

from p2c.cli.commands import Commands
from p2c.cli.console import out, say, say_json
from p2c.cli.options import Data, Json, settings
from p2c.cli.tables import listing
from p2c.database.vault import Vault, open_vault
from p2c.integrator.notices import Channel, Kind, Mail, Notice, Webhook
from p2c.integrator.notices.channel import signing_key
from p2c.integrator.notices.send import send
from p2c.text import _
from p2c.wiring.databases import open_store

HELP = _("Tell people by e-mail, and programs by a webhook, once for each change of a project's state.")
ADD_HELP = _("""Add a channel, or replace the one of that name: people by e-mail, or a program by a webhook.

The mail server's password, where its address names a user, and the webhook's key are asked for, or read from
standard input; they are kept encrypted, and never shown or exported.

[b]Examples[/b]

  p2c notify add ops --mail ann@example.com --server smtp://p2c@mail.example.com --sender p2c@example.com

  p2c notify add chat --webhook https://hooks.example.com/p2c
""")
LIST_HELP = _("List the channels, without their secrets.")
TEST_HELP = _("Send a test notice now, and tell how it went.")
REMOVE_HELP = _("Remove a channel.")

group = typer.Typer(
    cls=Commands, help=HELP, pretty_exceptions_enable=False, rich_markup_mode="rich", no_args_is_help=True
)
_Name = Annotated[str, typer.Argument(metavar="NAME", help=_("The channel's name."))]


@group.command("add", help=ADD_HELP)
def add(
    name: _Name,
    mail: Annotated[
        list[str] | None, typer.Option(metavar="ADDRESS", help=_("Who gets the mail; may be repeated."))
    ] = None,
    server: Annotated[str, typer.Option(metavar="URL", help=_("The mail server: smtp://user@host or smtps://…"))] = "",
    sender: Annotated[str, typer.Option(metavar="ADDRESS", help=_("Whom the mail is from."))] = "",
    webhook: Annotated[str, typer.Option(metavar="URL", help=_("The program that gets a POST."))] = "",
    data: Data = None,
) -> None:
    """Add a channel."""
    if bool(mail) == bool(webhook):
        raise typer.BadParameter(_("give either --mail or --webhook"))
    if mail and not (server and sender):
        raise typer.BadParameter(_("mail needs --server and --sender"))
    own = settings(data)
    vault = open_vault(own.data)
    channel = _mail(name, mail, server, sender, vault) if mail else _webhook(name, webhook, vault)
    with open_store(own) as store:
        store.save_channel(channel)
    say(_("{name} is told from now on; `p2c notify test {name}` tries it.").format(name=name))


@group.command("list", help=LIST_HELP)
def list_channels(data: Data = None, as_json: Json = False) -> None:
    """All channels."""
    with open_store(settings(data)) as store:
        found = [(item.name, _kind(item), item.address) for item in store.channels()]
    if as_json:
        say_json([dict(zip(("name", "kind", "address"), item, strict=True)) for item in found])
        return
    table = listing(_("Channel"), _("Kind"), _("Where"))
    for item in found:
        table.add_row(*(escape(cell) for cell in item))
    out.print(table)


@group.command("test", help=TEST_HELP)
def test(name: _Name, data: Data = None) -> None:
    """Try a channel."""
    own = settings(data)
    notice = Notice(id=str(uuid4()), kind=Kind.TEST, project=name, at=datetime.now(UTC))
    with open_store(own) as store:
        asyncio.run(send(store.channel(name), open_vault(own.data), notice))
    say(_("It was taken."))


@group.command("remove", help=REMOVE_HELP)
def remove(name: _Name, data: Data = None) -> None:
    """Remove a channel."""
    with open_store(settings(data)) as store:
        store.channel(name)
        store.remove_channel(name)
    say(_("{name} is not told any more.").format(name=name))


def _mail(name: str, to: list[str], server: str, sender: str, vault: Vault) -> Mail:
    bare = Mail(name=name, to=tuple(to), sender=sender, server=server)
    if not bare.user:
        return bare
    password = typer.prompt(_("Password"), hide_input=True)
    sealed = vault.seal(password, bare.purpose)
    return Mail(name=name, to=bare.to, sender=sender, server=server, secret=sealed)


def _webhook(name: str, url: str, vault: Vault) -> Webhook:
    bare = Webhook(name=name, url=url, secret="")
    key = typer.prompt(_("Key (base64)"), hide_input=True)
    signing_key(key)
    return Webhook(name=name, url=url, secret=vault.seal(key, bare.purpose))


def _kind(channel: Channel) -> str:
    return "mail" if isinstance(channel, Mail) else "webhook"
