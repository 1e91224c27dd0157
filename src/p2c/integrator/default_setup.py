"""What an integrator has before anybody sets anything up: connections, their set, and a project a template."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from p2c.integrator.connections import Connection, ConnectionSet, OrganizationMapping
from p2c.integrator.projects import CONNECTION_SET, from_template
from p2c.integrator.store import Store
from p2c.integrator.templates import shipped_templates


def default_setup(store: Store, urls: Mapping[str, str], organizations: Iterable[OrganizationMapping]) -> None:
    """
    One connection an environment (named as it), one connection set, and a project a shipped template.

    The connections get the URLs given; a connection set and projects that exist stay as they are, with
    what was changed in them.
    """
    there = {item.name: item for item in store.connections()}
    connections = [
        replace(there.get(environment, Connection(environment, environment, url)), url=url)
        for environment, url in urls.items()
    ]
    wanted = ConnectionSet(CONNECTION_SET, {environment: environment for environment in urls}, tuple(organizations))
    sets = [] if CONNECTION_SET in {existing.name for existing in store.connection_sets()} else [wanted]
    known = {project.name for project in store.projects()}
    projects = [from_template(template, CONNECTION_SET) for template in shipped_templates().values()]
    store.change([*connections, *sets, *(project for project in projects if project.name not in known)])
