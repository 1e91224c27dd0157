"""When the first load of a leg is shared with other workers, and how they keep in step."""

from __future__ import annotations

import asyncio
import os
import socket
from dataclasses import dataclass, field

from p2c.integrator.engine.context import LegContext
from p2c.odata.client.environment import Division

PART_ROWS = 50_000
"""Rows of a part: minutes of work, so that taking one costs nothing beside it, and losing one little."""
ALIVE_SECONDS = 30.0
"""So fresh is the sign of life of a worker that is counted on."""


def this_process() -> str:
    """The machine and the process on it."""
    return f"{socket.gethostname()}:{os.getpid()}"


@dataclass(frozen=True, slots=True)
class Sharing:
    """
    How a process shares legs. `workers` of the queue are in this process itself: they are no help to it.

    Seconds: a part is `leased` so long, the same in all processes; who waits for parts of others looks each `look`.
    """

    workers: int = 0
    part_rows: int = PART_ROWS
    leased: float = 10.0
    look: float = 1.0
    me: str = field(default_factory=this_process)


async def divide(context: LegContext, sharing: Sharing, expected: int | None) -> Division | None:
    """
    The division of a leg that reads everything; None where one process had better carry it alone.

    `expected` rows will be read, None for more than can be counted.

    Raises:
        RetryError: The source or the store stays away.
    """
    if expected is not None and expected < 2 * sharing.part_rows:
        return None
    # Rows of several companies that become one row keep their order; a query is answered whole.
    if context.companies.merges or context.source is not context.environment:
        return None
    living = await asyncio.to_thread(context.store.living_workers, ALIVE_SECONDS)
    if living <= sharing.workers:
        return None
    return await context.environment.divide(context.source_entity, context.read_names, sharing.part_rows)
