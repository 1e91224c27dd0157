"""Remembers that a database has what the definitions ask for, so that a start need not compare everything again.

Two digests are kept: one of the definitions as statements that would make them, one of what the database had when it
was compared with them. While neither differs, there is nothing to find. Whoever changes a table by hand changes the
second.
"""

from __future__ import annotations

import hashlib

from sqlalchemy import Connection, MetaData, text
from sqlalchemy.schema import CreateIndex, CreateTable

_THERE = text("SELECT to_regclass('settled_definitions') IS NOT NULL")
_FIND = text("SELECT definitions, found FROM settled_definitions")
_CREATE = text("CREATE TABLE IF NOT EXISTS settled_definitions (definitions text NOT NULL, found text NOT NULL)")
_CLEAR = text("DELETE FROM settled_definitions")
_KEEP = text("INSERT INTO settled_definitions VALUES (:definitions, :found)")
# Tables and sequences with their columns, and indexes with what they are over.
_CATALOGUE = text(
    "SELECT md5(string_agg(md5(item), '' ORDER BY item)) FROM ("
    "SELECT concat_ws(' ', c.relname, c.relkind, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull) "
    "AS item "
    "FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
    "WHERE c.relnamespace = current_schema()::regnamespace "
    "UNION ALL SELECT concat_ws(' ', i.indexrelid::regclass, i.indrelid::regclass, i.indisunique, i.indisvalid, "
    "i.indkey, i.indclass, i.indpred, i.indexprs) "
    "FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid WHERE c.relnamespace = current_schema()::regnamespace"
    ") AS items"
)


def is_settled(connection: Connection, metadata: MetaData) -> bool:
    """Whether the database was compared with these very definitions, and is as it was then."""
    if not connection.execute(_THERE).scalar_one():
        return False
    kept = connection.execute(_FIND).one_or_none()
    return kept is not None and tuple(kept) == (_definitions(connection, metadata), _catalogue(connection))


def settle(connection: Connection, metadata: MetaData) -> None:
    """The database has just been brought to these definitions."""
    connection.execute(_CREATE)
    connection.execute(_CLEAR)
    values = {"definitions": _definitions(connection, metadata), "found": _catalogue(connection)}
    connection.execute(_KEEP, values)


def _definitions(connection: Connection, metadata: MetaData) -> str:
    statements: list[str] = list(metadata._sequences)
    for table in metadata.sorted_tables:
        statements.append(str(CreateTable(table).compile(dialect=connection.dialect)))
        statements += sorted(str(CreateIndex(index).compile(dialect=connection.dialect)) for index in table.indexes)
    return hashlib.blake2b("\0".join(statements).encode(), digest_size=16).hexdigest()


def _catalogue(connection: Connection) -> str:
    return str(connection.execute(_CATALOGUE).scalar_one())
