"""Turns the tree of a filter into SQL with bound parameters."""

from __future__ import annotations

import operator as operators
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import (
    Boolean,
    ColumnElement,
    DateTime,
    and_,
    cast,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    true,
)

from p2c.edm.property import Property
from p2c.edm.values import EdmType
from p2c.odata.circumstances import Circumstances
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
    LambdaKind,
    Literal,
    Member,
    Not,
    Or,
    QueryFunction,
    Value,
)
from p2c.odata.query.errors import QueryError
from p2c.odata.source import EntitySource
from p2c.odata.sql_functions import function_condition, one_of
from p2c.odata.sql_terms import (
    KINDS,
    MIRROR,
    NULL,
    TEXT_CONDITIONS,
    Kind,
    Term,
    arithmetic,
    called,
    compare,
    compared,
    constant,
    wanted,
    wildcard,
)
from p2c.odata.sql_values import bound, typed

Sql: TypeAlias = "ColumnElement[Any]"
Condition: TypeAlias = "ColumnElement[bool]"
Blank: TypeAlias = "Callable[[Property], Value]"
"""What an empty value of a property is shown as; None where it is shown as null."""


class UnsupportedQueryError(QueryError):
    """Valid OData that this service does not offer."""


def shown_as_null(item: Property) -> Value:
    """Empty values are null on the wire."""
    return None


