"""Bounds that a run may have: rows that it must leave, or must refuse."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from p2c.errors import RejectedRowError
from p2c.integrator.connections import OrganizationMapping
from p2c.integrator.engine.context import LegContext
from p2c.integrator.engine.decide import Deliver
from p2c.integrator.mapping.template import Leg
from p2c.integrator.outcome import LegKey

LEFT = "not in the plan: left for a later run"


class LegLimits(Protocol):
    """What one leg may do. `left` says whether a row was left for a later run."""

    left: bool

    async def check(self, deliveries: Sequence[Deliver]) -> dict[str, RejectedRowError | None]:
        """Why rows may not be delivered, by source id: refused, or None for those left for a later run."""

    async def removable(self, addresses: Sequence[str]) -> set[str]:
        """Which of these destination rows may be removed; the others are left."""

    async def strike(self, addresses: Sequence[str]) -> None:
        """Nothing more is to be done for these destination rows."""


class RunLimits(Protocol):
    """What a run may do."""

    @property
    def all_data(self) -> bool:
        """Whether everything is read again."""

    async def begin(self, run: int) -> None:
        """The run begins."""

    async def end(self, run: int) -> str:
        """What is to be said at the end of the run; empty when all is well."""

    def checkpoint(self, key: LegKey, leg: Leg, organizations: Sequence[OrganizationMapping]) -> str | None:
        """
        Where the reading of a leg begins.

        Raises:
            ConfigurationError: The leg may not run.
        """

    def leg(
        self, key: LegKey, leg: Leg, context: LegContext, organizations: Sequence[OrganizationMapping]
    ) -> LegLimits:
        """What one leg may do."""
