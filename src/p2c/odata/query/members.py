"""Names the properties that an expression uses, so that unknown ones are refused before anything is read."""

from __future__ import annotations

from collections.abc import Iterator

from p2c.odata.query.ast import (
    And,
    Arithmetic,
    Call,
    Comparison,
    Expression,
    InList,
    Lambda,
    Member,
    Not,
    Or,
    QueryFunction,
)


def members(expression: Expression) -> frozenset[tuple[str, ...]]:
    """The paths used, all from the row that is filtered.

    A lambda gives its collection and, below it, what its body uses: `orders/any(o:o/total gt 5)` gives
    `("orders",)` and `("orders", "total")`.
    """
    return frozenset(_paths(expression, {}))


def _paths(expression: Expression, variables: dict[str, tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    match expression:
        case Member(path) | InList(Member(path)) | QueryFunction(_, Member(path)):
            yield _rooted(path, variables)
        case And(operands) | Or(operands) | Call(_, operands):
            for operand in operands:
                yield from _paths(operand, variables)
        case Not(operand):
            yield from _paths(operand, variables)
        case Comparison(_, left, right) | Arithmetic(_, left, right):
            yield from _paths(left, variables)
            yield from _paths(right, variables)
        case Lambda(collection, _, variable, body):
            rooted = _rooted(collection, variables)
            yield rooted
            if body is not None:
                yield from _paths(body, variables | {variable: rooted})
        case _:
            return


def _rooted(path: tuple[str, ...], variables: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The path with a leading lambda variable replaced by what the variable ranges over."""
    first, *rest = path
    return (*variables.get(first, (first,)), *rest)
