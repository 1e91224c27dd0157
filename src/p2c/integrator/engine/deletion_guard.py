"""Keeps a source that was emptied by mistake from emptying the destination.

Deletions are held back until all is read, so that nothing is removed before it is known how much would be.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence

from p2c.errors import StopError
from p2c.integrator.engine.context import LegContext
from p2c.text import _

MANY = 100
SHARE = 0.2
"""A run that would remove more rows than this, and more than this part of those it delivered, asks first."""


def too_many(gone: int, delivered: int) -> bool:
    """Whether so many of the delivered rows are gone that people should say first that this is right."""
    return gone > MANY and gone > SHARE * delivered


class DeletionGuard:
    """Holds the deletions of one leg. `delivered` is how many of its rows had a destination row when it began."""

    def __init__(self, context: LegContext, delivered: int) -> None:
        self._context = context
        self._delivered = delivered
        self._leaving: set[str] = set()

    async def hold(self, ids: Sequence[str]) -> list[str]:
        """
        Hold deleted rows back; those that have no destination row need not wait and are returned.

        Raises:
            StopError: Too many are gone.
        """
        states = await asyncio.to_thread(self._context.store.states, self._context.key, ids)
        held = {identifier for identifier, state in states.items() if state.destination_id}
        self._leaving |= held
        self._check(len(self._leaving))
        return [identifier for identifier in ids if identifier not in held]

    def back(self, ids: Collection[str]) -> None:
        """These rows were read after all: they do not leave."""
        self._leaving.difference_update(ids)

    def release(self) -> list[str]:
        """All that were held: they may go now."""
        released = sorted(self._leaving)
        self._leaving.clear()
        return released

    async def check_not_seen(self) -> None:
        """
        Look how many rows a full read did not meet, before they go.

        Raises:
            StopError: Too many are gone.
        """
        context = self._context
        missing = await asyncio.to_thread(context.store.delivered_rows, context.key, unseen_by=context.run)
        self._check(missing)

    def _check(self, gone: int) -> None:
        if too_many(gone, self._delivered):
            key = self._context.key
            raise StopError(
                _("at least {gone} of {delivered} delivered rows are gone at the source; nothing was removed").format(
                    gone=gone, delivered=self._delivered
                ),
                where=f"project {key.project}, {key.task}",
                way_out=_("look at the source; if they are to go: `p2c run {project} --allow-deletions`").format(
                    project=key.project
                ),
            )
