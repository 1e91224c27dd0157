"""What every environment can do for a caller, whichever product it is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

import msgspec

from p2c.edm.entity import Entity, Model
from p2c.edm.values import Row, Value
from p2c.errors import StopError
from p2c.odata.client.http import Traffic
from p2c.odata.client.rows import RowPage

BATCH = 500
"""Rows of an ordinary bulk write."""


class Written(Enum):
    """What became of a row that was sent."""

    CREATED = "created"
    UPDATED = "updated"
    REFUSED = "refused"


class Upsert(msgspec.Struct, frozen=True, gc=False):
    """A row to be there afterwards. `key` has the key properties, `values` the others by property name.

    `binds` point lookups at rows by primary key: lookup to (target entity, key), or None to clear it.
    `exists` says whether the destination has the row already.
    """

    key: Row
    values: Row
    binds: dict[str, tuple[str, Value] | None]
    exists: bool


class WriteResult(msgspec.Struct, frozen=True, gc=False):
    """The destination's answer for one row, in request order. `code` and `message` are its own words."""

    written: Written
    code: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Tracking:
    """How the changes of an entity are read; `told` says it in words.

    `continues`: from a checkpoint; without, everything is read every time. `deletions`: rows that are gone are named.
    """

    told: str
    continues: bool = True
    deletions: bool = True


@dataclass(frozen=True, slots=True)
class KeyRange:
    """Rows whose key is at least `lower` and below `upper`, in the environment's own order; empty is open.

    Both are opaque to all but the connector that has drawn them.
    """

    lower: str = ""
    upper: str = ""


@dataclass(frozen=True, slots=True)
class Division:
    """An entity in ranges that have every row in one of them, and a checkpoint older than all that they are read to.

    `checkpoint` is empty where changes of the entity are not tracked; `rows` are how many there were.
    """

    checkpoint: str
    rows: int
    ranges: tuple[KeyRange, ...]


class CheckpointExpiredError(StopError):
    """The environment cannot tell changes since this checkpoint any more: everything has to be read."""


class Source(Protocol):
    """What can be read from: an environment, or what stands in for one. All methods raise RetryError when it stays
    away, StopError when it refuses."""

    @property
    def model(self) -> Model:
        """The entities."""

    @property
    def traffic(self) -> Traffic:
        """What was sent and received so far."""

    async def tracking(self, entity: Entity) -> Tracking:
        """How `changes` of the entity continues from a checkpoint."""

    def changes(self, entity: Entity, names: Sequence[str], since: str | None) -> AsyncIterator[RowPage]:
        """Pages of rows changed since a checkpoint (None: all rows). The last page carries the next checkpoint
        in `delta_link`, empty where changes of the entity are not tracked.

        Raises:
            CheckpointExpiredError: `since` is too old, or of another way of reading; all has to be read.
        """

    async def count(self, entity: Entity) -> int | None:
        """How many rows the entity has; None where the environment does not count so far."""

    async def by_values(self, entity: Entity, names: Sequence[str], column: str, values: Sequence[Value]) -> list[Row]:
        """Rows whose `column` is one of `values`, in any order."""


class Environment(Source, Protocol):
    """Reads and writes one environment.

    `needs_match` says that `upsert` cannot tell created from updated by itself: `Upsert.exists` must be right.
    """

    name: str
    model: Model
    needs_match: bool

    @property
    def where(self) -> str:
        """The environment's name and URL without secrets, for messages."""

    async def connect(self) -> Model:
        """Read the metadata; sets and returns `model`."""

    async def identity(self) -> str:
        """What tells this environment from another one that may come to answer at its URL; empty where it does not
        say."""

    async def divide(self, entity: Entity, names: Sequence[str], part_rows: int) -> Division | None:
        """All rows in ranges of about `part_rows` or more, and where `changes` of these `names` go on afterwards; None
        where there are not enough rows for two, or the environment does not tell what this takes."""

    def part(self, entity: Entity, names: Sequence[str], part: KeyRange) -> AsyncIterator[RowPage]:
        """Pages of the rows of one range, as they are when they are read."""

    async def writing(self, entity: Entity) -> str:
        """How rows of the entity are written, in words."""

    async def rows_a_write(self, entity: Entity, expected: int | None) -> int:
        """How many rows are best written at once where so many are to come (None: more than can be counted)."""

    async def upsert(self, entity: Entity, rows: Sequence[Upsert]) -> list[WriteResult]:
        """Write rows; one result a row, in order. A refused row leaves the others written."""

    async def delete(self, entity: Entity, keys: Sequence[Row]) -> list[WriteResult]:
        """Delete rows by key; UPDATED means deleted."""

    async def close(self) -> None:
        """Close connections."""
