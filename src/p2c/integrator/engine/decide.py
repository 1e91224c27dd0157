"""What the destination needs for a mapped row. Pure: the same rows always give the same intents."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
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
    value are not sent: what the destination fills in by itself stays as it is.
    """

    row: MappedRow
    known: bool
    cleared: frozenset[str] = frozenset()


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
    fields = _fields(tuple(values))
    found = fields.take(values)
    content = hashlib.blake2b(_encoder.encode(list(zip(fields.names, found, strict=True))), digest_size=_CONTENT)
    return content.digest() + fields.mark + (_filled(found) if None in found else fields.all_filled)


def cleared(values: Mapping[str, Value], remembered: bytes) -> frozenset[str]:
    """The fields that are empty now and had a value when the row was remembered; none when the map has changed."""
    fields = _fields(tuple(values))
    before = remembered[_CONTENT + _NAMES :]
    if remembered[_CONTENT : _CONTENT + _NAMES] != fields.mark:
        return frozenset()
    return frozenset(
        name for place, name in enumerate(fields.names) if values[name] is None and before[place // 8] >> place % 8 & 1
    )


@dataclass(frozen=True, slots=True)
class _Fields:
    """What all rows of the same fields have in common: names in sorted order, how to take their values, the digest
    of the names, and the bits of a row without a gap."""

    names: tuple[str, ...]
    take: Callable[[Mapping[str, Value]], Sequence[Value]]
    mark: bytes
    all_filled: bytes


@lru_cache(maxsize=64)
def _fields(names: tuple[str, ...]) -> _Fields:
    ordered = tuple(sorted(names))
    mark = hashlib.blake2b("\0".join(ordered).encode(), digest_size=_NAMES).digest()
    return _Fields(ordered, _taker(ordered), mark, _filled(ordered))


def _taker(names: tuple[str, ...]) -> Callable[[Mapping[str, Value]], Sequence[Value]]:
    if len(names) > 1:
        return itemgetter(*names)
    return lambda values: [values[name] for name in names]


def _filled(values: Sequence[object]) -> bytes:
    bits = sum(1 << place for place, value in enumerate(values) if value is not None)
    return bits.to_bytes((len(values) + 7) // 8, "little")


def readable_key(values: Mapping[str, Value], names: tuple[str, ...]) -> str:
    """The integration key as people read it."""
    return " / ".join(str(values.get(name) if values.get(name) is not None else "") for name in names)
