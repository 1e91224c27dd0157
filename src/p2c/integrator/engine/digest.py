"""What is remembered of a delivered row: enough to tell later whether it has changed, and which fields it lost. Pure.

Every row of a run is digested, so this is made of few steps that go over all fields at once: names are written as
MessagePack beforehand, and a batch asks for its `Digest` once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from operator import itemgetter

import msgspec

from p2c.edm.values import Value

_encoder = msgspec.msgpack.Encoder(decimal_format="string")
_CONTENT, _NAMES = 8, 2
"""Bytes of the two digests in what is remembered of a row."""
_PAIR = b"\x92"
_NIL = b"\xc0"
"""MessagePack: a list of two follows; no value."""


class Digest:
    """
    Digests rows that all have these fields, as all rows of a leg have.

    A digest has eight bytes over names and values, as a list of pairs in the order of the names, two over the names
    alone, then a bit for each name in that order, set where there is a value.
    """

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = tuple(sorted(names))
        self._mark = hashlib.blake2b("\0".join(self._names).encode(), digest_size=_NAMES).digest()
        self._values = itemgetter(*self._names) if len(names) > 1 else self._few
        self._pairs: list[object] = [None] * (2 * len(names))
        self._pairs[::2] = [msgspec.Raw(_PAIR + _encoder.encode(name)) for name in self._names]
        self._begin = hashlib.blake2b(_head(len(names)), digest_size=_CONTENT)
        self._skip = len(_head(len(self._pairs)))
        self._bits = [1 << place for place in range(len(names))]
        self._size = (len(names) + 7) // 8
        self._all = self._mark + sum(self._bits).to_bytes(self._size, "little")

    def of(self, values: Mapping[str, Value]) -> bytes:
        """What is remembered of a row."""
        pairs, picked = self._pairs.copy(), self._values(values)
        pairs[1::2] = picked
        written = _encoder.encode(pairs)
        content = self._begin.copy()
        content.update(memoryview(written)[self._skip :])
        # The byte may be part of a value as well: where it is not, all fields have one.
        filled = self._all if _NIL not in written else self._mark + self._filled(picked).to_bytes(self._size, "little")
        return content.digest() + filled

    def cleared(self, values: Mapping[str, Value], remembered: bytes) -> frozenset[str]:
        """The fields that are empty now and had a value when the row was remembered; none when the map has changed."""
        if remembered[_CONTENT : _CONTENT + _NAMES] != self._mark:
            return frozenset()
        before = int.from_bytes(remembered[_CONTENT + _NAMES :], "little")
        lost = before & ~self._filled(self._values(values))
        return frozenset(name for place, name in enumerate(self._names) if lost >> place & 1) if lost else frozenset()

    def _filled(self, picked: tuple[Value, ...]) -> int:
        """A bit for each name, the first one the lowest, set where there is a value."""
        return sum([bit for bit, value in zip(self._bits, picked, strict=True) if value is not None])

    def _few(self, values: Mapping[str, Value]) -> tuple[Value, ...]:
        return tuple(values[name] for name in self._names)


@lru_cache(maxsize=64)
def digest_of(names: tuple[str, ...]) -> Digest:
    """The digest of rows with these fields, kept; their order does not matter."""
    return Digest(names)


def row_hash(values: Mapping[str, Value]) -> bytes:
    """What is remembered of a single row."""
    return digest_of(tuple(values)).of(values)


def cleared(values: Mapping[str, Value], remembered: bytes) -> frozenset[str]:
    """The fields that a single row has lost; see `Digest.cleared`."""
    return digest_of(tuple(values)).cleared(values, remembered)


def unsettled(remembered: bytes) -> bytes:
    """The same without what the values were, so that no row is unchanged; which fields had one stays known."""
    return bytes(_CONTENT) + remembered[_CONTENT:]


def _head(count: int) -> bytes:
    """How MessagePack begins a list of so many."""
    return _encoder.encode([None] * count)[:-count] if count else _encoder.encode([])
