"""Answers requests that change definitions: what is asked for becomes another edition of the environment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from p2c.edm.customization import Customization
from p2c.odata.query.path import Segment
from p2c.odata.service.access import demand_customizer
from p2c.odata.service.dataverse.customizing.bodies import (
    ColumnBody,
    KeyBody,
    RelationshipBody,
    TableBody,
    TablesBody,
    read_body,
)
from p2c.odata.service.dataverse.customizing.edition import Edition
from p2c.odata.service.dataverse.customizing.keys import add_key, remove_key
from p2c.odata.service.dataverse.customizing.links import add_link
from p2c.odata.service.dataverse.customizing.table_columns import (
    add_column,
    add_relationship,
    change_column,
    remove_column,
    remove_relationship,
)
from p2c.odata.service.dataverse.customizing.tables import add_tables, change_table, remove_table
from p2c.odata.service.dataverse.definitions.answer import definition_at
from p2c.odata.service.dataverse.definitions.catalogue import METADATA_SETS
from p2c.odata.service.dataverse.definitions.definition import NAMESPACE, metadata_id, relationship_id
from p2c.odata.service.faults import RequestError
from p2c.odata.service.message import Request

CREATE_TABLES = "CreateEntities"
PUBLISHING = ("PublishXml", "PublishAllXml")
_TABLES, _RELATIONSHIPS, _COLUMNS, _KEYS = "EntityDefinitions", "RelationshipDefinitions", "Attributes", "Keys"


@dataclass(frozen=True, slots=True)
class Change:
    """What a request makes of the customization; `made` is the id of the definition that it has created."""

    after: Customization
    made: str = ""


Asked: TypeAlias = "Callable[[Edition], Change]"
"""A change that is still to meet an edition; RequestError when it is not possible there."""
_Way: TypeAlias = "Callable[[Edition, Request, Sequence[Segment]], Change]"


def is_change(request: Request, segments: Sequence[Segment]) -> bool:
    """Whether a request is to change definitions."""
    if not segments or request.method == "GET":
        return False
    return segments[0].name in METADATA_SETS or segments[0].name == CREATE_TABLES


def asked_change(request: Request, segments: Sequence[Segment]) -> Asked:
    """
    What a request asks for; whether it is possible shows when it meets the edition that it is to change.

    Raises:
        RequestError: The caller may not, or nothing of the kind is offered.
    """
    plain = [segment for segment in segments if not segment.name.startswith(NAMESPACE)]
    path = "/".join(f"{segment.name}{'()' if segment.key is not None else ''}" for segment in plain)
    way = _WAYS.get((request.method, path))
    if way is None and any(path == known for _, known in _WAYS):
        raise RequestError(405, f"{request.method} is not allowed on {path}; add with POST, change with PUT, or DELETE")
    if way is None:
        raise RequestError(501, f"{request.method} on {path} is not offered", "0x8006088a")
    privilege, work = way
    demand_customizer(privilege)
    return lambda edition: work(edition, request, plain)


def _add_tables(edition: Edition, request: Request, segments: Sequence[Segment]) -> Change:
    return Change(add_tables(edition, read_body(request.body, TablesBody).entities))


def _add_table(edition: Edition, request: Request, segments: Sequence[Segment]) -> Change:
    body = read_body(request.body, TableBody)
    return Change(add_tables(edition, [body]), str(metadata_id("entity", body.schema_name.lower())))


def _change_table(edition: Edition, request: Request, segments: Sequence[Segment]) -> Change:
    return Change(change_table(edition, _table(edition, segments), read_body(request.body, TableBody)))


def _remove_table(edition: Edition, request: Request, segments: Sequence[Segment]) -> Change:
    return Change(remove_table(edition, _table(edition, segments)))


def _add_column(edition: Edition, request: Request, segments: Sequence[Segment]) -> Change:
    table, body = _table(edition, segments), read_body(request.body, ColumnBody)
    after = add_column(edition, table, body)
    return Change(after, str(metadata_id("attribute", table, body.schema_name.lower())))


def _change_column(edition: Edition, request: Request, segments: Sequence[Segment]) -> Change:
    table, name = _table(edition, segments), _name(edition, segments, "LogicalName")
    return Change(change_column(edition, table, name, read_body(request.body, ColumnBody)))


def _remove_column(edition: Edition, request: Request, segments: Sequence[Segment]) -> Change:
    return Change(remove_column(edition, _table(edition, segments), _name(edition, segments, "LogicalName")))


def _add_key(edition: Edition, request: Request, segments: Sequence[Segment]) -> Change:
    table, body = _table(edition, segments), read_body(request.body, KeyBody)
    return Change(add_key(edition, table, body), str(metadata_id("key", table, body.schema_name)))


def _remove_key(edition: Edition, request: Request, segments: Sequence[Segment]) -> Change:
    return Change(remove_key(edition, _table(edition, segments), _name(edition, segments, "SchemaName")))


def _add_relationship(edition: Edition, request: Request, segments: Sequence[Segment]) -> Change:
    body = read_body(request.body, RelationshipBody)
    many = body.kind == "ManyToMany"
    after = add_link(edition, body) if many else add_relationship(edition, body)
    return Change(after, str(relationship_id(body.schema_name)))


def _remove_relationship(edition: Edition, request: Request, segments: Sequence[Segment]) -> Change:
    return Change(remove_relationship(edition, _name(edition, segments, "SchemaName")))


def _table(edition: Edition, segments: Sequence[Segment]) -> str:
    return _name(edition, segments[:1], "LogicalName")


def _name(edition: Edition, segments: Sequence[Segment], member: str) -> str:
    """What the definition at a path is called."""
    return str(definition_at(edition.model, segments).values[member])


_WAYS: Mapping[tuple[str, str], tuple[str, _Way]] = {
    ("POST", CREATE_TABLES): ("prvCreateEntity", _add_tables),
    ("POST", _TABLES): ("prvCreateEntity", _add_table),
    ("PUT", f"{_TABLES}()"): ("prvWriteEntity", _change_table),
    ("DELETE", f"{_TABLES}()"): ("prvDeleteEntity", _remove_table),
    ("POST", f"{_TABLES}()/{_COLUMNS}"): ("prvCreateAttribute", _add_column),
    ("PUT", f"{_TABLES}()/{_COLUMNS}()"): ("prvWriteAttribute", _change_column),
    ("DELETE", f"{_TABLES}()/{_COLUMNS}()"): ("prvDeleteAttribute", _remove_column),
    ("POST", f"{_TABLES}()/{_KEYS}"): ("prvCreateEntityKey", _add_key),
    ("DELETE", f"{_TABLES}()/{_KEYS}()"): ("prvDeleteEntityKey", _remove_key),
    ("POST", _RELATIONSHIPS): ("prvCreateRelationship", _add_relationship),
    ("DELETE", f"{_RELATIONSHIPS}()"): ("prvDeleteRelationship", _remove_relationship),
}
"""By method and path without keys: the privilege that it takes, and what it does."""
