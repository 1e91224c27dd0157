"""`p2c identity`: applications and users, their roles and secrets."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from uuid import UUID

import typer

from p2c.cli.commands import Commands
from p2c.cli.console import out, say, say_json
from p2c.cli.options import Data, Json, settings
from p2c.cli.tables import listing
from p2c.errors import ConfigurationError
from p2c.identity.principals import Kind, Principal, Secret
from p2c.identity.roles import ROLES, parse_grant
from p2c.identity.store import SECRET_DAYS, NewSecret
from p2c.text import _
from p2c.wiring.directory import open_directory

OVERLAP_HOURS = 24
_MOST_DAYS = 730

group = typer.Typer(
    cls=Commands,
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode="rich",
    help=_("""Applications and users that may call the services: roles, secrets, signing keys.

Services started with `p2c serve --auth on` let in who has a token; tokens come from the identity service.

[b]Examples[/b]

  p2c identity add robot --role "sales=Salesperson" --role "operations=Sales clerk"

  p2c identity add "Jana Nová" --user jana@example.com --role "sales=Salesperson"

  p2c identity secret rotate robot
"""),
)
secret_group = typer.Typer(
    cls=Commands,
    add_completion=False,
    no_args_is_help=True,
    help=_("Client secrets of applications, and passwords of people."),
)
keys_group = typer.Typer(
    cls=Commands, add_completion=False, no_args_is_help=True, help=_("Keys that tokens are signed with.")
)
group.add_typer(secret_group, name="secret")
group.add_typer(keys_group, name="keys")

Name = Annotated[str, typer.Argument(help=_("As `p2c identity list` shows it."))]
Roles = Annotated[
    list[str] | None,
    typer.Option("--role", metavar="ENVIRONMENT=ROLE", help=_("May be repeated; `p2c identity roles` lists them.")),
]
Days = Annotated[int, typer.Option(min=1, max=_MOST_DAYS, help=_("How long the secret is valid."))]


@group.command("add", help=_("Add an application, or with --user a person; the secret or password is shown once."))
def add(
    name: Annotated[str, typer.Argument(help=_("What it is called here."))],
    role: Roles = None,
    user: Annotated[str, typer.Option("--user", metavar="NAME@DOMAIN", help=_("A person with this domain name."))] = "",
    application_id: Annotated[
        str, typer.Option("--id", metavar="GUID", help=_("Application id; a new one when left out."))
    ] = "",
    days: Days = SECRET_DAYS,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Add an application or a person."""
    grants = [parse_grant(words) for words in role or ()]
    wanted = _application_id(application_id)
    with open_directory(settings(data), make=True) as store:
        kind = Kind.USER if user else Kind.APPLICATION
        made = store.add(kind, name, domain_name=user, application_id=wanted)
        store.grant(made, grants)
        secret = store.add_secret(made, days)
        tenant = store.tenant()
    if as_json:
        say_json({"name": name, "id": made.id, "tenant": tenant.id, **_application(made), **_shown(secret)})
        return
    say(_("Added {name}.").format(name=name))
    say(f"  {_('Tenant'):<16} {tenant.id}")
    if kind is Kind.APPLICATION:
        say(f"  {_('Application id'):<16} {made.application_id}")
    else:
        say(f"  {_('User name'):<16} {made.domain_name}")
    _say_secret(made, secret)


@group.command("list", help=_("List applications and users with roles and the ends of their secrets."))
def list_all(data: Data = None, as_json: Json = False) -> None:
    """Everybody."""
    with open_directory(settings(data)) as store:
        found, now, tenant = store.principals(), store.clock(), store.tenant()
    if as_json:
        rows = [_row(item) for item in found]
        say_json({"tenant": tenant.id, "domain": tenant.domain, "principals": rows})
        return
    say(_("Tenant {id} ({domain})").format(id=tenant.id, domain=tenant.domain))
    table = listing(_("Name"), _("Kind"), _("Id"), _("Enabled"), _("Roles"), _("Secrets"))
    for item in found:
        valid = [secret for secret in item.secrets if secret.is_valid(now)]
        table.add_row(
            item.name,
            item.kind.value,
            str(item.application_id or item.domain_name),
            _("yes") if item.enabled else _("no"),
            ", ".join(f"{grant.environment}={grant.role}" for grant in item.grants),
            ", ".join(f"{secret.hint}… {_end(secret):%Y-%m-%d}" for secret in valid),
        )
    out.print(table)


@group.command("roles", help=_("List the roles of each environment."))
def roles(as_json: Json = False) -> None:
    """Roles by environment."""
    if as_json:
        say_json({environment: list(known) for environment, known in ROLES.items()})
        return
    for environment, known in ROLES.items():
        for role in known:
            say(f"{environment}={role}")


