"""Where the reading of a leg goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from p2c.errors import ConfigurationError
from p2c.integrator.engine.context import LegContext
from p2c.integrator.engine.environments import Environments
from p2c.integrator.engine.fingerprint import moved
from p2c.odata.client.environment import Environment


async def elsewhere(environments: Environments, ends: Sequence[Environment], stored: str | None) -> list[Environment]:
    """
    The ends of a leg at which another environment answers now than when its checkpoint was `stored`.

    Raises:
        RetryError, StopError: An environment stays away or refuses.
    """
    identities = [await environments.identity(end) for end in ends]
    return [end for end, is_other in zip(ends, moved(stored, identities), strict=True) if is_other]


def check_not_elsewhere(found: Sequence[Environment]) -> None:
    """
    A plan names rows of certain environments.

    Raises:
        ConfigurationError: Another one answers.
    """
    for end in found:
        raise ConfigurationError(
            "another environment answers here than at the last run",
            where=end.where,
            way_out="run without a plan first: everything is read and sent again",
        )


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
