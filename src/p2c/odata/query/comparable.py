"""Brings values of rows and literals to a form in which those of one family can be compared.

Families keep what OData does not compare apart: a number and a text are neither equal nor ordered.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum, auto
from math import isnan
from typing import TypeAlias
from uuid import UUID

from p2c.odata.query.ast import Value


class Family(Enum):
    """Which values can be compared with one another."""

    NULL = auto()
    BOOLEAN = auto()
    NUMBER = auto()
    TEXT = auto()
    TIME = auto()


Comparable: TypeAlias = tuple[Family, bool | int | Decimal | str | datetime | None]
"""A family and a value that Python orders rightly within it."""


def comparable(value: Value, *, ignore_case: bool) -> Comparable:
    """The family of a value and its comparable form.

    A guid compares as its lower-case text, since rows decoded from JSON hold guids as texts. A date is its
    midnight in UTC; a date-time without a zone is taken as UTC. NaN is null.
    """
    match value:
        case None:
            return Family.NULL, None
        case bool():
            return Family.BOOLEAN, value
        case str():
            return Family.TEXT, value.casefold() if ignore_case else value
        case int() | Decimal():
            return Family.NUMBER, value
        case float():
            return (Family.NULL, None) if isnan(value) else (Family.NUMBER, Decimal(repr(value)))
        case datetime():
            return Family.TIME, value.replace(tzinfo=UTC) if value.tzinfo is None else value
        case date():
            return Family.TIME, datetime(value.year, value.month, value.day, tzinfo=UTC)
        case UUID():
            return Family.TEXT, str(value)


def of_family(text: str, family: Family, *, ignore_case: bool) -> Comparable | None:
    """The text of a query function's argument as a value of the family; None when it is none of it."""
    try:
        match family:
            case Family.NUMBER:
                number = Decimal(text)
                return None if number.is_nan() else (family, number)
            case Family.TIME:
                return comparable(datetime.fromisoformat(text), ignore_case=ignore_case)
            case Family.BOOLEAN:
                return {"true": (family, True), "false": (family, False)}.get(text.lower())
            case Family.TEXT:
                return comparable(text, ignore_case=ignore_case)
            case Family.NULL:
                return None
    except (ValueError, InvalidOperation):
        return None
