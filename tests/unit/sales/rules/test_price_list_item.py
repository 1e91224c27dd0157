"""The price that a price list item gives, by its pricing method and rounding."""

from __future__ import annotations

from decimal import Decimal

import pytest

from p2c.sales.rules.price_list_item import (
    PriceListItem,
    PricingError,
    PricingMethod,
    ProductPrices,
    Rounding,
    RoundingOption,
    RoundingPolicy,
    rounded_price,
    unit_price,
)

PRODUCT = ProductPrices(list_price=Decimal(200), current_cost=Decimal(80), standard_cost=Decimal(60))
TWENTY_FIVE = Decimal(25)


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        (PricingMethod.PERCENT_OF_LIST, "50"),
        (PricingMethod.MARKUP_CURRENT_COST, "100"),
        (PricingMethod.MARGIN_CURRENT_COST, "106.67"),
        (PricingMethod.MARKUP_STANDARD_COST, "75"),
        (PricingMethod.MARGIN_STANDARD_COST, "80"),
    ],
)
def test_each_method_makes_the_price_from_its_own_basis(method: PricingMethod, expected: str) -> None:
    """25 % of the list price, as markup (cost x 1.25) or as margin (cost / 0.75)."""
    price = unit_price(PriceListItem(method, percentage=TWENTY_FIVE), PRODUCT)
    assert round(Decimal(price), 2) == Decimal(expected)


def test_a_currency_amount_is_the_price_itself() -> None:
    """The product's own prices do not matter."""
    assert unit_price(PriceListItem(1, amount=Decimal("9.99")), ProductPrices()) == Decimal("9.99")


@pytest.mark.parametrize(
    ("item", "product", "error"),
    [
        (None, PRODUCT, PricingError.PRODUCT_NOT_IN_PRICE_LEVEL),
        (PriceListItem(1), PRODUCT, PricingError.MISSING_PRICE_LEVEL_AMOUNT),
        (PriceListItem(2), PRODUCT, PricingError.MISSING_PRICE_LEVEL_PERCENTAGE),
        (PriceListItem(2, percentage=TWENTY_FIVE), ProductPrices(), PricingError.MISSING_PRICE),
        (PriceListItem(3, percentage=TWENTY_FIVE), ProductPrices(), PricingError.MISSING_CURRENT_COST),
        (PriceListItem(6, percentage=TWENTY_FIVE), ProductPrices(), PricingError.MISSING_STANDARD_COST),
        (PriceListItem(4, percentage=Decimal(100)), PRODUCT, PricingError.INVALID_PRICE_LEVEL_PERCENTAGE),
        (PriceListItem(7, percentage=TWENTY_FIVE), PRODUCT, PricingError.INVALID_PRICING_CODE),
    ],
)
def test_a_price_that_cannot_be_made_is_an_error_code(
    item: PriceListItem | None, product: ProductPrices, error: PricingError
) -> None:
    """The line is kept and says why it has no price."""
    assert unit_price(item, product) is error


@pytest.mark.parametrize(
    ("policy", "option", "amount", "expected"),
    [
        (RoundingPolicy.NONE, RoundingOption.ENDS_IN, "0.99", "12.34"),
        (RoundingPolicy.UP, RoundingOption.ENDS_IN, "0.99", "12.99"),
        (RoundingPolicy.DOWN, RoundingOption.ENDS_IN, "0.99", "11.99"),
        (RoundingPolicy.TO_NEAREST, RoundingOption.ENDS_IN, "5", "15"),
        (RoundingPolicy.UP, RoundingOption.MULTIPLE_OF, "0.5", "12.5"),
        (RoundingPolicy.DOWN, RoundingOption.MULTIPLE_OF, "0.5", "12"),
        (RoundingPolicy.TO_NEAREST, RoundingOption.MULTIPLE_OF, "5", "10"),
        (RoundingPolicy.UP, RoundingOption.MULTIPLE_OF, "0", "12.34"),
    ],
)
def test_a_calculated_price_is_rounded_as_the_item_says(
    policy: RoundingPolicy, option: RoundingOption, amount: str, expected: str
) -> None:
    """12.34 made to end in an amount, or to be a multiple of it."""
    assert rounded_price(Decimal("12.34"), Rounding(policy, option, Decimal(amount))) == Decimal(expected)
