"""Applies `$select`, `$filter`, `$orderby` and `$expand` to definitions, which live in memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from p2c.errors import nearest
from p2c.odata.query import compile_filter, members
from p2c.odata.query.ast import (
    And,
    Call,
    Comparison,
    Expand,
    Expression,
    Literal,
    Not,
    Or,
    Value,
)
from p2c.odata.query.options import QueryOptions
from p2c.odata.service.dataverse.definitions.definition import ID, Definition, Json
from p2c.odata.service.faults import RequestError

_NO_FUNCTIONS = "0x8006088a"
_NO_PROPERTY = "0x80060888"
_TYPE = "@odata.type"


@dataclass(frozen=True, slots=True)
class Shelf:
    """Definitions that stand together: a set of the metadata, or a collection of one definition.

    `name` is how the answer's context calls it; `key` is always shown; `limit` are the properties that may be
    selected where not all of a definition's may: those that all columns have, unless a cast names a type.
    """

    name: str
    items: Sequence[Definition]
    key: str = ID
    limit: frozenset[str] = frozenset()

    @property
    def known(self) -> frozenset[str]:
        """The properties that queries may name."""
        return self.limit or frozenset(name for item in self.items for name in item.values)


def found(shelf: Shelf, options: QueryOptions) -> list[Json]:
    """
    The definitions that the options ask for, as JSON.

    Raises:
        RequestError: A property is not known, or a function is asked for that metadata does not have (501).
    """
    items = list(shelf.items)
    if options.filter is not None:
        items = _filtered(shelf, items, options.filter)
    for order in reversed(options.orderby):
        name = _checked(shelf, order.path[0])
        items.sort(key=lambda item: str(item.values.get(name) or ""), reverse=order.descending)
    names = tuple(_checked(shelf, name) for name in options.select)
    return [shown(item, names, options.expand, shelf.key) for item in items[: options.top]]


def shown(item: Definition, names: Sequence[str], expands: Sequence[Expand], key: str = ID) -> Json:
    """One definition as JSON: the properties named (none: all), its key, and what is expanded."""
    body = {name: value for name, value in item.values.items() if not names or name in names or name in (key, _TYPE)}
    for expand in expands:
        body[expand.navigation] = _expanded(item, expand)
    return body


def _expanded(item: Definition, expand: Expand) -> object:
    make = item.related.get(expand.navigation)
    if make is None:
        hint = nearest(expand.navigation, item.related) if item.related else "it has none"
        message = f"no navigation property '{expand.navigation}' here; {hint}"
        raise RequestError(400, message, _NO_PROPERTY)
    related = make()
    if related is None:
        return None
    if isinstance(related, Definition):
        key = ID if ID in related.values else next(iter(related.values))
        return shown(related, expand.select, expand.expand, key)
    options = QueryOptions(
        select=expand.select,
        filter=expand.filter,
        orderby=expand.orderby,
        top=expand.top,
        expand=expand.expand,
    )
    return found(Shelf(expand.navigation, related), options)


def _filtered(shelf: Shelf, items: Iterable[Definition], condition: Expression) -> list[Definition]:
    _check_functions(condition)
    paths = [path for path in members(condition) if _checked(shelf, path[0], shelf.items)]
    holds = compile_filter(condition, ignore_case=True)
    return [item for item in items if holds({"/".join(path): _value(item, path) for path in paths})]


def _check_functions(condition: Expression) -> None:
    """Only comparisons and logic: the real metadata knows no functions at all."""
    match condition:
        case And(operands) | Or(operands):
            for operand in operands:
                _check_functions(operand)
        case Not(operand):
            _check_functions(operand)
        case Comparison(_, left, right):
            for side in (left, right):
                if isinstance(side, Call):
                    _check_functions(side)
        case Literal():
            return
        case Call(name):
            message = f"function '{name}' cannot be used on metadata; compare with eq, or filter what comes back"
            raise RequestError(501, message, _NO_FUNCTIONS)


def _checked(shelf: Shelf, name: str, items: Sequence[Definition] = ()) -> str:
    """The name, when the shelf's definitions have such a property or, for a filter, such a relation."""
    if name in shelf.known or not shelf.items or any(name in item.related for item in items):
        return name
    message = f"no property '{name}' in {shelf.name}; {nearest(name, shelf.known)}"
    raise RequestError(400, message, _NO_PROPERTY)


def _value(item: Definition, path: Sequence[str]) -> Value:
    """What stands at a path: inside a complex value, or in a related definition."""
    place: object = item.values.get(path[0])
    if path[0] in item.related:
        place = item.related[path[0]]()
    for step in path[1:]:
        if isinstance(place, Definition):
            place = place.values
        place = place.get(step) if isinstance(place, dict) else None
    return place if isinstance(place, str | int | bool) else None
