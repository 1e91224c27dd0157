"""A setup in the words of its files: `read_setup` reads back the same, but for passwords."""

from __future__ import annotations

import re
from dataclasses import dataclass
from operator import attrgetter
from urllib.parse import urlsplit

from p2c.integrator.connections import Connection, ConnectionSet
from p2c.integrator.projects import Project
from p2c.integrator.schedule import Schedule
from p2c.integrator.store.definitions import Definition
from p2c.integrator.store.template_text import template_text
from p2c.integrator.store.yaml_text import OneLine, Plain, yaml_text

SIGN_IN = ("tenant", "application", "authority", "certificate", "thumbprint", "trust")
"""What of a sign-in stands in files."""
CONNECTIONS = "connections.yaml"
CONNECTION_SETS = "connection-sets.yaml"
PROJECTS = "projects"
DOCUMENT_START = "---\n"


@dataclass(frozen=True, slots=True)
class Setup:
    """All that is set up."""

    connections: tuple[Connection, ...] = ()
    connection_sets: tuple[ConnectionSet, ...] = ()
    projects: tuple[Project, ...] = ()


def setup_files(setup: Setup) -> dict[str, str]:
    """Text by file name. Lists are ordered by name, so that the same setup is always the same text."""
    named = attrgetter("name")
    files = {
        CONNECTIONS: yaml_text([_connection(item) for item in sorted(setup.connections, key=named)]),
        CONNECTION_SETS: yaml_text([_connection_set(item) for item in sorted(setup.connection_sets, key=named)]),
    }
    for project in sorted(setup.projects, key=named):
        files[project_file(project.name)] = definition_text(project)
    return files


def project_file(name: str) -> str:
    """Where a project stands; what a file name cannot hold everywhere becomes `%` and its code."""
    safe = re.sub(r"[^\w.-]", lambda found: f"%{ord(found[0]):02x}", name)
    return f"{PROJECTS}/{safe}.yaml"


def definition_text(item: Definition) -> str:
    """One definition as its file has it, without secrets."""
    if isinstance(item, Connection):
        return yaml_text(_connection(item))
    if isinstance(item, ConnectionSet):
        return yaml_text(_connection_set(item))
    header: dict[str | int, Plain] = {
        "project": item.name,
        "connection_set": item.connection_set,
        "enabled": item.enabled,
    }
    if item.needs:
        header["needs"] = item.needs
    if item.schedule is not None:
        header["schedule"] = _plain(item.schedule)
    return yaml_text(header) + DOCUMENT_START + template_text(item.as_template())


def without_password(url: str) -> str:
    """The URL as it may be shown and kept in files."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    user, _, host = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{user.partition(':')[0]}@{host}".lstrip("@")).geturl()


def _plain(schedule: Schedule) -> Plain:
    return dict[str | int, Plain](schedule.words().items())


def _connection(item: Connection) -> Plain:
    written: dict[str | int, Plain] = {
        "connection": item.name,
        "environment": item.environment,
        "url": without_password(item.url),
    }
    if item.sign_in is not None:
        # The secret stays where it is sealed.
        told: dict[str | int, Plain] = {name: getattr(item.sign_in, name) for name in SIGN_IN}
        written["sign_in"] = {name: value for name, value in told.items() if value}
    return written


def _connection_set(item: ConnectionSet) -> Plain:
    organizations = [
        OneLine(
            {
                "legal_entity": company.legal_entity,
                "organization": company.organization,
                "business_unit": company.business_unit,
            }
        )
        for company in item.organizations
    ]
    words: dict[str | int, Plain] = {
        "connection_set": item.name,
        "connections": dict(sorted(item.connections.items())),
        "organizations": organizations,
    }
    if item.keys:
        words["keys"] = dict(sorted(item.keys.items()))
    return words
