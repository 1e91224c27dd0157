"""Keeps two source rows from becoming one destination row: the second would silently overwrite the first."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from p2c.errors import RejectedRowError
from p2c.integrator.engine.context import LegContext
from p2c.integrator.engine.decide import Deliver
from p2c.integrator.engine.judge import duplicate


class Claims:
    """Who a destination row belongs to: the source row it was delivered from, or one that is on its way now."""

    def __init__(self, context: LegContext) -> None:
        self._context = context
        self._under_way: dict[str, str] = {}

    async def claim(self, deliveries: Sequence[Deliver]) -> dict[str, RejectedRowError]:
        """
        Claim the destination rows of new source rows; why not, by source id, for those that others have.

        Rows of several companies may become one row where the destination has no companies.
        """
        if self._context.companies.merges:
            return {}
        new = {item.row.address: item.row for item in deliveries if not item.known}
        if not new:
            return {}
        # Ours before the store is asked: a batch that is recorded meanwhile must not slip through in between.
        holders = {address: self._under_way.setdefault(address, row.source_id) for address, row in new.items()}
        recorded = await asyncio.to_thread(self._context.store.owners, self._context.key, list(new))
        refused: dict[str, RejectedRowError] = {}
        for address, row in new.items():
            if {holders[address], recorded.get(address, row.source_id)} != {row.source_id}:
                message = f"another source row has become {address} at the destination already"
                refused[row.source_id] = duplicate(self._context, row.values, message)
        return refused

    def settle(self, deliveries: Sequence[Deliver]) -> None:
        """The batch is recorded: from now on the store knows."""
        for item in deliveries:
            if self._under_way.get(item.row.address) == item.row.source_id:
                del self._under_way[item.row.address]
