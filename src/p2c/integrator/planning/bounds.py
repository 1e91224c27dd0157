"""Keeps a run within a plan: what was not planned is left, what has changed since is refused."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from itertools import islice

from p2c.errors import ConfigurationError, RejectedRowError
from p2c.integrator.connections import OrganizationMapping
from p2c.integrator.engine.context import LegContext
from p2c.integrator.engine.current import CurrentRows
from p2c.integrator.engine.decide import Deliver
from p2c.integrator.engine.fingerprint import fingerprint
from p2c.integrator.mapping.codes import RejectCode
from p2c.integrator.mapping.template import Leg
from p2c.integrator.outcome import LegKey
from p2c.integrator.planning.plan import Action, Plan, PlannedLeg, PlannedRow
from p2c.integrator.store import Store
from p2c.integrator.store.plans import REMOVAL, Agreed
from p2c.odata.client.environment import BATCH
from p2c.text import ngettext


class PlanBounds:
    """The bounds that a plan sets to a run of it."""

    def __init__(self, plan: Plan, store: Store) -> None:
        self._plan = plan
        self._store = store
        self._legs = {leg.key: (number, leg) for number, leg in enumerate(plan.legs)}

    @property
    def all_data(self) -> bool:
        """Whether the plan is one of a run that reads everything again."""
        return self._plan.head.all_data

    async def begin(self, run: int) -> None:
        """The run begins."""
        await asyncio.to_thread(self._store.load_plan, run, self._agreed())

    async def end(self, run: int) -> str:
        """What is to be said of planned rows that the run did not meet; empty when it met them all."""
        left = await asyncio.to_thread(self._store.end_plan, run)
        if not left:
            return ""
        return ngettext(
            "{n} planned row was not met: its source row is gone or has changed since; plan again",
            "{n} planned rows were not met: their source rows are gone or have changed since; plan again",
            left,
        ).format(n=left)

    def checkpoint(self, key: LegKey, leg: Leg, organizations: Sequence[OrganizationMapping]) -> str | None:
        """
        Where the reading of a leg began when it was planned.

        Raises:
            ConfigurationError: The leg was not planned, or its map has changed since.
        """
        return self._leg(key, leg, organizations)[1].checkpoint

    def leg(
        self, key: LegKey, leg: Leg, context: LegContext, organizations: Sequence[OrganizationMapping]
    ) -> LegBounds:
        """The bounds of one leg."""
        number, _ = self._leg(key, leg, organizations)
        return LegBounds(context, number)

    def _leg(self, key: LegKey, leg: Leg, organizations: Sequence[OrganizationMapping]) -> tuple[int, PlannedLeg]:
        number, planned = self._legs.get(key, (0, None))
        if planned is None or planned.mark != fingerprint(leg, organizations):
            raise ConfigurationError(
                f"leg {key.leg} of {key.task!r} has changed since the plan was made",
                where=f"project {key.project}",
                way_out="plan again: `p2c plan`",
            )
        return number, planned

    def _agreed(self) -> Iterator[Agreed]:
        """What is still to be done: what a broken run of the plan has removed is not known any more."""
        rows = self._plan.rows()
        while part := list(islice(rows, BATCH)):
            known = self._known([row for row in part if row.action is Action.REMOVE])
            for row in part:
                if row.action is Action.REMOVE and (row.leg, row.source_id) in known:
                    yield Agreed(row.leg, row.address, REMOVAL, row.seen)
                elif row.action in (Action.CREATE, Action.UPDATE):
                    yield Agreed(row.leg, row.address, row.mark, row.seen)

    def _known(self, rows: Sequence[PlannedRow]) -> set[tuple[int, str]]:
        """Which of these source rows their legs know, by number of the leg and source id."""
        return {
            (number, identifier)
            for number in {row.leg for row in rows}
            for identifier in self._store.states(
                self._plan.legs[number].key, [row.source_id for row in rows if row.leg == number]
            )
        }


class LegBounds:
    """What was planned for one leg. `left` says whether a row was left for a later run."""

    def __init__(self, context: LegContext, number: int) -> None:
        self._context = context
        self._rules = context.rules
        self._number = number
        self._current = CurrentRows(context, context.rules)
        self.left = False

    async def check(self, deliveries: Sequence[Deliver]) -> dict[str, RejectedRowError | None]:
        """Why rows may not be delivered, by source id: refused, or None for those left for a later run."""
        if not deliveries:
            return {}
        agreed = await self._find([item.row.address for item in deliveries])
        found: dict[str, RejectedRowError | None] = {}
        met: list[Deliver] = []
        for item in deliveries:
            planned = agreed.get(item.row.address)
            if planned is None:
                self.left = True
                found[item.row.source_id] = None
            elif not {item.row.hash.hex(), ""} & {one.mark for one in planned}:
                found[item.row.source_id] = _outdated("the source row has changed since the plan was made")
            else:
                met.append(item)
        for item, current in zip(met, await self._current.find([item.row for item in met]), strict=True):
            # Where companies share a row, an earlier one of them may have written it just now.
            seen = {one.seen for one in agreed[item.row.address]}
            is_other = current.seen(self._rules) not in seen and not self._context.companies.merges
            # A broken run may have written the row and not recorded it: then it is as planned.
            if is_other and current.changes(item, self._rules):
                found[item.row.source_id] = _outdated("the destination row has changed since the plan was made")
        await self.strike([item.row.address for item in deliveries if item.row.address in agreed])
        return found

    async def removable(self, addresses: Sequence[str]) -> set[str]:
        """Which of these destination rows were planned to be removed; the others are left."""
        agreed = await self._find(addresses)
        removed = {address for address, rows in agreed.items() if any(row.mark == REMOVAL for row in rows)}
        self.left = self.left or len(removed) < len(set(addresses))
        await self.strike(sorted(removed))
        return removed

    async def strike(self, addresses: Sequence[str]) -> None:
        """Nothing more is to be done for these destination rows."""
        if addresses:
            context = self._context
            await asyncio.to_thread(context.store.strike, context.run, self._number, addresses)

    async def _find(self, addresses: Sequence[str]) -> dict[str, list[Agreed]]:
        context = self._context
        return await asyncio.to_thread(context.store.agreed, context.run, self._number, addresses)


def _outdated(what: str) -> RejectedRowError:
    code = RejectCode.PLAN_OUTDATED
    return RejectedRowError(code.value, what, way_out=code.way_out)
