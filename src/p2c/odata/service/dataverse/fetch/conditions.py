"""Turns conditions of FetchXML and of query expressions into the tree that `$filter` has too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from p2c.edm.entity import Entity
from p2c.edm.property import Property
from p2c.errors import nearest
from p2c.odata.query.ast import And, Call, CompareOp, Comparison, Expression, Literal, Member, Not, Or, QueryFunction
from p2c.odata.query.errors import QueryError
from p2c.odata.service.dataverse.fetch.patterns import fits
from p2c.odata.sql_functions import OFFERED
from p2c.odata.sql_values import from_text

TRUE = Literal(True)
_COMPARISONS: Mapping[str, CompareOp] = {
    "eq": CompareOp.EQ,
    "ne": CompareOp.NE,
    "neq": CompareOp.NE,
    "gt": CompareOp.GT,
    "ge": CompareOp.GE,
    "lt": CompareOp.LT,
    "le": CompareOp.LE,
    "equal": CompareOp.EQ,
    "notequal": CompareOp.NE,
    "greaterthan": CompareOp.GT,
    "greaterequal": CompareOp.GE,
    "lessthan": CompareOp.LT,
    "lessequal": CompareOp.LE,
}
_ALIKE: Mapping[str, str] = {
    "eq-userid": "EqualUserId",
    "ne-userid": "NotEqualUserId",
    "eq-businessid": "EqualBusinessId",
    "ne-businessid": "NotEqualBusinessId",
    "last-seven-days": "Last7Days",
    "next-seven-days": "Next7Days",
    "eq-or-above": "AboveOrEqual",
    "eq-or-under": "UnderOrEqual",
}
_FUNCTIONS: Mapping[str, str] = {name.lower(): name for name in OFFERED}
_TEXTS: Mapping[str, tuple[str, bool]] = {
    "begins-with": ("startswith", True),
    "beginswith": ("startswith", True),
    "not-begin-with": ("startswith", False),
    "doesnotbeginwith": ("startswith", False),
    "ends-with": ("endswith", True),
    "endswith": ("endswith", True),
    "not-end-with": ("endswith", False),
    "doesnotendwith": ("endswith", False),
}


def condition(entity: Entity, alias: str, name: str, operator: str, values: Sequence[str]) -> Expression:
    """
    One condition on a column of a table; `alias` is the table's name in the query, empty for the first.

    Raises:
        QueryError: The column or the operator does not exist, or a value does not fit.
    """
    item, member = _member(entity, alias, name)
    word = operator.lower()
    if word in ("null", "not-null", "notnull"):
        return Comparison(CompareOp.EQ if word == "null" else CompareOp.NE, member, Literal(None))
    if word in _COMPARISONS and len(values) == 1:
        return Comparison(_COMPARISONS[word], member, Literal(from_text(values[0], item)))
    if word in ("like", "not-like", "notlike") and len(values) == 1:
        found = fits(member, values[0])
        return found if word == "like" else Not(found)
    if word in _TEXTS and len(values) == 1:
        function, holds = _TEXTS[word]
        call = Call(function, (member, Literal(values[0])))
        return call if holds else Not(call)
    function = _ALIKE.get(word) or _FUNCTIONS.get(word.replace("-", ""), "")
    if not function:
        known = [*_COMPARISONS, "like", "null", "not-null", "in"]
        reason = f"operator '{operator}' is not offered with {len(values)} values"
        raise QueryError(operator, 0, reason, nearest(word, known))
    return QueryFunction(function, member, tuple(values))


def compared(entity: Entity, alias: str, name: str, operator: str, other: Member) -> Expression:
    """
    A condition that compares a column with another one.

    Raises:
        QueryError: The column does not exist, or the operator does not compare.
    """
    sign = _COMPARISONS.get(operator.lower())
    if sign is None:
        reason = "columns are compared with eq, ne, gt, ge, lt and le"
        raise QueryError(operator, 0, reason, nearest(operator, _COMPARISONS))
    return Comparison(sign, _member(entity, alias, name)[1], other)


def column_of(entity: Entity, alias: str, name: str) -> Member:
    """A column as the tree names it; QueryError when there is none."""
    return _member(entity, alias, name)[1]


def combined(every: bool, parts: Sequence[Expression]) -> Expression:
    """All of the parts, or one of them; without parts nothing is asked."""
    if not parts:
        return TRUE
    if len(parts) == 1:
        return parts[0]
    return And(tuple(parts)) if every else Or(tuple(parts))


def _member(entity: Entity, alias: str, name: str) -> tuple[Property, Member]:
    item = entity.property.get(name)
    if item is None:
        raise QueryError(name, 0, f"{entity.name} has no attribute '{name}'", nearest(name, entity.property))
    return item, Member((alias, _wire(item)) if alias else (_wire(item),))


def _wire(item: Property) -> str:
    return f"_{item.name}_value" if item.is_lookup else item.name
