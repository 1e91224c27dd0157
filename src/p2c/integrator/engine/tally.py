"""Counts what a leg does: rows by outcome, reasons for skipping, and the traffic it costs."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from p2c.integrator.outcome import Counts, Progress, Steps
from p2c.odata.client.environment import Environment
from p2c.tracing import span


class Tally:
    """The totals of one leg since it began; traffic is what its two environments have seen meanwhile."""

    def __init__(self, environments: Sequence[Environment], clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._started = clock()
        self._environments = list({id(item): item for item in environments}.values())
        self._before = self._traffic()
        self.counts = Counts()
        self.skipped: Counter[str] = Counter()
        self._steps: defaultdict[str, float] = defaultdict(float)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Add the time until the end of the block to one of the `Steps`, and trace it."""
        began = self._clock()
        try:
            with span(name):
                yield
        finally:
            self._steps[name] += self._clock() - began

    def add(self, counts: Counts, skipped: Iterable[str] = ()) -> None:
        """Add a batch's outcome."""
        self.counts += counts
        self.skipped.update(skipped)

    def progress(self, more: Counts | None = None, skipped: Iterable[str] = ()) -> Progress:
        """The totals now, with a batch that is about to be committed."""
        now = [after - before for after, before in zip(self._traffic(), self._before, strict=True)]
        return Progress(
            counts=self.counts + (more or Counts()),
            skipped_because=dict(self.skipped + Counter(skipped)),
            requests=int(now[0]),
            retries=int(now[1]),
            writes=int(now[2]),
            bytes_read=int(now[3]),
            bytes_written=int(now[4]),
            seconds=self._clock() - self._started,
            waited=now[5],
            steps=Steps(**self._steps),
        )

    def _traffic(self) -> list[float]:
        seen = [item.traffic for item in self._environments]
        return [
            sum(item.requests for item in seen),
            sum(item.retries for item in seen),
            sum(item.writes for item in seen),
            sum(item.bytes_read for item in seen),
            sum(item.bytes_written for item in seen),
            sum(item.waited for item in seen),
        ]
