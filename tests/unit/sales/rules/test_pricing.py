"""System pricing: lines and headers agree to the last cent, with both discount methods."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2c.sales.rules.pricing import (
    DiscountMethod,
    HeaderPrice,
    HeaderTotals,
    LineAmounts,
    LinePrice,
    LineTotal,
    header_totals,
    line_amounts,
)

CENTS = 2
METHODS = st.sampled_from(DiscountMethod)
PRECISIONS = st.integers(0, 4)
LINES = st.builds(
    LinePrice,
    quantity=st.decimals(0, 10**6, places=5),
    price_per_unit=st.decimals(0, 10**6, places=4),
    volume_discount=st.decimals(0, 100, places=4),
    manual_discount=st.decimals(0, 1000, places=4),
    tax=st.decimals(0, 10**4, places=4),
)
HEADERS = st.builds(
    HeaderPrice,
    discount_amount=st.decimals(0, 1000, places=4),
    discount_percentage=st.decimals(0, 100, places=2),
    freight=st.decimals(0, 1000, places=4),
)


def totals_of(
    header: HeaderPrice, lines: list[LinePrice], method: DiscountMethod, precision: int
) -> tuple[HeaderTotals, list[LineAmounts]]:
    """Price the lines, then the header over them."""
    amounts = [line_amounts(line, method, precision) for line in lines]
    parts = [LineTotal(a.extended, line.tax, a.discount) for a, line in zip(amounts, lines, strict=True)]
    return header_totals(header, parts, precision), amounts


@pytest.mark.parametrize(
    ("method", "extended"), [(DiscountMethod.LINE_ITEM, "19990.00"), (DiscountMethod.PER_UNIT, "18000.00")]
)
def test_a_discount_is_taken_off_the_line_or_off_each_unit(method: DiscountMethod, extended: str) -> None:
    """200 at 100 with a discount of 10: 19,990 by line item, 18,000 per unit."""
    line = LinePrice(quantity=Decimal(200), price_per_unit=Decimal(100), manual_discount=Decimal(10))
    assert line_amounts(line, method, CENTS).extended == Decimal(extended)


def test_a_volume_discount_is_taken_off_each_unit_with_both_methods() -> None:
    """3 at 10 with 1 off each have the base amount 27."""
    line = LinePrice(quantity=Decimal(3), price_per_unit=Decimal(10), volume_discount=Decimal(1))
    assert {line_amounts(line, method, CENTS).base for method in DiscountMethod} == {Decimal("27.00")}


def test_tax_is_part_of_the_line_and_a_total_of_its_own() -> None:
    """Tax is added to the extended amount and kept out of the line item total."""
    line = LinePrice(quantity=Decimal(1), price_per_unit=Decimal(100), tax=Decimal(21))
    totals, amounts = totals_of(HeaderPrice(), [line], DiscountMethod.LINE_ITEM, CENTS)
    assert amounts[0].extended == Decimal(121)
    assert totals.totallineitemamount == Decimal(100)
    assert totals.totaltax == Decimal(21)
    assert totals.totalamount == Decimal(121)


def test_a_header_discount_is_an_amount_a_percentage_or_both() -> None:
    """1000 less 50 less 10 % are 850; freight comes on top."""
    header = HeaderPrice(discount_amount=Decimal(50), discount_percentage=Decimal(10), freight=Decimal("12.5"))
    totals = header_totals(header, [LineTotal(extended=Decimal(1000))], CENTS)
    assert totals.totalamountlessfreight == Decimal(850)
    assert totals.totaldiscountamount == Decimal(150)
    assert totals.totalamount == Decimal("862.50")


def test_a_currency_without_cents_has_totals_without_cents() -> None:
    """3 at 0.5 forints are 2 forints, half up."""
    line = LinePrice(quantity=Decimal(3), price_per_unit=Decimal("0.5"))
    assert line_amounts(line, DiscountMethod.LINE_ITEM, 0).extended == Decimal(2)


def test_a_quote_without_lines_costs_its_freight() -> None:
    """All other totals are zero."""
    totals = header_totals(HeaderPrice(freight=Decimal(5)), [], CENTS)
    assert totals.totalamount == Decimal(5)
    assert totals.totallineitemamount == Decimal(0)


@given(LINES, METHODS, PRECISIONS)
def test_the_amounts_of_a_line_add_up(line: LinePrice, method: DiscountMethod, precision: int) -> None:
    """Base less discount plus tax is the extended amount, and none has too many decimals."""
    amounts = line_amounts(line, method, precision)
    tax = amounts.extended - amounts.base + amounts.discount
    assert abs(tax - line.tax) <= Decimal(5).scaleb(-precision - 1)
    exponents = [value.as_tuple().exponent for value in (amounts.base, amounts.discount, amounts.extended)]
    assert all(isinstance(exponent, int) and exponent >= -precision for exponent in exponents)


@given(HEADERS, st.lists(LINES, max_size=8), METHODS, PRECISIONS)
def test_the_totals_of_a_quote_add_up_to_the_cent(
    header: HeaderPrice, lines: list[LinePrice], method: DiscountMethod, precision: int
) -> None:
    """What a seller adds up from the lines on paper is what the header shows."""
    totals, amounts = totals_of(header, lines, method, precision)
    assert totals.totallineitemamount + totals.totaltax == sum(line.extended for line in amounts)
    assert totals.totallineitemdiscountamount == sum(line.discount for line in amounts)
    header_discount = totals.totallineitemamount - totals.totalamountlessfreight
    assert totals.totaldiscountamount == header_discount + totals.totallineitemdiscountamount
    freight = totals.totalamount - totals.totalamountlessfreight - totals.totaltax
    assert abs(freight - header.freight) <= Decimal(5).scaleb(-precision - 1)


@given(LINES, PRECISIONS)
def test_both_methods_agree_on_a_single_unit(line: LinePrice, precision: int) -> None:
    """The methods differ only in how often the discount counts."""
    single = LinePrice(Decimal(1), line.price_per_unit, line.volume_discount, line.manual_discount, line.tax)
    assert len({line_amounts(single, method, precision) for method in DiscountMethod}) == 1
