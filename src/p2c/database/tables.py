"""Tables of the database, made from table definitions."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Date,
    DateTime,
    Double,
    Index,
    Integer,
    MetaData,
    Numeric,
    Sequence,
    Table,
    Text,
    Uuid,
    func,
    literal_column,
)
from sqlalchemy.types import TypeEngine

from p2c.edm.entity import Table as TableDefinition
from p2c.edm.property import Property
from p2c.edm.values import EdmType

VERSION = "versionnumber"
CHANGED = "changed_xid"
CHANGED_NOW: ColumnElement[int] = literal_column("pg_current_xact_id()::text::bigint")
_MAX_IDENTIFIER = 63


class Storage:
    """The tables of one database and the bookkeeping tables beside them.

    Every row carries `versionnumber`, one counter for the whole database (the source of ETags), and
    `changed_xid`, the transaction that wrote it last (the source of change tracking: a reader that remembers the
    oldest transaction still running misses no row, whatever order transactions commit in).
    """

    def __init__(self, definitions: Iterable[TableDefinition]) -> None:
        self.metadata = MetaData()
        self.definitions: dict[str, TableDefinition] = {}
        self.version_sequence = Sequence("row_version", metadata=self.metadata)
        self.tables: dict[str, Table] = {}
        for definition in definitions:
            self.definitions[definition.name] = definition
            self.tables[definition.name] = self._table(definition)
        self.numbers = Table(
            "number_sequence",
            self.metadata,
            Column("name", Text, primary_key=True),
            Column("next", BigInteger, nullable=False),
        )
        self.environment = Table(
            "environment",
            self.metadata,
            Column("is_this", Boolean, primary_key=True),
            Column("id", Uuid, nullable=False, server_default=func.gen_random_uuid()),
        )
        self.deleted = Table(
            "deleted_row",
            self.metadata,
            Column("id", BigInteger, primary_key=True, autoincrement=True),
            Column("table_name", Text, nullable=False),
            Column("key", Text, nullable=False),
            Column("deleted_on", DateTime(timezone=True), nullable=False, server_default=func.now()),
            Column(CHANGED, BigInteger, nullable=False, server_default=CHANGED_NOW),
        )
        Index("ix_deleted_row_feed", self.deleted.c.table_name, self.deleted.c[CHANGED])

    def _table(self, definition: TableDefinition) -> Table:
        columns: list[Column[Any]] = []
        for column in definition.columns:
            if column.storage == VERSION:
                continue
            key = column.storage == definition.primary_key
            columns.append(Column(column.storage, sql_type(column), primary_key=key, nullable=not key))
            if column.polymorphic:
                columns.append(Column(f"{column.storage}_type", Text))
        columns.append(Column(VERSION, BigInteger, nullable=False, server_default=self.version_sequence.next_value()))
        columns.append(Column(CHANGED, BigInteger, nullable=False, server_default=CHANGED_NOW))
        table = Table(definition.name, self.metadata, *columns)
        parts = {column.name: compared(definition, column) for column in table.c}
        unique, plain = ("ui", "il") if definition.ignores_case else ("uq", "ix")
        for names in definition.unique:
            Index(index_name(unique, definition.name, names), *(parts[name] for name in names), unique=True)
        covered = {names[0] for names in definition.unique if len(names) == 1}
        for names in definition.indexes:
            if len(names) > 1 or names[0] not in covered:
                Index(index_name(plain, definition.name, names), *(parts[name] for name in names))
        for name in sorted({name for names in definition.unique for name in names}):
            served = definition.ignores_case and name in covered
            if isinstance(table.c[name].type, Text) and not served:
                Index(index_name("lo", definition.name, (name,)), func.lower(table.c[name]))
        Index(index_name("ix", definition.name, (CHANGED,)), table.c[CHANGED])
        return table


def compared(definition: TableDefinition, column: Column[Any]) -> ColumnElement[Any]:
    """A column as the table compares it: in lower case where case does not count."""
    return func.lower(column) if column.name in definition.caseless else column


def index_name(prefix: str, table: str, columns: Iterable[str]) -> str:
    """A stable index name of at most 63 bytes."""
    name = "_".join((prefix, table, *columns))
    if len(name) <= _MAX_IDENTIFIER:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: _MAX_IDENTIFIER - 9]}_{digest}"


def sql_type(column: Property) -> TypeEngine[Any]:
    """The column type that keeps a property's values."""
    if column.type is EdmType.DECIMAL:
        return Numeric(38, column.scale if column.scale is not None else 10)
    return _TYPES[column.type]


_TYPES: Mapping[EdmType, TypeEngine[Any]] = {
    EdmType.STRING: Text(),
    EdmType.ENUM: Text(),
    EdmType.BOOLEAN: Boolean(),
    EdmType.INT32: Integer(),
    EdmType.INT64: BigInteger(),
    EdmType.DOUBLE: Double(),
    EdmType.DATE: Date(),
    EdmType.DATETIME: DateTime(timezone=True),
    EdmType.GUID: Uuid(),
}
