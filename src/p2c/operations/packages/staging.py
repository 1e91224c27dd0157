"""The staging table: every row of a package as it came, and why it did not go on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

import msgspec
from sqlalchemy import insert, literal, select, tuple_, update

from p2c.database.bulk import copy_rows
from p2c.database.session import Database, Session
from p2c.operations.packages.storage import PackageTables

_PAGE = 1000
_decode = msgspec.json.Decoder(dict[str, str]).decode


class Stage(Enum):
    """Where a row was refused: it could not be read, or the target did not take it."""

    STAGING = "staging"
    TARGET = "target"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why one row did not go on."""

    stage: Stage
    field: str
    message: str


@dataclass(frozen=True, slots=True)
class StagedRow:
    """A row: its number in the file, counted from 1, and its texts by field name in upper case."""

    number: int
    values: Mapping[str, str]
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class RowError:
    """A refused row of a job."""

    entity: str
    row: StagedRow
    refusal: Refusal


class Staging:
    """The staged rows of all jobs."""

    def __init__(self, database: Database, tables: PackageTables) -> None:
        self._database = database
        self._table = tables.staged
        self._files = tables.file

    def add(self, session: Session, job: str, entity: str, rows: Sequence[StagedRow]) -> None:
        """Keep rows."""
        if not rows:
            return
        copy_rows(
            session.connection,
            self._table,
            [
                {
                    "job": job,
                    "entity": entity,
                    "row": row.number,
                    "values": msgspec.json.encode(row.values).decode(),
                    "stage": row.refusal.stage.value if row.refusal else None,
                    "field": row.refusal.field if row.refusal else None,
                    "message": row.refusal.message if row.refusal else None,
                }
                for row in rows
            ],
        )

    def sound(self, job: str, entity: str, after: int, size: int) -> list[StagedRow]:
        """The next rows that nobody has refused, in the order of the file."""
        table = self._table
        query = (
            select(table.c.row, table.c["values"])
            .where(table.c.job == job, table.c.entity == entity, table.c.row > after, table.c.stage.is_(None))
            .order_by(table.c.row)
            .limit(size)
        )
        with self._database.begin() as session:
            return [StagedRow(row, _decode(values)) for row, values in session.connection.execute(query)]

    def refuse(self, session: Session, job: str, entity: str, refusals: Mapping[int, Refusal]) -> None:
        """Keep why rows did not go on, by their number."""
        table = self._table
        for number, refusal in refusals.items():
            session.connection.execute(
                update(table)
                .where(table.c.job == job, table.c.entity == entity, table.c.row == number)
                .values(stage=refusal.stage.value, field=refusal.field, message=refusal.message)
            )

    def refused(self, job: str, entity: str = "", stage: Stage | None = None) -> Iterator[RowError]:
        """Refused rows by entity and number, read a thousand at a time."""
        table = self._table
        columns = (table.c.entity, table.c.row, table.c["values"], table.c.stage, table.c.field, table.c.message)
        query = select(*columns).where(table.c.job == job, table.c.stage.is_not(None))
        if entity:
            query = query.where(table.c.entity == entity)
        if stage is not None:
            query = query.where(table.c.stage == stage.value)
        query = query.order_by(table.c.entity, table.c.row).limit(_PAGE)
        place = ("", 0)
        while True:
            behind = tuple_(table.c.entity, table.c.row) > tuple_(*(literal(part) for part in place))
            with self._database.begin() as session:
                found = session.connection.execute(query.where(behind)).all()
            for name, number, values, where, field, message in found:
                refusal = Refusal(Stage(where), field, message)
                yield RowError(name, StagedRow(number, _decode(values), refusal), refusal)
            if len(found) < _PAGE:
                return
            place = (found[-1][0], found[-1][1])

    def forget(self, job: str) -> None:
        """Drop the rows of a job that is about to be staged again."""
        with self._database.begin() as session:
            session.connection.execute(self._table.delete().where(self._table.c.job == job))

    def keep_file(self, session: Session, job: str, entity: str, kind: Stage, blob: object) -> None:
        """Remember a file of refused rows."""
        which = {"job": job, "entity": entity, "kind": kind.value}
        table = self._files
        session.connection.execute(table.delete().where(*(table.c[name] == value for name, value in which.items())))
        session.connection.execute(insert(table).values(**which, blob=blob))
