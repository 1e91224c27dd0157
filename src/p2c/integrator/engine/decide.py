"""What the destination needs for a mapped row. Pure: the same rows always give the same intents."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeAlias

import msgspec

from p2c.edm.values import Row, Value
from p2c.errors import RejectedRowError
from p2c.integrator.outcome import RowState

_encoder = msgspec.msgpack.Encoder(decimal_format="string")
_CONTENT, _NAMES = 8, 2
"""Bytes of the two digests in what is remembered of a row."""


@dataclass(frozen=True, slots=True)
class MappedRow:
    """A source row with what it becomes, and the `address` that identifies it at the destination.

    `values` are complete: key, company and lookups by their names.
    """

    source_id: str
    source: Row
    key: str
    company: str
    address: str
    values: Row
    hash: bytes


@dataclass(frozen=True, slots=True)
class Deliver:
    """Write the row; `known` when the destination is remembered to have it.

    `cleared` are fields that had a value when the row was last delivered and have none now. Other fields without a
    value are not sent: what the destination fills in by itself stays as it is. Nor are those `left_out`.
    """

    row: MappedRow
    known: bool
    cleared: frozenset[str] = frozenset()
    left_out: frozenset[str] = frozenset()

    def leaving(self, names: frozenset[str]) -> Deliver:
        """The same without these fields."""
        return replace(self, left_out=names) if names else self

    def sends(self, name: str) -> bool:
        """Whether a field is sent."""
        return name not in self.left_out and (self.row.values[name] is not None or name in self.cleared)


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


def decide(row: MappedRow, state: RowState | None, *, again: bool = False) -> Deliver | Unchanged:
    """Compare a mapped row with what was delivered before; `again` delivers also what is the same."""
    delivered = state is not None and bool(state.destination_id)
    if delivered and not again and state is not None and state.hash == row.hash:
        return Unchanged(row)
    if not delivered or state is None:
        return Deliver(row, delivered)
    return Deliver(row, delivered, cleared(row.values, state.hash))


def row_hash(values: Mapping[str, Value]) -> bytes:
    """
    What is remembered of a delivered row: eight bytes over names and values, whatever their order, two over the
    names alone, then a bit for each name in sorted order, set where there is a value.
    """
    names, mark = _sorted_names(tuple(values))
    pairs = [(name, values[name]) for name in names]
    content = hashlib.blake2b(_encoder.encode(pairs), digest_size=_CONTENT)
    return content.digest() + mark + _filled(values, names).to_bytes((len(names) + 7) // 8, "little")


def cleared(values: Mapping[str, Value], remembered: bytes) -> frozenset[str]:
    """The fields that are empty now and had a value when the row was remembered; none when the map has changed."""
    names, mark = _sorted_names(tuple(values))
    if remembered[_CONTENT : _CONTENT + _NAMES] != mark:
        return frozenset()
    before = int.from_bytes(remembered[_CONTENT + _NAMES :], "little")
    lost = before & ~_filled(values, names)
    return frozenset(name for place, name in enumerate(names) if lost >> place & 1) if lost else frozenset()


@lru_cache(maxsize=64)
def _sorted_names(names: tuple[str, ...]) -> tuple[tuple[str, ...], bytes]:
    """Names in order, and the digest over them: all rows of a leg have the same."""
    ordered = tuple(sorted(names))
    return ordered, hashlib.blake2b("\0".join(ordered).encode(), digest_size=_NAMES).digest()


def _filled(values: Mapping[str, Value], names: tuple[str, ...]) -> int:
    """A bit for each name, the first one the lowest, set where there is a value."""
    return sum([1 << place for place, name in enumerate(names) if values[name] is not None])


def readable_key(values: Mapping[str, Value], names: tuple[str, ...]) -> str:
    """The integration key as people read it."""
    return " / ".join(str(values.get(name) if values.get(name) is not None else "") for name in names)
