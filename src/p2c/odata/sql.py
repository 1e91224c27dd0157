"""Turns the tree of a filter into SQL with bound parameters."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import reduce
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Float,
    Integer,
    Text,
    and_,
    any_,
    cast,
    extract,
    false,
    func,
    literal,
    not_,
    or_,
    true,
    type_coerce,
)

from p2c.edm.property import Property
from p2c.edm.values import EdmType
from p2c.odata.query.ast import (
    And,
    Arithmetic,
    ArithmeticOp,
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
    OrderItem,
    QueryFunction,
    Value,
)
from p2c.odata.query.errors import QueryError
from p2c.odata.source import EntitySource

Sql: TypeAlias = "ColumnElement[object]"
Condition: TypeAlias = "ColumnElement[bool]"


class UnsupportedQueryError(QueryError):
    """Valid OData that this service does not offer."""


class FilterCompiler:
    """Compiles conditions over one source. Text is compared without regard to case, as the real services do.

    `wildcards` makes asterisks around a text after `eq` mean "contains" (Finance and Operations).
    """

    def __init__(self, source: EntitySource, *, wildcards: bool) -> None:
        self._source = source
        self._wildcards = wildcards

    def condition(self, expression: Expression) -> Condition:
        """The WHERE condition of a filter."""
        if isinstance(expression, And):
            return and_(*(self.condition(operand) for operand in expression.operands))
        if isinstance(expression, Or):
            return or_(*(self.condition(operand) for operand in expression.operands))
        if isinstance(expression, Not):
            return not_(func.coalesce(self.condition(expression.operand), false()))
        if isinstance(expression, Comparison):
            return self._comparison(expression)
        if isinstance(expression, InList):
            return self._among(expression.member, expression.values)
        if isinstance(expression, QueryFunction):
            return self._query_function(expression)
        if isinstance(expression, Call):
            return self._text_condition(expression)
        if isinstance(expression, Lambda):
            raise UnsupportedQueryError(
                "/".join(expression.collection), 0, "conditions on collections are not offered yet"
            )
        if isinstance(expression, Literal) and isinstance(expression.value, bool):
            return true() if expression.value else false()
        if isinstance(expression, Member):
            column, item = self._source.member(expression.path)
            if item.type is EdmType.BOOLEAN:
                return func.coalesce(column, false()).is_(True)
        raise QueryError(str(expression), 0, "a condition was expected here")

    def order(self, items: tuple[OrderItem, ...]) -> list[Sql]:
        """ORDER BY columns; empty values come first when ascending, as the real services sort them."""
        columns: list[Sql] = []
        for item in items:
            column, _ = self._source.member(item.path)
            columns.append(column.desc().nulls_last() if item.descending else column.asc().nulls_first())
        return columns

    def _comparison(self, node: Comparison) -> Condition:
        left, right = node.left, node.right
        if not isinstance(left, Member) and isinstance(right, Member):
            return self._comparison(Comparison(_MIRROR[node.operator], right, left))
        if isinstance(left, Member) and isinstance(right, Literal | EnumLiteral):
            column, item = self._source.member(left.path)
            return self._with_value(node.operator, column, item, right)
        if isinstance(right, Literal) and isinstance(right.value, bool) and isinstance(left, Call):
            wanted = right.value is (node.operator is CompareOp.EQ)
            condition = func.coalesce(self._text_condition(left), false())
            return condition if wanted else not_(condition)
        return _compare(node.operator, self._operand(left), self._operand(right))

    def _with_value(
        self, operator: CompareOp, column: Sql, item: Property, operand: Literal | EnumLiteral
    ) -> Condition:
        raw = operand.member if isinstance(operand, EnumLiteral) else operand.value
        if raw is None:
            return column.is_(None) if operator is CompareOp.EQ else column.is_not(None)
        value = typed(raw, item)
        if isinstance(value, str) and item.type is EdmType.STRING:
            if self._wildcards and operator in (CompareOp.EQ, CompareOp.NE) and "*" in value.strip():
                matched = _wildcard(column, value)
                return matched if operator is CompareOp.EQ else not_(func.coalesce(matched, false()))
            return _compare(operator, func.lower(column), literal(value.lower()))
        return _compare(operator, column, literal(value, type_=column.type))

    def _among(self, member: Member, values: tuple[Value, ...]) -> Condition:
        column, item = self._source.member(member.path)
        wanted = [typed(value, item) for value in values if value is not None]
        if item.type is EdmType.STRING:
            lowered = [str(value).lower() for value in wanted]
            return func.lower(column) == any_(cast(lowered, ARRAY(Text)))
        return column == any_(cast(wanted, ARRAY(column.type)))

    def _query_function(self, node: QueryFunction) -> Condition:
        column, item = self._source.member(node.property.path)
        values = tuple(from_text(value, item) for value in node.values)
        if node.name in ("In", "NotIn"):
            among = self._among(node.property, values)
            return among if node.name == "In" else not_(func.coalesce(among, false()))
        if node.name in ("Between", "NotBetween") and len(values) == 2:
            low, high = (literal(typed(value, item), type_=column.type) for value in values)
            between = and_(column >= low, column <= high)
            return between if node.name == "Between" else not_(func.coalesce(between, false()))
        raise UnsupportedQueryError(node.name, 0, f"query function '{node.name}' is not offered yet")

    def _text_condition(self, node: Call) -> Condition:
        if node.name not in _TEXT_CONDITIONS or len(node.args) != 2:
            raise UnsupportedQueryError(node.name, 0, f"function '{node.name}' is no condition")
        wanted = node.args[1]
        if not isinstance(wanted, Literal) or not isinstance(wanted.value, str):
            raise QueryError(node.name, 0, f"{node.name} needs a text as its second argument")
        return _TEXT_CONDITIONS[node.name](func.lower(self._operand(node.args[0])), wanted.value.lower())

    def _operand(self, node: Expression) -> Sql:
        if isinstance(node, Member):
            return self._source.member(node.path)[0]
        if isinstance(node, Literal):
            return literal(node.value)
        if isinstance(node, EnumLiteral):
            return literal(node.member)
        if isinstance(node, Arithmetic):
            return _arithmetic(node.operator, self._operand(node.left), self._operand(node.right))
        if isinstance(node, Call) and node.name in _FUNCTIONS and node.args:
            return _FUNCTIONS[node.name](*(self._operand(argument) for argument in node.args))
        raise UnsupportedQueryError(
            str(getattr(node, "name", node)), 0, "this expression is not offered here"
        )


def typed(value: Value, item: Property) -> Value:
    """
    A literal as a value of the property's type.

    Raises:
        QueryError: The literal has another type.
    """
    kind = item.type
    if kind is EdmType.DECIMAL and isinstance(value, int | Decimal) and not isinstance(value, bool):
        return Decimal(value)
    if kind is EdmType.DOUBLE and isinstance(value, int | float | Decimal):
        return float(value)
    if kind in (EdmType.INT32, EdmType.INT64) and isinstance(value, int | Decimal) and value == int(value):
        return int(value)
    if kind is EdmType.BOOLEAN and isinstance(value, bool | int):
        return bool(value)
    if kind is EdmType.DATE and isinstance(value, date):
        return value.date() if isinstance(value, datetime) else value
    if kind is EdmType.DATETIME and isinstance(value, date):
        return value if isinstance(value, datetime) else datetime.combine(value, time(), UTC)
    if kind in (EdmType.STRING, EdmType.ENUM) and isinstance(value, str):
        return value
    if kind is EdmType.GUID and isinstance(value, UUID | str):
        try:
            return value if isinstance(value, UUID) else UUID(value)
        except ValueError:
            pass
    raise QueryError(str(value), 0, f"'{item.name}' is {kind.value}, and this is no value of that type")


def from_text(value: str, item: Property) -> Value:
    """A value written as text (query functions send all values so) as one of the property's type."""
    try:
        if item.type in (EdmType.INT32, EdmType.INT64, EdmType.BOOLEAN):
            return bool(int(value)) if item.type is EdmType.BOOLEAN and value.isdigit() else int(value)
        if item.type in (EdmType.DECIMAL, EdmType.DOUBLE):
            return Decimal(value)
        if item.type in (EdmType.DATE, EdmType.DATETIME):
            moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, ArithmeticError) as error:
        raise QueryError(
            value, 0, f"'{item.name}' is {item.type.value}, and this is no value of that type"
        ) from error
    return value


