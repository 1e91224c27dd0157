"""One batch of source rows through a leg: related values, judge, deliver, record."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from p2c.edm.values import Row
from p2c.errors import RejectedRowError
from p2c.integrator.engine.bounds import LEFT, LegLimits
from p2c.integrator.engine.claims import Claims, OwnUnderWay, SharedUnderWay
from p2c.integrator.engine.conflicts import Conflicts, conflicts_of
from p2c.integrator.engine.context import LegContext
from p2c.integrator.engine.decide import Deliver, Intent, MappedRow, Unchanged
from p2c.integrator.engine.delivery import Delivery
from p2c.integrator.engine.held import HeldRows
from p2c.integrator.engine.judge import Judge
from p2c.integrator.engine.keeping import OwnKeeping, SharedKeeping
from p2c.integrator.engine.lookups import RelatedValues
from p2c.integrator.engine.record import BatchRecord
from p2c.integrator.engine.removal import Removal
from p2c.integrator.engine.settling import AS_IT_IS
from p2c.integrator.outcome import Disposition, RowState
from p2c.tracing import span

_KEPT = "the destination's own values stay: {fields}"


class BatchFlow:
    """Carries batches of one leg. Batches may run at the same time; each is recorded when it is acknowledged.

    `held` are rows that wait for rows of their own kind; they are counted when they go on. `limits` say what may be
    done, where not everything may. `keeping` records batches, where others carry the same leg.
    """

    def __init__(
        self, context: LegContext, limits: LegLimits | None = None, keeping: SharedKeeping | None = None
    ) -> None:
        self._context = context
        self._limits = limits
        self._related = RelatedValues(context.source, context.compiled.related)
        self._judge = Judge(context)
        self._delivery = Delivery(context)
        self._claims = Claims(context, OwnUnderWay() if keeping is None else SharedUnderWay(context))
        self._conflicts = conflicts_of(context)
        self._keeping = keeping or OwnKeeping(context)
        self._recording = asyncio.Lock()
        self._removal = Removal(context, self._commit, limits)
        self.held = HeldRows()

    async def carry(self, rows: Sequence[Row]) -> None:
        """Take rows to the destination and record what became of each."""
        with span("batch", {"p2c.rows": len(rows)}):
            await self._carry(rows)

    async def _carry(self, rows: Sequence[Row]) -> None:
        step = self._context.tally.step
        with step("read"):
            await self._related.fill(rows)
        ids = self._context.source_ids(rows)
        with step("match"):
            states = await asyncio.to_thread(self._context.store.states, self._context.key, ids)
        with step("map"):
            intents = self._judge.intents(rows, ids, states)
            if self._delivery.to_itself:
                intents = [intent for intent in intents if not self._hold(intent)]
        record = BatchRecord(self._context, states, len(intents))
        deliveries: list[Deliver] = []
        for intent in intents:
            if isinstance(intent, Deliver):
                deliveries.append(intent)
            else:
                record.note(intent)
        with step("match"):
            kept_back: dict[str, RejectedRowError | None] = {**await self._claims.claim(deliveries)}
            if self._limits is not None:
                await self._limits.strike([intent.row.address for intent in intents if isinstance(intent, Unchanged)])
                free = [item for item in deliveries if item.row.source_id not in kept_back]
                kept_back |= await self._limits.check(free)
        for intent in deliveries:
            if intent.row.source_id in kept_back:
                error = kept_back[intent.row.source_id]
                record.left(LEFT) if error is None else record.rejected(intent.row, error)
        free = [item for item in deliveries if item.row.source_id not in kept_back]
        if self._conflicts is None:
            await self._delivery.deliver(free, record)
        else:
            await self._settled(self._conflicts, free, states, record)
        with step("record"):
            await self._commit(record)
        await self._claims.settle(deliveries)

    async def _settled(
        self,
        conflicts: Conflicts,
        deliveries: Sequence[Deliver],
        states: Mapping[str, RowState],
        record: BatchRecord,
    ) -> None:
        """Deliver rows of a task that does not simply let the source win."""
        step = self._context.tally.step
        with step("match"):
            settled = await conflicts.settle(deliveries, states)
        sent: list[Deliver] = []
        for item in deliveries:
            found = settled.get(item.row.source_id, AS_IT_IS)
            if found.error is not None:
                record.rejected(item.row, found.error, found.changes)
            elif conflicts.leaves_nothing(item, found):
                record.kept(item.row, _KEPT.format(fields=", ".join(found.kept)) if found.kept else "")
            else:
                sent.append(item.leaving(found.left_out))
        await self._delivery.deliver(sent, record)
        with step("record"):
            there = {state.source_id for state in record.states if state.disposition is Disposition.DELIVERED}
            record.remember(await conflicts.remember([item.row for item in deliveries if item.row.source_id in there]))

    async def gone(self, ids: Sequence[str]) -> None:
        """Source rows that are not there any more."""
        await self._removal.gone(ids)

    async def not_seen(self) -> None:
        """After a full read: rows that the leg knew and did not meet any more are gone."""
        pages = self._context.store.states_not_seen(self._context.key, self._context.run)
        while batch := await asyncio.to_thread(next, pages, None):
            await self.gone([state.source_id for state in batch])

    def _hold(self, intent: Intent) -> bool:
        if not isinstance(intent, Deliver):
            return False
        row: MappedRow = intent.row
        key = row.values[self._context.compiled.key[0]]
        return self.held.hold(row.source, key, self._delivery.parents(row))

    async def _commit(self, record: BatchRecord) -> None:
        """Counts, states and rejections of a batch commit together; batches commit one after another."""
        async with self._recording:
            await self._keeping.keep(record)
