"""What a client asks to have written, before anything is looked up."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from p2c.edm.change import Problem
from p2c.edm.values import Row, Value


class Mode(Enum):
    """What may happen to the row."""

    CREATE = "create"
    UPDATE = "update"
    UPSERT = "upsert"


class Address(NamedTuple):
    """A row named by property values: the key of its entity, or an alternate key."""

    entity: str
    names: tuple[str, ...]
    values: tuple[Value, ...]

    def __str__(self) -> str:
        parts = ", ".join(f"{name}={value}" for name, value in zip(self.names, self.values, strict=True))
        return f"{self.entity}({parts})"


@dataclass(slots=True)
class Write:
    """One row to write. `values` are by property name; `binds` name other rows for lookups (None clears).

    `etag` is the version that If-Match asks for, as the row's version number.
    `problem` is set when the payload itself could not be read.
    """

    number: int
    mode: Mode
    values: Row
    address: Address | None = None
    binds: dict[str, Address | None] = field(default_factory=dict)
    etag: int | None = None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happened to one row: its primary key, whether it is new and the columns that were set; or the problem."""

    number: int
    key: Value = None
    created: bool = False
    problem: Problem | None = None
    values: Row = field(default_factory=dict)
