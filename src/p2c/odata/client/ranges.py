"""Ranges of keys, and where to part them: the same for both products."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from p2c.odata.client.environment import KeyRange

MOST_PARTS = 32
"""Into so many parts an entity is divided, however large it is."""
_T = TypeVar("_T")


def parts_of(rows: int, part_rows: int) -> int:
    """Into how many parts of at least so many rows an entity is divided; 1 and 0 are not worth it."""
    return min(MOST_PARTS, rows // part_rows)


def ranges_between(bounds: Sequence[str]) -> tuple[KeyRange, ...]:
    """
    The ranges that these bounds part, the first and the last of them open.

    Whatever order the environment compares keys by, every row is in one of them, so long as it is one order: the first
    bound that a key is below names its range. Bounds in another order overlap, and leave nothing out.
    """
    distinct = list(dict.fromkeys(bounds))
    return tuple(KeyRange(lower, upper) for lower, upper in zip(["", *distinct], [*distinct, ""], strict=True))


async def disjoint(bounds: Sequence[str], holds: Callable[[KeyRange], Awaitable[bool]]) -> tuple[KeyRange, ...]:
    """
    The ranges between bounds, none of which overlap: `holds` tells whether a range has a row.

    An environment may order rows otherwise than it compares their keys, by case for one. A bound that a row has is
    above the one before it if there is a row from that one up to it; one that is not is left out.
    """
    kept: list[str] = []
    for bound in bounds:
        if await holds(KeyRange(kept[-1] if kept else "", bound)):
            kept.append(bound)
    if kept and not await holds(KeyRange(kept[-1], "")):
        kept.pop()
    return ranges_between(kept)


def condition_of(column: str, part: KeyRange) -> str:
    """The range as a `$filter`, not percent-encoded; its bounds are literals."""
    bounds = ((f"{column} ge", part.lower), (f"{column} lt", part.upper))
    return " and ".join(f"{compared} {literal}" for compared, literal in bounds if literal)


def every_nth(items: Sequence[_T], parts: int) -> list[_T]:
    """The items at which a list falls into so many parts of about one size, one fewer than there are parts."""
    places = (number * len(items) // parts for number in range(1, parts))
    return [items[place] for place in places if place]


class EvenSample(Generic[_T]):
    """Keeps every so-manieth item of a stream of unknown length, and never `most` of them."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._every = 1
        self.count = 0
        self.items: list[_T] = []

    def add(self, item: _T) -> None:
        """The next item of the stream."""
        if self.count % self._every == 0:
            self.items.append(item)
            if len(self.items) == self._most:
                self.items = self.items[::2]
                self._every *= 2
        self.count += 1
