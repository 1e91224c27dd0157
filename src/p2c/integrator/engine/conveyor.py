"""Takes rows from one that reads to several that carry batches of them side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from p2c.edm.values import Row
from p2c.integrator.engine.together import together
from p2c.odata.client.environment import BATCH

AHEAD = 4
SIDE_BY_SIDE = 12
"""Batches under way: more than calls, which the gate bounds, so that it always finds one that waits to be sent."""
LARGE_AHEAD = 1
LARGE_SIDE_BY_SIDE = 2
"""Batches of many rows: fewer of them are in memory at a time."""
_T = TypeVar("_T")


class Conveyor:
    """Gathers rows to batches of `size` and carries them. With `in_order` one batch goes after the other."""

    def __init__(self, carry: Callable[[list[Row]], Awaitable[None]], size: int, *, in_order: bool = False) -> None:
        self._carry = carry
        self._size = size
        small = size <= BATCH
        self._queue: asyncio.Queue[list[Row] | None] = asyncio.Queue(AHEAD if small else LARGE_AHEAD)
        self._carriers = 1 if in_order else SIDE_BY_SIDE if small else LARGE_SIDE_BY_SIDE
        self._gathered: list[Row] = []

    async def run(self, feed: Callable[[], Awaitable[_T]]) -> _T:
        """
        The result of `feed`, which puts the rows, when all of them were carried.

        Raises:
            BaseException: The first error of reading or carrying; the rest is broken off.
        """
        fed: list[_T] = []

        async def reading() -> None:
            fed.append(await feed())
            await self.flush()
            for _ in range(self._carriers):
                await self._queue.put(None)

        await together(reading(), *(self._carrying() for _ in range(self._carriers)))
        return fed[0]

    async def put(self, rows: Sequence[Row]) -> None:
        """Rows to be carried, in batches with those before and after them."""
        self._gathered += rows
        whole = len(self._gathered) - len(self._gathered) % self._size
        for start in range(0, whole, self._size):
            await self._queue.put(self._gathered[start : start + self._size])
        self._gathered = self._gathered[whole:]

    async def flush(self) -> None:
        """What has gathered goes as it is."""
        if self._gathered:
            gathered, self._gathered = self._gathered, []
            await self._queue.put(gathered)

    async def _carrying(self) -> None:
        while (rows := await self._queue.get()) is not None:
            await self._carry(rows)
