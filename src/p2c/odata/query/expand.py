"""Reads `$select`, `$orderby` and `$expand`: which properties and related rows, in which order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypedDict, TypeVar

from p2c.errors import nearest
from p2c.odata.query.ast import Expand, Expression, OrderItem
from p2c.odata.query.filter import MAX_CONDITIONS, FilterParser
from p2c.odata.query.lexer import TokenKind, TokenStream

MAX_EXPAND_DEPTH = 20
"""Levels of `$expand` inside `$expand`."""

_T = TypeVar("_T")
_OPTIONS = frozenset({"$select", "$filter", "$orderby", "$top", "$skip", "$count", "$expand"})


def parse_select(text: str) -> tuple[str, ...]:
    """Property names in the order written, `nav/name` for a related one; empty means all (also for `*`)."""
    return _whole(TokenStream(text), _select)


def parse_orderby(text: str, *, aliases: Mapping[str, str] | None = None) -> tuple[OrderItem, ...]:
    """Sort criteria, the weightiest first; `aliases` as for `parse_filter`."""
    return _whole(TokenStream(text, aliases), _orderby)


def parse_expand(text: str, *, max_conditions: int = MAX_CONDITIONS) -> tuple[Expand, ...]:
    """Navigation properties with their nested options, at most `MAX_EXPAND_DEPTH` levels."""
    stream = TokenStream(text)
    return _whole(stream, lambda stream: _expand(stream, max_conditions, 1))


class _Nested(TypedDict, total=False):
    """The options in the parentheses of one expanded property."""

    select: tuple[str, ...]
    filter: Expression
    orderby: tuple[OrderItem, ...]
    top: int
    skip: int
    count: bool
    expand: tuple[Expand, ...]


def _whole(stream: TokenStream, read: Callable[[TokenStream], _T]) -> _T:
    result = read(stream)
    stream.expect_end("',' or the end")
    return result


def _select(stream: TokenStream) -> tuple[str, ...]:
    names: list[str] = []
    everything = False
    while True:
        if stream.accept("*"):
            everything = True
        else:
            names.append("/".join(_path(stream)))
        if not stream.accept(","):
            return () if everything else tuple(names)


def _orderby(stream: TokenStream) -> tuple[OrderItem, ...]:
    items: list[OrderItem] = []
    while not items or stream.accept(","):
        path = _path(stream)
        descending = stream.accept_word("desc")
        if not descending and not stream.accept_word("asc") and stream.peek.kind is TokenKind.NAME:
            raise stream.failure("asc or desc", nearest(stream.peek.text, ("asc", "desc")))
        items.append(OrderItem(path, descending))
    return tuple(items)


def _expand(stream: TokenStream, max_conditions: int, level: int) -> tuple[Expand, ...]:
    if level > MAX_EXPAND_DEPTH:
        raise stream.failure(f"at most {MAX_EXPAND_DEPTH} levels of $expand")
    items: list[Expand] = []
    while not items or stream.accept(","):
        first = stream.peek
        path = [_name(stream)]
        ref = False
        while not ref and stream.accept("/"):
            ref = stream.peek.text == "$ref"
            if ref:
                stream.take()
            else:
                path.append(_name(stream))
        nested = _nested_options(stream, max_conditions, level) if stream.accept("(") else _Nested()
        navigation = "/".join(path)
        if any(item.navigation == navigation for item in items):
            raise stream.failure(f"{navigation} once", token=first)
        items.append(Expand(navigation, ref=ref, **nested))
    return tuple(items)


def _nested_options(stream: TokenStream, max_conditions: int, level: int) -> _Nested:
    """The options up to the closing parenthesis, which is read too."""
    nested = _Nested()
    while True:
        option = stream.expect_kind(TokenKind.OPTION, "an option such as $select")
        if option.text not in _OPTIONS:
            raise stream.failure("an option of $expand", nearest(option.text, _OPTIONS), token=option)
        if option.text[1:] in nested:
            raise stream.failure(f"{option.text} once", token=option)
        stream.expect("=")
        nested |= _nested_option(stream, option.text, max_conditions, level)
        if not stream.accept(";"):
            break
    if not stream.accept(")"):
        raise stream.failure("';' or ')'", "inside $expand options are separated by ';'")
    return nested


def _nested_option(stream: TokenStream, option: str, max_conditions: int, level: int) -> _Nested:
    match option:
        case "$select":
            return {"select": _select(stream)}
        case "$filter":
            return {"filter": FilterParser(stream, max_conditions).parse()}
        case "$orderby":
            return {"orderby": _orderby(stream)}
        case "$top":
            return {"top": _number(stream)}
        case "$skip":
            return {"skip": _number(stream)}
        case "$count":
            return {"count": _flag(stream)}
        case _:
            return {"expand": _expand(stream, max_conditions, level + 1)}


def _number(stream: TokenStream) -> int:
    token = stream.peek
    if token.kind is not TokenKind.NUMBER or not token.text.isdecimal() or len(token.text) > 10:
        raise stream.failure("a whole number from 0")
    return int(stream.take().text)


def _flag(stream: TokenStream) -> bool:
    if stream.accept_word("true"):
        return True
    if stream.accept_word("false"):
        return False
    raise stream.failure("true or false")


def _path(stream: TokenStream) -> tuple[str, ...]:
    path = [_name(stream)]
    while stream.accept("/"):
        path.append(_name(stream))
    return tuple(path)


def _name(stream: TokenStream) -> str:
    return stream.expect_kind(TokenKind.NAME, "the name of a property").text
