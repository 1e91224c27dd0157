"""Number sequences: the business key of a row that is made by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from p2c.database.session import Session
from p2c.edm.change import Change

_DIGITS = 6
_NUMBERED: Mapping[str, tuple[str, str]] = {
    "Organization": ("OrganizationId", "ORG"),
    "Account": ("AccountId", "ACC"),
    "Contact": ("ContactId", "CON"),
    "Product": ("ProductId", "PRD"),
    "Quotation": ("QuotationId", "QUO"),
}
"""Table to the column with the number, and the number's prefix."""


def fill_numbers(table: str, changes: Sequence[Change], session: Session) -> None:
    """Number the rows that would be left without a number, in request order (`ACC000001`)."""
    if table not in _NUMBERED:
        return
    column, prefix = _NUMBERED[table]
    empty = [change for change in changes if (change.is_create or column in change.values) and not change.get(column)]
    for change, number in zip(empty, session.take(f"{table}:number", len(empty)), strict=True):
        change.values[column] = f"{prefix}{number:0{_DIGITS}}"
