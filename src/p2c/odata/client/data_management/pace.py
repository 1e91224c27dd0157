"""Whether an environment answers batches so fast that packages would not pay: measured once, with reads."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

from p2c.edm.entity import Entity
from p2c.errors import StopError
from p2c.odata import batch

QUICK = 0.02
"""Seconds an operation. Finance and Operations takes several times as long, Operations of this product a tenth."""
TRIED = 20
"""Operations of a trial: enough that the way there and back hardly counts."""
TRIALS = 3
"""The best one counts: the first may wake the service, and a machine may be busy for a moment."""

Send: TypeAlias = "Callable[[Sequence[batch.Part]], Awaitable[Sequence[batch.Part]]]"


class Pace:
    """How fast one environment answers the operations of a batch."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._quick: bool | None = None

    async def is_quick(self, entity: Entity) -> bool:
        """Whether many rows of the entity are there sooner by batches than by packages."""
        if self._quick is None:
            try:
                self._quick = await self._passes(entity)
            except StopError:
                self._quick = False
        return self._quick

    async def _passes(self, entity: Entity) -> bool:
        one = f"{entity.set_name}?cross-company=true&$top=1&$select={','.join(entity.key)}"
        for _ in range(TRIALS):
            began = time.monotonic()
            await self._send([batch.request_part("GET", one, {}, b"")] * TRIED)
            if (time.monotonic() - began) / TRIED < QUICK:
                return True
        return False
