"""Adds to a finding what the runs remember of its row, and what people decided about it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from p2c.edm.values import Row
from p2c.integrator.engine.comparing import FieldRule
from p2c.integrator.engine.digest import cleared
from p2c.integrator.engine.record import DISMISSED
from p2c.integrator.engine.settling import unchanged
from p2c.integrator.mapping.template import OnConflict
from p2c.integrator.outcome import Disposition, RowState
from p2c.integrator.reconcile.finding import Finding, Kind


@dataclass(frozen=True, slots=True)
class Memory:
    """How what a leg remembers of a row is read.

    `without_values` is a mapped row of the leg with all its fields, its company's too, and no values; `rules` are those
    of the leg, `policy` says whose value stays where both sides have changed a field.
    """

    without_values: Row
    rules: Sequence[FieldRule]
    policy: OnConflict = OnConflict.SOURCE

    def given_before(self, state: RowState | None) -> frozenset[str]:
        """The fields that had a value when the row was last delivered; none when the map has changed since."""
        return cleared(self.without_values, state.hash) if state is not None and state.hash else frozenset()

    def left(self, state: RowState | None, expected: Row) -> frozenset[str]:
        """Those of the `expected` fields whose value at the destination no run touches: the task does not let the
        source win, and the source has not changed them since that was settled."""
        if state is None or self.policy is OnConflict.SOURCE:
            return frozenset()
        return unchanged(self.rules, expected, state.fields)


def explained(finding: Finding, state: RowState | None, memory: Memory) -> Finding:
    """
    The finding with the code of a row that was rejected, and without differences that are the destination's own.

    A field that is blank at the source is the destination's own unless it had a value when the row was last delivered;
    so is one whose value was left to the destination. A row that a person gave up is skipped, as runs count it.
    """
    if state is not None and state.disposition is Disposition.REJECTED:
        finding = replace(finding, code=state.reason)
    if finding.differences:
        finding = _without_own(finding, state, memory)
    if finding.dismissed and finding.kind not in (Kind.EQUAL, Kind.SKIPPED):
        return replace(finding, kind=Kind.SKIPPED, differences=(), code="", reason=DISMISSED, field="", value="")
    return finding


def _without_own(finding: Finding, state: RowState | None, memory: Memory) -> Finding:
    left = memory.left(state, {item.field: item.expected for item in finding.differences})
    kept = tuple(item.field for item in finding.differences if item.field in left)
    given = memory.given_before(state)
    filled = tuple(
        item.field for item in finding.differences if item.filled and item.field not in given and item.field not in left
    )
    rest = tuple(item for item in finding.differences if item.field not in (*kept, *filled))
    kind = finding.kind if rest else Kind.EQUAL
    return replace(finding, kind=kind, differences=rest, filled=filled, kept=kept)
