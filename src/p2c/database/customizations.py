"""Keeps what users have added to a model, one row a part, in a table beside the rows that it describes."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from sqlalchemy import BigInteger, Column, Connection, MetaData, Table, Text, UniqueConstraint, delete, insert, select
from sqlalchemy import update as sql_update
from sqlalchemy.dialects.postgresql import JSONB

from p2c.edm.customization import KINDS, Customization, Part, identity

_METADATA = MetaData()
_PARTS = Table(
    "customization",
    _METADATA,
    Column("id", BigInteger, primary_key=True, autoincrement=True),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("definition", JSONB, nullable=False),
    UniqueConstraint("kind", "name", name="uq_customization"),
)


def read_customization(connection: Connection) -> Customization:
    """What was added to the model of this database; makes the table for it where there is none yet."""
    _METADATA.create_all(connection)
    query = select(_PARTS.c.kind, _PARTS.c.definition).order_by(_PARTS.c.id)
    parts = [msgspec.convert(definition, KINDS[kind]) for kind, definition in connection.execute(query)]
    return Customization().with_parts(*parts)


def write_customization(connection: Connection, before: Customization, after: Customization) -> None:
    """Keep what has changed between two states."""
    old, new = _by_identity(before.parts()), _by_identity(after.parts())
    for key in old.keys() - new.keys():
        connection.execute(delete(_PARTS).where(_PARTS.c.kind == key[0], _PARTS.c.name == key[1]))
    added = [{**_names(key), "definition": msgspec.to_builtins(part)} for key, part in new.items() if key not in old]
    if added:
        connection.execute(insert(_PARTS), added)
    for key, part in new.items():
        if key in old and old[key] != part:
            same = (_PARTS.c.kind == key[0], _PARTS.c.name == key[1])
            connection.execute(sql_update(_PARTS).where(*same).values(definition=msgspec.to_builtins(part)))


def _names(key: tuple[str, str]) -> dict[str, object]:
    return {"kind": key[0], "name": key[1]}


def _by_identity(parts: Iterable[Part]) -> dict[tuple[str, str], Part]:
    return {identity(part): part for part in parts}
