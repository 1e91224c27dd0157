"""`p2c setup`, `templates`, `projects`, `connections`, `export` and `apply`: what is set up, and changing it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from p2c.cli.console import out, say, say_json, whole
from p2c.cli.options import Data, Json, settings
from p2c.cli.tables import listing
from p2c.database.vault import Vault, open_vault
from p2c.errors import ConfigurationError
from p2c.integrator.connections import OrganizationMapping
from p2c.integrator.engine import check_organizations, check_projects
from p2c.integrator.exchange import Difference, Kind, apply, export_yaml, plan_apply, project_file, without_password
from p2c.integrator.projects import CONNECTION_SET, Project
from p2c.integrator.store import Store
from p2c.integrator.templates import shipped_templates, shipped_text
from p2c.text import _, ngettext
from p2c.wiring.databases import open_store
from p2c.wiring.setup import set_up

SETUP_HELP = _("""Connect the integrator to the services of a data directory, and make the default projects.

`p2c serve` does the same at its first start. What exists already stays as it is, but for the ports of services
on this machine. --organization says which company is which: legal entity of Operations, organization of the
Common Data Service, business unit of Sales. They have to exist in the environments that answer.

[b]Example[/b]

  p2c setup --organization "czmf=ORG001=Moravská obchodní s.r.o."
""")
TEMPLATES_HELP = _("List the shipped templates; with a name, write that template as it stands (the start of your own).")
PROJECTS_HELP = _("List the projects: templates applied to a connection set, with their own changes.")
CONNECTIONS_HELP = _("List the connections, without secrets.")
EXPORT_HELP = _("""Write connections, connection sets and projects to DIR as YAML, without secrets.

Edit the files, keep them under version control, bring them back with `p2c apply DIR`.
""")
APPLY_HELP = _("""Bring the YAML files of DIR in, after showing what would change.

[b]Examples[/b]

  p2c apply ./setup

  p2c apply ./setup --yes --prune
""")
_COLORS = {"-": "red", "+": "green"}


def setup(
    organization: Annotated[
        list[str] | None,
        typer.Option(metavar="LEGAL=ORG=UNIT", help=_("A company under its three names; may be repeated.")),
    ] = None,
    data: Data = None,
) -> None:
    """Make the default connections, connection set and projects."""
    mapping = [_mapping(text) for text in organization or ()]
    own = settings(data)
    with open_store(own, make=True) as store:
        set_up(store, own)
        for reason in asyncio.run(check_organizations(store, CONNECTION_SET, mapping, open_vault(own.data))):
            say(_("Companies are not checked there: {reason}.").format(reason=reason))
        set_up(store, own, mapping)
        say(
            _("{connections} connections, {projects} projects; `p2c projects` lists them.").format(
                connections=len(store.connections()), projects=len(store.projects())
            )
        )


def templates(
    name: Annotated[str | None, typer.Argument(help=_("Write this one's YAML."))] = None, as_json: Json = False
) -> None:
    """The shipped templates."""
    if name is not None:
        typer.echo(shipped_text(name), nl=False)
        return
    found = shipped_templates()
    if as_json:
        say_json(
            [
                {
                    "name": item.name,
                    "label": item.label,
                    "form": item.form.value,
                    "version": item.version,
                    "tasks": [task.name for task in item.tasks],
                }
                for item in found.values()
            ]
        )
        return
    table = listing(_("Template"), _("Label"), _("Form"), ">" + _("Version"), _("Tasks"))
    for item in found.values():
        tasks = ", ".join(task.name for task in item.tasks)
        table.add_row(item.name, item.label, item.form.value, str(item.version), tasks)
    out.print(table)


def projects(data: Data = None, as_json: Json = False) -> None:
    """The projects."""
    with open_store(settings(data)) as store:
        found = store.projects()
    if as_json:
        say_json(found)
        return
    table = listing(_("Project"), _("Label"), _("Template"), _("Form"), _("Set"), _("Enabled"), _("After"))
    for item in found:
        table.add_row(
            item.name,
            item.label,
            item.template,
            item.form.value,
            item.connection_set,
            _("yes") if item.enabled else _("no"),
            ", ".join(item.needs),
        )
    out.print(table)


def connections(data: Data = None, as_json: Json = False) -> None:
    """The connections."""
    with open_store(settings(data)) as store:
        found = [(item.name, item.environment, without_password(item.url)) for item in store.connections()]
    if as_json:
        say_json([dict(zip(("name", "environment", "url"), item, strict=True)) for item in found])
        return
    table = listing(_("Connection"), _("Environment"), _("URL"))
    for item in found:
        table.add_row(*item)
    out.print(table)


def export(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help=_("Made when it does not exist."))],
    data: Data = None,
) -> None:
    """Write the setup as files."""
    with open_store(settings(data)) as store:
        files = export_yaml(store)
    try:
        for name, text in files.items():
            path = directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(
            f"cannot be written ({error.strerror})", where=str(error.filename or directory), way_out="give another DIR"
        ) from error
    told = ngettext("{count} file written to {directory}.", "{count} files written to {directory}.", len(files))
    say(told.format(count=whole(len(files)), directory=directory))


def apply_files(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help=_("What `p2c export` wrote."))],
    yes: Annotated[bool, typer.Option("--yes", "-y", help=_("Do not ask."))] = False,
    prune: Annotated[bool, typer.Option(help=_("Also remove what no file has."))] = False,
    data: Data = None,
) -> None:
    """Bring files in after showing the differences."""
    own = settings(data)
    with open_store(own, make=True) as store:
        found = plan_apply(store, directory, prune=prune)
        if not found:
            say(_("Nothing changes."))
            return
        for difference in found:
            _show(difference)
        _check(store, found, directory, open_vault(own.data))
        if not yes and not typer.confirm(_("Apply these changes?")):
            say(_("Nothing was changed."))
            raise typer.Exit
        apply(store, found)
    applied = ngettext("{count} change applied.", "{count} changes applied.", len(found))
    say(applied.format(count=len(found)))


def _check(store: Store, found: Sequence[Difference], directory: Path, vault: Vault) -> None:
    """Projects that do not fit their environments are not brought in; what cannot be checked now is told."""
    projects = {
        str(directory / project_file(item.new.name)): item.new for item in found if isinstance(item.new, Project)
    }
    for reason in asyncio.run(check_projects(store, projects, vault)):
        say(_("Not checked against its environments: {reason}.").format(reason=reason))


def _show(difference: Difference) -> None:
    words = {Kind.ADD: _("add"), Kind.CHANGE: _("change"), Kind.REMOVE: _("remove")}
    out.print(Text(f"{words[difference.kind]} {difference.what}", style="bold"))
    for line in difference.lines:
        out.print(Text(f"  {line}", style=_COLORS.get(line[:1], "dim")), soft_wrap=True)


def _mapping(text: str) -> OrganizationMapping:
    parts = [part.strip() for part in text.split("=", 2)]
    if len(parts) != 3 or not all(parts):
        raise ConfigurationError(
            f"{text!r} does not have three names", where="--organization", way_out="write LEGAL=ORG=UNIT"
        )
    return OrganizationMapping(*parts)
