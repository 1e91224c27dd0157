"""Saving sales quotation lines: each is checked and completed from the facts of the batch."""

from __future__ import annotations

from collections.abc import Sequence

from p2c.database.session import Session
from p2c.edm.change import Change, Problem, ProblemKind, accepted
from p2c.edm.values import Row
from p2c.odata.service.rules import NoRules
from p2c.operations.rules.days import at_noon
from p2c.operations.rules.place import Place, default_place
from p2c.operations.rules.quotation import split_discount
from p2c.operations.rules.rounding import CENTS
from p2c.operations.rules.sellable import why_not_sellable
from p2c.operations.saving.addresses import AddressColumns, settle_addresses
from p2c.operations.saving.company import settle_company
from p2c.operations.saving.line_facts import (
    CUSTOMER,
    DELIVERY_COLUMNS,
    PRODUCT,
    QUOTATION,
    Facts,
    fetch,
)
from p2c.operations.saving.places import settle_places
from p2c.operations.saving.pointers import Key, check_pointers, unit
from p2c.operations.saving.sellable import facts_of
from p2c.operations.saving.totals import QUOTATION_KEY, money_of, refresh_totals
from p2c.operations.saving.values import COMPANY, moment_of, number_of, text_of

_DELIVERY = AddressColumns(prefix="DeliveryAddress", suffix="Id")
_PERCENTAGES = ("LineDiscountPercentage", "MultilineDiscountPercentage")
# Line column to header column.
_TERMS = {"DeliveryModeCode": "DeliveryModeCode", "DeliveryTermsId": "DeliveryTermsCode"}
_NAME_LENGTH = 60
_LOT_LENGTH = 10


class SalesQuotationLineRules(NoRules):
    """A line sells a product of the company on a quotation of the company."""

    def before_save(self, changes: Sequence[Change], session: Session) -> None:
        """Check quotation, product, unit, places; complete the line; compute its amount."""
        settle_company(changes, session)
        facts = fetch(accepted(changes), session)
        for change in accepted(changes):
            _check_product(change, facts)
        for change in accepted(changes):
            _complete(change, facts)
        settle_addresses(changes, (_DELIVERY,))
        check_pointers(changes, session, (unit("SalesUnitSymbol"),))
        settle_places(changes, session, site_column="ShippingSiteId", warehouse_column="ShippingWarehouseId")
        for change in accepted(changes):
            _check_place(change, facts)
            _settle_money(change, facts)
        new = [change for change in accepted(changes) if change.is_create]
        for change, lot in zip(new, session.take("inventory_lot", len(new)), strict=True):
            change.values["InventoryLotId"] = f"{lot:0{_LOT_LENGTH}}"

    def after_save(self, changes: Sequence[Change], session: Session) -> None:
        """The quotations sum up anew."""
        refresh_totals((_quotation(change) for change in changes), session)

    def before_delete(self, rows: Sequence[Row], session: Session) -> list[Problem | None]:
        """Lines may go; their quotations sum up without them."""
        going = {row["RecId"] for row in rows}
        refresh_totals((_quotation(row) for row in rows), session, less=going)
        return [None] * len(rows)


def _quotation(source: Change | Row) -> Key:
    return tuple(text_of(source, column) for column in QUOTATION_KEY)


def _check_product(change: Change, facts: Facts) -> None:
    quotation = facts.quotations.get(QUOTATION.key(change))
    if quotation is None:
        QUOTATION.refuse(change)
        return
    QUOTATION.spell(change, quotation)
    product = facts.products.get(PRODUCT.key(change))
    if product is None:
        PRODUCT.refuse(change)
        return
    PRODUCT.spell(change, product)
    if not change.sets("ProductNumber"):
        return
    number = text_of(change, "ProductNumber")
    reasons = why_not_sellable(facts_of(product, facts.around))
    if text_of(product, "IsSalesStopped") == "Yes":
        reasons = (*reasons, "its sales are stopped")
    if reasons:
        change.refuse(
            ProblemKind.RULE,
            f"ProductNumber {number!r} cannot be sold in company {text_of(change, COMPANY)}: "
            f"{'; '.join(reasons)}; mend the released product or send another one",
            field="ProductNumber",
            value=number,
        )


