"""Finds the price of quote lines in their price lists and works out the amounts of the lines."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from p2c.database.session import Session
from p2c.edm.change import Change
from p2c.edm.values import Row, Value
from p2c.sales.rules.money import converted, rounded
from p2c.sales.rules.price_list_item import (
    PriceListItem,
    PricingError,
    ProductPrices,
    Rounding,
    RoundingOption,
    RoundingPolicy,
    unit_price,
)
from p2c.sales.rules.pricing import LinePrice, line_amounts
from p2c.sales.rules.typed import ZERO, amount, whole
from p2c.sales.saving.currency import CURRENCY, RATE
from p2c.sales.saving.facts import Facts

_PRICED_BY = ("ispriceoverridden", "priceperunit", "productid", "uomid")
_ITEM_KEY = ("pricelevelid", "productid", "uomid")


def price_lines(changes: Sequence[Change], facts: Facts, *, again: bool = False) -> None:
    """
    Set price, pricing error and amounts; nothing when the organization's pricing is done elsewhere.

    Args:
        again: Also of lines on which nothing changes that prices depend on.
    """
    if not facts.organization.system_pricing:
        return
    touched = [c for c in changes if again or c.is_create or any(c.sets(name) for name in _PRICED_BY)]
    listed = [change for change in touched if _price_is_listed(change)]
    _fill_list_prices(listed, facts)
    for change in touched:
        if not _price_is_listed(change):
            missing = change.get("priceperunit") is None
            change.values["pricingerrorcode"] = int(PricingError.MISSING_UNIT_PRICE if missing else PricingError.NONE)
    for change in changes:
        _fill_amounts(change, facts)


def _price_is_listed(change: Change) -> bool:
    """Whether the price comes from the price list: not for write-ins and overridden prices."""
    return change.get("productid") is not None and change.get("ispriceoverridden") is not True


def _fill_list_prices(changes: Sequence[Change], facts: Facts) -> None:
    session = facts.session
    wanted = {change.get("quoteid") for change in changes}
    quotes = session.rows("quote", "quoteid", wanted, ("quoteid", "pricelevelid"))
    lists = {row["quoteid"]: row["pricelevelid"] for row in quotes}
    places = {c.number: (lists.get(c.get("quoteid")), c.get("productid"), c.get("uomid")) for c in changes}
    found_items = session.match("productpricelevel", _ITEM_KEY, places.values())
    items = {tuple(row[name] for name in _ITEM_KEY): row for row in found_items}
    products = _product_prices({change.get("productid") for change in changes}, session)
    for change in changes:
        item = items.get(places[change.number])
        product = _in_currency(products.get(change.get("productid")), amount(change.get(RATE)))
        found = unit_price(_price_list_item(item) if item is not None else None, product)
        if isinstance(found, PricingError):
            change.values["priceperunit"] = None
            change.values["pricingerrorcode"] = int(found)
        else:
            change.values["priceperunit"] = rounded(found, facts.organization.pricing_precision)
            change.values["pricingerrorcode"] = int(PricingError.NONE)


def _price_list_item(row: Row) -> PriceListItem:
    rounding = Rounding(
        whole(row["roundingpolicycode"]) or RoundingPolicy.NONE,
        whole(row["roundingoptioncode"]) or RoundingOption.ENDS_IN,
        amount(row["roundingoptionamount"]) or ZERO,
    )
    return PriceListItem(
        whole(row["pricingmethodcode"]) or 0, amount(row["amount"]), amount(row["percentage"]), rounding
    )


def _product_prices(keys: set[Value], session: Session) -> dict[Value, Row]:
    columns = ("productid", "price", "currentcost", "standardcost", RATE)
    return {row["productid"]: row for row in session.rows("product", "productid", keys, columns)}


def _in_currency(product: Row | None, rate: Decimal | None) -> ProductPrices:
    """The product's own prices in the currency of the line."""
    if product is None:
        return ProductPrices()
    own_rate = amount(product[RATE])

    def price(column: str) -> Decimal | None:
        value = amount(product[column])
        return converted(value, own_rate, rate) if value is not None and own_rate and rate else value

    return ProductPrices(price("price"), price("currentcost"), price("standardcost"))


def _fill_amounts(change: Change, facts: Facts) -> None:
    given = LinePrice(
        quantity=amount(change.get("quantity")) or ZERO,
        price_per_unit=amount(change.get("priceperunit")) or ZERO,
        volume_discount=amount(change.get("volumediscountamount")) or ZERO,
        manual_discount=amount(change.get("manualdiscountamount")) or ZERO,
        tax=amount(change.get("tax")) or ZERO,
    )
    amounts = line_amounts(given, facts.organization.discount_method, facts.precision(change.get(CURRENCY)))
    change.values["baseamount"] = amounts.base
    change.values["extendedamount"] = amounts.extended
