"""Row values narrowed to the type that a rule needs; another type counts as no value."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from p2c.edm.values import Value

ZERO = Decimal(0)


def amount(value: Value) -> Decimal | None:
    """An exact number; whole numbers are numbers too."""
    if isinstance(value, Decimal):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    return None


def whole(value: Value) -> int | None:
    """A whole number, such as a choice."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def key(value: Value) -> UUID | None:
    """The key of a row."""
    return value if isinstance(value, UUID) else None


def words(value: Value) -> str:
    """Text without surrounding blanks; empty when there is none."""
    return value.strip() if isinstance(value, str) else ""


def day(value: Value) -> date | None:
    """A calendar day; a point in time counts for its UTC day."""
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None
