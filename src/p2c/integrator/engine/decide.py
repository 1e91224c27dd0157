"""What the destination needs for a mapped row. Pure: the same rows always give the same intents."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import msgspec

from p2c.edm.values import Row, Value
from p2c.errors import RejectedRowError
from p2c.integrator.outcome import RowState

_encoder = msgspec.msgpack.Encoder(decimal_format="string")


@dataclass(frozen=True, slots=True)
class MappedRow:
    """A source row with what it becomes. `values` are complete: key, company and lookups by their names."""

    source_id: str
    source: Row
    key: str
    company: str
    values: Row
    hash: bytes


@dataclass(frozen=True, slots=True)
class Deliver:
    """Write the row; `known` when the destination is remembered to have it."""

    row: MappedRow
    known: bool


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The destination has these very values."""

    row: MappedRow


@dataclass(frozen=True, slots=True)
class Skip:
    """The row stays behind for a stated reason; that is no failure."""

    source_id: str
    key: str
    company: str
    reason: str


@dataclass(frozen=True, slots=True)
class Reject:
    """The row cannot be delivered."""

    source_id: str
    key: str
    company: str
    source: Row
    error: RejectedRowError


Intent: TypeAlias = Deliver | Unchanged | Skip | Reject


def decide(row: MappedRow, state: RowState | None) -> Deliver | Unchanged:
    """Compare a mapped row with what was delivered before."""
    delivered = state is not None and bool(state.destination_id)
    if delivered and state is not None and state.hash == row.hash:
        return Unchanged(row)
    return Deliver(row, delivered)


def row_hash(values: Mapping[str, Value]) -> bytes:
    """Eight bytes over names and values, whatever their order."""
    return hashlib.blake2b(_encoder.encode(sorted(values.items())), digest_size=8).digest()


def readable_key(values: Mapping[str, Value], names: tuple[str, ...]) -> str:
    """The integration key as people read it."""
    return " / ".join(str(values.get(name) if values.get(name) is not None else "") for name in names)
