"""A source whose rows are a query's: its tables are filled, the query is run, its result is read."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TypeVar

import duckdb
import msgspec

from p2c.edm.entity import Entity, Model
from p2c.edm.values import EdmType, Row, Value
from p2c.errors import ConfigurationError
from p2c.integrator.mapping.resolve import UnresolvedError
from p2c.integrator.query.plan import QueryPlan, Read, quoted
from p2c.integrator.query.sandbox import bounded, lock, open_sandbox, scratch
from p2c.integrator.query.types import COLUMN_TYPES, DECIMALS, FROM_RESULT
from p2c.odata.client.environment import Source, Tracking
from p2c.odata.client.http import Traffic
from p2c.odata.client.rows import RowPage

PAGE = 5000
QUERIED = "query"
"""The checkpoint after a query: no plain source goes on from it, so that taking the query out reads everything."""
_RESULT = '"p2c result"'
_SHOWN = 3
_Result = TypeVar("_Result")
_lines = msgspec.json.Encoder(decimal_format="string").encode_lines


class QueriedSource:
    """
    What a leg reads when it has a query: always everything, as changes of joined rows are told by nobody.

    `environment` has the entities that it queries. `where` names the project and task for messages. Temporary files
    hold the rows while the query runs.
    """

    def __init__(self, environment: Source, plan: QueryPlan, where: str) -> None:
        self._environment = environment
        self._plan = plan
        self._where = where

    async def tracking(self, entity: Entity) -> Tracking:
        """Nobody tells changes of joined rows."""
        return Tracking("a query: everything is read and compared", continues=False)

    @property
    def entity(self) -> Entity:
        """The source's entity, with the columns of the result as its properties."""
        return self._plan.entity

    @property
    def plan(self) -> QueryPlan:
        """The query, as it fits the environment."""
        return self._plan

    @property
    def model(self) -> Model:
        """The environment's."""
        return self._environment.model

    @property
    def traffic(self) -> Traffic:
        """The environment's."""
        return self._environment.traffic

    async def count(self, entity: Entity) -> int | None:
        """Nobody knows before the query has run."""
        return None

    async def by_values(self, entity: Entity, names: Sequence[str], column: str, values: Sequence[Value]) -> list[Row]:
        """Rows of the environment's own entities, for fields behind lookups."""
        return await self._environment.by_values(entity, names, column, values)

    async def changes(self, entity: Entity, names: Sequence[str], since: str | None) -> AsyncGenerator[RowPage]:
        """
        All rows of the result, with these columns.

        Raises:
            ConfigurationError: The query fails, takes too long, or gives a source row twice or without its key; before
                the first page.
            StopError: There is no room for the rows.
        """
        with scratch() as folder, open_sandbox(folder) as sandbox:
            for read in self._plan.reads:
                await self._fill(sandbox, read, folder / "rows.ndjson")
            lock(sandbox)
            await self._work(sandbox, partial(self._run, sandbox))
            wanted = tuple(dict.fromkeys((*self._plan.entity.key, *names)))
            rows, columns = _Rows(self._plan.entity, wanted), ", ".join(map(quoted, wanted))
            await self._work(sandbox, partial(sandbox.execute, f"SELECT {columns} FROM {_RESULT}"))
            while found := await self._work(sandbox, partial(sandbox.fetchmany, PAGE)):
                yield RowPage(rows.of(found), [], None, None)
        yield RowPage([], [], None, QUERIED)

    async def _fill(self, sandbox: duckdb.DuckDBPyConnection, read: Read, file: Path) -> None:
        """One table, through a file of a line a row: that is how DuckDB takes many rows fast, in little memory."""
        decimals = [name for name in read.names if read.entity.property[name].type is EdmType.DECIMAL]
        with file.open("wb") as lines:
            async for page in self._environment.changes(read.entity, read.names, None):
                await self._work(sandbox, partial(_check_decimals, read, page.rows, decimals))
                await self._work(sandbox, partial(lines.write, _lines(page.rows)))
        await self._work(sandbox, partial(_load, sandbox, read, file))

    async def _work(self, sandbox: duckdb.DuckDBPyConnection, work: Callable[[], _Result]) -> _Result:
        try:
            return await bounded(sandbox, work)
        except UnresolvedError as error:
            raise ConfigurationError(error.what, where=self._where, way_out=error.way_out) from error

    def _run(self, sandbox: duckdb.DuckDBPyConnection) -> None:
        """Keep the whole result, so that mistakes in it are known before the first row moves."""
        names = ", ".join(quoted(item.name) for item in self._plan.entity.properties)
        sandbox.execute(f"CREATE TABLE {_RESULT} ({names}) AS {self._plan.sql}")
        self._check_key(sandbox)

    def _check_key(self, sandbox: duckdb.DuckDBPyConnection) -> None:
        key, source = [quoted(name) for name in self._plan.entity.key], self._plan.entity.set_name
        without = sandbox.execute(f"SELECT count(*) FROM {_RESULT} WHERE {' IS NULL OR '.join(key)} IS NULL").fetchall()
        if without[0][0]:
            raise UnresolvedError(
                f"the query gives {without[0][0]} rows that are none of {source}: {' or '.join(key)} is NULL",
                f"keep {source} on the outer side of joins",
            )
        names = ", ".join(key)
        twice = f"SELECT {names}, count(*) FROM {_RESULT} GROUP BY {names} HAVING count(*) > 1"
        shown = sandbox.execute(f"{twice} ORDER BY ALL LIMIT {_SHOWN}").fetchall()
        if shown:
            total = sandbox.execute(f"SELECT count(*) FROM ({twice})").fetchall()[0][0]
            examples = "; ".join(f"{'|'.join(map(str, row[:-1]))} {row[-1]} times" for row in shown)
            raise UnresolvedError(
                f"the query gives {total} rows of {source} more than once, such as {examples}",
                "join on keys, or GROUP BY the source row: one row of the result is one source row",
            )


def _load(sandbox: duckdb.DuckDBPyConnection, read: Read, file: Path) -> None:
    sandbox.execute(read.create)
    columns = ", ".join(f"{quoted(name)}: '{COLUMN_TYPES[read.entity.property[name].type]}'" for name in read.names)
    rows = f"read_json(?, format = 'newline_delimited', columns = {{{columns}}})"
    sandbox.execute(f"INSERT INTO {quoted(read.entity.set_name)} SELECT * FROM {rows}", [str(file)])
    file.unlink()


def _check_decimals(read: Read, rows: Sequence[Row], names: Sequence[str]) -> None:
    for name in names:
        for row in rows:
            value = row[name]
            exponent = value.as_tuple().exponent if isinstance(value, Decimal) else 0
            if isinstance(exponent, int) and exponent < -DECIMALS:
                raise UnresolvedError(
                    f"{read.entity.set_name} has {name} {value}, and queries keep {DECIMALS} digits after the point",
                    "leave the column out of the query",
                )


class _Rows:
    """Makes rows of what DuckDB fetches."""

    def __init__(self, entity: Entity, names: Sequence[str]) -> None:
        self._names = names
        types = ((name, entity.property[name].type) for name in names)
        self._differ = [(name, FROM_RESULT[type]) for name, type in types if type in FROM_RESULT]

    def of(self, found: Sequence[Sequence[Value]]) -> list[Row]:
        """Rows by the names, in order."""
        rows: list[Row] = [dict(zip(self._names, values, strict=True)) for values in found]
        for name, convert in self._differ:
            for row in rows:
                row[name] = convert(row[name])
        return rows
