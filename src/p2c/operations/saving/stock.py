"""Saving stock on hand."""

from __future__ import annotations

from collections.abc import Sequence

from p2c.database.session import Session
from p2c.edm.change import Change, ProblemKind, accepted
from p2c.odata.service.rules import NoRules
from p2c.operations.rules.stock import Stock
from p2c.operations.saving.company import settle_company
from p2c.operations.saving.places import settle_places
from p2c.operations.saving.pointers import Pointer, found
from p2c.operations.saving.values import number_of, text_of

_ITEM = Pointer("ItemNumber", "released_product", "ItemNumber", "item", "ReleasedProductsV2")


class WarehouseOnHandRules(NoRules):
    """How much of an item a warehouse has."""

    def before_save(self, changes: Sequence[Change], session: Session) -> None:
        """Check item, site, warehouse and quantities; compute what is available."""
        settle_company(changes, session)
        items = found(session, _ITEM.table, _ITEM.columns, map(_ITEM.key, accepted(changes)), ("ProductNumber",))
        for change in accepted(changes):
            item = items.get(_ITEM.key(change))
            if item is None:
                _ITEM.refuse(change)
            else:
                _ITEM.spell(change, item)
                change.values["ProductNumber"] = item["ProductNumber"]
        settle_places(changes, session, site_column="InventorySiteId", warehouse_column="InventoryWarehouseId")
        for change in accepted(changes):
            _settle_quantities(change)


def _settle_quantities(change: Change) -> None:
    stock = Stock(
        on_hand=number_of(change, "OnHandQuantity"),
        reserved=number_of(change, "ReservedOnHandQuantity"),
        ordered=number_of(change, "OrderedQuantity"),
        reserved_ordered=number_of(change, "ReservedOrderedQuantity"),
    )
    change.values["AvailableOnHandQuantity"] = stock.available
    change.values["AvailableOrderedQuantity"] = stock.available_ordered
    change.values["TotalAvailableQuantity"] = stock.total_available
    if stock.fault:
        value = text_of(change, "ItemNumber")
        change.refuse(
            ProblemKind.OUT_OF_RANGE,
            f"{stock.fault} {number_of(change, stock.fault)} of item {value!r} cannot be: it is between 0 "
            "and the quantity that it is a part of; send a smaller one",
            field=stock.fault,
            value=number_of(change, stock.fault),
        )
