"""Whether an environment answers batches so fast that packages would not pay: measured once, with reads."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

from p2c.edm.entity import Entity
from p2c.errors import StopError
from p2c.odata import batch

QUICK = 0.01
"""Seconds an operation. Finance and Operations takes several times as long, Operations of this product a fifth."""
TRIED = 20
"""Operations of the trial: enough that the way there and back hardly counts."""

Send: TypeAlias = "Callable[[Sequence[batch.Part]], Awaitable[Sequence[batch.Part]]]"


class Pace:
    """How fast one environment answers the operations of a batch."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._seconds: float | None = None

    async def is_quick(self, entity: Entity) -> bool:
        """Whether many rows of the entity are there sooner by batches than by packages."""
        if self._seconds is None:
            self._seconds = await self._measured(entity)
        return self._seconds < QUICK

    async def _measured(self, entity: Entity) -> float:
        """Seconds an operation; endless where no batch is taken."""
        one = f"{entity.set_name}?cross-company=true&$top=1&$select={','.join(entity.key)}"
        began = time.monotonic()
        try:
            await self._send([batch.request_part("GET", one, {}, b"")] * TRIED)
        except StopError:
            return float("inf")
        return (time.monotonic() - began) / TRIED
