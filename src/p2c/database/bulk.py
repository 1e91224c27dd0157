"""Many rows in one statement: COPY for new ones, one UPDATE for changed ones."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from psycopg import Connection as PsycopgConnection
from psycopg import sql
from sqlalchemy import Connection, Dialect, Table, text
from sqlalchemy.dialects import postgresql

from p2c.database.tables import CHANGED, VERSION
from p2c.edm.values import Row

_DIALECT: Dialect = postgresql.psycopg.dialect()  # type: ignore[no-untyped-call]
_FILLED_BY_DATABASE = (VERSION, CHANGED)
_encoder = msgspec.json.Encoder(decimal_format="string")


def copy_rows(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Append rows with COPY. Columns that no row names, the version and the change stamp get their defaults."""
    named = set().union(*rows)
    names = [
        column.name for column in table.c if column.name in named and column.name not in _FILLED_BY_DATABASE
    ]
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    with _driver(connection).cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row([row.get(name) for name in names])


def update_rows(
    connection: Connection, table: Table, key: str, names: Sequence[str], rows: Sequence[Row]
) -> None:
    """Set the same columns of many rows in one statement, by primary key."""
    quote = _DIALECT.identifier_preparer.quote
    fields = [name for name in names if name not in _FILLED_BY_DATABASE]
    types = ", ".join(f"{quote(name)} {table.c[name].type.compile(_DIALECT)}" for name in fields)
    sets = [f"{quote(name)} = d.{quote(name)}" for name in fields if name != key]
    sets.append(f"{VERSION} = nextval('row_version')")
    sets.append(f"{CHANGED} = pg_current_xact_id()::text::bigint")
    statement = (
        f"UPDATE {quote(table.name)} AS t SET {', '.join(sets)} "
        f"FROM json_to_recordset(CAST(:rows AS json)) AS d({types}) WHERE t.{quote(key)} = d.{quote(key)}"
    )
    payload = _encoder.encode([{name: row[name] for name in fields} for row in rows]).decode()
    connection.execute(text(statement), {"rows": payload})


def _driver(connection: Connection) -> PsycopgConnection[tuple[object, ...]]:
    driver = connection.connection.driver_connection
    if not isinstance(driver, PsycopgConnection):
        raise TypeError("COPY needs a psycopg connection")
    return driver
