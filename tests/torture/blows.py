"""Kills at random points of runs, then on until all is quiet; all of it follows from a seed."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from tests.lab import Company, found
from tests.scenarios.trade import account
from tests.torture.checks import Book, Ledger, check
from tests.torture.processes import LOOK, wait_until
from tests.torture.site import MOVERS, SERVICES, Site, Target

CZECH = Company("czmf", "ORG001", "Moravská obchodní", "CZK")
SPAN = 4.0
"""Seconds from the beginning of a run in which it may be struck: as long as one of 5,000 rows takes, with its start."""
LATE = 0.2
"""The share of services that are brought back only after the run has given up."""
MOST = 10
"""Kills in one round."""


@dataclass(frozen=True, slots=True)
class Blow:
    """One kill: what, how many seconds after the run has begun or after the last kill, and who makes the run. With
    `late` the run gives up before what was killed is brought back."""

    target: Target
    mover: Target
    moment: float
    late: bool


def draw_blows(draw: Random, number: int) -> list[Blow]:
    """All targets equally often, in any order."""
    targets = [target for _ in range(-(-number // len(Target))) for target in Target]
    draw.shuffle(targets)
    return [
        Blow(
            target,
            target if target in MOVERS else draw.choice(MOVERS),
            draw.uniform(0, SPAN),
            draw.random() < LATE and target in SERVICES,
        )
        for target in targets[:number]
    ]


@dataclass(slots=True)
class Round:
    """What was done to the rows of one change, and what the runs counted."""

    what: str
    rows: int
    created: int
    kills: int
    ledger: Ledger


@dataclass(slots=True)
class Torture:
    """Rounds on one site: new rows, or new names of all rows, and kills until all have arrived."""

    site: Site
    draw: Random
    blows: list[Blow]
    kills: Counter[Target] = field(default_factory=Counter)
    _rounds: int = 0
    _names: dict[str, str] = field(default_factory=dict)

    def begin(self) -> None:
        """A company that trades."""
        found(self.site.reach, CZECH)

    def enter(self, rows: int, run: Callable[[], None] | None = None) -> Round:
        """A round with new rows; `run` brings them over in its own way, without kills."""
        new = {f"A-{place:06}": f"Account {place}" for place in range(len(self._names), len(self._names) + rows)}
        return self._carry_out("new rows", new, rows, run or self._run_until_quiet)

    def rename(self) -> Round:
        """A round in which every row has changed."""
        changed = {number: f"Renamed {self._rounds} {number}" for number in self._names}
        return self._carry_out("changed rows", changed, 0, self._run_until_quiet)

    def _carry_out(self, what: str, rows: dict[str, str], created: int, run: Callable[[], None]) -> Round:
        reach = self.site.reach
        since = max((run.id for run in reach.store.runs(1)), default=0)
        reach.load("sales", "accounts", [account(CZECH, number, name=name) for number, name in rows.items()])
        self._names |= rows
        before = self.kills.total()
        run()
        # After a kill of PostgreSQL the pool holds connections that nobody answers any more.
        reach.engine.dispose()
        ledger = check(self.site, Book(self._names, since), created=created, delivered=len(rows))
        self._rounds += 1
        return Round(what, len(rows), created, self.kills.total() - before, ledger)

    def _run_until_quiet(self) -> None:
        """Runs and kills, the last run without any."""
        limit = self.kills.total() + MOST
        while not self._attempt(limit):
            pass
        self.site.rest()

    def _attempt(self, limit: int) -> bool:
        """A run, struck until it ends; whether it ended well."""
        site = self.site
        mover = self.blows[0].mover if self.blows else self.draw.choice(MOVERS)
        site.start(mover)
        while self.kills.total() < limit and (blow := self._next(mover)) is not None:
            if not self._still_moving(mover, blow.moment):
                break
            self._strike(blow, mover)
            if blow.target is mover:
                return False
        wait_until(lambda: not site.moving(mover), f"the end of the run by {mover.value}")
        return site.ended_well(mover)

    def _next(self, mover: Target) -> Blow | None:
        """The next blow that fits a run by this mover."""
        return next((blow for blow in self.blows if blow.target is mover or blow.target not in MOVERS), None)

    def _still_moving(self, mover: Target, seconds: float) -> bool:
        """Whether the run still goes after so many seconds."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if not self.site.moving(mover):
                return False
            time.sleep(min(LOOK, max(0.0, until - time.monotonic())))
        return self.site.moving(mover)

    def _strike(self, blow: Blow, mover: Target) -> None:
        site = self.site
        self.blows.remove(blow)
        self.kills[blow.target] += 1
        site.kill(blow.target, self.draw)
        if blow.late:
            wait_until(lambda: not site.under_way(mover), "a run that gives up")
        site.revive(blow.target)
        site.wait_until_well()
