"""Applies a filter to rows in memory: an expression is compiled once into closures."""

from __future__ import annotations

import operator as operators
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeAlias

from p2c.odata.query.ast import (
    And,
    Arithmetic,
    Call,
    CompareOp,
    Comparison,
    EnumLiteral,
    Expression,
    InList,
    Lambda,
    Literal,
    Member,
    Not,
    Or,
    QueryFunction,
    Value,
)
from p2c.odata.query.calculate import calculate, calling
from p2c.odata.query.comparable import Comparable, Family, comparable, of_family
from p2c.odata.query.errors import QueryError
from p2c.odata.query.wildcards import like
from p2c.odata.query.writer import filter_text

Row: TypeAlias = Mapping[str, Value]
Predicate: TypeAlias = Callable[[Row], bool]
_Term: TypeAlias = Callable[[Row], Value]

_ORDER: Mapping[CompareOp, Callable[[Any, Any], bool]] = MappingProxyType(
    {
        CompareOp.GT: operators.gt,
        CompareOp.GE: operators.ge,
        CompareOp.LT: operators.lt,
        CompareOp.LE: operators.le,
    }
)


def compile_filter(expression: Expression, *, ignore_case: bool, wildcards: bool = False) -> Predicate:
    """Make a function that says whether a row passes.

    Rows map property names to values, related ones under `nav/name`; an absent property is null. Null equals
    only null, and no comparison but `eq` and `ne` holds for it. Values that cannot be compared, such as a
    number and a text, are not equal and not ordered. An enum literal is its member's name.

    Args:
        expression: The filter.
        ignore_case: Whether texts compare without regard to case, as both Dynamics services do.
        wildcards: Whether `*` in a text literal after `eq` or `ne` stands for any text, as in Finance and
            Operations.

    Raises:
        QueryError: A lambda or a query function that cannot be decided from one row alone.
    """
    return _holds(_Compiler(ignore_case, wildcards).term(expression))


@dataclass(frozen=True, slots=True)
class _Compiler:
    ignore_case: bool
    wildcards: bool

    def term(self, expression: Expression) -> _Term:
        """A function from a row to the value of the expression; null when it has none."""
        match expression:
            case Literal(value):
                return lambda row: value
            case EnumLiteral(_, name):
                return lambda row: name
            case Member(path):
                return _property("/".join(path))
            case And(operands):
                return _every([_holds(self.term(operand)) for operand in operands])
            case Or(operands):
                return _some([_holds(self.term(operand)) for operand in operands])
            case Not(operand):
                return _negation(self.term(operand))
            case Comparison():
                return self._comparison(expression)
            case Call(name, args):
                return calling(name, [self.term(arg) for arg in args], ignore_case=self.ignore_case)
            case Arithmetic(operator, left, right):
                return calculate(operator, self.term(left), self.term(right))
            case InList(member, values):
                return self._in_list(self.term(member), frozenset(self.comparable(v) for v in values))
            case QueryFunction():
                return self._query_function(expression)
            case Lambda():
                raise _undecidable(expression, "conditions on collections are the service's to decide")

    def _comparison(self, comparison: Comparison) -> _Term:
        operator, left, right = comparison.operator, comparison.left, comparison.right
        if isinstance(left, Literal | EnumLiteral) and operator in (CompareOp.EQ, CompareOp.NE):
            left, right = right, left
        term = self.term(left)
        if operator is CompareOp.NE:
            return _negation(self._equality(term, right))
        if operator is CompareOp.EQ:
            return self._equality(term, right)
        return self._ordering(_ORDER[operator], term, self.term(right))

    def _equality(self, left: _Term, right: Expression) -> _Term:
        if not isinstance(right, Literal | EnumLiteral):
            other = self.term(right)
            return lambda row: self.comparable(left(row)) == self.comparable(other(row))
        constant = right.member if isinstance(right, EnumLiteral) else right.value
        if self.wildcards and isinstance(right, Literal) and isinstance(constant, str) and "*" in constant:
            return like(left, constant, ignore_case=self.ignore_case)
        wanted = self.comparable(constant)
        return lambda row: self.comparable(left(row)) == wanted

    def _ordering(self, order: Callable[[Any, Any], bool], left: _Term, right: _Term) -> _Term:
        def ordered(row: Row) -> bool:
            family, value = self.comparable(left(row))
            other_family, other = self.comparable(right(row))
            return family is other_family and family is not Family.NULL and order(value, other)

        return ordered

    def _in_list(self, member: _Term, wanted: frozenset[Comparable]) -> _Term:
        return lambda row: self.comparable(member(row)) in wanted

    def _query_function(self, function: QueryFunction) -> _Term:
        member = self.term(function.property)
        match function.name, function.values:
            case "In", values:
                return self._one_of(member, values)
            case "NotIn", values:
                return _negation(self._one_of(member, values))
            case "Between", (low, high):
                return self._between(member, low, high)
            case "NotBetween", (low, high):
                return _negation(self._between(member, low, high))
        raise _undecidable(function, "only In, NotIn, Between and NotBetween need nothing but the row")

    def _one_of(self, member: _Term, texts: tuple[str, ...]) -> _Term:
        wanted = {
            family: frozenset(of_family(text, family, ignore_case=self.ignore_case) for text in texts)
            for family in Family
        }

        def found(row: Row) -> bool:
            value = self.comparable(member(row))
            return value in wanted[value[0]]

        return found

    def _between(self, member: _Term, low: str, high: str) -> _Term:
        bounds = {
            family: tuple(of_family(text, family, ignore_case=self.ignore_case) for text in (low, high))
            for family in Family
        }

        at_most = _ORDER[CompareOp.LE]

        def within(row: Row) -> bool:
            family, value = self.comparable(member(row))
            least, most = bounds[family]
            if least is None or most is None:
                return False
            return at_most(least[1], value) and at_most(value, most[1])

        return within

    def comparable(self, value: Value) -> Comparable:
        """The value as this filter compares it."""
        return comparable(value, ignore_case=self.ignore_case)


def _holds(term: _Term) -> Predicate:
    return lambda row: term(row) is True


def _property(name: str) -> _Term:
    return lambda row: row.get(name)


def _negation(term: _Term) -> _Term:
    def negated(row: Row) -> Value:
        value = term(row)
        return not value if isinstance(value, bool) else None

    return negated


def _every(predicates: list[Predicate]) -> _Term:
    def every(row: Row) -> bool:
        return all(holds(row) for holds in predicates)

    return every


def _some(predicates: list[Predicate]) -> _Term:
    def some(row: Row) -> bool:
        return any(holds(row) for holds in predicates)

    return some


def _undecidable(expression: Expression, hint: str) -> QueryError:
    return QueryError(filter_text(expression), 0, "found what cannot be decided from one row", hint)
