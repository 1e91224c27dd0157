"""Writes literals, keys, paths and filters as the text that a service reads back to the same value."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from urllib.parse import quote
from uuid import UUID

from p2c.odata.query.ast import (
    And,
    Arithmetic,
    Call,
    Comparison,
    EnumLiteral,
    Expand,
    Expression,
    InList,
    Lambda,
    Literal,
    Member,
    Not,
    Or,
    OrderItem,
    QueryFunction,
    Value,
)
from p2c.odata.query.filter import STRENGTH
from p2c.odata.query.functions import LISTING, NUMBERED, QUERY_FUNCTION_NAMESPACE
from p2c.odata.query.path import KeyValue, ResourcePath, Segment, SingleKey

_UNQUOTED = re.compile(r"[\w.~=,@:;!*()'-]*", re.ASCII)
"""Paths of one step in which nothing is encoded: nearly all that name a row."""
_OPERAND = 8
"""Binds more strongly than any operator: needs no parentheses."""


def literal(value: KeyValue) -> str:
    """A value as it stands in a filter or a key, not percent-encoded.

    Raises:
        ValueError: A date-time without a time zone, or a number that OData cannot write (NaN).
    """
    match value:
        case str():
            return f"'{_doubled(value)}'"
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case EnumLiteral():
            return f"{value.type_name}'{_doubled(value.member)}'"
        case datetime():
            return _timestamp(value)
        case date() | UUID() | int():
            return str(value)
        case Decimal():
            return _decimal(value)
        case float():
            return _double(value)


def key_segment(pairs: Iterable[tuple[str, KeyValue]]) -> str:
    """Key parts in parentheses; one part with the name "" gives a key without a name."""
    return f"({','.join([f'{name}={literal(value)}' if name else literal(value) for name, value in pairs])})"


def path_text(path: ResourcePath) -> str:
    """A path from the service root, without a leading `/`, not percent-encoded."""
    return "/".join(_segment(segment) for segment in path.segments)


def quote_path(path: str) -> str:
    """Percent-encode a path; a `/` inside a quoted key value is encoded, one between segments is not."""
    if _UNQUOTED.fullmatch(path):
        return path
    parts = path.split("'")
    return "'".join(
        quote(part, safe="=,@:;!*()" if position % 2 else "/=,@:;!*()$") for position, part in enumerate(parts)
    )


def filter_text(expression: Expression) -> str:
    """The expression with the fewest parentheses, not percent-encoded."""
    match expression:
        case Literal(value):
            return literal(value)
        case EnumLiteral():
            return literal(expression)
        case Member(path):
            return "/".join(path)
        case And(operands):
            return " and ".join(_inside(operand, STRENGTH["and"] + 1) for operand in operands)
        case Or(operands):
            return " or ".join(_inside(operand, STRENGTH["or"] + 1) for operand in operands)
        case Not(operand):
            return f"not {_inside(operand, _OPERAND)}"
        case Comparison(operator, left, right) | Arithmetic(operator, left, right):
            strength = STRENGTH[operator]
            return f"{_inside(left, strength)} {operator} {_inside(right, strength + 1)}"
        case Call(name, args):
            return f"{name}({','.join(filter_text(arg) for arg in args)})"
        case InList(member, values):
            return f"{filter_text(member)} in ({','.join(literal(value) for value in values)})"
        case QueryFunction():
            return _query_function(expression)
        case Lambda(collection, kind, variable, body):
            condition = "" if body is None else f"{variable}:{filter_text(body)}"
            return f"{'/'.join(collection)}/{kind}({condition})"


def expand_options(expand: Expand) -> dict[str, str]:
    """The options of an expanded navigation property by name, `$` included, not percent-encoded."""
    options = {
        "$select": ",".join(expand.select),
        "$filter": filter_text(expand.filter) if expand.filter is not None else "",
        "$orderby": ",".join(map(_order, expand.orderby)),
        "$top": "" if expand.top is None else str(expand.top),
        "$expand": ",".join(map(expand_text, expand.expand)),
    }
    return {name: value for name, value in options.items() if value}


def expand_text(expand: Expand) -> str:
    """An expanded navigation property with its options, not percent-encoded."""
    options = ";".join(f"{name}={value}" for name, value in expand_options(expand).items())
    return f"{expand.navigation}{'/$ref' if expand.ref else ''}{f'({options})' if options else ''}"


def _order(item: OrderItem) -> str:
    return "/".join(item.path) + (" desc" if item.descending else "")


def _inside(expression: Expression, least: int) -> str:
    """The expression, in parentheses if it binds less strongly than `least`."""
    text = filter_text(expression)
    return f"({text})" if _strength(expression) < least else text


def _strength(expression: Expression) -> int:
    match expression:
        case And():
            return STRENGTH["and"]
        case Or():
            return STRENGTH["or"]
        case Not():
            return STRENGTH["not"]
        case Comparison() | Arithmetic():
            return STRENGTH[expression.operator]
        case InList():
            return STRENGTH["not"]
        case _:
            return _OPERAND


def _query_function(function: QueryFunction) -> str:
    *prefix, name = function.property.path
    arguments = [f"PropertyName={literal(name)}"]
    if function.name in LISTING or len(function.values) > 2:
        texts = ",".join(json.dumps(value, ensure_ascii=False) for value in function.values)
        arguments.append(f"PropertyValues=[{texts}]")
    elif function.name in NUMBERED or len(function.values) == 2:
        arguments.extend(f"PropertyValue{number}={_argument(value)}" for number, value in enumerate(function.values, 1))
    else:
        arguments.extend(f"PropertyValue={_argument(value)}" for value in function.values)
    return "/".join([*prefix, f"{QUERY_FUNCTION_NAMESPACE}{function.name}({','.join(arguments)})"])


def _argument(value: str) -> str:
    """Counts of days and the like are written bare: their parameter is a number."""
    return value if value.isascii() and value.isdecimal() and len(value) < 10 else literal(value)


def _segment(segment: Segment) -> str:
    if segment.key is None:
        return segment.name
    pairs = (("", segment.key.value),) if isinstance(segment.key, SingleKey) else segment.key.pairs
    return segment.name + key_segment(pairs)


def _doubled(text: str) -> str:
    return text.replace("'", "''")


def _timestamp(value: datetime) -> str:
    if value.tzinfo is None:
        raise ValueError(f"date-time {value.isoformat()} has no time zone; use one in UTC")
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _decimal(value: Decimal) -> str:
    if not value.is_finite():
        raise ValueError(f"{value} cannot be written as a decimal; use null")
    return f"{value:f}"


def _double(value: Value) -> str:
    """A double always with an exponent, so that it is not read back as a decimal."""
    text = repr(value)
    if text == "nan":
        raise ValueError("NaN cannot be compared; use null")
    if "inf" in text:
        return text.replace("inf", "INF")
    return text if "e" in text else f"{text}e0"
