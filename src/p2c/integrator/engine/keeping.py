"""Records batches with the counts of their leg: of one that a process carries alone, or of one that several do."""

from __future__ import annotations

import asyncio

from p2c.integrator.engine.context import LegContext
from p2c.integrator.engine.record import BatchRecord
from p2c.integrator.outcome import Progress
from p2c.integrator.store.parts import HeldPart


class OwnKeeping:
    """The totals of the leg are those of this process."""

    def __init__(self, context: LegContext) -> None:
        self._context = context

    async def keep(self, record: BatchRecord) -> None:
        """Keep a batch."""
        tally = self._context.tally
        await _commit(self._context, record, tally.progress(record.counts, record.skipped))
        tally.add(record.counts, record.skipped)


class SharedKeeping:
    """What this process has done is added to what others have; `part` is what it carries now, if it is a part."""

    def __init__(self, context: LegContext) -> None:
        self._context = context
        self.part: HeldPart | None = None

    async def keep(self, record: BatchRecord) -> None:
        """
        Keep a batch.

        Raises:
            PartLostError: Somebody else carries the part.
        """
        tally = self._context.tally
        added = tally.added(record.counts, record.skipped)
        totals = await _commit(self._context, record, added, shared=True, part=self.part)
        tally.add(record.counts, record.skipped)
        tally.told(added, totals)


async def _commit(
    context: LegContext, record: BatchRecord, progress: Progress, *, shared: bool = False, part: HeldPart | None = None
) -> Progress:
    """Keep a batch with this progress of the leg; its totals then."""
    return await asyncio.to_thread(
        context.store.commit_batch,
        context.leg_run,
        context.key,
        context.run,
        states=record.states,
        progress=progress,
        rejections=record.rejections,
        delivered=record.settled,
        seen=record.seen,
        replaced=record.replaced,
        shared=shared,
        part=part,
    )
