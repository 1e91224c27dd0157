"""Calculates in SQL what filters compare: functions and arithmetic over columns, checked by kind of value."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from functools import reduce
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Integer, Numeric, Text, cast, extract, false, func, literal, null
from sqlalchemy.types import TypeEngine

from p2c.edm.values import EdmType, Value
from p2c.odata.query.ast import ArithmeticOp, CompareOp
from p2c.odata.query.errors import QueryError


class Kind(Enum):
    """Which values can be compared with one another."""

    NUMBER = "a number"
    TEXT = "a text"
    BOOLEAN = "true or false"
    TIME = "a date"
    GUID = "a GUID"
    NULL = "null"


@dataclass(frozen=True, slots=True)
class Term:
    """An SQL expression and the kind of its value."""

    sql: ColumnElement[Any]
    kind: Kind


NULL = Term(null(), Kind.NULL)
KINDS: Mapping[EdmType, Kind] = {
    EdmType.STRING: Kind.TEXT,
    EdmType.ENUM: Kind.TEXT,
    EdmType.BOOLEAN: Kind.BOOLEAN,
    EdmType.INT32: Kind.NUMBER,
    EdmType.INT64: Kind.NUMBER,
    EdmType.DECIMAL: Kind.NUMBER,
    EdmType.DOUBLE: Kind.NUMBER,
    EdmType.DATE: Kind.TIME,
    EdmType.DATETIME: Kind.TIME,
    EdmType.GUID: Kind.GUID,
}


def wanted(term: Term, kind: Kind, place: str) -> ColumnElement[Any]:
    """
    The expression of a term that must be of a kind.

    Raises:
        QueryError: It is of another; the database would refuse the statement.
    """
    if term.kind not in (kind, Kind.NULL):
        raise QueryError(place, 0, f"'{place}' takes {kind.value}, found {term.kind.value}")
    return term.sql


def compared(operator: CompareOp, left: Term, right: Term) -> ColumnElement[bool]:
    """
    A comparison of two calculated values. Null equals only null and is neither before nor after anything.

    Raises:
        QueryError: They are of kinds that cannot be compared.
    """
    if Kind.NULL not in (left.kind, right.kind) and left.kind is not right.kind:
        reason = f"{left.kind.value} cannot be compared with {right.kind.value}"
        raise QueryError(operator.value, 0, reason)
    first, second = _folded(left), _folded(right)
    if operator is CompareOp.EQ:
        return first.is_not_distinct_from(second)
    if Kind.NULL in (left.kind, right.kind) and operator is not CompareOp.NE:
        return false()
    return compare(operator, first, second)


def compare(operator: CompareOp, left: ColumnElement[Any], right: ColumnElement[Any]) -> ColumnElement[bool]:
    """The comparison in a form that indexes serve."""
    if operator is CompareOp.EQ:
        return left == right
    if operator is CompareOp.NE:
        return left.is_distinct_from(right)
    if operator is CompareOp.GT:
        return left > right
    if operator is CompareOp.GE:
        return left >= right
    return left < right if operator is CompareOp.LT else left <= right


def constant(value: Value) -> Term:
    """A literal that is compared with something calculated."""
    if value is None:
        return NULL
    if isinstance(value, bool):
        return Term(literal(value), Kind.BOOLEAN)
    if isinstance(value, int | float | Decimal):
        exact = Decimal(repr(value)) if isinstance(value, float) else value
        return Term(literal(exact, Integer() if _small(exact) else Numeric()), Kind.NUMBER)
    if isinstance(value, str):
        return Term(literal(value, Text()), Kind.TEXT)
    if isinstance(value, UUID):
        return Term(literal(value), Kind.GUID)
    return Term(literal(value), Kind.TIME)


def arithmetic(operator: ArithmeticOp, first: Term, second: Term) -> Term:
    """Two numbers calculated; a division by zero has no value."""
    left, right = (wanted(term, Kind.NUMBER, operator.value) for term in (first, second))
    return Term(_calculated(operator, left, right), Kind.NUMBER)


def called(name: str, arguments: Sequence[Term]) -> Term | None:
    """A function's value; None when there is no such function here."""
    function = _FUNCTIONS.get(name)
    if function is None:
        return None
    if name in _OF_A_TIME and isinstance(arguments[0].sql.type, Date):
        raise QueryError(name, 0, f"'{name}' takes a date with a time, found a date")
    return Term(function.build(*(wanted(term, function.takes, name) for term in arguments)), function.gives)


