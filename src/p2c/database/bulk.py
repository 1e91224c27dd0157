"""Many rows in one statement: COPY for new ones, one UPDATE for changed ones."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import psycopg
from psycopg import Connection as PsycopgConnection
from psycopg import sql
from sqlalchemy import Connection, Dialect, Table, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError

from p2c.database.tables import CHANGED, VERSION
from p2c.edm.values import Row

_DIALECT: Dialect = postgresql.psycopg.dialect()  # type: ignore[no-untyped-call]
_FILLED_BY_DATABASE = (VERSION, CHANGED)
_SET = "columns_set"
_encoder = msgspec.json.Encoder(decimal_format="string")


def copy_rows(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Append rows with COPY. Columns that no row names, the version and the change stamp get their defaults."""
    named = set().union(*rows)
    names = [column.name for column in table.c if column.name in named and column.name not in _FILLED_BY_DATABASE]
    empty: Row = dict.fromkeys(names)
    alike = all(len(row) == len(named) for row in rows)
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    try:
        with _driver(connection).cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(tuple(map((row if alike else {**empty, **row}).__getitem__, names)))
    except psycopg.Error as error:
        # COPY bypasses SQLAlchemy, which would have made this its own error.
        raise DBAPIError.instance("COPY", None, error, psycopg.Error, dialect=connection.dialect) from error


def update_rows(connection: Connection, table: Table, key: str, rows: Sequence[Row]) -> None:
    """Set the columns that each row names, in one statement for all rows, by primary key."""
    quote = _DIALECT.identifier_preparer.quote
    named = set().union(*rows).difference(_FILLED_BY_DATABASE)
    fields = [column.name for column in table.c if column.name in named]
    everywhere = set(fields).intersection(*rows)
    types = ", ".join(f"{quote(name)} {table.c[name].type.compile(_DIALECT)}" for name in fields)
    sets = [
        f"{quote(name)} = {_new_value(quote(name), name in everywhere, place)}"
        for place, name in enumerate(fields)
        if name != key
    ]
    sets.append(f"{VERSION} = nextval('row_version')")
    sets.append(f"{CHANGED} = pg_current_xact_id()::text::bigint")
    statement = (
        f"UPDATE {quote(table.name)} AS t SET {', '.join(sets)} "
        f"FROM json_to_recordset(CAST(:rows AS json)) AS d({types}, {_SET} text) "
        f"WHERE t.{quote(key)} = d.{quote(key)}"
    )
    alike = len(everywhere) == len(fields)
    records = [{name: row[name] for name in fields} if alike else _as_record(row, fields) for row in rows]
    payload = _encoder.encode(records).decode()
    connection.execute(text(statement), {"rows": payload})


def _new_value(column: str, everywhere: bool, place: int) -> str:
    """The value of a column: the row's own where it names the column, else what is stored."""
    if everywhere:
        return f"d.{column}"
    return f"CASE WHEN substr(d.{_SET}, {place + 1}, 1) = '1' THEN d.{column} ELSE t.{column} END"


def _as_record(row: Row, fields: Sequence[str]) -> Row:
    """The row with a text that says, digit by digit, which of the fields it names."""
    record = {name: row[name] for name in fields if name in row}
    record[_SET] = "".join("1" if name in row else "0" for name in fields)
    return record


def _driver(connection: Connection) -> PsycopgConnection[tuple[object, ...]]:
    driver = connection.connection.driver_connection
    if not isinstance(driver, PsycopgConnection):
        raise TypeError("COPY needs a psycopg connection")
    return driver
