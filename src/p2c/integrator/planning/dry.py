"""The rows of a leg as a run would carry them, up to the point where something would be written."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TypeAlias

from msgspec import structs

from p2c.edm.values import Row
from p2c.errors import RejectedRowError
from p2c.integrator.engine.claims import Claims, OwnUnderWay
from p2c.integrator.engine.conflicts import conflicts_of
from p2c.integrator.engine.context import LegContext
from p2c.integrator.engine.current import Current, CurrentRows
from p2c.integrator.engine.decide import Deliver, Intent, MappedRow, Reject, Skip, Unchanged
from p2c.integrator.engine.delivery import Delivery
from p2c.integrator.engine.held import HeldRows
from p2c.integrator.engine.judge import Judge
from p2c.integrator.engine.lookups import RelatedValues
from p2c.integrator.mapping.codes import LOOKUP_CODES, RejectCode
from p2c.integrator.mapping.template import OnDelete
from p2c.integrator.outcome import Change, Counts, RowState
from p2c.integrator.planning.coming import Coming
from p2c.integrator.planning.plan import Action, PlannedRow

Sink: TypeAlias = Callable[[PlannedRow], None]
LATER_RUN = 2**62
"""A run after all others: what a leg knows was not met by it."""
_MISSING = {RejectCode.LOOKUP_NOT_FOUND.value, *(code.value for code in LOOKUP_CODES.values())}


class DryFlow:
    """Plans batches of one leg, in the place of the flow that carries them.

    `number` is the leg's place in the plan. `coming` takes the rows that would be written, `before` has those of the
    leg before; `queried` says that a query makes this leg's source rows of them. `expected` has, folded, the key values
    of all rows that earlier parts of the plan would create in the same environment.
    """

    def __init__(
        self,
        context: LegContext,
        sink: Sink,
        *,
        number: int,
        coming: Coming,
        before: Coming | None,
        queried: bool,
        expected: set[str],
    ) -> None:
        self._context = context
        self._rules = context.rules
        self._sink = sink
        self._number = number
        self._coming = coming
        self._before = before
        self._queried = queried
        self._expected = expected
        self._related = RelatedValues(context.source, context.compiled.related)
        self._judge = Judge(context)
        self._delivery = Delivery(context)
        self._claims = Claims(context, OwnUnderWay())
        self._conflicts = conflicts_of(context)
        self._current = CurrentRows(context, context.rules) if self._conflicts is None else self._conflicts.current
        self._met: set[int] = set()
        self.held = HeldRows()

    async def carry(self, rows: Sequence[Row]) -> None:
        """Plan a batch."""
        context = self._context
        await self._related.fill(rows)
        ids = context.source_ids(rows)
        states = await asyncio.to_thread(context.store.states, context.key, ids)
        intents = [intent for intent in self._judge.intents(rows, ids, states) if not self._hold(intent)]
        self._met.update(map(hash, states))
        deliveries = [intent for intent in intents if isinstance(intent, Deliver)]
        for intent in intents:
            if not isinstance(intent, Deliver):
                self._note(intent)
        # Claims are never settled: nothing is recorded that would tell of them later.
        refused = await self._claims.claim(deliveries)
        kept = [item for item in deliveries if item.row.source_id not in refused]
        for item in deliveries:
            if item.row.source_id in refused:
                self._reject(item, refused[item.row.source_id])
        written: list[Deliver] = []
        for intent, ready in zip(kept, await self._delivery.prepare(kept), strict=True):
            if isinstance(ready, RejectedRowError) and not self._is_coming(ready):
                self._reject(intent, ready)
            else:
                written.append(intent)
        found = await self._current.find([item.row for item in written])
        for intent, current in zip(written, found, strict=True):
            self._settle(intent, current, states.get(intent.row.source_id))

    async def gone(self, ids: Sequence[str]) -> None:
        """Rows that are gone at the source."""
        context = self._context
        states = await asyncio.to_thread(context.store.states, context.key, ids)
        self._met.update(map(hash, states))
        await self._remove(states)

    async def not_seen(self) -> None:
        """After a full read: rows that the leg knows and did not meet are gone."""
        pages = self._context.store.states_not_seen(self._context.key, LATER_RUN)
        while batch := await asyncio.to_thread(next, pages, None):
            await self._remove({state.source_id: state for state in batch if hash(state.source_id) not in self._met})

    async def _remove(self, states: Mapping[str, RowState]) -> None:
        """Rows that are gone: their destination rows would go too, unless other source rows became them as well."""
        context = self._context
        context.tally.add(Counts(deleted=len(states)))
        if context.on_delete is OnDelete.IGNORE:
            return
        going = {state.destination_id: state for state in states.values() if state.destination_id}
        shared = await asyncio.to_thread(context.store.owners, context.key, list(going), list(states))
        for address, state in going.items():
            if address in shared:
                continue
            with suppress(RejectedRowError):
                self._coming.remove(context.key_at(address))
            self._sink(
                PlannedRow(
                    leg=self._number,
                    action=Action.REMOVE,
                    source_id=state.source_id,
                    key=state.key,
                    company=state.company,
                    address=address,
                )
            )

    def _hold(self, intent: Intent) -> bool:
        if not isinstance(intent, Deliver):
            return False
        key = intent.row.values[self._context.compiled.key[0]]
        return self.held.hold(intent.row.source, key, self._delivery.parents(intent.row))

    def _is_coming(self, error: RejectedRowError) -> bool:
        """Whether what the row points at would have been created before."""
        return error.code in _MISSING and str(error.value).casefold() in self._expected

    def _note(self, intent: Unchanged | Skip | Reject) -> None:
        tally = self._context.tally
        if isinstance(intent, Unchanged):
            tally.add(Counts(read=1, unchanged=1))
        elif isinstance(intent, Skip):
            tally.add(Counts(read=1, skipped=1), [intent.reason])
        else:
            tally.add(Counts(read=1, rejected=1))
            error = intent.error
            self._sink(_rejected(self._number, intent.source_id, intent.key, intent.company, error, error.field))

    def _reject(self, intent: Deliver, error: RejectedRowError, changes: tuple[Change, ...] = ()) -> None:
        self._context.tally.add(Counts(read=1, rejected=1))
        row = intent.row
        field = self._context.compiled.sources.get(error.field, error.field)
        rejected = _rejected(self._number, row.source_id, row.key, row.company, error, field)
        self._sink(structs.replace(rejected, changes=changes))

    def _settle(self, intent: Deliver, current: Current, state: RowState | None) -> None:
        """Plan a row of a task that may not simply let the source win."""
        if self._conflicts is None or state is None or not intent.known:
            self._deliver(intent, current)
            return
        found = self._conflicts.settled(intent.row, current, state)
        if found.error is not None:
            self._reject(intent, found.error, found.changes)
        elif self._conflicts.leaves_nothing(intent, found):
            self._context.tally.add(Counts(read=1, unchanged=1))
        else:
            self._deliver(intent.leaving(found.left_out), current)

    def _deliver(self, intent: Deliver, current: Current) -> None:
        row = intent.row
        # Of companies that share a row the first creates it.
        there = current.is_there or (self._context.companies.merges and self._coming.has_mapped(row))
        action = Action.UPDATE if there else Action.CREATE
        self._context.tally.add(Counts(read=1, updated=1) if there else Counts(read=1, created=1))
        sent = [name for name in row.values if intent.sends(name)]
        self._coming.add(row, sent)
        if action is Action.CREATE:
            self._expected.update(str(row.values[name]).casefold() for name in self._context.compiled.key)
        self._sink(
            PlannedRow(
                leg=self._number,
                action=action,
                source_id=row.source_id,
                key=row.key,
                company=row.company,
                address=row.address,
                mark="" if self._is_made_of_coming(row) else row.hash.hex(),
                seen=current.seen(self._rules),
                changes=current.changes(intent, self._rules),
            )
        )

    def _is_made_of_coming(self, row: MappedRow) -> bool:
        """Whether the source row is not there yet as it was read; what it will be can differ, as by defaults."""
        if self._before is None:
            return False
        if self._queried:
            return not self._before.is_empty
        return self._before.has(row.source)


def _rejected(number: int, source_id: str, key: str, company: str, error: RejectedRowError, field: str) -> PlannedRow:
    return PlannedRow(
        leg=number,
        action=Action.REJECT,
        source_id=source_id,
        key=key,
        company=company,
        code=error.code,
        field=field,
        value="" if error.value is None else str(error.value),
        reason=error.what,
        way_out=error.way_out,
    )
