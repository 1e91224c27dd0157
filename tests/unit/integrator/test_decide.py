"""What a mapped row needs, compared with what is remembered of its last delivery."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from p2c.edm.values import Row
from p2c.integrator.engine.decide import Deliver, MappedRow, Unchanged, decide
from p2c.integrator.engine.digest import cleared, row_hash
from p2c.integrator.outcome import Disposition, RowState

VALUES = st.none() | st.text(max_size=5) | st.integers(-9, 9) | st.decimals(-9, 9, places=2)
ROWS = st.dictionaries(st.text("abcdefghij_", min_size=1, max_size=6), VALUES, max_size=20)


def mapped(values: Row) -> MappedRow:
    return MappedRow("id", {}, "A-1", "czmf", "czmf/A-1", values, row_hash(values))


def remembered(values: Row, *, delivered: bool = True) -> RowState:
    return RowState("id", "A-1", "czmf", row_hash(values), "A-1" if delivered else "", Disposition.DELIVERED)


def test_a_row_that_is_new_to_the_leg_is_delivered() -> None:
    assert decide(mapped({"Name": "Kůň"}), None) == Deliver(mapped({"Name": "Kůň"}), known=False)


def test_the_same_values_are_unchanged_whatever_their_order() -> None:
    row = mapped({"Name": "Kůň", "CreditLimit": Decimal("10.50")})
    assert decide(row, remembered({"CreditLimit": Decimal("10.50"), "Name": "Kůň"})) == Unchanged(row)


def test_what_is_remembered_of_a_row_stays_readable_for_later_versions() -> None:
    values: Row = {"Name": "Kůň", "CreditLimit": Decimal("10.50"), "Phone": None}
    assert row_hash(values).hex() == "342a202b71d62db7de8e03"


def test_a_row_that_never_arrived_is_not_taken_for_delivered() -> None:
    row = mapped({"Name": "Kůň"})
    assert decide(row, remembered({"Name": "Kůň"}, delivered=False)) == Deliver(row, known=False)


def test_an_emptied_field_is_cleared_and_one_that_was_always_empty_is_left_alone() -> None:
    row = mapped({"Name": "Kůň", "Phone": None, "Description": None})
    intent = decide(row, remembered({"Name": "Kůň", "Phone": "123", "Description": None}))
    assert intent == Deliver(row, known=True, cleared=frozenset({"Phone"}))


def test_under_another_map_nothing_counts_as_emptied() -> None:
    row = mapped({"Name": "Kůň", "Phone": None})
    assert decide(row, remembered({"Name": "Kůň", "Fax": "123"})) == Deliver(row, known=True)


@given(ROWS, st.data())
def test_just_the_fields_that_lost_their_value_are_cleared(values: Row, data: st.DataObject) -> None:
    lost = data.draw(st.sets(st.sampled_from(sorted(values)))) if values else set()
    now: Row = {name: None if name in lost else value for name, value in values.items()}
    expected = {name for name in lost if values[name] is not None}
    assert cleared(now, row_hash(values)) == expected