def wildcard(column: ColumnElement[Any], pattern: str) -> ColumnElement[bool]:
    """Whether a text fits a pattern with asterisks for any text."""
    parts = [part.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") for part in pattern.split("*")]
    return func.lower(column).like(func.lower("%".join(parts)), escape="\\")


def _small(value: int | Decimal) -> bool:
    return isinstance(value, int) and abs(value) < 2**31


def _folded(term: Term) -> ColumnElement[Any]:
    return func.lower(term.sql) if term.kind is Kind.TEXT else term.sql


def _calculated(operator: ArithmeticOp, left: ColumnElement[Any], right: ColumnElement[Any]) -> ColumnElement[Any]:
    if operator is ArithmeticOp.ADD:
        return left + right
    if operator is ArithmeticOp.SUB:
        return left - right
    if operator is ArithmeticOp.MUL:
        return left * right
    divisor = func.nullif(right, 0)
    if operator is ArithmeticOp.MOD:
        return func.mod(left, divisor)
    if operator is ArithmeticOp.DIVBY:
        return cast(left, Numeric).op("/", return_type=Numeric())(cast(divisor, Numeric))
    # SQLAlchemy's own division would make fractions of whole numbers.
    return left.op("/", return_type=_wider(left, right))(divisor)


def _wider(left: ColumnElement[Any], right: ColumnElement[Any]) -> TypeEngine[Any]:
    whole = isinstance(left.type, Integer) and isinstance(right.type, Integer)
    return Integer() if whole else Numeric()


def _part(unit: str) -> Callable[[ColumnElement[Any]], ColumnElement[Any]]:
    return lambda column: cast(func.floor(extract(unit, column)), Integer)


@dataclass(frozen=True, slots=True)
class _Function:
    takes: Kind
    gives: Kind
    build: Callable[..., ColumnElement[Any]]


_OF_A_TIME = frozenset({"hour", "minute", "second"})
_FUNCTIONS: Mapping[str, _Function] = {
    "tolower": _Function(Kind.TEXT, Kind.TEXT, func.lower),
    "toupper": _Function(Kind.TEXT, Kind.TEXT, func.upper),
    "trim": _Function(Kind.TEXT, Kind.TEXT, func.btrim),
    "length": _Function(Kind.TEXT, Kind.NUMBER, func.length),
    "concat": _Function(Kind.TEXT, Kind.TEXT, lambda *parts: reduce(lambda left, right: left.concat(right), parts)),
    **{
        name: _Function(Kind.TIME, Kind.NUMBER, _part(name))
        for name in ("year", "month", "day", "hour", "minute", "second")
    },
}
MIRROR: Mapping[CompareOp, CompareOp] = {
    CompareOp.EQ: CompareOp.EQ,
    CompareOp.NE: CompareOp.NE,
    CompareOp.GT: CompareOp.LT,
    CompareOp.GE: CompareOp.LE,
    CompareOp.LT: CompareOp.GT,
    CompareOp.LE: CompareOp.GE,
}
"""The same comparison with its sides exchanged."""
LIKE = "like"
"""A text that fits a pattern with `%` and `_`, a backslash before what is meant as it is."""
MATCHES = "matches"
"""A text that fits a regular expression."""
TEXT_CONDITIONS: Mapping[str, Callable[[ColumnElement[Any], ColumnElement[Any]], ColumnElement[bool]]] = {
    "contains": lambda text, part: func.strpos(text, part) > 0,
    "startswith": func.starts_with,
    "endswith": lambda text, part: func.right(text, func.length(part)) == part,
    LIKE: lambda text, pattern: text.like(pattern, escape="\\"),
    MATCHES: lambda text, pattern: text.regexp_match(pattern),
}
"""Functions that are conditions, on text and part in lower case; the last two have no form in `$filter`."""
