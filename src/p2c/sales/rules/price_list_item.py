"""The price that a price list item gives for one unit of a product."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from enum import IntEnum

from p2c.sales.rules.money import EXACT


class PricingMethod(IntEnum):
    """How an item's price is made: an amount, a share of the list price, or a cost with markup or margin."""

    CURRENCY_AMOUNT = 1
    PERCENT_OF_LIST = 2
    MARKUP_CURRENT_COST = 3
    MARGIN_CURRENT_COST = 4
    MARKUP_STANDARD_COST = 5
    MARGIN_STANDARD_COST = 6


class PricingError(IntEnum):
    """Why a line or document has no proper price; members of the choice set qooi_pricingerrorcode."""

    NONE = 0
    DETAIL_ERROR = 1
    MISSING_UNIT_PRICE = 5
    INVALID_PRICING_CODE = 9
    PRODUCT_NOT_IN_PRICE_LEVEL = 11
    MISSING_PRICE_LEVEL_AMOUNT = 12
    MISSING_PRICE_LEVEL_PERCENTAGE = 13
    MISSING_PRICE = 14
    MISSING_CURRENT_COST = 15
    MISSING_STANDARD_COST = 16
    INVALID_PRICE_LEVEL_PERCENTAGE = 18


class RoundingPolicy(IntEnum):
    """Which way a calculated price is rounded."""

    NONE = 1
    UP = 2
    DOWN = 3
    TO_NEAREST = 4


class RoundingOption(IntEnum):
    """What a rounded price looks like: it ends in the amount (19.99) or is a multiple of it (19.50)."""

    ENDS_IN = 1
    MULTIPLE_OF = 2


@dataclass(frozen=True, slots=True)
class Rounding:
    """How calculated prices are rounded; an amount of zero rounds nothing."""

    policy: int = RoundingPolicy.NONE
    option: int = RoundingOption.ENDS_IN
    amount: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class PriceListItem:
    """What the item says; `percentage` 15 is 15 %."""

    method: int
    amount: Decimal | None = None
    percentage: Decimal | None = None
    rounding: Rounding = Rounding()


@dataclass(frozen=True, slots=True)
class ProductPrices:
    """The product's own prices, in the currency of the price list."""

    list_price: Decimal | None = None
    current_cost: Decimal | None = None
    standard_cost: Decimal | None = None


_WHOLE = Decimal(100)
_BASIS = {
    PricingMethod.PERCENT_OF_LIST: ("list_price", PricingError.MISSING_PRICE),
    PricingMethod.MARKUP_CURRENT_COST: ("current_cost", PricingError.MISSING_CURRENT_COST),
    PricingMethod.MARGIN_CURRENT_COST: ("current_cost", PricingError.MISSING_CURRENT_COST),
    PricingMethod.MARKUP_STANDARD_COST: ("standard_cost", PricingError.MISSING_STANDARD_COST),
    PricingMethod.MARGIN_STANDARD_COST: ("standard_cost", PricingError.MISSING_STANDARD_COST),
}
_DIRECTION: dict[int, str] = {
    RoundingPolicy.UP: ROUND_CEILING,
    RoundingPolicy.DOWN: ROUND_FLOOR,
    RoundingPolicy.TO_NEAREST: ROUND_HALF_UP,
}


def unit_price(item: PriceListItem | None, product: ProductPrices) -> Decimal | PricingError:
    """The price of one unit, or the error code that the line gets instead. None: not in the price list."""
    if item is None:
        return PricingError.PRODUCT_NOT_IN_PRICE_LEVEL
    if item.method == PricingMethod.CURRENCY_AMOUNT:
        return item.amount if item.amount is not None else PricingError.MISSING_PRICE_LEVEL_AMOUNT
    if item.method not in _BASIS:
        return PricingError.INVALID_PRICING_CODE
    if item.percentage is None:
        return PricingError.MISSING_PRICE_LEVEL_PERCENTAGE
    method = PricingMethod(item.method)
    name, missing = _BASIS[method]
    basis: Decimal | None = getattr(product, name)
    if basis is None:
        return missing
    price = _calculated(method, basis, item.percentage)
    return price if isinstance(price, PricingError) else rounded_price(price, item.rounding)


def _calculated(method: PricingMethod, basis: Decimal, percentage: Decimal) -> Decimal | PricingError:
    share = EXACT.divide(percentage, _WHOLE)
    if method is PricingMethod.PERCENT_OF_LIST:
        return EXACT.multiply(basis, share)
    if method in (PricingMethod.MARKUP_CURRENT_COST, PricingMethod.MARKUP_STANDARD_COST):
        return EXACT.multiply(basis, 1 + share)
    if share >= 1:
        return PricingError.INVALID_PRICE_LEVEL_PERCENTAGE
    return EXACT.divide(basis, 1 - share)


def rounded_price(price: Decimal, rounding: Rounding) -> Decimal:
    """The price under a rounding policy; `ends in` 0.99 moves in steps of 1, `ends in` 5 in steps of 10."""
    direction = _DIRECTION.get(rounding.policy)
    if direction is None or rounding.amount <= 0:
        return price
    ends_in = rounding.option == RoundingOption.ENDS_IN
    step = _next_power_of_ten(rounding.amount) if ends_in else rounding.amount
    offset = rounding.amount if ends_in else Decimal(0)
    steps = EXACT.divide(price - offset, step).to_integral_value(rounding=direction)
    return EXACT.multiply(steps, step) + offset


def _next_power_of_ten(value: Decimal) -> Decimal:
    """1 below one, else the smallest power of ten that is larger."""
    return Decimal(10) ** (value.adjusted() + 1) if value >= 1 else Decimal(1)
