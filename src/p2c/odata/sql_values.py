"""Brings literals of a query to the type of the property that they are compared with."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from math import isfinite
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, Integer, Numeric, literal

from p2c.edm.property import Property
from p2c.edm.values import INT32_RANGE, INT64_RANGE, EdmType, Value
from p2c.errors import nearest
from p2c.odata.query.errors import QueryError

_RANGES = {EdmType.INT32: INT32_RANGE, EdmType.INT64: INT64_RANGE}
_NUMBERS = (EdmType.INT32, EdmType.INT64, EdmType.DECIMAL, EdmType.DOUBLE)


def typed(value: Value, item: Property) -> Value:
    """
    A literal as a value that can be compared with the property's.

    A whole number's literal stays a Decimal when the property's type cannot hold it, and a date's literal a
    date-time when it is not a whole day: such literals equal no value, but they are before or after each.

    Raises:
        QueryError: The literal has another type, or names no member of the property's choice set.
    """
    found = _converted(value, item)
    if found is None:
        raise _wrong_type(value, item)
    if item.type is EdmType.ENUM and item.choices is not None and found not in item.choices.names:
        reason = f"'{item.name}' has no member '{found}'"
        raise QueryError(str(value), 0, reason, nearest(str(found), item.choices.names))
    return found


def from_text(value: str, item: Property) -> Value:
    """
    A value written as text (query functions send all values so) as one of the property's type.

    Raises:
        QueryError: The text is no value of that type.
    """
    try:
        if item.type is EdmType.BOOLEAN:
            return {"true": True, "1": True, "false": False, "0": False}[value.lower()]
        if item.type in _NUMBERS:
            return typed(Decimal(value), item)
        if item.type in (EdmType.DATE, EdmType.DATETIME):
            moment = datetime.fromisoformat(value)
            return typed(moment if moment.tzinfo else moment.replace(tzinfo=UTC), item)
    except (ValueError, ArithmeticError, KeyError) as error:
        raise _wrong_type(value, item) from error
    return typed(value, item)


def bound(value: Value, column: ColumnElement[Any]) -> ColumnElement[Any]:
    """A bound value in the column's type; one that the type cannot hold, or would round, in a wider one."""
    if isinstance(value, Decimal):
        return literal(value, Numeric())
    if isinstance(value, datetime):
        return literal(value, DateTime(timezone=True))
    return literal(value, type_=column.type)


def fits(value: Value, column: ColumnElement[Any]) -> bool:
    """Whether a column of this type can hold the value at all."""
    if isinstance(column.type, Integer):
        return isinstance(value, int)
    return isinstance(value, datetime) == isinstance(column.type, DateTime) or not isinstance(value, date)


def _converted(value: Value, item: Property) -> Value:
    kind = item.type
    if kind in _NUMBERS:
        return _number(value, kind)
    if kind is EdmType.BOOLEAN and isinstance(value, bool | int) and value in (0, 1):
        return bool(value)
    if kind is EdmType.DATE and isinstance(value, datetime):
        moment = value.astimezone(UTC)
        return moment.date() if moment.time() == time() else moment
    if kind is EdmType.DATE and isinstance(value, date):
        return value
    if kind is EdmType.DATETIME and isinstance(value, date):
        return value if isinstance(value, datetime) else datetime.combine(value, time(), UTC)
    if kind in (EdmType.STRING, EdmType.ENUM) and isinstance(value, str):
        return value
    if kind is EdmType.GUID and isinstance(value, UUID | str):
        try:
            return value if isinstance(value, UUID) else UUID(value)
        except ValueError:
            return None
    return None


def _number(value: Value, kind: EdmType) -> Value:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal) or not isfinite(value):
        return None
    if kind is EdmType.DOUBLE:
        return float(value)
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if kind is EdmType.DECIMAL:
        return exact
    low, high = _RANGES[kind]
    return int(exact) if low <= exact <= high and exact == exact.to_integral_value() else exact


def _wrong_type(value: Value, item: Property) -> QueryError:
    return QueryError(str(value), 0, f"'{item.name}' is {item.type.value}, and this is no value of that type")
