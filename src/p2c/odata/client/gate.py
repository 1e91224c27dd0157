"""How many requests an environment gets at once: slowly more while it takes them, half when it refuses, none while
it asked for a pause, and never more than this gate's share where several work on it as one user."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

from p2c.errors import RetryError

FIRST = 4
MOST = 52
"""Dataverse allows 52 requests of one user at a time."""


@dataclass(slots=True)
class GateState:
    """The decision, without waiting: may another request start now? Times are seconds of one clock.

    The first recommended parallelism is where it begins. Additive increase, multiplicative decrease: a window of
    requests that were all taken adds one place, a refusal halves the places, once for all requests that were already
    under way when it came. After the pause that it asked for one request goes first: the others follow when it was
    taken. `share` is how many of the environment's places are this gate's until `share_ends`; `begun` counts requests.
    """

    places: float = FIRST
    most: int = MOST
    under_way: int = 0
    begun: int = 0
    resume_at: float = 0.0
    hint: int | None = None
    share: int = MOST
    share_ends: float = math.inf
    _halved_at: float = -1.0
    _first_alone: bool = False

    def may_start(self, now: float) -> bool:
        """Whether a request may start now."""
        most = 1 if self._first_alone else int(self.places)
        return self.resume_at <= now < self.share_ends and self.under_way < min(most, self.share)

    def start(self) -> None:
        """A request starts."""
        self.under_way += 1
        self.begun += 1

    def end(self) -> None:
        """A request has ended, however."""
        self.under_way -= 1

    def taken(self, started: float, hint: int | None) -> None:
        """The environment answered a request that began then; `hint` is the parallelism it recommends, if any."""
        if started >= self.resume_at:
            self._first_alone = False
        if hint is not None and hint > 0:
            if self.hint is None and self._halved_at < 0:
                self.places = float(hint)
            self.hint = self.most = min(hint, MOST)
        self.places = min(float(self.most), self.places + 1 / self.places)

    def refused(self, now: float, started: float, pause: float) -> None:
        """The environment refused for its limits and asked for a pause of so many seconds."""
        if started > self._halved_at:
            self.places = max(1.0, self.places / 2)
            self._halved_at = now
        self.resume_at = max(self.resume_at, now + pause)
        self._first_alone = True


class Others(Protocol):
    """Stands for all who work on the same environment as the same user. Called between requests: must not wait."""

    def wanted(self) -> None:
        """A request waits at a gate that may have no share."""

    def refused(self, resume_at: float) -> None:
        """The environment asked this gate for a pause until then, by the gate's clock."""


class RateGate:
    """
    Lets requests through as the state decides.

    Without `others` all places are its own. With them it has none until `settle` gives it a share.
    """

    def __init__(
        self,
        state: GateState | None = None,
        clock: Callable[[], float] = time.monotonic,
        *,
        others: Others | None = None,
    ) -> None:
        self.state = state if state is not None else GateState()
        self.clock = clock
        self.waiting = 0
        self._others = others
        self._trouble = ""
        self._failures = 0
        self._changed = asyncio.Condition()
        if others is not None:
            self.state.share = 0

    @asynccontextmanager
    async def place(self) -> AsyncIterator[float]:
        """A place for one request, given when there is one; the time when it started.

        Raises:
            RetryError: The others cannot be reached, and the share has run out.
        """
        async with self._changed:
            self.waiting += 1
            try:
                now = await self._turn()
            finally:
                self.waiting -= 1
            self.state.start()
        try:
            yield now
        finally:
            async with self._changed:
                self.state.end()
                self._changed.notify_all()

    def refused(self, started: float, pause: float) -> None:
        """A request that began at `started` was refused with a pause in seconds; the others hear of it."""
        self.state.refused(self.clock(), started, pause)
        if self._others is not None:
            self._others.refused(self.clock() + pause)

    async def settle(self, share: int, ends: float, resume_at: float) -> None:
        """What was agreed with the others: places until a time, and a pause that any of them was told."""
        async with self._changed:
            self.state.share, self.state.share_ends = share, ends
            self.state.resume_at = max(self.state.resume_at, resume_at)
            self._changed.notify_all()

    async def fail(self, trouble: str) -> None:
        """Nothing could be agreed with the others: while there is no share, who waits now waits no longer."""
        async with self._changed:
            self._trouble = trouble
            self._failures += 1
            self._changed.notify_all()

    async def _turn(self) -> float:
        failures = self._failures
        while not self.state.may_start(now := self.clock()):
            if self._others is not None and (self.state.share == 0 or now >= self.state.share_ends):
                if self._failures > failures:
                    raise RetryError(self._trouble, way_out="run again: the next run continues where this one stopped")
                self._others.wanted()
            pause = self.state.resume_at - now
            try:
                await asyncio.wait_for(self._changed.wait(), pause if pause > 0 else None)
            except TimeoutError:
                continue
        return now
