"""The tree of a query: what `$filter`, `$orderby` and `$expand` say, as values that compare and hash."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

Value: TypeAlias = str | int | bool | Decimal | float | date | datetime | UUID | None
"""A primitive value of a row or a literal; date-times are aware and in UTC."""


class CompareOp(StrEnum):
    """Comparison operators, by their OData spelling."""

    EQ = "eq"
    NE = "ne"
    GT = "gt"
    GE = "ge"
    LT = "lt"
    LE = "le"


class ArithmeticOp(StrEnum):
    """Arithmetic operators; `div` of two integers is an integer, `divby` never is."""

    ADD = "add"
    SUB = "sub"
    MUL = "mul"
    DIV = "div"
    DIVBY = "divby"
    MOD = "mod"


class LambdaKind(StrEnum):
    """Whether one row of the collection is enough or every row must pass."""

    ANY = "any"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant."""

    value: Value


@dataclass(frozen=True, slots=True)
class EnumLiteral:
    """A member of an enumeration: `Microsoft.Dynamics.DataEntities.NoYes'Yes'`."""

    type_name: str
    member: str


@dataclass(frozen=True, slots=True)
class Member:
    """A property, reached through single-valued navigation properties: `primarycontactid/fullname`.

    Inside a lambda the first step is its variable.
    """

    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two operands compared."""

    operator: CompareOp
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class And:
    """All operands hold; at least two, and none of them is an `And` (those are taken in)."""

    operands: tuple[Expression, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "operands", _flat(And, self.operands))


@dataclass(frozen=True, slots=True)
class Or:
    """One operand holds; at least two, and none of them is an `Or` (those are taken in)."""

    operands: tuple[Expression, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "operands", _flat(Or, self.operands))


@dataclass(frozen=True, slots=True)
class Not:
    """The operand does not hold."""

    operand: Expression


@dataclass(frozen=True, slots=True)
class Call:
    """A built-in function: `contains(name,'x')`, `year(createdon)`."""

    name: str
    args: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Two operands calculated."""

    operator: ArithmeticOp
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class InList:
    """The property has one of the values; at least one value."""

    member: Member
    values: tuple[Value, ...]

    def __post_init__(self) -> None:
        if not self.values:
            raise ValueError("a list after 'in' needs at least one value")


@dataclass(frozen=True, slots=True)
class QueryFunction:
    """A Dataverse query function: `Microsoft.Dynamics.CRM.In(PropertyName='c',PropertyValues=["a","b"])`.

    `name` is without its namespace; `values` are the texts of PropertyValue, PropertyValue1, PropertyValue2
    and PropertyValues, in that order.
    """

    name: str
    property: Member
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lambda:
    """A condition on the rows of a collection: `orders/any(o:o/total gt 5)`; no body only for `any()`."""

    collection: tuple[str, ...]
    kind: LambdaKind
    variable: str
    body: Expression | None


Expression: TypeAlias = (
    Literal | EnumLiteral | Member | Comparison | And | Or | Not | Call | Arithmetic | InList | QueryFunction | Lambda
)


@dataclass(frozen=True, slots=True)
class OrderItem:
    """One sort criterion."""

    path: tuple[str, ...]
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Expand:
    """A navigation property to read along with the row.

    `select` is empty for all properties; `ref` asks for references alone (`nav/$ref`), `count` for the number
    of related rows (`$count=true`).
    """

    navigation: str
    select: tuple[str, ...] = ()
    filter: Expression | None = None
    orderby: tuple[OrderItem, ...] = ()
    top: int | None = None
    skip: int | None = None
    expand: tuple[Expand, ...] = ()
    ref: bool = False
    count: bool = False


def _flat(kind: type[And] | type[Or], operands: tuple[Expression, ...]) -> tuple[Expression, ...]:
    """The operands with those of the same kind replaced by theirs: hundreds of `or` make one level."""
    if len(operands) < 2:
        raise ValueError(f"'{kind.__name__.lower()}' needs at least two operands")
    flat: list[Expression] = []
    for operand in operands:
        if isinstance(operand, And | Or) and type(operand) is kind:
            flat.extend(operand.operands)
        else:
            flat.append(operand)
    return tuple(flat)
