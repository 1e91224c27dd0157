"""Bounds how often tokens are asked for, and how often a secret may be guessed."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from math import ceil
from threading import Lock

WINDOW = 60.0
REQUESTS = 600
"""Token requests of one address in a window."""
FAILURES = 10
"""Wrong secrets of one application from one address in a window."""
_MOST_KEYS = 10_000


@dataclass(slots=True)
class Throttle:
    """Counts events by key over a sliding window of `seconds`; refuses at `limit`. Thread safe."""

    limit: int
    seconds: float = WINDOW
    _events: dict[str, deque[float]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def wait(self, key: str, now: float) -> int:
        """Whole seconds until the next event is allowed; 0 when it is allowed now."""
        with self._lock:
            events = self._recent(key, now)
            return ceil(events[0] + self.seconds - now) if len(events) >= self.limit else 0

    def count(self, key: str, now: float) -> None:
        """One event has happened."""
        with self._lock:
            self._recent(key, now).append(now)
            if len(self._events) > _MOST_KEYS:
                self._forget(now)

    def _recent(self, key: str, now: float) -> deque[float]:
        events = self._events.setdefault(key, deque(maxlen=self.limit))
        while events and events[0] <= now - self.seconds:
            events.popleft()
        return events

    def _forget(self, now: float) -> None:
        """Drop keys without recent events, and the oldest half of what is left when that was not enough."""
        kept = [(key, events) for key, events in self._events.items() if events and events[-1] > now - self.seconds]
        self._events = dict(kept if len(kept) < _MOST_KEYS // 2 else kept[-_MOST_KEYS // 2 :])
