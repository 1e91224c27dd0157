"""Compares one leg: keeps both sides aside in order of their keys, and walks through them together."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from p2c.integrator.engine.context import LegContext
from p2c.integrator.mapping.template import Leg
from p2c.integrator.reconcile.explain import Memory, explained
from p2c.integrator.reconcile.finding import Finding, Kind, LegComparison
from p2c.integrator.reconcile.merge import Merge
from p2c.integrator.reconcile.sides import Sides
from p2c.integrator.reconcile.spill import SortedSpill

_TOGETHER = 500
"""Findings that are explained by one query."""


class Listener(Protocol):
    """Hears what is found; called between batches, must be quick."""

    def leg_started(self, comparison: LegComparison) -> None:
        """A leg begins; its counts are zero."""

    def leg_advanced(self, read: int) -> None:
        """So many source rows of the leg were read."""

    def found(self, comparison: LegComparison, finding: Finding) -> None:
        """A row that is not well: all but equal rows, and skipped ones that the destination does not have."""

    def leg_finished(self, comparison: LegComparison) -> None:
        """The leg is counted."""


@dataclass(frozen=True, slots=True)
class LegComparing:
    """Compares the two ends of one leg; of the legal entity `company` alone, if there is one."""

    leg: Leg
    context: LegContext
    listener: Listener
    company: str | None

    async def carry_out(self) -> LegComparison:
        """
        Read both sides aside, then walk through them by key.

        Raises:
            RetryError, StopError: An environment stays away or refuses.
        """
        began = time.monotonic()
        names = [f"{end.environment}.{end.entity}" for end in (self.leg.source, self.leg.destination)]
        comparison = LegComparison(leg=self.context.key, source=names[0], destination=names[1])
        self.listener.leg_started(comparison)
        sides = Sides(self.leg, self.context, self.listener.leg_advanced)
        with ExitStack() as kept:
            source, destination = (kept.enter_context(SortedSpill()) for _ in range(2))
            # One after the other: the pages of both at once are what takes most memory.
            await sides.source(source)
            await sides.destination(destination)
            merge = Merge(self.context.rules, self.context.companies.merges)
            async for finding in self._explained(merge.findings(source, destination)):
                comparison.add(finding)
                if finding.listed:
                    self.listener.found(comparison, finding)
        comparison.seconds = time.monotonic() - began
        self.listener.leg_finished(comparison)
        return comparison

    async def _explained(self, findings: Iterable[Finding]) -> AsyncIterator[Finding]:
        """The findings of the wanted company; those that do not agree, with what the runs remember of the row and what
        people decided about it."""
        context = self.context
        wanted = (item for item in findings if self.company is None or item.company == self.company)
        memory = Memory(context.without_values(), context.rules, context.on_conflict)
        for part in _parts(wanted):
            ids = [item.source_id for item in part if item.kind in (Kind.MISSING, Kind.DIFFERENT)]
            states = await asyncio.to_thread(context.store.states, context.key, ids) if ids else {}
            for item in part:
                yield explained(item, states.get(item.source_id), memory)


def _parts(findings: Iterator[Finding]) -> Iterator[list[Finding]]:
    while part := list(islice(findings, _TOGETHER)):
        yield part
