"""Reads a setup from its files; every mistake is found, each with file, line and the nearest right word."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import TypeVar

import yaml

from p2c.errors import nearest
from p2c.integrator.connections import Connection, ConnectionSet, OrganizationMapping, SignIn
from p2c.integrator.exchange.read_project import read_projects
from p2c.integrator.exchange.write import CONNECTION_SETS, CONNECTIONS, PROJECTS, SIGN_IN, Setup
from p2c.integrator.mapping.document import Document
from p2c.integrator.mapping.problems import TemplateError, TemplateProblem
from p2c.integrator.mapping.template import ENVIRONMENTS

_CONNECTION = ("connection", "environment", "url")
_SET = ("connection_set", "connections", "organizations")
_ORGANIZATION = ("legal_entity", "organization", "business_unit")
_Named = TypeVar("_Named", Connection, ConnectionSet)


def read_setup(files: Mapping[str, str], existing: Setup) -> Setup:
    """
    The definitions in `files` (text by name relative to the directory, with slashes).

    They may refer to one another and to what is `existing`.

    Raises:
        TemplateError: With all that is wrong in all files.
    """
    problems = list(_misnamed(files))
    connections = _list(files, CONNECTIONS, problems, _connection)
    known = {item.name: item for item in (*existing.connections, *connections)}
    sets = _list(files, CONNECTION_SETS, problems, lambda document, node: _set(document, node, known))
    projects = read_projects(
        {file: text for file, text in files.items() if _is_project(file)},
        problems,
        {item.name: item for item in (*existing.connection_sets, *sets)},
        [project.name for project in existing.projects],
    )
    if problems:
        raise TemplateError(problems)
    return Setup(tuple(connections), tuple(sets), tuple(projects))


def _is_project(file: str) -> bool:
    return PurePosixPath(file).parent.name == PROJECTS


def _misnamed(files: Mapping[str, str]) -> Iterator[TemplateProblem]:
    for file in files:
        if not _is_project(file) and file not in (CONNECTIONS, CONNECTION_SETS):
            way_out = nearest(file, (CONNECTIONS, CONNECTION_SETS, f"{PROJECTS}/<name>.yaml"))
            yield TemplateProblem(file, 1, "no file of a setup has this name", way_out)


def _list(
    files: Mapping[str, str],
    file: str,
    problems: list[TemplateProblem],
    read: Callable[[Document, yaml.Node], _Named | None],
) -> list[_Named]:
    """The definitions that a file lists; a missing or blank file lists none."""
    if not files.get(file, "").strip():
        return []
    try:
        document = Document(files[file], file)
    except TemplateError as error:
        problems += error.problems
        return []
    found: dict[str, _Named] = {}
    for node in document.items(document.root, file):
        item = read(document, node)
        if item is not None and item.name in found:
            document.problem(node, f"{item.name!r} is defined twice", "remove or rename one")
        elif item is not None:
            found[item.name] = item
    problems += document.problems
    return list(found.values())


def _connection(document: Document, node: yaml.Node) -> Connection | None:
    parts = document.mapping(node, "a connection", _CONNECTION, ("sign_in",))
    if len(parts.keys() & set(_CONNECTION)) < len(_CONNECTION):
        return None
    name, environment, url = (document.text(parts[word], word) for word in _CONNECTION)
    if environment not in ENVIRONMENTS:
        way_out = nearest(environment, ENVIRONMENTS)
        document.problem(parts["environment"], f"there is no environment {environment!r}", way_out)
        return None
    if not url.startswith(("http://", "https://")):
        document.problem(parts["url"], f"{url!r} is no base URL", "write http://… or https://…")
    return Connection(name, environment, url, _sign_in(document, parts.get("sign_in")))


def _sign_in(document: Document, node: yaml.Node | None) -> SignIn | None:
    if node is None:
        return None
    parts = document.mapping(node, "a sign-in", SIGN_IN[:2], SIGN_IN[2:])
    if len(parts.keys() & set(SIGN_IN[:2])) < 2:
        return None
    return SignIn(**{name: document.text(value, name) for name, value in parts.items() if name in SIGN_IN})


def _set(document: Document, node: yaml.Node, known: Mapping[str, Connection]) -> ConnectionSet | None:
    parts = document.mapping(node, "a connection set", _SET, ("keys",))
    if len(parts.keys() & set(_SET)) < len(_SET):
        return None
    return ConnectionSet(
        name=document.text(parts["connection_set"], "connection_set"),
        connections=_connections(document, parts["connections"], known),
        organizations=_organizations(document, parts["organizations"]),
        keys=_keys(document, parts["keys"]) if "keys" in parts else {},
    )


def _connections(document: Document, node: yaml.Node, known: Mapping[str, Connection]) -> dict[str, str]:
    found: dict[str, str] = {}
    for environment, item in document.mapping(node, "connections", (), ENVIRONMENTS).items():
        name = document.text(item, environment)
        connection = known.get(name)
        if connection is None:
            document.problem(item, f"there is no connection {name!r}", nearest(name, known))
        elif connection.environment != environment:
            what = f"connection {name!r} leads to {connection.environment}, not to {environment}"
            document.problem(item, what, "name another connection")
        found[environment] = name
    return found


def _organizations(document: Document, node: yaml.Node) -> tuple[OrganizationMapping, ...]:
    found: list[OrganizationMapping] = []
    for item in document.items(node, "organizations"):
        parts = document.mapping(item, "an organization mapping", _ORGANIZATION)
        company = OrganizationMapping(*(_text(document, parts.get(word), word) for word in _ORGANIZATION))
        for word in _ORGANIZATION:
            name = getattr(company, word)
            if name and name in [getattr(other, word) for other in found]:
                document.problem(item, f"{word} {name!r} is mapped twice", "remove one")
        found.append(company)
    return tuple(found)


def _keys(document: Document, node: yaml.Node) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for end, item in document.entries(node, "keys"):
        environment, _, entity = str(end).partition(".")
        if environment not in ENVIRONMENTS or not entity:
            document.problem(item, f"{end!r} is not an entity", "write environment.EntitySet: [field, …]")
        found[str(end)] = document.texts(item, f"the key of {end}")
        if not found[str(end)]:
            document.problem(item, "the integration key has no fields", "name the fields", "DIPV1003")
    return found


def _text(document: Document, node: yaml.Node | None, what: str) -> str:
    return "" if node is None else document.text(node, what)
