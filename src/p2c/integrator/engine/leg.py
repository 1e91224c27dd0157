"""One leg of a run: pages are read ahead, batches carried side by side, the checkpoint kept at the end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Protocol

from p2c.edm.values import Row
from p2c.integrator.engine.context import LegContext
from p2c.integrator.engine.conveyor import Conveyor
from p2c.integrator.engine.deletion_guard import DeletionGuard
from p2c.integrator.engine.held import HeldRows
from p2c.integrator.engine.rereading import reread
from p2c.integrator.outcome import Progress
from p2c.odata.client.environment import BATCH, CheckpointExpiredError
from p2c.odata.client.rows import RowPage


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
        # Rows of several companies that become one row keep their order.
        conveyor = Conveyor(self._carry, self._size, in_order=context.companies.merges)
        reached = await conveyor.run(lambda: self._read(checkpoint, conveyor))
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
                await self._carry(rows)
        await self._release()

    async def _release(self) -> None:
        """Carry the rows that were held back for others of their own kind."""
        for wave in self._flow.held.release():
            for start in range(0, len(wave), self._size):
                await self._carry(wave[start : start + self._size])

    async def _read(self, checkpoint: str | None, conveyor: Conveyor) -> str:
        """Put the changed rows on the conveyor, then those that wait; the next checkpoint."""
        context, after = self._context, ""
        pages = self._pages(checkpoint)
        while (page := await self._next(pages)) is not None:
            if self._waiting or self._guard is not None:
                self._met(context.source_ids(page.rows))
            await conveyor.put(page.rows)
            await self._gone(page.deleted)
            after = page.delta_link or after
        await self._let_go()
        await conveyor.flush()
        await self._again(conveyor)
        return after

    def _met(self, ids: Sequence[str]) -> None:
        """Source rows that are there: they neither wait to be read once more, nor are they gone."""
        self._waiting.difference_update(ids)
        if self._guard is not None:
            self._guard.back(ids)

    async def _next(self, pages: AsyncIterator[RowPage]) -> RowPage | None:
        with self._context.tally.step("read"):
            return await anext(pages, None)

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

    async def _carry(self, rows: Sequence[Row]) -> None:
        """Carry a batch, and tell how far the leg has come."""
        await self._flow.carry(rows)
        self._advanced(self._context.tally.progress())

    async def _again(self, conveyor: Conveyor) -> None:
        """Rows rejected before that did not change: read once more, the destination may take them now.

        After a full read there are none: what it did not meet is gone.
        """
        if self._whole:
            return
        waiting = sorted(self._waiting)
        for start in range(0, len(waiting), BATCH):
            await conveyor.put(await self._still_there(waiting[start : start + BATCH]))
            await conveyor.flush()

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
