"""Typed reading of columns; Operations has no nulls, so what is missing reads as empty."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from p2c.edm.change import Change
from p2c.edm.values import Row

COMPANY = "dataAreaId"


def text_of(source: Change | Row, column: str) -> str:
    """Text of the column, "" when there is none."""
    value = source.get(column)
    return value if isinstance(value, str) else ""


def number_of(source: Change | Row, column: str) -> Decimal:
    """Number in the column, 0 when there is none."""
    value = source.get(column)
    if isinstance(value, Decimal):
        return value
    return Decimal(str(value)) if isinstance(value, int | float) else Decimal(0)


def moment_of(source: Change | Row, column: str) -> datetime | None:
    """Point in time in the column."""
    value = source.get(column)
    return value if isinstance(value, datetime) else None
