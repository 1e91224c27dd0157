"""How each currency rounds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from p2c.database.session import Session
from p2c.operations.rules.rounding import Rounding
from p2c.operations.saving.values import number_of, text_of


def sales_rounding(session: Session, codes: Iterable[str]) -> Mapping[str, Rounding]:
    """Rounding of sales amounts by currency code, one query; codes that do not exist are absent."""
    rows = session.rows(
        "currency",
        "CurrencyCode",
        set(codes),
        ("CurrencyCode", "RoundingRuleSalesOrders", "RoundingMethodSalesOrders"),
    )
    return {
        text_of(row, "CurrencyCode"): Rounding(
            number_of(row, "RoundingRuleSalesOrders"), text_of(row, "RoundingMethodSalesOrders") or "Ordinary"
        )
        for row in rows
    }
