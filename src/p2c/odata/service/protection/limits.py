"""Service protection: how much one caller may ask of one server in a sliding window (decisions only, no clock)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from math import ceil


class Limit(Enum):
    """What was exceeded."""

    REQUESTS = "requests"
    TIME = "time"
    CONCURRENT = "concurrent"


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that one caller may ask for: requests and execution seconds in a window, requests at a time."""

    requests: int = 6000
    execution: float = 1200.0
    concurrent: int = 52
    window: float = 300.0


@dataclass(frozen=True, slots=True)
class TooMuch:
    """A refusal; `after` is the wait in whole seconds."""

    limit: Limit
    after: int


@dataclass(slots=True)
class Usage:
    """What one caller has asked for lately. Times are seconds of any clock that does not go back.

    A refused request is not counted as asked for. Sending on during the wait makes it longer: a second for every
    PUSHES requests, up to a whole window. Who comes back when told is refused once more where others made the wait
    longer meanwhile, but does not make it longer still.
    """

    limits: Limits = field(default_factory=Limits)
    running: int = 0
    during_wait: int = 0
    """Requests that arrived while the caller was told to wait."""
    refused: int = 0
    _begun: deque[float] = field(default_factory=deque)
    _ended: deque[tuple[float, float]] = field(default_factory=deque)
    _spent: float = 0.0
    _promised: float = 0.0
    _wait_until: float = 0.0
    _waiting_for: Limit = Limit.REQUESTS

    def enter(self, now: float) -> TooMuch | None:
        """A request arrives: refused, or running until `leave` is called."""
        self._slide(now)
        refusal = self._refusal(now)
        if refusal is not None:
            self.refused += 1
            return refusal
        self._begun.append(now)
        self.running += 1
        return None

    def leave(self, began: float, now: float) -> None:
        """A request that was let in at `began` has ended."""
        self.running -= 1
        self._ended.append((now, now - began))
        self._spent += now - began

    def remaining_requests(self) -> int:
        """How many more requests the window takes, as of the last call."""
        return max(self.limits.requests - len(self._begun), 0)

    def remaining_seconds(self) -> float:
        """How much more execution time the window takes, as of the last call."""
        return max(self.limits.execution - self._spent, 0.0)

    def is_idle(self, now: float) -> bool:
        """Whether nothing is left to remember."""
        self._slide(now)
        return not self.running and not self._begun and now >= self._wait_until

    def _refusal(self, now: float) -> TooMuch | None:
        if now < self._wait_until:
            if now < self._promised:
                self._push(now)
            return TooMuch(self._waiting_for, ceil(self._wait_until - now))
        full = {limit: until for limit, until in self._free_at().items() if until is not None}
        if full:
            return self._wait(next(iter(full)), now, max(full.values()))
        if self.running >= self.limits.concurrent:
            # Noticed and forgotten at once: the next request may come as soon as another has ended.
            return TooMuch(Limit.CONCURRENT, CONCURRENT_WAIT)
        return None

    def _wait(self, limit: Limit, now: float, until: float) -> TooMuch:
        self._promised = self._wait_until = max(until, now + 1)
        self._waiting_for = limit
        return TooMuch(limit, ceil(self._wait_until - now))

    def _push(self, now: float) -> None:
        self.during_wait += 1
        if self.during_wait % PUSHES == 0:
            self._wait_until = min(self._wait_until + 1, now + self.limits.window)

    def _free_at(self) -> dict[Limit, float | None]:
        """When each window takes requests again; None: it does so now."""
        requests = self._begun[0] + self.limits.window if len(self._begun) >= self.limits.requests else None
        return {Limit.REQUESTS: requests, Limit.TIME: self._time_is_free()}

    def _time_is_free(self) -> float | None:
        """When enough execution time has left the window."""
        spent = self._spent
        if spent < self.limits.execution:
            return None
        for ended, seconds in self._ended:
            spent -= seconds
            if spent < self.limits.execution:
                return ended + self.limits.window
        return self._ended[-1][0] + self.limits.window

    def _slide(self, now: float) -> None:
        edge = now - self.limits.window
        while self._begun and self._begun[0] <= edge:
            self._begun.popleft()
        while self._ended and self._ended[0][0] <= edge:
            self._spent -= self._ended.popleft()[1]
        if not self._ended:
            self._spent = 0.0


PUSHES = 10
CONCURRENT_WAIT = 2


@dataclass(slots=True)
class Protection:
    """Usage by caller; callers that have gone quiet are forgotten. Not thread safe: one event loop calls it."""

    limits: Limits = field(default_factory=Limits)
    clock: Callable[[], float] = field(kw_only=True)
    usage: dict[str, Usage] = field(default_factory=dict)

    def of(self, caller: str) -> Usage:
        """A caller's usage."""
        if caller not in self.usage:
            if len(self.usage) >= _MOST_CALLERS:
                now = self.clock()
                self.usage = {name: usage for name, usage in self.usage.items() if not usage.is_idle(now)}
            self.usage[caller] = Usage(self.limits)
        return self.usage[caller]


_MOST_CALLERS = 1000
