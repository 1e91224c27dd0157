"""Turns literal tokens into values."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType
from uuid import UUID

from p2c.odata.query.ast import EnumLiteral, Literal, Value
from p2c.odata.query.errors import QueryError
from p2c.odata.query.lexer import Token, TokenKind, TokenStream, check_text

_MAX_NUMBER = 64
_TIMESTAMP = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d)(:\d\d)?(?:\.(\d{1,12}))?(Z|[+-]\d\d:\d\d)", re.ASCII)
_WORDS: Mapping[str, Value] = MappingProxyType({"null": None, "true": True, "false": False, "INF": float("inf")})


def accept_literal(stream: TokenStream) -> Literal | EnumLiteral | None:
    """The literal at hand, stepping past it; None, without a step, when there is none.

    Raises:
        QueryError: The token looks like a literal but has no value, such as 2024-02-31.
    """
    token = stream.peek
    if token.kind is TokenKind.NAME:
        if token.text not in _WORDS:
            return None
        return Literal(_WORDS[stream.take().text])
    if token.kind is TokenKind.ENUM:
        type_name, _, member = stream.take().text.partition("'")
        return EnumLiteral(type_name, member[:-1].replace("''", "'"))
    reader = _READERS.get(token.kind)
    if reader is None:
        return None
    try:
        value = reader(token.text)
    except (ValueError, ArithmeticError) as error:
        raise stream.failure(*_EXPECTED[token.kind]) from error
    stream.take()
    return Literal(value)


def plain_text(stream: TokenStream) -> str:
    """The literal at hand as query functions take it: texts unquoted, all else as it was written."""
    token = stream.peek
    if token.kind is TokenKind.JSON_TEXT:
        return _json_text(stream, stream.take())
    literal = accept_literal(stream)
    if literal is None:
        raise stream.failure("a value")
    if isinstance(literal, Literal) and isinstance(literal.value, str):
        return literal.value
    return literal.member if isinstance(literal, EnumLiteral) else token.text


def _json_text(stream: TokenStream, token: Token) -> str:
    try:
        value = str(json.loads(token.text))
        check_text(value)
    except (json.JSONDecodeError, QueryError) as error:
        raise stream.failure("a JSON text", token=token) from error
    return value


def _text(text: str) -> str:
    return text[1:-1].replace("''", "'")


def _number(text: str) -> Value:
    if len(text) > _MAX_NUMBER:
        raise ValueError(text)
    if text == "-INF" or "e" in text or "E" in text:
        return float(text)
    return Decimal(text) if "." in text else int(text)


def _timestamp(text: str) -> datetime:
    match = _TIMESTAMP.fullmatch(text)
    if match is None:
        raise ValueError(text)
    minutes, seconds, fraction, zone = match.groups()
    whole = f"{minutes}{seconds or ':00'}.{(fraction or '')[:6]:0<6}{zone}"
    return datetime.fromisoformat(whole).astimezone(UTC)


_READERS: Mapping[TokenKind, Callable[[str], Value]] = MappingProxyType(
    {
        TokenKind.TEXT: _text,
        TokenKind.NUMBER: _number,
        TokenKind.GUID: UUID,
        TokenKind.DATE: date.fromisoformat,
        TokenKind.TIMESTAMP: _timestamp,
    }
)
_EXPECTED = {
    TokenKind.NUMBER: (f"a number of at most {_MAX_NUMBER} characters", ""),
    TokenKind.DATE: ("a date of the calendar", "write year-month-day: 2024-01-31"),
    TokenKind.TIMESTAMP: ("a date-time with its time zone", "write it as 2024-01-31T00:00:00Z"),
}
