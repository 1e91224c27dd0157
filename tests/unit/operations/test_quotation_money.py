"""Money on a quotation adds up to the cent."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2c.operations.rules.quotation import (
    LineMoney,
    LineTotals,
    UnitDiscount,
    quotation_totals,
    split_discount,
)
from p2c.operations.rules.rounding import CENTS, Rounding

CENT_AMOUNTS = st.decimals(min_value=0, max_value=10**6, places=2)
QUANTITIES = st.decimals(min_value=Decimal("0.001"), max_value=10**4, places=3)
PERCENTAGES = st.decimals(min_value=0, max_value=100, places=2)
FORINT = Rounding(Decimal(1))


def test_ten_off_three_pieces_is_3_33_a_piece_and_a_charge_of_minus_one_cent() -> None:
    """The rounding rest travels as a charge."""
    assert split_discount(Decimal("10.00"), Decimal(3)) == UnitDiscount(Decimal("3.33"), Decimal("-0.01"))


@given(discount=CENT_AMOUNTS, quantity=QUANTITIES, price=CENT_AMOUNTS)
def test_a_split_discount_comes_to_the_discount_again(discount: Decimal, quantity: Decimal, price: Decimal) -> None:
    """Whatever the quantity, the net is the gross less the discount, to the cent."""
    split = split_discount(discount, quantity)
    line = LineMoney(quantity=quantity, price=price, discount=split.per_unit, charges=split.charges)
    assert line.whole_discount == discount
    assert line.real_charges == 0
    assert line.net(CENTS) == CENTS(line.gross - discount)


@given(discount=CENT_AMOUNTS, quantity=QUANTITIES, other=CENT_AMOUNTS)
def test_a_split_leaves_room_for_a_multiline_discount(discount: Decimal, quantity: Decimal, other: Decimal) -> None:
    """Both unit discounts together come to what was given."""
    split = split_discount(discount, quantity, other)
    line = LineMoney(
        quantity=quantity,
        price=Decimal(0),
        discount=split.per_unit,
        multiline_discount=other,
        charges=split.charges,
    )
    assert line.whole_discount == discount


def test_a_discount_cannot_be_split_over_nothing() -> None:
    """A quantity of nought bears no discount."""
    with pytest.raises(ValueError, match="quantity of 0"):
        split_discount(Decimal(1), Decimal(0))
    assert split_discount(Decimal(0), Decimal(0)) == UnitDiscount(Decimal(0), Decimal(0))


def test_percentages_are_taken_one_after_the_other_and_charges_are_added() -> None:
    """4 x (25 - 5) less 10 %, less 50 %, plus 7."""
    line = LineMoney(
        quantity=Decimal(4),
        price=Decimal(25),
        discount=Decimal(5),
        discount_percentage=Decimal(10),
        multiline_percentage=Decimal(50),
        charges=Decimal(7),
    )
    assert line.net(CENTS) == Decimal("43.00")
    assert line.real_charges == 7


def test_a_price_may_be_for_several_units() -> None:
    """5 screws at 12.50 the hundred."""
    assert LineMoney(quantity=Decimal(5), price=Decimal("12.50"), price_quantity=Decimal(100)).net(CENTS) == Decimal(
        "0.63"
    )


@pytest.mark.parametrize(
    ("rounding", "amount", "rounded"),
    [
        (CENTS, "0.005", "0.01"),
        (CENTS, "-0.005", "-0.01"),
        (FORINT, "1234.5", "1235"),
        (Rounding(Decimal(0)), "1.234", "1.23"),
        (Rounding(Decimal("0.05")), "1.12", "1.10"),
        (Rounding(Decimal(1), "RoundDown"), "1.99", "1"),
        (Rounding(Decimal(1), "RoundUp"), "1.01", "2"),
    ],
)
def test_amounts_are_rounded_as_the_currency_says(rounding: Rounding, amount: str, rounded: str) -> None:
    """Halves go away from zero; a unit of nought means cents."""
    assert rounding(Decimal(amount)) == Decimal(rounded)


@given(
    nets=st.lists(st.decimals(min_value=-(10**6), max_value=10**6, places=0), max_size=20),
    percentage=PERCENTAGES,
)
def test_the_amount_is_the_sum_of_the_lines_less_the_own_discount(nets: list[Decimal], percentage: Decimal) -> None:
    """In a currency without cents nothing below one appears."""
    lines = [LineTotals(net=net, discount=Decimal(2), charges=Decimal(1), tax=Decimal(3)) for net in nets]
    totals = quotation_totals(lines, percentage, FORINT)
    assert totals.amount == sum(nets) - totals.discount + 3 * len(nets)
    assert totals.all_discounts == totals.discount + 2 * len(nets)
    assert totals.charges == len(nets)
    assert totals.amount == totals.amount.to_integral_value()
