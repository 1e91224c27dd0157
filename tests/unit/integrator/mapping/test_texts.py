"""Cutting, taking apart and joining text."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2c.edm.declare import text
from p2c.edm.values import Value
from tests.unit.integrator.mapping.calls import apply, join


@pytest.mark.parametrize(
    ("value", "length", "expected"),
    [
        ("Kovács és Társa", 6, "Kovács"),
        ("Kovács", 6, "Kovács"),
        ("", 6, ""),
        (None, 6, None),
        (12345, 3, "123"),
        (Decimal("1.50"), 10, "1.5"),
    ],
)
def test_truncate_keeps_the_beginning(value: Value, length: int, expected: Value) -> None:
    assert apply("truncate", value, length=length) == expected


@given(st.text(), st.integers(1, 50))
def test_truncated_text_is_never_longer_and_always_the_beginning(value: str, length: int) -> None:
    cut = apply("truncate", value, length=length)
    assert isinstance(cut, str)
    assert len(cut) <= length
    assert value.startswith(cut)


def test_truncate_without_a_length_cuts_to_the_destination_field() -> None:
    assert apply("truncate", "Trey Research", text("NameAlias", 4, "Name")) == "Trey"


def test_truncate_without_a_length_leaves_text_for_an_unlimited_field_alone() -> None:
    assert apply("truncate", "Trey Research", text("Notes", None, "Notes")) == "Trey Research"


@pytest.mark.parametrize(
    ("value", "part", "expected"),
    [
        ("Novák, Jan", 1, "Novák"),
        ("Novák, Jan", 2, "Jan"),
        ("Novák, Jan", 3, None),
        ("Novák,", 2, None),
        ("", 1, None),
        (None, 1, None),
    ],
)
def test_split_takes_one_part_without_blanks_around_it(value: Value, part: int, expected: Value) -> None:
    assert apply("split", value, separator=",", part=part) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["Main street 1", "2nd floor"], "Main street 1, 2nd floor"),
        (["Main street 1", None], "Main street 1"),
        ([None, "", "2nd floor"], "2nd floor"),
        ([None, ""], None),
        ([7, Decimal("1.20"), True], "7, 1.2, true"),
    ],
)
def test_concatenate_skips_blanks(values: list[Value], expected: Value) -> None:
    assert join("concatenate", values, separator=", ") == expected


def test_concatenate_parts_with_a_space_unless_told_otherwise() -> None:
    assert join("concatenate", ["Jan", "Novák"]) == "Jan Novák"


@pytest.mark.parametrize(("values", "expected"), [([None, "", 3, 4], 3), ([0, 1], 0), ([None, ""], None)])
def test_first_takes_the_first_value_that_is_not_blank(values: list[Value], expected: Value) -> None:
    assert join("first", values) == expected
