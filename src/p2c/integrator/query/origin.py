"""Which columns of a query may hold what certain fields hold: read from its text, and where that does not tell, all."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from p2c.integrator.query.plan import QueryPlan

Kind: TypeAlias = "Callable[[str], bool]"
_EXPRESSION = "("
"""Stands in the names that DuckDB gives to expressions; what they are made of is not told by them."""


def columns_of_kind(plan: QueryPlan, is_kind: Kind) -> frozenset[str]:
    """The columns that are of a kind by their own names, or may be made of fields that are."""
    statement = plan.statement
    names = [item.name for item in plan.entity.properties]
    if not statement.every and not any(map(is_kind, statement.names)):
        return frozenset(filter(is_kind, names))
    if not statement.traceable:
        return frozenset(names)
    derived = _derived(statement.given, is_kind)
    known = {item.name.lower() for read in plan.reads for item in read.entity.properties}
    return frozenset(name for name in names if is_kind(name) or name.lower() in derived or _nameless(name, known, plan))


def _derived(given: Iterable[tuple[str, frozenset[str]]], is_kind: Kind) -> set[str]:
    """Names that a query gives to what is made of such fields, also by way of other such names."""
    derived: set[str] = set()
    while new := {
        name
        for name, mentioned in given
        if name not in derived
        and any(is_kind(other) or other in derived or _EXPRESSION in other for other in mentioned)
    }:
        derived |= new
    return derived


def _nameless(name: str, known: set[str], plan: QueryPlan) -> bool:
    """Whether DuckDB named the column after an expression, whose parts cannot be told from it."""
    return name.lower() not in known and name.lower() not in {given for given, _mentioned in plan.statement.given}
