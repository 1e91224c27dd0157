"""Joins the rows of two sides in DuckDB, so that memory does not grow with their number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import msgspec

from p2c.integrator.query.sandbox import bounded

PAGE = 500
_SHOWN = 5
_Result = TypeVar("_Result")


class SideRow(msgspec.Struct):
    """
    One row of one side, reduced to what decides.

    `compared` is None where a compared value is blank: such a row matches nothing. `folded` is the key as both services
    compare it, None without one. `shown` are the compared values as people read them.
    """

    id: str
    company: str
    key: list[str]
    folded: str | None
    compared: str | None
    shown: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two rows that only each other match. `key` is what the source row has, `new_key` what the destination has."""

    source_id: str
    company: str
    shown: str
    key: tuple[str, ...]
    new_key: tuple[str, ...]

    @property
    def is_new(self) -> bool:
        """Whether the source row has no key so far."""
        return not any(self.key)


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Rows that match, but not one to one: the number on both sides, and the keys of some at the destination."""

    company: str
    shown: str
    source_rows: int
    destination_rows: int
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SideCounts:
    """Rows of one side. `rows` is the sum of the others; `kept_back` are those that no task would carry."""

    rows: int
    kept_back: int
    joined: int
    paired: int
    ambiguous: int
    unmatched: int


SIDES = ("source", "destination")
_TABLE = "(id VARCHAR, company VARCHAR, key VARCHAR[], folded VARCHAR, compared VARCHAR, shown VARCHAR)"
_OPEN = """
CREATE TABLE open_{side} AS SELECT * FROM {side} AS own WHERE NOT EXISTS (
    SELECT 1 FROM {other} AS other WHERE other.company = own.company AND other.folded = own.folded)
"""
_GROUPS = """
CREATE TABLE groups AS
WITH s AS (SELECT company, compared, count(*) AS rows, any_value(id) AS id, any_value(key) AS key,
        any_value(shown) AS shown
    FROM open_source WHERE compared IS NOT NULL GROUP BY ALL),
d AS (SELECT company, compared, count(*) AS rows, any_value(key) AS key,
        list_sort(list(array_to_string(key, ', '))[:{shown}]) AS keys
    FROM open_destination WHERE compared IS NOT NULL GROUP BY ALL)
SELECT company, s.shown, s.id, s.rows AS source_rows, d.rows AS destination_rows, s.key, d.key AS new_key, d.keys,
    s.rows = 1 AND d.rows = 1 AS one_to_one
FROM s JOIN d USING (company, compared)
"""
_COUNTS = """
SELECT (SELECT count(*) FROM open_{side}), count(*) FILTER (one_to_one), sum({side}_rows) FILTER (NOT one_to_one)
FROM groups
"""


class Joined:
    """The rows of both sides in a database: first add them, then join, then ask."""

    def __init__(self, sandbox: duckdb.DuckDBPyConnection, folder: Path) -> None:
        self._sandbox = sandbox
        self._files = {side: folder / f"{side}.ndjson" for side in SIDES}
        self._rows = dict.fromkeys(SIDES, 0)
        self._kept_back = dict.fromkeys(SIDES, 0)

    async def add(self, side: str, rows: Sequence[SideRow], kept_back: int) -> None:
        """More rows of a side, and how many beside them were kept back."""
        self._rows[side] += len(rows)
        self._kept_back[side] += kept_back
        await self._work(partial(self._write, self._files[side], rows))

    async def join(self) -> None:
        """All rows are there: find out which belong together."""
        await self._work(self._join)

    async def counts(self, side: str) -> SideCounts:
        """The rows of one side by what was found."""
        found = await self._work(partial(self._all, _COUNTS.format(side=side)))
        still_open, paired, ambiguous = (int(number or 0) for number in found[0])
        return SideCounts(
            rows=self._rows[side] + self._kept_back[side],
            kept_back=self._kept_back[side],
            joined=self._rows[side] - still_open,
            paired=paired,
            ambiguous=ambiguous,
            unmatched=still_open - paired - ambiguous,
        )

    async def pairs(self, *, replace: bool, most: int, after: str = "") -> list[Pair]:
        """The next pairs by source id; those whose source row has another key only with `replace`."""
        new = "" if replace else "AND array_to_string(key, '') = ''"
        sql = (
            f"SELECT id, company, shown, key, new_key FROM groups WHERE one_to_one AND id > ? {new} ORDER BY id LIMIT ?"
        )
        found = await self._work(partial(self._all, sql, after, most))
        return [Pair(row[0], row[1], row[2], tuple(row[3]), tuple(row[4])) for row in found]

    async def ambiguous(self, most: int) -> list[Ambiguous]:
        """Groups that are not one to one, in the order of company and values."""
        sql = (
            "SELECT company, shown, source_rows, destination_rows, keys FROM groups "
            "WHERE NOT one_to_one ORDER BY company, shown LIMIT ?"
        )
        found = await self._work(partial(self._all, sql, most))
        return [Ambiguous(row[0], row[1], row[2], row[3], tuple(row[4])) for row in found]

    def _write(self, file: Path, rows: Sequence[SideRow]) -> None:
        with file.open("ab") as lines:
            lines.write(msgspec.json.Encoder().encode_lines(rows))

    def _join(self) -> None:
        for side in SIDES:
            self._sandbox.execute(f"CREATE TABLE {side} {_TABLE}")
            if self._files[side].exists():
                columns = _TABLE.strip("()").split(", ")
                shape = ", ".join("{}: '{}'".format(*column.split(" ")) for column in columns)
                rows = f"read_json(?, format = 'newline_delimited', columns = {{{shape}}})"
                self._sandbox.execute(f"INSERT INTO {side} SELECT * FROM {rows}", [str(self._files[side])])
        for side, other in (SIDES, SIDES[::-1]):
            self._sandbox.execute(_OPEN.format(side=side, other=other))
        self._sandbox.execute(_GROUPS.format(shown=_SHOWN))

    def _all(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        return self._sandbox.execute(sql, list(values)).fetchall()

    async def _work(self, work: Callable[[], _Result]) -> _Result:
        return await bounded(self._sandbox, work)
