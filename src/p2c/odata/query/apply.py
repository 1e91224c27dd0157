"""Reads `$apply`: rows filtered, grouped and aggregated, as far as Dataverse takes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from p2c.errors import nearest
from p2c.odata.query.ast import And, Expression
from p2c.odata.query.filter import FilterParser
from p2c.odata.query.lexer import TokenKind, TokenStream

MAX_ALIAS = 60
"""Characters of a name that an aggregate is given."""

_STEPS = ("aggregate", "filter", "groupby")


class Method(StrEnum):
    """How values become one; COUNT counts rows, whatever their values."""

    SUM = "sum"
    AVERAGE = "average"
    MIN = "min"
    MAX = "max"
    COUNT_DISTINCT = "countdistinct"
    COUNT = "$count"


@dataclass(frozen=True, slots=True)
class Aggregate:
    """`path with method as alias`; COUNT has no path."""

    method: Method
    alias: str
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Apply:
    """Which rows, grouped by what, and what is told of each group.

    Without `groups` there is one group of all rows; without both groups and aggregates rows are only filtered.
    """

    filter: Expression | None = None
    groups: tuple[tuple[str, ...], ...] = ()
    aggregates: tuple[Aggregate, ...] = ()


def parse_apply(text: str, *, aliases: Mapping[str, str] | None = None) -> Apply:
    """Read a percent-decoded `$apply`: `filter(…)/groupby((a,nav/b),aggregate(x with sum as total,$count as n))`.

    Raises:
        QueryError: The text cannot be read, or goes on behind the grouping.
    """
    stream = TokenStream(text, aliases)
    filters: list[Expression] = []
    groups: tuple[tuple[str, ...], ...] = ()
    aggregates: tuple[Aggregate, ...] = ()
    while True:
        step = stream.expect_kind(TokenKind.NAME, "filter, groupby or aggregate")
        if step.text not in _STEPS:
            raise stream.failure("filter, groupby or aggregate", nearest(step.text, _STEPS), token=step)
        if groups or aggregates:
            raise stream.failure("the end", "what is grouped cannot be worked on further", token=step)
        stream.expect("(")
        if step.text == "filter":
            filters.append(FilterParser(stream).parse())
        elif step.text == "aggregate":
            aggregates = _aggregates(stream)
        else:
            groups = _groups(stream)
            if stream.accept(","):
                inner = stream.expect_kind(TokenKind.NAME, "aggregate")
                if inner.text != "aggregate":
                    raise stream.failure("aggregate", token=inner)
                stream.expect("(")
                aggregates = _aggregates(stream)
                stream.expect(")")
        stream.expect(")")
        if not stream.accept("/"):
            break
    stream.expect_end("'/' or the end")
    condition = filters[0] if len(filters) == 1 else And(tuple(filters)) if filters else None
    return Apply(condition, groups, aggregates)


def _groups(stream: TokenStream) -> tuple[tuple[str, ...], ...]:
    stream.expect("(")
    paths: list[tuple[str, ...]] = []
    while not paths or stream.accept(","):
        paths.append(_path(stream))
    stream.expect(")")
    return tuple(paths)


def _aggregates(stream: TokenStream) -> tuple[Aggregate, ...]:
    found: list[Aggregate] = []
    while not found or stream.accept(","):
        aggregate = _aggregate(stream)
        if aggregate.alias in {other.alias for other in found}:
            raise stream.failure(f"another name than '{aggregate.alias}', which is taken")
        found.append(aggregate)
    return tuple(found)


def _aggregate(stream: TokenStream) -> Aggregate:
    if stream.peek.kind is TokenKind.OPTION and stream.peek.text == Method.COUNT:
        stream.take()
        return Aggregate(Method.COUNT, _alias(stream))
    path = _path(stream)
    if not stream.accept_word("with"):
        raise stream.failure("'with' and a method", "write: revenue with sum as total")
    name = stream.expect_kind(TokenKind.NAME, "a method such as sum")
    methods = [method.value for method in Method if method is not Method.COUNT]
    if name.text not in methods:
        raise stream.failure("a method such as sum", nearest(name.text, methods), token=name)
    return Aggregate(Method(name.text), _alias(stream), path)


def _alias(stream: TokenStream) -> str:
    if not stream.accept_word("as"):
        raise stream.failure("'as' and a name for the result")
    name = stream.expect_kind(TokenKind.NAME, "a name for the result")
    if len(name.text) > MAX_ALIAS or "." in name.text:
        raise stream.failure(f"a name of at most {MAX_ALIAS} letters and digits", token=name)
    return name.text


def _path(stream: TokenStream) -> tuple[str, ...]:
    path = [stream.expect_kind(TokenKind.NAME, "a property").text]
    while stream.accept("/"):
        path.append(stream.expect_kind(TokenKind.NAME, "a property after '/'").text)
    return tuple(path)
