"""Units of measure between the environments."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2c.edm.values import Value
from p2c.integrator.mapping.codes import Refused, RejectCode
from p2c.integrator.mapping.template import ENVIRONMENTS
from p2c.integrator.mapping.transforms.units import UNITS
from tests.unit.integrator.mapping.calls import apply_with


def between(source: str, destination: str, value: Value) -> Value:
    """The unit on the other side."""
    return apply_with("unit", value, {"from": source, "to": destination})


@pytest.mark.parametrize(
    ("source", "destination", "value", "expected"),
    [
        ("operations", "commondata", "ea", "Each"),
        ("operations", "sales", "LB", "Pound"),
        ("commondata", "sales", "Each", "Each"),
        ("sales", "operations", "kilogram", "kg"),
        ("sales", "operations", None, None),
    ],
)
def test_units_have_another_name_in_operations(source: str, destination: str, value: Value, expected: Value) -> None:
    assert between(source, destination, value) == expected


@given(st.sampled_from(UNITS), st.sampled_from(ENVIRONMENTS), st.sampled_from(ENVIRONMENTS))
def test_every_unit_comes_back_as_itself(unit: tuple[str, str], here: str, there: str) -> None:
    own = unit[0] if here == "operations" else unit[1]
    assert between(there, here, between(here, there, own)) == own


def test_an_unknown_unit_is_refused_with_the_nearest() -> None:
    with pytest.raises(Refused, match="unit 'Kilogramm' is not known; did you mean 'kilogram'") as refused:
        between("sales", "operations", "Kilogramm")
    assert refused.value.code is RejectCode.UNIT_UNKNOWN