class FilterCompiler:
    """Compiles conditions over one source. Text is compared without regard to case, as the real services do.

    `wildcards` makes asterisks around a text after `eq` mean "contains" (Finance and Operations); `blank` says
    what an empty value is compared as; `scopes` are the rows that variables of enclosing lambdas stand for.
    """

    def __init__(
        self,
        source: EntitySource,
        *,
        wildcards: bool,
        blank: Blank = shown_as_null,
        circumstances: Circumstances | None = None,
        scopes: Mapping[str, EntitySource] | None = None,
    ) -> None:
        self._source = source
        self._wildcards = wildcards
        self._blank = blank
        self._circumstances = circumstances or Circumstances()
        self._scopes = scopes or {}

    def condition(self, expression: Expression) -> Condition:
        """The WHERE condition of a filter."""
        match expression:
            case And(operands):
                return and_(*(self.condition(operand) for operand in operands))
            case Or(operands):
                return or_(*(self.condition(operand) for operand in operands))
            case Not(operand):
                return not_(self._truth(operand))
            case Comparison():
                return self._comparison(expression)
            case InList(member, values):
                return self._among(member, values)
            case QueryFunction():
                return self._query_function(expression)
            case Call():
                return self._text_condition(expression)
            case Lambda():
                return self._of_collection(expression)
            case Literal(value) if isinstance(value, bool):
                return true() if value else false()
            case Member(path):
                column, item = self._member(path)
                if item.type is EdmType.BOOLEAN:
                    return column.is_(True)
        raise QueryError(str(expression), 0, "a condition was expected here")

    def _of_collection(self, node: Lambda) -> Condition:
        """Whether one row of a collection, or every row, meets the condition."""
        outer, path = self._scoped(node.collection)
        if len(path) != 1:
            reason = "a collection behind a lookup cannot be asked; ask its own set"
            raise QueryError("/".join(node.collection), 0, reason)
        inner, tied = outer.collection(path[0])
        where = [tied, *inner.limits]
        if node.body is not None:
            compiler = FilterCompiler(
                self._source,
                wildcards=self._wildcards,
                blank=self._blank,
                circumstances=self._circumstances,
                scopes={**self._scopes, node.variable: inner},
            )
            condition = compiler.condition(node.body)
            every = node.kind is LambdaKind.ALL
            where.append(not_(func.coalesce(condition, false())) if every else condition)
        query = select(literal(1)).select_from(inner.from_clause).where(*where)
        found = query.correlate_except(*inner.tables).exists()
        return not_(found) if node.kind is LambdaKind.ALL else found

    def _member(self, path: tuple[str, ...]) -> tuple[Sql, Property]:
        """The column of a member; the first step may be the variable of a lambda."""
        source, rest = self._scoped(path)
        return source.member(rest)

    def _scoped(self, path: tuple[str, ...]) -> tuple[EntitySource, tuple[str, ...]]:
        scope = self._scopes.get(path[0]) if len(path) > 1 else None
        return (self._source, path) if scope is None else (scope, path[1:])

    def _truth(self, expression: Expression) -> Condition:
        """A condition as a value: comparisons always hold or do not, a function of nothing is neither."""
        if isinstance(expression, Call):
            return self._text_condition(expression)
        if isinstance(expression, Member):
            return wanted(self._term(expression), Kind.BOOLEAN, "/".join(expression.path))
        if isinstance(expression, Not):
            return self.condition(expression)
        return func.coalesce(self.condition(expression), false())

    def _comparison(self, node: Comparison) -> Condition:
        left, right = node.left, node.right
        if not isinstance(left, Member) and isinstance(right, Member):
            left, right, node = right, left, Comparison(MIRROR[node.operator], right, left)
        if isinstance(left, Member) and isinstance(right, Literal | EnumLiteral):
            column, item = self._member(left.path)
            return self._with_value(node.operator, column, item, right)
        return compared(node.operator, self._term(left), self._term(right))

    def _with_value(
        self, operator: CompareOp, column: Sql, item: Property, operand: Literal | EnumLiteral
    ) -> Condition:
        raw = operand.member if isinstance(operand, EnumLiteral) else operand.value
        if raw is None:
            return compared(operator, Term(column, KINDS[item.type]), NULL)
        value = typed(raw, item)
        if isinstance(value, str) and item.type is EdmType.STRING:
            if self._wildcards and operator in (CompareOp.EQ, CompareOp.NE) and "*" in value.strip():
                matched = wildcard(column, value)
                return matched if operator is CompareOp.EQ else not_(func.coalesce(matched, false()))
            condition = compare(operator, func.lower(column), func.lower(literal(value)))
        elif item.type is EdmType.DATE and isinstance(value, datetime):
            condition = compare(operator, func.timezone("UTC", cast(column, DateTime())), literal(value))
        else:
            condition = compare(operator, column, bound(value, column))
        return self._with_blank(condition, operator, column, item, value)

    def _with_blank(
        self, condition: Condition, operator: CompareOp, column: Sql, item: Property, value: Value
    ) -> Condition:
        """Empty values are compared as what they are shown as."""
        blank = self._blank(item)
        if blank is None:
            return condition
        holds = _HOLDS[operator](*(each.lower() if isinstance(each, str) else each for each in (blank, value)))
        return or_(condition, column.is_(None)) if holds else and_(condition, column.is_not(None))

    def _among(self, member: Member, values: tuple[Value, ...]) -> Condition:
        column, item = self._member(member.path)
        among = one_of(column, item, [typed(value, item) for value in values if value is not None])
        return or_(among, column.is_(None)) if None in values else among

    def _query_function(self, node: QueryFunction) -> Condition:
        source, rest = self._scoped(node.property.path)
        column, item = source.member(rest, attribute=True)
        found = function_condition(node.name, column, item, node.values, source, self._circumstances)
        if found is None:
            raise UnsupportedQueryError(node.name, 0, f"query function '{node.name}' is not offered yet")
        return found

    def _text_condition(self, node: Call) -> Condition:
        if node.name not in TEXT_CONDITIONS:
            raise UnsupportedQueryError(node.name, 0, f"function '{node.name}' is no condition")
        text, part = (func.lower(wanted(self._term(argument), Kind.TEXT, node.name)) for argument in node.args)
        return TEXT_CONDITIONS[node.name](text, part)

    def _term(self, node: Expression) -> Term:
        match node:
            case Member(path):
                column, item = self._member(path)
                blank = self._blank(item)
                if blank is not None:
                    column = func.coalesce(column, literal(blank, type_=column.type))
                return Term(column, KINDS[item.type])
            case EnumLiteral(_, name):
                return Term(literal(name), Kind.TEXT)
            case Literal(value):
                return constant(value)
            case Arithmetic(operator, left, right):
                return arithmetic(operator, self._term(left), self._term(right))
            case Call(name, arguments) if name not in TEXT_CONDITIONS:
                found = called(name, [self._term(argument) for argument in arguments])
                if found is None:
                    raise UnsupportedQueryError(name, 0, f"function '{name}' is not offered")
                return found
            case Lambda():
                return Term(cast(self.condition(node), Boolean()), Kind.BOOLEAN)
        # In a cast, for the database reads NOT a IS … as NOT (a IS …).
        return Term(cast(self._truth(node), Boolean()), Kind.BOOLEAN)


_HOLDS: Mapping[CompareOp, Callable[[Any, Any], bool]] = {
    CompareOp.EQ: operators.eq,
    CompareOp.NE: operators.ne,
    CompareOp.GT: operators.gt,
    CompareOp.GE: operators.ge,
    CompareOp.LT: operators.lt,
    CompareOp.LE: operators.le,
}
