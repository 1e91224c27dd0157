"""Value maps, and defaults in the middle of a chain."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2c.edm.declare import choice, enum, members
from p2c.edm.values import Value
from p2c.integrator.mapping.codes import Refused, RejectCode
from p2c.integrator.mapping.template import Scalar
from tests.unit.integrator.mapping.calls import apply_with

GENDERS: dict[str, Scalar] = {"1": "Male", "2": "Female", "": "NotSpecified"}


@pytest.mark.parametrize(
    ("entries", "value", "expected"),
    [
        (GENDERS, 1, "Male"),
        (GENDERS, "2", "Female"),
        (GENDERS, None, "NotSpecified"),
        (GENDERS, "", "NotSpecified"),
        ({"USD": "list"}, "usd", "list"),
        ({"usd": "list"}, "USD", "list"),
        ({"true": 1, "false": 0}, True, 1),
        ({"yes": True}, "Yes", True),
        ({"1": "Male"}, None, None),
        ({"1": "Male", "other": "Unknown"}, 7, "Unknown"),
        ({"1": "Male", "other": "Unknown"}, None, None),
        ({"1": None}, 1, None),
    ],
)
def test_value_map_compares_in_lower_case(entries: dict[str, Scalar], value: Value, expected: Value) -> None:
    assert apply_with("value_map", value, entries) == expected


def test_a_value_without_entry_is_refused_and_the_nearest_is_named() -> None:
    with pytest.raises(Refused, match="'mal'; did you mean 'male'") as refused:
        apply_with("value_map", "mal", {"male": "M", "female": "F"})
    assert refused.value.code is RejectCode.VALUE_NOT_MAPPED


@given(
    st.one_of(st.none(), st.text(), st.integers(), st.booleans(), st.decimals(allow_nan=False)),
    st.dictionaries(st.text(max_size=5), st.text()),
)
def test_a_value_map_with_other_takes_every_value(value: Value, entries: dict[str, Scalar]) -> None:
    result = apply_with("value_map", value, {**entries, "other": "rest"})
    assert result in {*entries.values(), "rest", None}


def test_results_become_what_the_destination_holds() -> None:
    product_type = choice("producttypecode", "Type", {1: "Sales Inventory", 3: "Services"})
    assert apply_with("value_map", "Item", {"item": 1, "service": 3}, product_type) == 1


def test_a_result_that_the_destination_does_not_know_is_refused_before_any_row() -> None:
    with pytest.raises(Refused, match="'Mail' is not one of the values of Gender; did you mean 'Male'"):
        apply_with("value_map", 2, {"1": "Mail"}, enum("Gender", "Gender", members("Gender", "Male", "Female")))


def test_default_fills_blanks_alone() -> None:
    assert [apply_with("default", value, {"value": "USA"}) for value in (None, "", "CZ")] == [
        "USA",
        "USA",
        "CZ",
    ]
