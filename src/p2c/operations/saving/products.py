"""Saving shared products and released products."""

from __future__ import annotations

from collections.abc import Sequence

from p2c.database.session import Session
from p2c.edm.change import Change, Problem, ProblemKind, accepted
from p2c.edm.values import Row
from p2c.odata.service.rules import NoRules
from p2c.operations.saving.company import settle_company
from p2c.operations.saving.pointers import Pointer, check_pointers, unit
from p2c.operations.saving.sellable import derived, refresh, surroundings
from p2c.operations.saving.uses import anywhere, in_company, problems_of_use
from p2c.operations.saving.values import number_of, text_of

_POINTERS = (
    Pointer("ProductNumber", "product", "ProductNumber", "product", "ProductsV2", shared=True),
    unit("InventoryUnitSymbol"),
    unit("SalesUnitSymbol"),
    unit("PurchaseUnitSymbol"),
    unit("BOMUnitSymbol"),
)
_NOT_NEGATIVE = ("SalesPrice", "PurchasePrice", "UnitCost", "SalesPriceQuantity", "UnitCostQuantity")
_SEARCH_NAME_LENGTH = 20


class ProductRules(NoRules):
    """The shared product master."""

    def before_save(self, changes: Sequence[Change], session: Session) -> None:
        """Fill the search name."""
        for change in accepted(changes):
            if not text_of(change, "ProductSearchName"):
                name = text_of(change, "ProductName") or text_of(change, "ProductNumber")
                change.values["ProductSearchName"] = name[:_SEARCH_NAME_LENGTH].rstrip()

    def after_save(self, changes: Sequence[Change], session: Session) -> None:
        """Released products show the new name and type, and may turn sellable."""
        numbers = [text_of(change, "ProductNumber") for change in changes if not change.is_create]
        refresh(session.rows("released_product", "ProductNumber", numbers), session)

    def before_delete(self, rows: Sequence[Row], session: Session) -> list[Problem | None]:
        """Released products stay."""
        uses = (anywhere("released_product", "ProductNumber", "ProductNumber", "ReleasedProductsV2"),)
        return problems_of_use(rows, session, uses)


class ReleasedProductRules(NoRules):
    """A product as one company sells it."""

    def before_save(self, changes: Sequence[Change], session: Session) -> None:
        """Check product, units and prices; derive what depends on them."""
        settle_company(changes, session)
        check_pointers(changes, session, _POINTERS)
        for change in accepted(changes):
            _check_amounts(change)
        sound = accepted(changes)
        around = surroundings(sound, session)
        for change in sound:
            product = around.products.get(text_of(change, "ProductNumber"), {})
            if not text_of(change, "ProductSearchName"):
                change.values["ProductSearchName"] = text_of(product, "ProductSearchName")
            if not text_of(change, "SearchName"):
                change.values["SearchName"] = text_of(change, "ProductSearchName")
            change.values.update(derived(change, around))

    def before_delete(self, rows: Sequence[Row], session: Session) -> list[Problem | None]:
        """Products with stock or on quotations stay."""
        uses = (
            in_company("warehouse_on_hand", "ItemNumber", "ItemNumber", "WarehousesOnHandV2"),
            in_company("sales_quotation_line", "ProductNumber", "ProductNumber", "CDSSalesQuotationLines"),
        )
        return problems_of_use(rows, session, uses)


def _check_amounts(change: Change) -> None:
    for column in _NOT_NEGATIVE:
        value = number_of(change, column)
        if value < 0:
            change.refuse(
                ProblemKind.OUT_OF_RANGE,
                f"{column} {value} is below nought; send 0 or more",
                field=column,
                value=value,
            )