def _complete(change: Change, facts: Facts) -> None:
    """Fill what the client left open from the quotation, its customer and the product."""
    for column in ("RequestedShippingDate", "RequestedReceiptDate"):
        if column in change.values:
            change.values[column] = at_noon(moment_of(change, column))
    quotation, product = facts.quotations[QUOTATION.key(change)], facts.products[PRODUCT.key(change)]
    if not text_of(change, "SalesUnitSymbol"):
        change.values["SalesUnitSymbol"] = text_of(product, "SalesUnitSymbol")
    change.values["SalesQuotationStatus"] = quotation["SalesQuotationStatus"]
    if change.sets("ProductNumber") and not change.values.get("ProductName"):
        shared = facts.around.products[text_of(change, "ProductNumber")]
        change.values["ProductName"] = text_of(shared, "ProductName")[:_NAME_LENGTH]
    if change.is_create:
        _complete_new(change, quotation, product, facts)


def _complete_new(change: Change, quotation: Row, product: Row, facts: Facts) -> None:
    change.values["LineDescription"] = text_of(change, "LineDescription") or text_of(change, "ProductName")
    if change.get("SalesPrice") is None:
        change.values["SalesPrice"] = number_of(product, "SalesPrice")
        change.values["SalesPriceQuantity"] = number_of(product, "SalesPriceQuantity")
    if change.get("RequestedShippingDate") is None:
        change.values["RequestedShippingDate"] = quotation["RequestedShippingDate"]
    for column, source in (
        ("DeliveryModeCode", "DeliveryModeCode"),
        ("DeliveryTermsId", "DeliveryTermsCode"),
    ):
        change.values[column] = text_of(change, column) or text_of(quotation, source)
    change.values["AreTotalsCalculated"] = "Yes"
    _complete_place(change, quotation, facts)
    if not any(text_of(change, column) for column in DELIVERY_COLUMNS):
        change.values.update({column: text_of(quotation, column) for column in DELIVERY_COLUMNS})
        change.values["IsDeliveryAddressOrderSpecific"] = quotation["IsDeliveryAddressOrderSpecific"]


def _complete_place(change: Change, quotation: Row, facts: Facts) -> None:
    customer_row = facts.customers.get(CUSTOMER.key({**quotation, COMPANY: text_of(change, COMPANY)}), {})
    place = default_place(
        Place(text_of(change, "ShippingSiteId"), text_of(change, "ShippingWarehouseId")),
        Place(text_of(quotation, "DefaultShippingSiteId"), text_of(quotation, "DefaultShippingWarehouseId")),
        Place(text_of(customer_row, "SiteId"), text_of(customer_row, "WarehouseId")),
    )
    change.values["ShippingSiteId"] = place.site
    change.values["ShippingWarehouseId"] = place.warehouse


def _check_place(change: Change, facts: Facts) -> None:
    stocked = text_of(facts.products[PRODUCT.key(change)], "IsStockedProduct") == "Yes"
    if stocked and not text_of(change, "ShippingSiteId"):
        change.refuse(
            ProblemKind.REQUIRED,
            f"ShippingSiteId is required for the stocked product {text_of(change, 'ProductNumber')!r}; "
            "send it, or set the site on the quotation or the customer",
            field="ShippingSiteId",
        )


def _settle_money(change: Change, facts: Facts) -> None:
    """Split a discount on the whole line, then compute the amounts; amounts that clients send are ignored."""
    for column in _PERCENTAGES:
        if not 0 <= number_of(change, column) <= 100:
            change.refuse(
                ProblemKind.OUT_OF_RANGE,
                f"{column} {number_of(change, column)} is outside 0 to 100; send a share of the amount",
                field=column,
                value=number_of(change, column),
            )
    _split_given_discount(change)
    money = money_of(change)
    currency_code = text_of(facts.quotations[QUOTATION.key(change)], "CurrencyCode")
    change.values["LineAmount"] = money.net(facts.roundings.get(currency_code, CENTS))
    change.values["TotalDiscountAmount"] = money.whole_discount
    change.values["TotalChargesAmount"] = money.real_charges


def _split_given_discount(change: Change) -> None:
    """
    Put a discount on the whole line into its unit discount and charges.

    A nought beside a unit discount means that the client thinks in unit discounts, so that one stands.
    """
    if change.values.get("TotalDiscountAmount") is None:
        return
    discount = number_of(change, "TotalDiscountAmount")
    if not discount and change.values.get("LineDiscountAmount"):
        return
    money = money_of(change)
    try:
        split = split_discount(discount, money.quantity, money.multiline_discount)
    except ValueError as error:
        change.refuse(
            ProblemKind.RULE,
            f"TotalDiscountAmount: {error}; send a RequestedSalesQuantity",
            field="TotalDiscountAmount",
            value=discount,
        )
        return
    change.values["LineDiscountAmount"] = split.per_unit
    change.values["FixedPriceCharges"] = split.charges
