"""Where the reading of a leg goes on."""

from __future__ import annotations

import asyncio

from p2c.integrator.engine.context import LegContext


async def continued(context: LegContext, checkpoint: str | None) -> str | None:
    """
    The checkpoint to go on from; None when everything has to be read.

    Raises:
        RetryError, StopError: The source stays away or refuses.
    """
    source, entity = context.source, context.source_entity
    tracking = await source.tracking(entity)
    if checkpoint is None or not tracking.continues:
        return None
    if tracking.deletions:
        return checkpoint
    # Where deletions are not told, fewer rows than the leg has met show that some are gone.
    there = await source.count(entity)
    met = await asyncio.to_thread(context.store.known_rows, context.key)
    return checkpoint if there is None or there >= met else None
