"""Rows that are gone at the source: counted, forgotten, and where the task says so deleted or made inactive."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from p2c.edm.values import Row
from p2c.errors import RejectedRowError
from p2c.integrator.engine.bounds import LegLimits
from p2c.integrator.engine.context import LegContext
from p2c.integrator.engine.decide import Reject
from p2c.integrator.engine.record import BatchRecord
from p2c.integrator.engine.refusals import refused
from p2c.integrator.mapping.template import OnDelete
from p2c.integrator.outcome import Counts, Fate, RowState
from p2c.odata.client.environment import Upsert, WriteResult, Written

_FATES = {OnDelete.IGNORE: Fate.LEFT, OnDelete.DELETE: Fate.REMOVED, OnDelete.DEACTIVATE: Fate.DEACTIVATED}


class Removal:
    """Takes source rows that are gone out of what a leg knows, after their destination rows. `commit` keeps a batch.

    A row whose removal the destination refuses is counted as read and rejected; it is tried again at every run.
    """

    def __init__(
        self,
        context: LegContext,
        commit: Callable[[BatchRecord], Awaitable[None]],
        limits: LegLimits | None = None,
    ) -> None:
        self._context = context
        self._commit = commit
        self._limits = limits

    async def gone(self, ids: Sequence[str]) -> None:
        """
        These source rows are gone. Those that the leg never met do not count.

        Raises:
            RetryError, StopError: The destination stays away or refuses; what is not removed is found again.
        """
        context = self._context
        states = await asyncio.to_thread(context.store.states, context.key, ids)
        if not states:
            return
        if self._limits is not None and context.on_delete is not OnDelete.IGNORE:
            addresses = [state.destination_id for state in states.values() if state.destination_id]
            removable = await self._limits.removable(addresses)
            states = {
                identifier: state
                for identifier, state in states.items()
                if not state.destination_id or state.destination_id in removable
            }
        kept, left = await self._remove(states) if context.on_delete is not OnDelete.IGNORE else ({}, set(states))
        if kept:
            record = BatchRecord(context, states, len(kept))
            for identifier, error in kept.items():
                state = states[identifier]
                record.note(Reject(identifier, state.key, state.company, {}, error))
            await self._commit(record)
        await self._forget([identifier for identifier in states if identifier in left], Fate.LEFT)
        removed = [identifier for identifier in states if identifier not in left and identifier not in kept]
        await self._forget(removed, _FATES[context.on_delete])

    async def _forget(self, ids: Sequence[str], fate: Fate) -> None:
        context = self._context
        if ids:
            await asyncio.to_thread(context.store.forget, context.key, ids, run=context.run, fate=fate)
            context.tally.add(Counts(deleted=len(ids)))

    async def _remove(self, states: Mapping[str, RowState]) -> tuple[dict[str, RejectedRowError], set[str]]:
        """Remove the destination rows of these source rows: by source id why not, for those that are to be tried again,
        and the ids of those whose destination row is not theirs alone."""
        context = self._context
        addresses = {state.destination_id: identifier for identifier, state in states.items() if state.destination_id}
        # A row that other source rows became too is still theirs.
        shared = await asyncio.to_thread(context.store.owners, context.key, list(addresses), list(states))
        kept: dict[str, RejectedRowError] = {}
        keys: dict[str, Row] = {}
        for address, identifier in addresses.items():
            if address not in shared:
                try:
                    keys[identifier] = context.key_at(address)
                except RejectedRowError as error:
                    kept[identifier] = error
        results = await self._deactivate(keys) if context.on_delete is OnDelete.DEACTIVATE else await self._delete(keys)
        for identifier, result in results.items():
            if result.written is Written.REFUSED:
                kept[identifier] = refused(result, {}, ())
        return kept, {identifier for identifier, state in states.items() if state.destination_id in shared}

    async def _delete(self, keys: Mapping[str, Row]) -> dict[str, WriteResult]:
        context = self._context
        results = await context.destination.delete(context.destination_entity, list(keys.values()))
        return dict(zip(keys, results, strict=True))

    async def _deactivate(self, keys: Mapping[str, Row]) -> dict[str, WriteResult]:
        """Write the inactive values into the rows that are still there: an upsert would bring the others back."""
        context = self._context
        column = context.compiled.key[0]
        values = list(dict.fromkeys(key[column] for key in keys.values()))
        found = await context.destination.by_values(context.destination_entity, context.key_names, column, values)
        there = {context.identity(row) for row in found}
        rows = {
            identifier: Upsert(key, dict(context.inactive), {}, exists=True)
            for identifier, key in keys.items()
            if context.identity(key) in there
        }
        results = await context.destination.upsert(context.destination_entity, list(rows.values()))
        return dict(zip(rows, results, strict=True))
