"""Numbers, and yes and no."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2c.edm.declare import enum, members
from p2c.edm.values import Value
from p2c.integrator.mapping.codes import Refused, RejectCode
from tests.unit.integrator.mapping.calls import apply


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [
        ("12.345", 2, "12.35"),
        ("12.344", 2, "12.34"),
        ("-12.345", 2, "-12.35"),
        (" 7 ", 2, "7.00"),
        (7, 0, "7"),
        (Decimal("2.5"), 0, "3"),
        (Decimal("0.125"), None, "0.125"),
    ],
)
def test_number_rounds_half_up(value: Value, decimals: int | None, expected: str) -> None:
    result = apply("number", value, decimals=decimals)
    assert str(result) == expected


@pytest.mark.parametrize("value", ["twelve", "1,5", "NaN", "Infinity", True])
def test_what_is_no_number_is_refused(value: Value) -> None:
    with pytest.raises(Refused, match="is not a number") as refused:
        apply("number", value)
    assert refused.value.code is RejectCode.WRONG_TYPE


@given(st.decimals(-(10**9), 10**9, places=6), st.integers(0, 4))
def test_rounding_moves_a_number_by_half_a_step_at_most(value: Decimal, decimals: int) -> None:
    result = apply("number", value, decimals=decimals)
    assert isinstance(result, Decimal)
    assert abs(result - value) <= Decimal(1).scaleb(-decimals) / 2


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Yes", True),
        ("no", False),
        ("TRUE", True),
        ("false", False),
        ("1", True),
        (0, False),
        (True, True),
        (None, None),
        ("", None),
    ],
)
def test_boolean_knows_the_words_for_yes_and_no(value: Value, expected: bool | None) -> None:
    assert apply("boolean", value) is expected
    assert apply("invert", value) is (None if expected is None else not expected)


def test_boolean_writes_the_words_of_the_destination() -> None:
    no_yes = enum("IsInactive", "Inactive", members("NoYes", "No", "Yes"))
    written = [apply("boolean", value, no_yes, yes="Yes", no="No") for value in (True, "0", None)]
    assert written == ["Yes", "No", None]


@pytest.mark.parametrize("name", ["boolean", "invert"])
def test_other_words_are_refused(name: str) -> None:
    with pytest.raises(Refused, match="'perhaps' is neither yes nor no"):
        apply(name, "perhaps")
