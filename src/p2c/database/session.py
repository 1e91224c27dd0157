"""One transaction over the tables of a database, in batches: one statement a fact, not a row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import BoundedSemaphore
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Connection, CursorResult, Engine, any_, cast, func, select, text, tuple_
from sqlalchemy import Table as SqlTable
from sqlalchemy import delete as sql_delete
from sqlalchemy import insert as sql_insert
from sqlalchemy.dialects.postgresql import insert as insert_or_leave

from p2c.database.bulk import copy_rows, update_rows
from p2c.database.connect import POOL_OVERFLOW, translated
from p2c.database.tables import Storage, compared
from p2c.edm.keys import folded
from p2c.edm.values import Row, Value
from p2c.errors import RetryError

Clock: TypeAlias = "Callable[[], datetime]"
WAIT_SECONDS = 30
_NOT_WAITING = text("SET LOCAL synchronous_commit = off")
_CREATED = ("createdon", "CreatedDateTime")
_MODIFIED = ("modifiedon", "ModifiedDateTime")


def utc_now() -> datetime:
    """The wall clock, aware UTC."""
    return datetime.now(UTC)


class Database:
    """A storage on an engine; hands out sessions."""

    def __init__(self, engine: Engine, storage: Storage, *, clock: Clock = utc_now) -> None:
        self.engine = engine
        self.storage = storage
        self._clock = clock
        self._places = BoundedSemaphore(POOL_OVERFLOW)

    @contextmanager
    def begin(self, user: UUID | None = None) -> Iterator[Session]:
        """
        A session in a transaction of its own: committed at the end, rolled back on an error.

        A session that takes numbers needs a second connection for a moment. Fewer sessions than connections
        may run, so that they never all wait for one.

        Raises:
            RetryError: No session ended in time, or the database could not finish.
            TooLongError: A statement met the session's bound.
        """
        if not self._places.acquire(timeout=WAIT_SECONDS):
            raise RetryError("all database sessions are busy", way_out="try again", after=1)
        try:
            with translated(), self.engine.begin() as connection:
                yield Session(self, connection, self._clock(), user)
        finally:
            self._places.release()


class Session:
    """Reads and writes rows of one database in one transaction.

    Rows are dictionaries by column name. `now` is fixed for the transaction; `user` is who writes, and `delegate`
    who does it in that user's name, None where users write themselves.
    """

    def __init__(self, database: Database, connection: Connection, now: datetime, user: UUID | None) -> None:
        self.connection = connection
        self.storage = database.storage
        self.now = now
        self.user = user
        self.delegate: UUID | None = None
        self._engine = database.engine

    def bound(self, seconds: float) -> None:
        """No statement of this transaction takes longer from now on."""
        self.connection.execute(text(f"SET LOCAL statement_timeout = {int(seconds * 1000)}"))

    def rows(
        self,
        table: str,
        column: str,
        values: Iterable[Value],
        columns: Sequence[str] | None = None,
        lock: bool = False,
    ) -> list[Row]:
        """Rows whose `column` is one of `values` (empties and repeats are harmless), ordered by primary key.

        With `lock` they stay locked until the transaction ends; the order keeps two lockers from deadlock.
        """
        wanted = tuple({value for value in values if value is not None})
        if not wanted:
            return []
        target = self.storage.tables[table]
        definition = self.storage.definitions[table]
        keys = folded(wanted) if column in definition.caseless else wanted
        among = compared(definition, target.c[column]) == any_(cast(list(keys), ARRAY(target.c[column].type)))
        query = select(*self._columns(target, columns)).where(among)
        query = query.order_by(target.c[self.storage.definitions[table].primary_key])
        if lock:
            query = query.with_for_update()
        return _plain(self.connection.execute(query))

    def match(
        self,
        table: str,
        columns: Sequence[str],
        tuples: Iterable[tuple[Value, ...]],
        columns_out: Sequence[str] | None = None,
    ) -> list[Row]:
        """Rows whose `columns` together equal one of `tuples`; tuples with an empty part match nothing.

        Where the table ignores case, so does this: the rows have their own spelling.
        """
        definition = self.storage.definitions[table]
        wanted = list({item for item in tuples if None not in item})
        if not wanted:
            return []
        target = self.storage.tables[table]
        arrays = []
        for place, name in enumerate(columns):
            values = tuple(item[place] for item in wanted)
            keys = folded(values) if name in definition.caseless else values
            arrays.append(func.unnest(cast(list(keys), ARRAY(target.c[name].type))))
        among = tuple_(*(compared(definition, target.c[name]) for name in columns)).in_(select(*arrays))
        query = select(*self._columns(target, columns_out)).where(among)
        return _plain(self.connection.execute(query))

    def all(self, table: str, columns: Sequence[str] | None = None) -> list[Row]:
        """Every row of a small reference table, ordered by primary key."""
        target = self.storage.tables[table]
        query = select(*self._columns(target, columns)).order_by(target.c[self.storage.definitions[table].primary_key])
        return _plain(self.connection.execute(query))

    def insert(self, table: str, rows: Sequence[Row]) -> None:
        """Add rows; columns that a row does not name stay empty. Stamps created and modified times."""
        if not rows:
            return
        stamps = [name for name in (*_CREATED, *_MODIFIED) if name in self.storage.tables[table].c]
        for row in rows:
            for name in stamps:
                if row.get(name) is None:
                    row[name] = self.now
        copy_rows(self.connection, self.storage.tables[table], rows)

    def update(self, table: str, rows: Sequence[Row]) -> None:
        """Set the columns that each row names beside its primary key; a new version for each row."""
        target = self.storage.tables[table]
        key = self.storage.definitions[table].primary_key
        if not rows:
            return
        for row in rows:
            for name in _MODIFIED:
                if name in target.c:
                    row[name] = self.now
        update_rows(self.connection, target, key, rows)

    def delete(self, table: str, keys: Iterable[Value]) -> None:
        """Remove rows by primary key and remember that they are gone, for change tracking."""
        wanted = list(keys)
        if not wanted:
            return
        target = self.storage.tables[table]
        key = target.c[self.storage.definitions[table].primary_key]
        gone = self.connection.execute(
            sql_delete(target).where(key == any_(cast(wanted, ARRAY(key.type)))).returning(key)
        ).scalars()
        tombstones = [{"table_name": table, "key": str(value)} for value in gone]
        if tombstones:
            self.connection.execute(sql_insert(self.storage.deleted), tombstones)

    def take(self, sequence: str, count: int, start: int = 1) -> range:
        """The next `count` numbers of a sequence, in order, never given twice.

        Taken outside the transaction, so that parallel writers do not wait for one another: numbers of a
        transaction that fails are lost, not reused.
        """
        if count == 0:
            return range(start, start)
        with self._engine.connect() as connection:
            # Whoever commits a row with these numbers waits for the disk, and with it for all that was written before.
            connection.execute(_NOT_WAITING)
            following = connection.execute(
                text(
                    "INSERT INTO number_sequence AS s (name, next) VALUES (:name, :start + :count) "
                    "ON CONFLICT (name) DO UPDATE SET next = s.next + :count RETURNING next"
                ),
                {"name": sequence, "start": start, "count": count},
            ).scalar_one()
            connection.commit()
        return range(following - count, following)

    def environment_id(self) -> UUID:
        """What tells this database from any other; drawn when it is asked for the first time, and kept."""
        table = self.storage.environment
        draw = insert_or_leave(table).values(is_this=True).on_conflict_do_nothing()
        query = select(table.c.id)
        found = self.connection.execute(query).scalar()
        if found is None:
            self.connection.execute(draw)
            found = self.connection.execute(query).scalar_one()
        return UUID(str(found))

    def oldest_running(self) -> int:
        """The oldest transaction that may still commit: rows it and later ones write come after this point."""
        query = text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        return int(self.connection.execute(query).scalar_one())

    def _columns(self, target: SqlTable, names: Sequence[str] | None) -> list[ColumnElement[Any]]:
        return [target.c[name] for name in names] if names is not None else list(target.c)


def _plain(result: CursorResult[Any]) -> list[Row]:
    names = tuple(result.keys())
    return [dict(zip(names, row, strict=True)) for row in result]
