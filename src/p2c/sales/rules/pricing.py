"""System pricing: the amounts of a quote line and the totals of a quote, all in the quote's currency."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum

from p2c.sales.rules.money import EXACT, rounded
from p2c.sales.rules.typed import ZERO


class DiscountMethod(IntEnum):
    """What a line's manual discount is taken off: the whole line, or each unit."""

    LINE_ITEM = 0
    PER_UNIT = 1


@dataclass(frozen=True, slots=True)
class LinePrice:
    """What the seller gives for a line. Price and volume discount are for one unit."""

    quantity: Decimal
    price_per_unit: Decimal
    volume_discount: Decimal = ZERO
    manual_discount: Decimal = ZERO
    tax: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class LineAmounts:
    """What follows for the line; `discount` is the manual discount on the whole line."""

    base: Decimal
    discount: Decimal
    extended: Decimal


@dataclass(frozen=True, slots=True)
class LineTotal:
    """What a line adds to the totals of its quote."""

    extended: Decimal = ZERO
    tax: Decimal = ZERO
    discount: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class HeaderPrice:
    """What the seller gives on the header; `discount_percentage` 10 is 10 %."""

    discount_amount: Decimal = ZERO
    discount_percentage: Decimal = ZERO
    freight: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class HeaderTotals:
    """The totals of a quote, by the names of its columns."""

    totallineitemamount: Decimal
    totallineitemdiscountamount: Decimal
    totaldiscountamount: Decimal
    totalamountlessfreight: Decimal
    totaltax: Decimal
    totalamount: Decimal


def manual_discount(quantity: Decimal, discount: Decimal, method: DiscountMethod, precision: int) -> Decimal:
    """The manual discount on the whole line."""
    per_line = discount if method is DiscountMethod.LINE_ITEM else EXACT.multiply(quantity, discount)
    return rounded(per_line, precision)


def line_amounts(line: LinePrice, method: DiscountMethod, precision: int) -> LineAmounts:
    """
    Base and extended amount of a line, each rounded half up to `precision` decimal places.

    The base is quantity times (price per unit less volume discount); the extended amount is the base less the
    manual discount plus tax.
    """
    base = rounded(EXACT.multiply(line.quantity, line.price_per_unit - line.volume_discount), precision)
    discount = manual_discount(line.quantity, line.manual_discount, method, precision)
    return LineAmounts(base, discount, base - discount + rounded(line.tax, precision))


def header_totals(header: HeaderPrice, lines: Iterable[LineTotal], precision: int) -> HeaderTotals:
    """
    The totals of a quote: exact sums of rounded lines, so that they agree with the lines to the last place.

    The header discount is the amount plus the percentage of the line items.
    """
    items = discounts = tax = rounded(ZERO, precision)
    for line in lines:
        line_tax = rounded(line.tax, precision)
        items += rounded(line.extended, precision) - line_tax
        discounts += rounded(line.discount, precision)
        tax += line_tax
    share = EXACT.divide(EXACT.multiply(items, header.discount_percentage), Decimal(100))
    header_discount = rounded(header.discount_amount + share, precision)
    less_freight = items - header_discount
    return HeaderTotals(
        totallineitemamount=items,
        totallineitemdiscountamount=discounts,
        totaldiscountamount=header_discount + discounts,
        totalamountlessfreight=less_freight,
        totaltax=tax,
        totalamount=less_freight + rounded(header.freight, precision) + tax,
    )
