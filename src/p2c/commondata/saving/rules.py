"""What the hub does with every row, and with quotations and their lines; it knows no business beyond that."""

from __future__ import annotations

from collections.abc import Sequence

from p2c.commondata.saving.deleting import delete_related
from p2c.commondata.saving.numbering import fill_numbers
from p2c.database.session import Session
from p2c.edm.change import Change, Problem
from p2c.edm.values import Row


class HubRules:
    """Numbers new rows, and keeps rows that others point at."""

    def __init__(self, table: str) -> None:
        self.table = table

    def before_save(self, changes: Sequence[Change], session: Session) -> None:
        """Number the rows that come without a number."""
        fill_numbers(self.table, changes, session)

    def after_save(self, changes: Sequence[Change], session: Session) -> None:
        """No row of the hub follows from another."""

    def before_delete(self, rows: Sequence[Row], session: Session) -> list[Problem | None]:
        """Refuse rows in use; lines go with their header."""
        return delete_related(self.table, rows, session)


class QuotationRules(HubRules):
    """A quotation without a date is of today."""

    def before_save(self, changes: Sequence[Change], session: Session) -> None:
        """Number and date new quotations."""
        super().before_save(changes, session)
        for change in changes:
            if change.is_create and change.values.get("QuotationDate") is None:
                change.values["QuotationDate"] = session.now.date()


class QuotationLineRules(HubRules):
    """A line without a product name has the name of its product."""

    def before_save(self, changes: Sequence[Change], session: Session) -> None:
        """Fill the names of products."""
        nameless = [
            change
            for change in changes
            if (change.is_create or "ProductName" in change.values) and not change.get("ProductName")
        ]
        products = session.rows(
            "Product", "RecordId", [change.get("Product") for change in nameless], ("RecordId", "Name")
        )
        names = {product["RecordId"]: product["Name"] for product in products}
        for change in nameless:
            change.values["ProductName"] = names.get(change.get("Product"))
