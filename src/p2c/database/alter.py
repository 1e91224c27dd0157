"""Brings the tables of a running database from one shape to another: the difference of two storages, as DDL."""

from __future__ import annotations

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, Index, Table, delete, text

from p2c.database.tables import Storage

LOCK_SECONDS = 10


def alter(connection: Connection, before: Storage, after: Storage) -> None:
    """
    Create, change and drop tables, columns and indexes, in the connection's transaction.

    Dropped tables and columns lose their rows and values. Who else uses a table is waited for, not for ever.
    """
    connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'"))
    operations = Operations(MigrationContext.configure(connection))
    for name, table in before.tables.items():
        if name not in after.tables:
            table.drop(connection)
            _forget(connection, before, name)
    for name, table in after.tables.items():
        if name not in before.tables:
            table.create(connection)
        elif after.definitions[name] is not before.definitions[name]:
            _alter_table(connection, operations, before.tables[name], table)


def _alter_table(connection: Connection, operations: Operations, before: Table, after: Table) -> None:
    """Indexes go before their columns and come after them."""
    old, new = _indexes(before), _indexes(after)
    for name, index in old.items():
        if name not in new:
            index.drop(connection)
    for column in before.columns:
        if column.name not in after.c:
            operations.drop_column(after.name, column.name)
    for column in after.columns:
        if column.name not in before.c:
            operations.add_column(after.name, column)
        elif _type(connection, before, column.name) != _type(connection, after, column.name):
            operations.alter_column(after.name, column.name, type_=column.type)
    for name, index in new.items():
        if name not in old:
            index.create(connection)


def _indexes(table: Table) -> dict[str, Index]:
    return {str(index.name): index for index in table.indexes}


def _type(connection: Connection, table: Table, column: str) -> str:
    return table.c[column].type.compile(connection.dialect)


def _forget(connection: Connection, storage: Storage, table: str) -> None:
    """A table that takes the name of a dropped one begins anew: no deleted rows, no counted keys."""
    connection.execute(delete(storage.deleted).where(storage.deleted.c.table_name == table))
    connection.execute(delete(storage.numbers).where(storage.numbers.c.name == f"{table}:key"))
