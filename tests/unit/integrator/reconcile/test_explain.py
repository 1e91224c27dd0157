"""What the runs remember of a row says whose a value is."""

from __future__ import annotations

from p2c.edm.values import Row
from p2c.integrator.engine.digest import row_hash
from p2c.integrator.outcome import Disposition, RowState
from p2c.integrator.reconcile.explain import Memory, explained
from p2c.integrator.reconcile.finding import Difference, Finding, Kind

EMPTY: Row = {"Name": None, "Terms": None, "City": None}
BLANK = Difference("Terms", None, "Net30")
MEMORY = Memory(EMPTY, ())
WRONG = Difference("City", "Brno", "Praha")


def different(*differences: Difference) -> Finding:
    return Finding(kind=Kind.DIFFERENT, company="czmf", key="A-1", source_id="1", differences=differences, there=True)


def delivered(**values: str) -> RowState:
    """The state of a row that was delivered with these values."""
    remembered = row_hash({**EMPTY, **values})
    return RowState("1", "A-1", "czmf", remembered, "czmf/A-1", Disposition.DELIVERED)


def test_what_the_destination_filled_in_by_itself_is_no_difference() -> None:
    finding = explained(different(BLANK), delivered(Name="N"), MEMORY)

    assert (finding.kind, finding.differences, finding.filled) == (Kind.EQUAL, (), ("Terms",))


def test_a_value_that_was_delivered_and_should_be_gone_is_a_difference() -> None:
    assert explained(different(BLANK), delivered(Terms="Net30"), MEMORY) == different(BLANK)


def test_other_differences_stay() -> None:
    finding = explained(different(BLANK, WRONG), delivered(Name="N"), MEMORY)

    assert (finding.kind, finding.differences, finding.filled) == (Kind.DIFFERENT, (WRONG,), ("Terms",))


def test_a_row_that_no_run_has_delivered_is_left_as_the_destination_has_it() -> None:
    assert explained(different(BLANK), None, MEMORY).kind is Kind.EQUAL


def test_a_missing_row_that_was_rejected_names_the_code() -> None:
    missing = Finding(kind=Kind.MISSING, company="czmf", key="A-1", source_id="1")
    rejected = RowState("1", "A-1", "czmf", b"", "", Disposition.REJECTED, "LOOKUP-NOT-FOUND")

    assert explained(missing, rejected, MEMORY).code == "LOOKUP-NOT-FOUND"
