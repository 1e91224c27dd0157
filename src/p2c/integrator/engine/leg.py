"""One leg of a run: pages are read ahead, batches carried side by side, the checkpoint kept at the end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

from p2c.edm.values import Row
from p2c.integrator.engine.batch import BatchFlow
from p2c.integrator.engine.context import LegContext
from p2c.integrator.engine.row_keys import RowKeys
from p2c.integrator.outcome import Counts, Progress
from p2c.odata.client.environment import BATCH, CheckpointExpiredError
from p2c.odata.client.rows import RowPage

AHEAD = 4
SIDE_BY_SIDE = 3
LARGE_AHEAD = 1
LARGE_SIDE_BY_SIDE = 2
"""Batches of many rows: fewer of them are in memory at a time."""


class LegFlow:
    """Reads the source of one leg and carries its rows. `advanced` hears the totals after every batch."""

    def __init__(self, context: LegContext, advanced: Callable[[Progress], None]) -> None:
        self._context = context
        self._flow = BatchFlow(context)
        self._advanced = advanced
        company = (context.companies.source_field,) if context.companies.source_field else ()
        names = (*context.source_entity.key, *company, *context.compiled.select)
        self._names: Sequence[str] = tuple(dict.fromkeys(names))
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
        try:
            async with asyncio.TaskGroup() as group:
                reading = group.create_task(self._read(checkpoint, queue))
                for _ in range(self._carriers):
                    group.create_task(self._carry(queue))
        except BaseExceptionGroup as errors:
            raise _first(errors) from errors
        for wave in self._flow.held.release():
            for start in range(0, len(wave), self._size):
                await self._flow.carry(wave[start : start + self._size])
                self._advanced(context.tally.progress())
        if self._whole:
            await self._not_seen()
        return reading.result()

    async def _read(self, checkpoint: str | None, queue: asyncio.Queue[list[Row] | None]) -> str:
        """Put the changed rows into the queue in batches, then those that wait; the next checkpoint."""
        context, after = self._context, ""
        gathered: list[Row] = []
        async for page in self._pages(checkpoint):
            self._waiting.difference_update(context.source_id(row) for row in page.rows)
            gathered += page.rows
            whole = len(gathered) - len(gathered) % self._size
            for start in range(0, whole, self._size):
                await queue.put(gathered[start : start + self._size])
            gathered = gathered[whole:]
            await self._gone(page.deleted)
            after = page.delta_link or after
        if gathered:
            await queue.put(gathered)
        await self._again(queue)
        for _ in range(self._carriers):
            await queue.put(None)
        return after

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

    async def _carry(self, queue: asyncio.Queue[list[Row] | None]) -> None:
        while (rows := await queue.get()) is not None:
            await self._flow.carry(rows)
            self._advanced(self._context.tally.progress())

    async def _again(self, queue: asyncio.Queue[list[Row] | None]) -> None:
        """Rows rejected before that did not change: read once more, the destination may take them now.

        After a full read there are none: what it did not meet is gone.
        """
        context = self._context
        if self._whole:
            return
        keys = RowKeys(context.source_entity)
        waiting = sorted(identifier for identifier in self._waiting if keys.value(identifier) is not None)
        for start in range(0, len(waiting), BATCH):
            part = set(waiting[start : start + BATCH])
            values = [keys.value(identifier) for identifier in part]
            rows = await context.source.by_values(context.source_entity, self._names, keys.column, values)
            found = {identifier: row for row in rows if (identifier := context.source_id(row)) in part}
            await self._gone([identifier for identifier in part if identifier not in found])
            if found:
                await queue.put(list(found.values()))

    async def _gone(self, ids: Sequence[str]) -> None:
        """Rows deleted at the source: counted when the leg had met them, and forgotten."""
        if not ids:
            return
        context = self._context
        known = await asyncio.to_thread(context.store.states, context.key, ids)
        if known:
            await asyncio.to_thread(context.store.forget, context.key, list(known))
            context.tally.add(Counts(deleted=len(known)))
        self._waiting.difference_update(ids)

    async def _not_seen(self) -> None:
        """After a full read: rows that the leg knew and did not meet any more are gone."""
        pages = self._context.store.states_not_seen(self._context.key, self._context.run)
        while batch := await asyncio.to_thread(next, pages, None):
            await self._gone([state.source_id for state in batch])


def _first(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    """The first real error of a group; the others are the rest of the leg being cancelled."""
    for error in errors.exceptions:
        return _first(error) if isinstance(error, BaseExceptionGroup) else error
    return errors
