"""Rows that point at rows of their own kind, held back until those are there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from p2c.edm.values import Row, Value

MOST = 20_000


@dataclass(frozen=True, slots=True)
class Held:
    """A source row with its own key at the destination and those it points at."""

    row: Row
    key: Value
    parents: tuple[Value, ...]


class HeldRows:
    """Holds at most `most` rows, so that memory stays bounded; further ones go on and may have to wait a run."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._held: list[Held] = []
        self._open = True

    def hold(self, row: Row, key: Value, parents: tuple[Value, ...]) -> bool:
        """Whether the row is held back now."""
        if not self._open or not parents or len(self._held) >= self._most:
            return False
        self._held.append(Held(row, key, parents))
        return True

    def leave(self) -> list[Row]:
        """All rows, for somebody else to carry; no further one is held."""
        self._open = False
        left, self._held = self._held, []
        return [item.row for item in left]

    def release(self) -> Iterator[list[Row]]:
        """The rows in waves: each wave points at no row of a later one. Rows in a circle come last, together."""
        self._open = False
        waiting, self._held = self._held, []
        while waiting:
            keys = {item.key for item in waiting}
            ready = [item for item in waiting if not keys.intersection(item.parents)] or waiting
            yield [item.row for item in ready]
            taken = set(map(id, ready))
            waiting = [item for item in waiting if id(item) not in taken]
