"""Connections, connection sets and projects as they are set up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from types import MappingProxyType
from typing import TypeAlias, TypeVar

from sqlalchemy import Connection as SqlConnection
from sqlalchemy import Integer, Row, Table, cast, delete, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from p2c.errors import ConfigurationError, nearest
from p2c.integrator.connections import Connection, ConnectionSet, OrganizationMapping, SignIn
from p2c.integrator.mapping.parse import parse_template
from p2c.integrator.projects import Project
from p2c.integrator.store.schedule_text import read_schedule, schedule_text
from p2c.integrator.store.tables import CONNECTION, CONNECTION_SET, PROJECT
from p2c.integrator.store.template_text import template_text
from p2c.integrator.store.transactions import Transactions

Definition: TypeAlias = Connection | ConnectionSet | Project
_Named = TypeVar("_Named", Connection, ConnectionSet, Project)

_TABLES: Mapping[type[Definition], Table] = {
    Connection: CONNECTION,
    ConnectionSet: CONNECTION_SET,
    Project: PROJECT,
}


class Definitions(Transactions):
    """What is set up. Lists are ordered by name; saving what exists replaces it."""

    elsewhere: Mapping[str, str] = MappingProxyType({})
    """URLs of connections by name, for this object alone, in the place of those that are stored."""

    def connections(self) -> list[Connection]:
        """All connections, with their secrets."""
        found = [_connection(row) for row in self._rows(CONNECTION)]
        return [replace(item, url=self.elsewhere.get(item.name, item.url)) for item in found]

    def connection(self, name: str) -> Connection:
        """
        One connection.

        Raises:
            ConfigurationError: There is none of that name.
        """
        return _named("connection", name, self.connections())

    def connection_sets(self) -> list[ConnectionSet]:
        """All connection sets."""
        return [_connection_set(row) for row in self._rows(CONNECTION_SET)]

    def connection_set(self, name: str) -> ConnectionSet:
        """
        One connection set.

        Raises:
            ConfigurationError: There is none of that name.
        """
        return _named("connection set", name, self.connection_sets())

    def projects(self) -> list[Project]:
        """All projects, also those that are not enabled."""
        return [_project(row) for row in self._rows(PROJECT)]

    def project(self, name: str) -> Project:
        """
        One project.

        Raises:
            ConfigurationError: There is none of that name.
        """
        for row in self._rows(PROJECT, name):
            return _project(row)
        raise _unknown("project", name, [row.name for row in self._rows(PROJECT)])

    def save_connections(self, connections: Iterable[Connection]) -> None:
        """Add or replace connections."""
        self.change(connections)

    def save_connection_sets(self, sets: Iterable[ConnectionSet]) -> None:
        """Add or replace connection sets."""
        self.change(sets)

    def save_projects(self, projects: Iterable[Project]) -> None:
        """Add or replace projects."""
        self.change(projects)

    def change(self, save: Iterable[Definition], remove: Iterable[Definition] = ()) -> None:
        """Save and remove definitions of any kind, all or none. What projects ran and did stays known."""
        saved, removed = list(save), list(remove)
        with self._begin() as connection:
            for kind, table in _TABLES.items():
                _save(connection, table, [_values(item) for item in saved if isinstance(item, kind)])
                gone = [item.name for item in removed if isinstance(item, kind)]
                connection.execute(delete(table).where(table.c.name.in_(gone)))

    def _rows(self, table: Table, name: str | None = None) -> Sequence[Row[tuple[object, ...]]]:
        query = select(table).order_by(table.c.name)
        with self._begin() as connection:
            return connection.execute(query if name is None else query.where(table.c.name == name)).all()


def _save(connection: SqlConnection, table: Table, rows: Iterable[dict[str, object]]) -> None:
    last = list({row["name"]: row for row in rows}.values())
    if last:
        statement = insert(table).values(last)
        replaced: dict[str, object] = {name: statement.excluded[name] for name in last[0] if name != "name"}
        if "version" in table.c:
            changed = tuple_(*(table.c[name] for name in replaced)).is_distinct_from(tuple_(*replaced.values()))
            replaced["version"] = table.c.version + cast(changed, Integer)
        connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=replaced))


def _values(item: Definition) -> dict[str, object]:
    if isinstance(item, Connection):
        sign_in = asdict(item.sign_in) if item.sign_in is not None else None
        return {"name": item.name, "environment": item.environment, "url": item.url, "sign_in": sign_in}
    if isinstance(item, ConnectionSet):
        organizations = [
            [company.legal_entity, company.organization, company.business_unit] for company in item.organizations
        ]
        definition = {
            "connections": dict(item.connections),
            "organizations": organizations,
            "keys": {end: list(key) for end, key in item.keys.items()},
        }
        return {"name": item.name, "definition": definition}
    return {
        "name": item.name,
        "label": item.label,
        "template": item.template,
        "template_version": item.template_version,
        "connection_set": item.connection_set,
        "enabled": item.enabled,
        "needs": list(item.needs),
        "schedule": schedule_text(item.schedule) if item.schedule is not None else None,
        "tasks": template_text(item.as_template()),
    }


def _connection(row: Row[tuple[object, ...]]) -> Connection:
    sign_in = SignIn(**row.sign_in) if row.sign_in is not None else None
    return Connection(row.name, row.environment, row.url, sign_in)


def _connection_set(row: Row[tuple[object, ...]]) -> ConnectionSet:
    stored = row.definition
    return ConnectionSet(
        name=row.name,
        connections=stored["connections"],
        organizations=tuple(OrganizationMapping(*company) for company in stored["organizations"]),
        keys={end: tuple(key) for end, key in stored["keys"].items()},
    )


def _project(row: Row[tuple[object, ...]]) -> Project:
    return Project(
        name=row.name,
        label=row.label,
        template=row.template,
        template_version=row.template_version,
        connection_set=row.connection_set,
        enabled=row.enabled,
        needs=tuple(row.needs),
        version=row.version,
        schedule=read_schedule(row.schedule) if row.schedule is not None else None,
        tasks=parse_template(row.tasks, f"project {row.name}").tasks,
    )


def _named(what: str, name: str, known: Iterable[_Named]) -> _Named:
    by_name = {item.name: item for item in known}
    if name not in by_name:
        raise _unknown(what, name, by_name)
    return by_name[name]


def _unknown(what: str, name: str, known: Iterable[str]) -> ConfigurationError:
    words = list(known)
    way_out = nearest(name, words) if words else "none is there yet; `p2c setup` makes the shipped ones"
    return ConfigurationError(f"there is no {what} {name!r}", way_out=way_out)
