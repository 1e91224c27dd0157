"""Adds to a finding what the runs remember of its row. Pure."""

from __future__ import annotations

from dataclasses import replace

from p2c.edm.values import Row
from p2c.integrator.engine.digest import cleared
from p2c.integrator.outcome import Disposition, RowState
from p2c.integrator.reconcile.finding import Finding, Kind


def explained(finding: Finding, state: RowState | None, without_values: Row) -> Finding:
    """
    The finding with the code of a row that was rejected, and without differences that are the destination's own.

    A field that is blank at the source is the destination's own unless it had a value when the row was last delivered.

    Args:
        without_values: A mapped row of the leg with all its fields, its company's too, and no values.
    """
    if state is not None and state.disposition is Disposition.REJECTED:
        finding = replace(finding, code=state.reason)
    if not any(difference.filled for difference in finding.differences):
        return finding
    given = given_before(state, without_values)
    own = tuple(item.field for item in finding.differences if item.filled and item.field not in given)
    rest = tuple(item for item in finding.differences if item.field not in own)
    return replace(finding, kind=Kind.DIFFERENT if rest else Kind.EQUAL, differences=rest, filled=own)


def given_before(state: RowState | None, without_values: Row) -> frozenset[str]:
    """The fields that had a value when the row was last delivered; none when the map has changed since."""
    return cleared(without_values, state.hash) if state is not None and state.hash else frozenset()
