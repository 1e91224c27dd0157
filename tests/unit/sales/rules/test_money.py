"""Rounding and conversion of amounts."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2c.sales.rules.money import converted, in_base_currency, precision_of, rounded

AMOUNTS = st.decimals(-(10**12), 10**12, places=4)


@pytest.mark.parametrize(
    ("value", "precision", "expected"),
    [("0.005", 2, "0.01"), ("-0.005", 2, "-0.01"), ("0.0049", 2, "0.00"), ("2.5", 0, "3"), ("3.5", 0, "4")],
)
def test_ties_are_rounded_away_from_zero(value: str, precision: int, expected: str) -> None:
    """Half up as merchants round, not half even as computers do."""
    assert rounded(Decimal(value), precision) == Decimal(expected)


@given(AMOUNTS, st.integers(0, 4))
def test_rounding_moves_an_amount_by_half_a_unit_at_most(value: Decimal, precision: int) -> None:
    """And what is rounded once stays as it is."""
    result = rounded(value, precision)
    assert abs(result - value) <= Decimal(5).scaleb(-precision - 1)
    assert rounded(result, precision) == result


def test_the_base_twin_is_the_amount_divided_by_the_exchange_rate() -> None:
    """1000 CZK at 25 CZK for a euro are 40 EUR."""
    assert in_base_currency(Decimal(1000), Decimal(25), 2) == Decimal("40.00")


def test_amounts_are_converted_through_the_base_currency() -> None:
    """250 CZK at 25 are 10 EUR, which at 400 are 4000 HUF."""
    assert converted(Decimal(250), Decimal(25), Decimal(400)) == Decimal(4000)


def test_unit_prices_have_the_precision_of_the_organization() -> None:
    """Other amounts have that of their currency."""
    assert precision_of("priceperunit", currency=0, pricing=4) == 4
    assert precision_of("extendedamount", currency=0, pricing=4) == 0
