"""Money: rounding half up, the precision of each column, and amounts in the base currency."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal
from functools import cache

UNIT_PRICES = frozenset(
    {
        "amount",
        "currentcost",
        "price",
        "priceperunit",
        "roundingoptionamount",
        "standardcost",
        "volumediscountamount",
    }
)
"""Money columns that are rounded to the organization's pricing precision instead of the currency's."""

DEFAULT_PRECISION = 2
EXACT = Context(prec=60, rounding=ROUND_HALF_UP)
"""Wide enough for a product of the largest quantity and price, so that only `rounded` ever rounds."""


def rounded(value: Decimal, precision: int) -> Decimal:
    """The value with `precision` decimal places, ties away from zero."""
    return value.quantize(_quantum(precision), rounding=ROUND_HALF_UP, context=EXACT)


@cache
def _quantum(precision: int) -> Decimal:
    """One of the last decimal place that is kept."""
    return Decimal(1).scaleb(-precision)


def precision_of(column: str, currency: int, pricing: int) -> int:
    """Decimal places of a money column, given the currency's and the organization's pricing precision."""
    return pricing if column in UNIT_PRICES else currency


def in_base_currency(value: Decimal, exchange_rate: Decimal, precision: int) -> Decimal:
    """The `_base` twin of an amount: divided by the exchange rate of the row's currency."""
    return rounded(EXACT.divide(value, exchange_rate), precision)


def converted(value: Decimal, from_rate: Decimal, to_rate: Decimal) -> Decimal:
    """An amount of one currency in another, unrounded; a rate is what one unit of the base is worth."""
    return EXACT.divide(EXACT.multiply(value, to_rate), from_rate)
