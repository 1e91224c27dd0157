"""One leg of a run: pages are read ahead, batches carried side by side, the checkpoint kept at the end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from p2c.edm.entity import Entity
from p2c.edm.values import Row
from p2c.integrator.engine.batch import BatchFlow, source_id
from p2c.integrator.engine.companies import Companies
from p2c.integrator.engine.tally import Tally
from p2c.integrator.mapping.compile import CompiledLeg
from p2c.integrator.outcome import Counts, LegKey, Progress
from p2c.integrator.store import Store
from p2c.odata.client.environment import Environment

BATCH = 500
AHEAD = 4
SIDE_BY_SIDE = 3


class LegFlow:
    """Reads the source of one leg and carries its rows. `advanced` hears the totals after every batch."""

    def __init__(
        self,
        *,
        key: LegKey,
        run: int,
        flow: BatchFlow,
        compiled: CompiledLeg,
        source: Environment,
        entity: Entity,
        companies: Companies,
        store: Store,
        tally: Tally,
        advanced: Callable[[Progress], None],
    ) -> None:
        self._key = key
        self._run = run
        self._flow = flow
        self._source = source
        self._entity = entity
        self._store = store
        self._tally = tally
        self._advanced = advanced
        company = (companies.source_field,) if companies.source_field else ()
        self._names: Sequence[str] = tuple(dict.fromkeys((*entity.key, *company, *compiled.select)))
        # Rows of several companies that become one row keep their order.
        self._carriers = 1 if companies.merges else SIDE_BY_SIDE
        self._waiting: set[str] = set()

    async def run(self, checkpoint: str | None) -> str:
        """
        Carry all rows changed since `checkpoint` and those that wait to be tried again; the next checkpoint.

        Raises:
            RetryError, StopError: An environment stays away or refuses; what was recorded stays.
        """
        self._waiting = set(await asyncio.to_thread(self._store.open_rejections, self._key))
        queue: asyncio.Queue[list[Row] | None] = asyncio.Queue(maxsize=AHEAD)
        after = ""

        async def read() -> None:
            nonlocal after
            async for page in self._source.changes(self._entity, self._names, checkpoint):
                for start in range(0, len(page.rows), BATCH):
                    rows = page.rows[start : start + BATCH]
                    self._waiting.difference_update(source_id(self._entity, row) for row in rows)
                    await queue.put(rows)
                await self._gone(page.deleted)
                after = page.delta_link or after
            await self._again(queue)
            for _ in range(self._carriers):
                await queue.put(None)

        async def carry() -> None:
            while (rows := await queue.get()) is not None:
                await self._flow.carry(rows)
                self._advanced(self._tally.progress())

        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(read())
                for _ in range(self._carriers):
                    group.create_task(carry())
        except BaseExceptionGroup as errors:
            raise _first(errors) from errors
        for wave in self._flow.held.release():
            for start in range(0, len(wave), BATCH):
                await self._flow.carry(wave[start : start + BATCH])
                self._advanced(self._tally.progress())
        if checkpoint is None or not self._source.tracks_changes:
            await self._not_seen()
        return after

    async def _again(self, queue: asyncio.Queue[list[Row] | None]) -> None:
        """Rows rejected before that did not change: read once more, the destination may take them now."""
        if not self._waiting or not self._source.tracks_changes:
            return
        key = self._entity.key[0]
        waiting = sorted(self._waiting)
        for start in range(0, len(waiting), BATCH):
            part = waiting[start : start + BATCH]
            rows = await self._source.by_values(self._entity, self._names, key, list(part))
            found = {source_id(self._entity, row) for row in rows}
            await self._gone([identifier for identifier in part if identifier not in found])
            if rows:
                await queue.put(rows)

    async def _gone(self, ids: Sequence[str]) -> None:
        """Rows deleted at the source: counted when the leg had met them, and forgotten."""
        if not ids:
            return
        known = await asyncio.to_thread(self._store.states, self._key, ids)
        if known:
            await asyncio.to_thread(self._store.forget, self._key, list(known))
            self._tally.add(Counts(deleted=len(known)))
        self._waiting.difference_update(ids)

    async def _not_seen(self) -> None:
        """After a full read: rows that the leg knew and did not meet any more are gone."""
        pages = self._store.states_not_seen(self._key, self._run)
        while batch := await asyncio.to_thread(next, pages, None):
            await self._gone([state.source_id for state in batch])


def _first(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    """The first real error of a group; the others are the rest of the leg being cancelled."""
    for error in errors.exceptions:
        return _first(error) if isinstance(error, BaseExceptionGroup) else error
    return errors