@group.command("grant", help=_("Grant roles; they act within seconds, also on tokens already given."))
def grant(
    name: Name,
    role: Annotated[list[str], typer.Argument(metavar="ENVIRONMENT=ROLE...")],
    data: Data = None,
) -> None:
    """Grant roles."""
    grants = [parse_grant(words) for words in role]
    with open_directory(settings(data)) as store:
        store.grant(store.named(name), grants)
    say(_("Granted."))


@group.command("revoke", help=_("Take roles away; without a role, shut out altogether (`enable` lets in again)."))
def revoke(
    name: Name,
    role: Annotated[list[str] | None, typer.Argument(metavar="[ENVIRONMENT=ROLE]...")] = None,
    data: Data = None,
) -> None:
    """Take roles away, or shut out."""
    grants = [parse_grant(words) for words in role or ()]
    with open_directory(settings(data)) as store:
        principal = store.named(name)
        if not grants:
            store.set_enabled(principal, False)
            say(_("{name} is shut out.").format(name=name))
            return
        if not store.revoke(principal, grants):
            raise ConfigurationError(f"{name} has none of these roles", way_out="`p2c identity list` shows its roles")
    say(_("Revoked."))


@group.command("enable", help=_("Let somebody in again who was shut out."))
def enable(name: Name, data: Data = None) -> None:
    """Let in again."""
    with open_directory(settings(data)) as store:
        store.set_enabled(store.named(name), True)
    say(_("{name} is let in.").format(name=name))


@secret_group.command("rotate", help=_("Make a new secret; the old ones end after a while, in which clients change."))
def rotate(
    name: Name,
    overlap: Annotated[int, typer.Option(min=0, metavar="HOURS", help=_("How long old ones work on."))] = OVERLAP_HOURS,
    days: Days = SECRET_DAYS,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """A new secret or password in place of the old ones."""
    with open_directory(settings(data)) as store:
        principal = store.named(name)
        store.revoke_secrets(principal.secrets, after=timedelta(hours=overlap))
        made = store.add_secret(principal, days)
    if as_json:
        say_json({"name": name, **_application(principal), **_shown(made)})
        return
    _say_secret(principal, made)


@secret_group.command("revoke", help=_("End secrets at once: all of them, or the one that begins with HINT."))
def revoke_secret(
    name: Name,
    hint: Annotated[str, typer.Argument(help=_("The characters that `p2c identity list` shows."))] = "",
    data: Data = None,
) -> None:
    """End secrets at once."""
    with open_directory(settings(data)) as store:
        principal, now = store.named(name), store.clock()
        ended = [secret for secret in principal.secrets if secret.hint.startswith(hint) and secret.is_valid(now)]
        if not ended:
            raise ConfigurationError(f"{name} has no such secret", way_out="`p2c identity list` shows those it has")
        store.revoke_secrets(ended)
    say(_("{count} secrets ended.").format(count=len(ended)))


@keys_group.command("rotate", help=_("Sign with a new key; tokens already given stay valid until they expire."))
def rotate_keys(data: Data = None) -> None:
    """Sign with a new key."""
    with open_directory(settings(data)) as store:
        key = store.rotate_signing_key()
    say(_("Tokens are signed with key {kid} now.").format(kid=key.public.kid))


def _application_id(words: str) -> UUID | None:
    try:
        return UUID(words) if words else None
    except ValueError as error:
        raise ConfigurationError(f"{words!r} is no GUID", where="--id", way_out="leave it out for a new one") from error


def _say_secret(principal: Principal, made: NewSecret) -> None:
    called = _("Secret") if principal.kind is Kind.APPLICATION else _("Password")
    say(f"  {called:<16} {made.text}")
    say(_("Valid until {day}. It is not shown again.").format(day=f"{made.secret.expires_at:%Y-%m-%d}"))


def _application(principal: Principal) -> dict[str, object]:
    return {"application_id": principal.application_id} if principal.application_id is not None else {}


def _shown(made: NewSecret) -> dict[str, object]:
    return {"secret": made.text, "expires_at": made.secret.expires_at}


def _row(item: Principal) -> dict[str, object]:
    return {
        "name": item.name,
        "kind": item.kind,
        "id": item.id,
        **_application(item),
        **({"domain_name": item.domain_name} if item.domain_name else {}),
        "enabled": item.enabled,
        "roles": [f"{grant.environment}={grant.role}" for grant in item.grants],
        "secrets": [{"hint": secret.hint, "expires_at": _end(secret)} for secret in item.secrets],
    }


def _end(secret: Secret) -> object:
    return min(filter(None, (secret.expires_at, secret.revoked_at)))
