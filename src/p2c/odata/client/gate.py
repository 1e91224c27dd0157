"""How many requests an environment gets at once: slowly more while it takes them, half when it refuses, none while
it asked for a pause."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

FIRST = 4
MOST = 52
"""Dataverse allows 52 requests of one user at a time."""


@dataclass(slots=True)
class GateState:
    """The decision, without waiting: may another request start now? Times are seconds of one clock.

    Additive increase, multiplicative decrease: a window of requests that were all taken adds one place, a refusal
    halves the places, once for all requests that were already under way when it came.
    """

    places: float = FIRST
    most: int = MOST
    under_way: int = 0
    resume_at: float = 0.0
    _halved_at: float = -1.0

    def may_start(self, now: float) -> bool:
        """Whether a request may start now."""
        return now >= self.resume_at and self.under_way < int(self.places)

    def start(self) -> None:
        """A request starts."""
        self.under_way += 1

    def end(self) -> None:
        """A request has ended, however."""
        self.under_way -= 1

    def taken(self, hint: int | None) -> None:
        """The environment answered; `hint` is the parallelism it recommends, where it says one."""
        if hint is not None and hint > 0:
            self.most = min(hint, MOST)
        self.places = min(float(self.most), self.places + 1 / self.places)

    def refused(self, now: float, started: float, pause: float) -> None:
        """The environment refused for its limits and asked for a pause of so many seconds."""
        if started > self._halved_at:
            self.places = max(1.0, self.places / 2)
            self._halved_at = now
        self.resume_at = max(self.resume_at, now + pause)


class RateGate:
    """Lets requests through as the state decides; shared by all that work on one environment as one user."""

    def __init__(self, state: GateState | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self.state = state if state is not None else GateState()
        self.clock = clock
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def place(self) -> AsyncIterator[float]:
        """A place for one request, given when there is one; the time when it started."""
        async with self._changed:
            while not self.state.may_start(now := self.clock()):
                pause = self.state.resume_at - now
                try:
                    await asyncio.wait_for(self._changed.wait(), pause if pause > 0 else None)
                except TimeoutError:
                    continue
            self.state.start()
        try:
            yield now
        finally:
            async with self._changed:
                self.state.end()
                self._changed.notify_all()
