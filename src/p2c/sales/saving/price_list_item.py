"""Rules of price list items: currency of the list, number of the product, one item a place."""

from __future__ import annotations

from collections.abc import Sequence

from p2c.database.session import Session
from p2c.edm.change import Change, ProblemKind
from p2c.sales.rules.price_list_item import PricingMethod
from p2c.sales.saving.currency import CURRENCY
from p2c.sales.saving.facts import Facts
from p2c.sales.saving.platform import PlatformRules

DUPLICATE_ITEM_ERROR = "0x80043b08"
_KEY = ("pricelevelid", "productid", "uomid")


class PriceListItemRules(PlatformRules):
    """Completes price list items."""

    def __init__(self) -> None:
        super().__init__("productpricelevel")

    def check(self, changes: Sequence[Change], facts: Facts) -> None:
        """Refuse an item without the amount or percentage that its pricing method needs."""
        for change in changes:
            by_amount = change.get("pricingmethodcode") in (None, PricingMethod.CURRENCY_AMOUNT)
            needed = "amount" if by_amount else "percentage"
            if change.get(needed) is None:
                change.refuse(
                    ProblemKind.REQUIRED,
                    f"A price list item of this pricing method needs {needed}; set it.",
                    field=needed,
                )

    def complete(self, changes: Sequence[Change], facts: Facts) -> None:
        """Copy currency, product number and unit group; refuse a second item for the same place."""
        _copy_from_lists(changes, facts.session)
        _copy_from_products(changes, facts.session)
        _refuse_duplicates(changes, facts.session)


def _copy_from_lists(changes: Sequence[Change], session: Session) -> None:
    lists = session.rows(
        "pricelevel",
        "pricelevelid",
        {change.get("pricelevelid") for change in changes},
        ("pricelevelid", CURRENCY),
    )
    currency = {row["pricelevelid"]: row[CURRENCY] for row in lists}
    for change in changes:
        of_list = currency.get(change.get("pricelevelid"))
        if of_list is not None and change.get(CURRENCY) != of_list:
            change.values[CURRENCY] = of_list


def _copy_from_products(changes: Sequence[Change], session: Session) -> None:
    columns = ("productid", "productnumber", "defaultuomscheduleid")
    rows = session.rows("product", "productid", {change.get("productid") for change in changes}, columns)
    products = {row["productid"]: row for row in rows}
    for change in changes:
        product = products.get(change.get("productid"))
        if product is not None and (change.is_create or change.sets("productid")):
            change.values["productnumber"] = product["productnumber"]
            change.values["uomscheduleid"] = product["defaultuomscheduleid"]


def _refuse_duplicates(changes: Sequence[Change], session: Session) -> None:
    touched = [change for change in changes if any(change.sets(column) for column in _KEY)]
    places = {change.number: tuple(change.get(column) for column in _KEY) for change in touched}
    columns = ("productpricelevelid", *_KEY)
    taken = {
        tuple(row[column] for column in _KEY): row["productpricelevelid"]
        for row in session.match("productpricelevel", _KEY, places.values(), columns)
    }
    for change in touched:
        if taken.setdefault(places[change.number], change.key) != change.key:
            change.refuse(
                ProblemKind.DUPLICATE_KEY,
                f"The price list has an item for product {change.get('productnumber')} in this unit already; "
                "update that item instead.",
                field="productid",
                value=change.get("productid"),
                code=DUPLICATE_ITEM_ERROR,
            )
