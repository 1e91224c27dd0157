"""Rows that both sides may have changed since the last run: settled field by field, before and after they are sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from msgspec import structs

from p2c.edm.values import Row, Value
from p2c.integrator.engine.context import LegContext
from p2c.integrator.engine.current import Current, CurrentRows
from p2c.integrator.engine.decide import Deliver, MappedRow
from p2c.integrator.engine.settling import AS_IT_IS, Settlement, remembered, settle
from p2c.integrator.mapping.modified import modified_field
from p2c.integrator.mapping.template import OnConflict
from p2c.integrator.outcome import RowState


class Conflicts:
    """Settles the rows of one leg whose task does not simply let the source win.

    It reads destination rows before they are written, by `current`, and again afterwards: what the destination has made
    of them is what later changes are told from.
    """

    def __init__(self, context: LegContext) -> None:
        self._context = context
        self._rules = context.rules
        self._modified = modified_field(context.destination_entity)
        self.current = CurrentRows(context, self._rules, (self._modified,) if self._modified else ())

    async def settle(self, deliveries: Sequence[Deliver], states: Mapping[str, RowState]) -> dict[str, Settlement]:
        """What becomes of each of these rows that is known, by source id."""
        known = [item for item in deliveries if item.known and item.row.source_id in states]
        found = await self.current.find([item.row for item in known])
        return {
            item.row.source_id: self.settled(item.row, current, states[item.row.source_id])
            for item, current in zip(known, found, strict=True)
        }

    def settled(self, row: MappedRow, current: Current, state: RowState) -> Settlement:
        """What becomes of one row. A destination row that is gone comes again, with all its fields."""
        if current.row is None:
            return AS_IT_IS
        context = self._context
        times = (_time(row.source, modified_field(context.source_entity)), _time(current.row, self._modified))
        found = settle(self._rules, context.on_conflict, row.values, current.row, state.fields, times, context.lost)
        sources = context.compiled.sources
        changes = tuple(structs.replace(change, of=sources.get(change.field, "")) for change in found.changes)
        return replace(found, changes=changes) if changes else found

    def leaves_nothing(self, intent: Deliver, found: Settlement) -> bool:
        """Whether no field of the row is left to be sent."""
        rest = intent.leaving(found.left_out)
        return bool(found.left_out) and not any(rest.sends(rule.name) for rule in self._rules)

    async def remember(self, rows: Sequence[MappedRow]) -> dict[str, bytes]:
        """What is to be kept of rows that were delivered just now, by source id."""
        found = await self.current.find(rows)
        return {
            row.source_id: remembered(self._rules, row.values, current.row)
            for row, current in zip(rows, found, strict=True)
            if current.row is not None
        }


def conflicts_of(context: LegContext) -> Conflicts | None:
    """What settles the rows of a leg; None where the source always wins."""
    return None if context.on_conflict is OnConflict.SOURCE else Conflicts(context)


def _time(row: Row, field: str) -> Value:
    return row.get(field) if field else None
