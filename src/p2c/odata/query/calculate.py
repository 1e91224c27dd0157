"""Calculates the built-in functions and the arithmetic of a filter for one row."""

from __future__ import annotations

import operator as operators
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from types import MappingProxyType
from typing import TypeAlias

from p2c.odata.query.ast import ArithmeticOp, Value

_Term: TypeAlias = Callable[[Mapping[str, Value]], Value]
_Number: TypeAlias = int | Decimal


def calling(name: str, args: Sequence[_Term], *, ignore_case: bool) -> _Term:
    """The value of a function; null when an argument is null or of a kind that the function does not take.

    Args:
        name: One of `functions.ARGUMENTS`.
        args: The arguments, as many as the function takes.
        ignore_case: Whether `contains`, `startswith`, `endswith` and `indexof` look at case.
    """
    function = _FUNCTIONS[name]
    fold = ignore_case and name in _SEARCHES

    def called(row: Mapping[str, Value]) -> Value:
        values = [arg(row) for arg in args]
        if None in values:
            return None
        if fold:
            values = [value.casefold() if isinstance(value, str) else value for value in values]
        try:
            return function(*values)
        except (TypeError, AttributeError, ArithmeticError, ValueError):
            return None

    return called


def calculate(operator: ArithmeticOp, left: _Term, right: _Term) -> _Term:
    """The result of an operator; null when an operand is no number, and for a division by zero."""
    function = _OPERATORS[operator]

    def calculated(row: Mapping[str, Value]) -> Value:
        first, second = _number(left(row)), _number(right(row))
        if first is None or second is None:
            return None
        try:
            return function(first, second)
        except ArithmeticError:
            return None

    return calculated


def _number(value: Value) -> _Number | None:
    if isinstance(value, float):
        return Decimal(repr(value))
    return value if isinstance(value, int | Decimal) and not isinstance(value, bool) else None


def _divided(left: _Number, right: _Number) -> _Number:
    """Towards zero for integers, as OData says; Python's `//` would go down."""
    if isinstance(left, int) and isinstance(right, int):
        quotient = abs(left) // abs(right)
        return quotient if (left < 0) == (right < 0) else -quotient
    return Decimal(left) / Decimal(right)


def _remainder(left: _Number, right: _Number) -> _Number:
    if isinstance(left, int) and isinstance(right, int):
        return left - right * int(_divided(left, right))
    return Decimal(left) % Decimal(right)


def _rounded(mode: str) -> Callable[[Value], Value]:
    def rounded(value: Value) -> Value:
        number = _number(value)
        return None if number is None else Decimal(number).to_integral_value(rounding=mode)

    return rounded


def _date(value: date | datetime) -> date:
    return value.date() if isinstance(value, datetime) else date(value.year, value.month, value.day)


def _substring(text: str, start: int, length: int | None = None) -> str:
    first = max(start, 0)
    return text[first:] if length is None else text[first : first + max(length, 0)]


_SEARCHES = frozenset({"contains", "startswith", "endswith", "indexof"})
_CALENDAR: dict[str, Callable[..., Value]] = {
    name: operators.attrgetter(name) for name in ("year", "month", "day", "hour", "minute", "second")
}
_FUNCTIONS: Mapping[str, Callable[..., Value]] = MappingProxyType(
    _CALENDAR
    | {
        "contains": lambda text, part: str.__contains__(text, part),
        "startswith": str.startswith,
        "endswith": str.endswith,
        "concat": lambda first, second: str.__add__(first, second),
        "indexof": str.find,
        "substring": _substring,
        "length": str.__len__,
        "tolower": str.lower,
        "toupper": str.upper,
        "trim": str.strip,
        "date": _date,
        "round": _rounded(ROUND_HALF_UP),
        "floor": _rounded(ROUND_FLOOR),
        "ceiling": _rounded(ROUND_CEILING),
    }
)
_OPERATORS: Mapping[ArithmeticOp, Callable[[_Number, _Number], Value]] = MappingProxyType(
    {
        ArithmeticOp.ADD: operators.add,
        ArithmeticOp.SUB: operators.sub,
        ArithmeticOp.MUL: operators.mul,
        ArithmeticOp.DIV: _divided,
        ArithmeticOp.DIVBY: lambda left, right: Decimal(left) / Decimal(right),
        ArithmeticOp.MOD: _remainder,
    }
)
