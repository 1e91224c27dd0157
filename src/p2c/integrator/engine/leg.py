"""One leg of a run: pages are read ahead, batches carried side by side, the checkpoint kept at the end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Protocol

from p2c.edm.values import Row
from p2c.integrator.engine.context import LegContext
from p2c.integrator.engine.deletion_guard import DeletionGuard
from p2c.integrator.engine.held import HeldRows
from p2c.integrator.engine.rereading import reread
from p2c.integrator.engine.together import together
from p2c.integrator.outcome import Progress
from p2c.odata.client.environment import BATCH, CheckpointExpiredError
from p2c.odata.client.rows import RowPage

AHEAD = 4
SIDE_BY_SIDE = 12
"""Batches under way: more than calls, which the gate bounds, so that it always finds one that waits to be sent."""
LARGE_AHEAD = 1
LARGE_SIDE_BY_SIDE = 2
"""Batches of many rows: fewer of them are in memory at a time."""


class Carrier(Protocol):
    """Takes the rows of a leg on. `held` are rows that wait for rows of their own kind."""

    held: HeldRows

    async def carry(self, rows: Sequence[Row]) -> None:
        """A batch of source rows."""

    async def gone(self, ids: Sequence[str]) -> None:
        """Source rows that were deleted, or are not there any more."""

    async def not_seen(self) -> None:
        """Everything was read: rows that the leg knew and did not meet any more are gone."""


class LegFlow:
    """Reads the source of one leg for a carrier of its rows.

    `advanced` hears the totals after every batch. `guard` holds deletions back until all is read; without, they are
    carried as they come.
    """

    def __init__(
        self,
        context: LegContext,
        advanced: Callable[[Progress], None],
        carrier: Carrier,
        guard: DeletionGuard | None = None,
    ) -> None:
        self._context = context
        self._guard = guard
        self._flow = carrier
        self._advanced = advanced
        self._names = context.read_names
        self._size = BATCH
        self._waiting: set[str] = set()
        self._whole = False

    async def run(self, checkpoint: str | None, expected: int | None) -> str:
        """
        Carry all rows changed since `checkpoint` and those that wait to be tried again; the next checkpoint.

        `expected` rows will be read, None for more than can be counted: the destination says how many it likes in a
        write then.

        Raises:
            RetryError, StopError: An environment stays away or refuses; what was recorded stays.
        """
        context = self._context
        self._whole = checkpoint is None
        self._waiting = set(await asyncio.to_thread(context.store.open_rejections, context.key))
        self._size = await context.destination.rows_a_write(context.destination_entity, expected)
        queue: asyncio.Queue[list[Row] | None] = asyncio.Queue(AHEAD if self._size <= BATCH else LARGE_AHEAD)
        carrying = (self._carry(queue) for _ in range(self._carriers))
        reached, *_ = await together(self._read(checkpoint, queue), *carrying)
        await self._release()
        if self._whole:
            if self._guard is not None:
                await self._guard.check_not_seen()
            await self._flow.not_seen()
        return reached

    async def retry(self, ids: Sequence[str]) -> None:
        """
        Carry these source rows alone, as they are now; where the leg's reading stands does not change.

        Raises:
            RetryError, StopError: An environment stays away or refuses; what was recorded stays.
        """
        for start in range(0, len(ids), BATCH):
            part = ids[start : start + BATCH]
            rows = await self._still_there(part)
            if rows:
                await self._flow.carry(rows)
                self._advanced(self._context.tally.progress())
        await self._release()

    async def _release(self) -> None:
        """Carry the rows that were held back for others of their own kind."""
        for wave in self._flow.held.release():
            for start in range(0, len(wave), self._size):
                await self._flow.carry(wave[start : start + self._size])
                self._advanced(self._context.tally.progress())

    async def _read(self, checkpoint: str | None, queue: asyncio.Queue[list[Row] | None]) -> str:
        """Put the changed rows into the queue in batches, then those that wait; the next checkpoint."""
        context, after = self._context, ""
        gathered: list[Row] = []
        pages = self._pages(checkpoint)
        while (page := await self._next(pages)) is not None:
            if self._waiting or self._guard is not None:
                self._met(context.source_ids(page.rows))
            gathered += page.rows
            whole = len(gathered) - len(gathered) % self._size
            for start in range(0, whole, self._size):
                await queue.put(gathered[start : start + self._size])
            gathered = gathered[whole:]
            await self._gone(page.deleted)
            after = page.delta_link or after
        await self._let_go()
        if gathered:
            await queue.put(gathered)
        await self._again(queue)
        for _ in range(self._carriers):
            await queue.put(None)
        return after

    def _met(self, ids: Sequence[str]) -> None:
        """Source rows that are there: they neither wait to be read once more, nor are they gone."""
        self._waiting.difference_update(ids)
        if self._guard is not None:
            self._guard.back(ids)

    async def _next(self, pages: AsyncIterator[RowPage]) -> RowPage | None:
        with self._context.tally.step("read"):
            return await anext(pages, None)

    @property
    def _carriers(self) -> int:
        # Rows of several companies that become one row keep their order.
        if self._context.companies.merges:
            return 1
        return SIDE_BY_SIDE if self._size <= BATCH else LARGE_SIDE_BY_SIDE

    async def _pages(self, checkpoint: str | None) -> AsyncIterator[RowPage]:
        """Pages since the checkpoint; everything when the source does not remember so far back."""
        context = self._context
        try:
            async for page in context.source.changes(context.source_entity, self._names, checkpoint):
                yield page
        except CheckpointExpiredError:
            self._whole = True
            async for page in context.source.changes(context.source_entity, self._names, None):
                yield page

    async def _carry(self, queue: asyncio.Queue[list[Row] | None]) -> str:
        """Carry batches until there are no more; carriers reach no checkpoint."""
        while (rows := await queue.get()) is not None:
            await self._flow.carry(rows)
            self._advanced(self._context.tally.progress())
        return ""

    async def _again(self, queue: asyncio.Queue[list[Row] | None]) -> None:
        """Rows rejected before that did not change: read once more, the destination may take them now.

        After a full read there are none: what it did not meet is gone.
        """
        if self._whole:
            return
        waiting = sorted(self._waiting)
        for start in range(0, len(waiting), BATCH):
            rows = await self._still_there(waiting[start : start + BATCH])
            if rows:
                await queue.put(rows)

    async def _still_there(self, ids: Sequence[str]) -> list[Row]:
        """The source rows with these ids as they are now; those that are gone are counted so."""
        found = await reread(self._context, self._names, ids)
        # Whoever guards deletions has counted these before, or a person has named them.
        await self._flow.gone(found.gone)
        self._waiting.difference_update(found.gone)
        return found.rows

    async def _gone(self, ids: Sequence[str]) -> None:
        """Rows deleted at the source."""
        if ids:
            await self._flow.gone(ids if self._guard is None else await self._guard.hold(ids))
            self._waiting.difference_update(ids)

    async def _let_go(self) -> None:
        """All deletions are known, and not too many: the rows that were held back go."""
        leaving = self._guard.release() if self._guard is not None else []
        for start in range(0, len(leaving), BATCH):
            await self._flow.gone(leaving[start : start + BATCH])
