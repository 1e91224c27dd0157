"""A leg that reads everything in parts, which other workers help to carry."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress

from p2c.edm.values import Row
from p2c.errors import RetryError
from p2c.integrator.engine.context import LegContext
from p2c.integrator.engine.deletion_guard import DeletionGuard
from p2c.integrator.engine.parts import PartsFlow
from p2c.integrator.engine.rereading import reread
from p2c.integrator.engine.sharing import Sharing
from p2c.integrator.outcome import Progress
from p2c.odata.client.environment import BATCH, CheckpointExpiredError, Division


class DividedLeg:
    """The owner's side of a divided leg: offers its parts, carries what nobody else does, and what is left at the end.

    `mark` is the fingerprint of the map, which helpers must carry by. `guard` looks before rows that were not met go.
    """

    def __init__(
        self,
        context: LegContext,
        sharing: Sharing,
        division: Division,
        mark: str,
        advanced: Callable[[Progress], None],
        guard: DeletionGuard | None = None,
    ) -> None:
        self._context = context
        self._sharing = sharing
        self._division = division
        self._mark = mark
        self._advanced = advanced
        self._guard = guard

    async def run(self) -> str:
        """
        Carry all rows, with whoever helps; the next checkpoint.

        Raises:
            TakenOverError: Another run of the project goes on in place of this one.
            RetryError, StopError: An environment stays away or refuses, or rows were met in no part; what was recorded
                stays.
        """
        context, division = self._context, self._division
        size = await context.destination.rows_a_write(context.destination_entity, division.rows)
        parts = PartsFlow(context, self._sharing, len(division.ranges), size, self._advanced)
        await asyncio.to_thread(
            context.store.divide_leg,
            context.leg_run,
            division.ranges,
            owner=self._sharing.me,
            mark=self._mark,
            again=context.again,
            expected=division.rows,
        )
        await self._all_carried(parts)
        await self._carry_held(parts, size)
        await self._not_seen(parts)
        await self._check_all_met()
        return division.checkpoint

    async def _all_carried(self, parts: PartsFlow) -> None:
        """Until no part is left: those of others are waited for, and taken over when their workers die."""
        context, left = self._context, 1
        while left:
            await parts.carry()
            totals, left = await asyncio.to_thread(context.store.how_far, context.leg_run)
            context.tally.heard(totals)
            self._advanced(context.tally.progress())
            if left:
                await asyncio.sleep(self._sharing.look)

    async def _carry_held(self, parts: PartsFlow, size: int) -> None:
        """Rows that parts have held back for others of their own kind, as they are now, in waves."""
        context = self._context
        ids = await asyncio.to_thread(context.store.held_rows, context.leg_run)
        for start in range(0, len(ids), BATCH):
            # Those that are gone by now are not met.
            await self._carry(parts, (await self._read(ids[start : start + BATCH])))
        for wave in parts.flow.held.release():
            for start in range(0, len(wave), size):
                await self._carry(parts, wave[start : start + size])

    async def _not_seen(self, parts: PartsFlow) -> None:
        """Rows that the leg knew and no part has met: carried where they are there after all, gone where not."""
        context = self._context
        if self._guard is not None:
            await self._guard.check_not_seen()
        pages = context.store.states_not_seen(context.key, context.run)
        while batch := await asyncio.to_thread(next, pages, None):
            ids = [state.source_id for state in batch]
            rows = await self._read(ids)
            for start in range(0, len(rows), BATCH):
                await self._carry(parts, rows[start : start + BATCH])
            there = set(context.source_ids(rows))
            await parts.flow.gone([identifier for identifier in ids if identifier not in there])

    async def _check_all_met(self) -> None:
        """As many rows were met as there were keys, but for those that are told to be deleted since.

        New rows may stand in for as many that were not met: this finds ranges that are read wrong, not each row.

        Raises:
            RetryError: Some were not; without a checkpoint the next run reads everything.
        """
        context, division = self._context, self._division
        missing = division.rows - context.tally.progress().counts.read
        if missing <= 0 or not (await context.source.tracking(context.source_entity)).deletions:
            return
        # A link that is refused tells of no deletions.
        with suppress(CheckpointExpiredError):
            async for page in context.source.changes(context.source_entity, context.read_names, division.checkpoint):
                met = await asyncio.to_thread(context.store.met, context.key, context.run, page.deleted)
                missing -= len(page.deleted) - len(met)
        if missing > 0:
            raise RetryError(
                f"{missing:,} of {division.rows:,} rows of {context.source_entity.set_name} were met in no part",
                way_out="run again: everything is read again, and what has arrived is not sent twice",
            )

    async def _read(self, ids: Sequence[str]) -> list[Row]:
        return (await reread(self._context, self._context.read_names, ids)).rows

    async def _carry(self, parts: PartsFlow, rows: Sequence[Row]) -> None:
        if rows:
            await parts.flow.carry(rows)
            self._advanced(self._context.tally.progress())
