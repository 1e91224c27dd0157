"""Whether released products are sellable, kept true whatever changes around them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from p2c.database.session import Session
from p2c.edm.change import Change
from p2c.edm.values import Row
from p2c.operations.rules.sellable import (
    SellableFacts,
    field_service_type,
    is_stocked,
    units_convert,
    why_not_sellable,
)
from p2c.operations.saving.values import text_of

_UNIT_COLUMNS = ("InventoryUnitSymbol", "SalesUnitSymbol", "PurchaseUnitSymbol")
_PRODUCT_COLUMNS = (
    "ProductNumber",
    "ProductName",
    "ProductType",
    "ProductSubType",
    "ProductSearchName",
    "StorageDimensionGroupName",
    "TrackingDimensionGroupName",
)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The shared products, units and conversions that some released products depend on."""

    products: Mapping[str, Row]
    units: frozenset[str]
    conversions: frozenset[tuple[str, str]]


def surroundings(sources: Sequence[Change | Row], session: Session) -> Surroundings:
    """What the released products depend on, in three queries."""
    numbers = {text_of(source, "ProductNumber") for source in sources}
    symbols = {text_of(source, column) for source in sources for column in _UNIT_COLUMNS} - {""}
    products = session.rows("product", "ProductNumber", numbers, _PRODUCT_COLUMNS)
    units = session.rows("unit", "UnitSymbol", symbols, ("UnitSymbol",))
    conversions = session.rows("unit_conversion", "FromUnitSymbol", symbols, ("FromUnitSymbol", "ToUnitSymbol"))
    return Surroundings(
        products={text_of(row, "ProductNumber"): row for row in products},
        units=frozenset(text_of(row, "UnitSymbol") for row in units),
        conversions=frozenset((text_of(row, "FromUnitSymbol"), text_of(row, "ToUnitSymbol")) for row in conversions),
    )


def facts_of(source: Change | Row, around: Surroundings) -> SellableFacts:
    """What decides whether one released product is sellable."""
    product = around.products.get(text_of(source, "ProductNumber"))
    shared: Row = product or {}
    inventory, sales = text_of(source, "InventoryUnitSymbol"), text_of(source, "SalesUnitSymbol")
    used = dict.fromkeys(text_of(source, column) for column in _UNIT_COLUMNS)
    return SellableFacts(
        product_exists=product is not None,
        product_name=text_of(shared, "ProductName"),
        is_product_master=text_of(shared, "ProductSubType") == "ProductMaster",
        item_model_group=text_of(source, "ItemModelGroupId"),
        product_group=text_of(source, "ProductGroupId"),
        storage_dimension_group=text_of(source, "StorageDimensionGroupName")
        or text_of(shared, "StorageDimensionGroupName"),
        tracking_dimension_group=text_of(source, "TrackingDimensionGroupName")
        or text_of(shared, "TrackingDimensionGroupName"),
        inventory_unit=inventory,
        sales_unit=sales,
        unknown_units=tuple(symbol for symbol in used if symbol and symbol not in around.units),
        units_convert=units_convert(inventory, sales, around.conversions),
        lifecycle_state=text_of(source, "ProductLifecycleStateId"),
    )


def derived(source: Change | Row, around: Surroundings) -> Row:
    """The columns of a released product that follow from its surroundings."""
    kind = text_of(around.products.get(text_of(source, "ProductNumber"), {}), "ProductType") or "Item"
    return {
        "ProductType": kind,
        "IsStockedProduct": is_stocked(kind),
        "FieldServiceProductType": field_service_type(kind),
        "IsSellable": not why_not_sellable(facts_of(source, around)),
    }


def refresh(rows: Sequence[Row], session: Session) -> None:
    """Derive stored released products anew.

    Each gets a new version even when nothing of its own changes: what is published through it may have.
    """
    around = surroundings(rows, session)
    session.update("released_product", [{"RecId": row["RecId"], **derived(row, around)} for row in rows])


def refresh_sellable(rows: Sequence[Row], session: Session, *, less: frozenset[tuple[str, str]] = frozenset()) -> None:
    """Write IsSellable where it turns; `less` are conversions that are about to go."""
    found = surroundings(rows, session)
    around = Surroundings(found.products, found.units, found.conversions - less)
    turned: list[Row] = []
    for row in rows:
        sellable = not why_not_sellable(facts_of(row, around))
        if sellable != row["IsSellable"]:
            turned.append({"RecId": row["RecId"], "IsSellable": sellable})
    session.update("released_product", turned)


def using_units(symbols: Sequence[str], session: Session) -> list[Row]:
    """Released products that are kept, sold or bought in one of the units."""
    by_id = {row["RecId"]: row for column in _UNIT_COLUMNS for row in session.rows("released_product", column, symbols)}
    return list(by_id.values())
