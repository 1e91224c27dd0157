"""Keeps two source rows from becoming one destination row: the second would silently overwrite the first."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Protocol

from p2c.errors import RejectedRowError
from p2c.integrator.engine.context import LegContext
from p2c.integrator.engine.decide import Deliver, MappedRow
from p2c.integrator.engine.judge import duplicate


class UnderWay(Protocol):
    """Which destination rows, by address, are on their way from which source rows."""

    async def claim(self, wanted: Mapping[str, str]) -> Mapping[str, str]:
        """Claim addresses for source rows, as far as they are free: whose each is now, these or others."""

    async def settle(self, wanted: Mapping[str, str]) -> None:
        """These are recorded; claims of others stay."""


class OwnUnderWay:
    """What one process has under way, where it carries a leg alone."""

    def __init__(self) -> None:
        self._claimed: dict[str, str] = {}

    async def claim(self, wanted: Mapping[str, str]) -> Mapping[str, str]:
        """Whose each address is now."""
        return {address: self._claimed.setdefault(address, source_id) for address, source_id in wanted.items()}

    async def settle(self, wanted: Mapping[str, str]) -> None:
        """From now on the store knows."""
        for address, source_id in wanted.items():
            if self._claimed.get(address) == source_id:
                del self._claimed[address]


class SharedUnderWay:
    """What all processes that carry a leg have under way."""

    def __init__(self, context: LegContext) -> None:
        self._context = context

    async def claim(self, wanted: Mapping[str, str]) -> Mapping[str, str]:
        """Whose each address is now."""
        return await asyncio.to_thread(self._context.store.claim, self._context.leg_run, wanted)

    async def settle(self, wanted: Mapping[str, str]) -> None:
        """From now on the store knows."""
        await asyncio.to_thread(self._context.store.settle_claims, self._context.leg_run, wanted)


class Claims:
    """Who a destination row belongs to: the source row it was delivered from, or one that is on its way now."""

    def __init__(self, context: LegContext, under_way: UnderWay) -> None:
        self._context = context
        self._under_way = under_way

    async def claim(self, deliveries: Sequence[Deliver]) -> dict[str, RejectedRowError]:
        """
        Claim the destination rows of new source rows; why not, by source id, for those that others have.

        Rows of several companies may become one row where the destination has no companies.
        """
        new = self._new(deliveries)
        if not new:
            return {}
        # Ours before the store is asked: a batch that is recorded meanwhile must not slip through in between.
        holders = await self._under_way.claim({address: row.source_id for address, row in new.items()})
        recorded = await asyncio.to_thread(self._context.store.owners, self._context.key, list(new))
        refused: dict[str, RejectedRowError] = {}
        for address, row in new.items():
            if {holders[address], recorded.get(address, row.source_id)} != {row.source_id}:
                message = f"another source row has become {address} at the destination already"
                refused[row.source_id] = duplicate(self._context, row.values, message)
        return refused

    async def settle(self, deliveries: Sequence[Deliver]) -> None:
        """The batch is recorded: from now on the store knows."""
        if new := self._new(deliveries):
            await self._under_way.settle({address: row.source_id for address, row in new.items()})

    def _new(self, deliveries: Sequence[Deliver]) -> dict[str, MappedRow]:
        """The rows whose destination row may belong to others, by address."""
        if self._context.companies.merges:
            return {}
        return {item.row.address: item.row for item in deliveries if not item.known}
