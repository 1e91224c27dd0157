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
    """The totals of one leg since it began; traffic is what its two environments have seen meanwhile.

    Where several processes carry the leg, each has a tally: it tells the store what was `added` since it last did, and
    hears from there what all have done. One that `helps` lets the owner count the seconds.
    """

    def __init__(
        self,
        environments: Sequence[Environment],
        clock: Callable[[], float] = time.monotonic,
        *,
        helps: bool = False,
    ) -> None:
        self._clock = clock
        self._helps = helps
        self._started = clock()
        self._environments = list({id(item): item for item in environments}.values())
        self._before = self._traffic()
        self.counts = Counts()
        self.skipped: Counter[str] = Counter()
        self._steps: defaultdict[str, float] = defaultdict(float)
        self._told = Progress()
        self._others = Progress()

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
        return self._others + self._own(more, skipped)

    def added(self, more: Counts | None = None, skipped: Iterable[str] = ()) -> Progress:
        """What has come since the store was told last, with a batch that is about to be committed."""
        return self._own(more, skipped) - self._told

    def told(self, added: Progress, totals: Progress) -> None:
        """The store was told this, and says how far all have come together. The batch in it is added separately."""
        self._told += added
        self.heard(totals)

    def heard(self, totals: Progress) -> None:
        """The store says how far all have come together."""
        self._others = totals - self._told

    def _own(self, more: Counts | None, skipped: Iterable[str]) -> Progress:
        now = [after - before for after, before in zip(self._traffic(), self._before, strict=True)]
        return Progress(
            counts=self.counts + (more or Counts()),
            skipped_because=dict(self.skipped + Counter(skipped)),
            requests=int(now[0]),
            retries=int(now[1]),
            writes=int(now[2]),
            bytes_read=int(now[3]),
            bytes_written=int(now[4]),
            seconds=0.0 if self._helps else self._clock() - self._started,
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