def _compare(operator: CompareOp, left: Sql, right: Sql) -> Condition:
    if operator is CompareOp.EQ:
        return left == right
    if operator is CompareOp.NE:
        return left.is_distinct_from(right)
    if operator is CompareOp.GT:
        return left > right
    if operator is CompareOp.GE:
        return left >= right
    return left < right if operator is CompareOp.LT else left <= right


def _wildcard(column: Sql, pattern: str) -> Condition:
    parts = [
        part.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        for part in pattern.lower().split("*")
    ]
    return func.lower(column).like("%".join(parts), escape="\\")


def _arithmetic(operator: ArithmeticOp, left: Sql, right: Sql) -> Sql:
    if operator is ArithmeticOp.ADD:
        return left + right
    if operator is ArithmeticOp.SUB:
        return left - right
    if operator is ArithmeticOp.MUL:
        return left * right
    divisor = func.nullif(right, 0)
    if operator is ArithmeticOp.MOD:
        return left % divisor
    if operator is ArithmeticOp.DIVBY:
        return type_coerce(cast(left, Float) / divisor, Float)
    return left / divisor


_MIRROR = {
    CompareOp.EQ: CompareOp.EQ,
    CompareOp.NE: CompareOp.NE,
    CompareOp.GT: CompareOp.LT,
    CompareOp.GE: CompareOp.LE,
    CompareOp.LT: CompareOp.GT,
    CompareOp.LE: CompareOp.GE,
}
_TEXT_CONDITIONS: dict[str, Callable[[Sql, str], Condition]] = {
    "contains": lambda column, text: column.contains(text, autoescape=True),
    "startswith": lambda column, text: column.startswith(text, autoescape=True),
    "endswith": lambda column, text: column.endswith(text, autoescape=True),
}
_FUNCTIONS: dict[str, Callable[..., Sql]] = {
    "tolower": func.lower,
    "toupper": func.upper,
    "trim": func.trim,
    "length": func.length,
    "concat": lambda *parts: reduce(lambda left, right: left.concat(right), parts),
    "year": lambda column: cast(extract("year", column), Integer),
    "month": lambda column: cast(extract("month", column), Integer),
    "day": lambda column: cast(extract("day", column), Integer),
    "hour": lambda column: cast(extract("hour", column), Integer),
    "minute": lambda column: cast(extract("minute", column), Integer),
    "second": lambda column: cast(extract("second", column), Integer),
}
