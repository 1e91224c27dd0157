"""Turns a SELECT into the query that FetchXML describes too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from p2c.edm.entity import Entity, Model
from p2c.errors import nearest
from p2c.odata.query.errors import QueryError
from p2c.odata.service.dataverse.fetch.document import BASE, MAX_LINKS, Column, Condition, Fetch, Filter, Node, Order
from p2c.odata.service.dataverse.sql.parse import parse_statement
from p2c.odata.service.dataverse.sql.tree import Item, Join, Junction, Name, Ordering, Predicate, Statement
from p2c.odata.service.projection import wire_name

_AGGREGATES: Mapping[str, str] = {"SUM": "sum", "AVG": "avg", "MIN": "min", "MAX": "max"}


def fetch_of(model: Model, text: str) -> Fetch:
    """
    The query that a statement asks; names are found in any case.

    Raises:
        QueryError: It cannot be read, a table or column does not exist, or a name has several meanings.
    """
    statement = parse_statement(text)
    scope = _Scope(model, statement)
    aggregate = bool(statement.groups) or any(item.function for item in statement.items)
    columns = _columns(statement, scope, aggregate)
    base = Node(
        entity=scope.tables[BASE].name,
        columns=tuple(column for place, column in columns if place == BASE),
        filters=(_filter(statement.where, scope),) if statement.where is not None else (),
        orders=tuple(_order(item, columns, scope, aggregate) for item in statement.orders),
        links=_links(BASE, scope, columns),
    )
    return Fetch(base, top=statement.top, skip=statement.skip, aggregate=aggregate, distinct=statement.distinct)


@dataclass(frozen=True, slots=True)
class _Link:
    """A joined table: its alias, its column, and the table and column that it is linked to."""

    alias: str
    own: str
    outer: str
    outer_column: str
    inner: bool


class _Scope:
    """The tables of a statement by the alias of their node: the base's is empty."""

    def __init__(self, model: Model, statement: Statement) -> None:
        self._known = {entity.name.lower(): entity for entity in model.entities}
        self._nodes = {statement.alias.lower(): BASE}
        self.tables: dict[str, Entity] = {BASE: self._entity(statement.table)}
        self.links: list[_Link] = []
        for join in statement.joins:
            self.links.append(self._joined(join))

    def find(self, name: Name) -> tuple[str, str]:
        """The node and the property that a name means; without an alias all tables are looked through."""
        if name.table:
            place = self._nodes.get(name.table.lower())
            if place is None:
                raise QueryError(name.table, 0, f"no table is called '{name.table}'", nearest(name.table, self._nodes))
            return place, self._property(self.tables[place], name.column)
        found = [place for place, entity in self.tables.items() if _property_name(entity, name.column)]
        if len(found) > 1:
            reason = f"several tables have a column '{name.column}'"
            raise QueryError(name.column, 0, reason, "write the table's alias and a dot before it")
        place = found[0] if found else BASE
        return place, self._property(self.tables[place], name.column)

    def wire(self, place: str, column: str) -> str:
        """The name of a column in answers."""
        return wire_name(self.tables[place].property[column])

    def _entity(self, name: str) -> Entity:
        found = self._known.get(name.lower())
        if found is None:
            raise QueryError(name, 0, f"there is no table '{name}'", nearest(name.lower(), self._known))
        return found

    def _property(self, entity: Entity, name: str) -> str:
        found = _property_name(entity, name)
        if not found:
            raise QueryError(name, 0, f"{entity.name} has no column '{name}'", nearest(name.lower(), entity.property))
        return found

    def _joined(self, join: Join) -> _Link:
        alias = join.alias.lower()
        if alias in self._nodes or len(self.links) >= MAX_LINKS:
            reason = f"expected at most {MAX_LINKS} joined tables, each with an alias of its own"
            raise QueryError(join.alias, 0, reason)
        self._nodes[alias] = alias
        self.tables[alias] = self._entity(join.table)
        sides = (self.find(join.left), self.find(join.right))
        own = next((side for side in sides if side[0] == alias), None)
        outer = next((side for side in sides if side[0] != alias), None)
        if own is None or outer is None:
            reason = f"'{join.alias}' is joined ON a column of its own and one of a table before it"
            raise QueryError(join.alias, 0, reason)
        return _Link(alias, own[1], outer[0], outer[1], join.inner)


def _columns(statement: Statement, scope: _Scope, aggregate: bool) -> list[tuple[str, Column]]:
    """What is selected, by node; every column that the base does not tell by its own name has an alias."""
    grouped = {scope.find(name) for name in statement.groups}
    columns: list[tuple[str, Column]] = []
    for item in statement.items:
        columns.append(_aggregated(item, scope, grouped) if aggregate else _plain(item, scope))
    names = [column.alias or scope.wire(place, column.name) for place, column in columns]
    for number, name in enumerate(names):
        if name in names[:number]:
            raise QueryError(name, 0, f"two columns are called '{name}'", "give one of them an alias with AS")
    missing = grouped - {(place, column.name) for place, column in columns if column.group}
    if missing:
        raise QueryError(min(missing)[1], 0, f"the rows are grouped by '{min(missing)[1]}': select it as well")
    return columns


def _plain(item: Item, scope: _Scope) -> tuple[str, Column]:
    place, name = scope.find(_named(item))
    return place, Column(name, item.alias or ("" if place == BASE else scope.wire(place, name)))


def _aggregated(item: Item, scope: _Scope, grouped: set[tuple[str, str]]) -> tuple[str, Column]:
    if item.name is None:
        return BASE, Column(scope.tables[BASE].table.primary_key, item.alias or "count", "count")
    place, name = scope.find(item.name)
    if item.function:
        function = _AGGREGATES.get(item.function, "countcolumn")
        return place, Column(name, item.alias or f"{item.function.lower()}_{name}", function, item.distinct)
    if (place, name) not in grouped:
        raise QueryError(name, 0, f"'{name}' is neither grouped by nor aggregated", "add it to GROUP BY")
    return place, Column(name, item.alias or scope.wire(place, name), group=True)


def _named(item: Item) -> Name:
    if item.name is None:
        raise QueryError(item.function, 0, "expected a column")
    return item.name


def _links(outer: str, scope: _Scope, columns: list[tuple[str, Column]]) -> tuple[Node, ...]:
    """The tables that are linked to a node, each with those that are linked to it."""
    return tuple(
        Node(
            entity=scope.tables[link.alias].name,
            columns=tuple(column for place, column in columns if place == link.alias),
            links=_links(link.alias, scope, columns),
            alias=link.alias,
            own=link.own,
            outer=link.outer_column,
            inner_join=link.inner,
        )
        for link in scope.links
        if link.outer == outer
    )


def _filter(test: Predicate | Junction, scope: _Scope) -> Filter:
    """Conditions stand at the base, each with its table: they are asked of joined rows, not before the join."""
    if isinstance(test, Predicate):
        return Filter(True, (_condition(test, scope),))
    conditions = tuple(_condition(part, scope) for part in test.parts if isinstance(part, Predicate))
    return Filter(
        test.every, conditions, tuple(_filter(part, scope) for part in test.parts if isinstance(part, Junction))
    )


def _condition(test: Predicate, scope: _Scope) -> Condition:
    place, name = scope.find(test.name)
    return Condition(name, test.operator, test.values, place)


def _order(item: Ordering, columns: list[tuple[str, Column]], scope: _Scope, aggregate: bool) -> Order:
    """By the alias of a selected column, else by a column."""
    named = None
    if not item.name.table:
        named = next((found for found in columns if found[1].alias.lower() == item.name.column.lower()), None)
    if named is None:
        place, name = scope.find(item.name)
        named = next((found for found in columns if (found[0], found[1].name) == (place, name)), None)
        if named is None or not aggregate:
            return Order(name, item.descending, place)
    place, column = named
    return Order(column.alias if aggregate else column.name, item.descending, place)


def _property_name(entity: Entity, name: str) -> str:
    """The property of that name in any case; empty when there is none."""
    if name in entity.property:
        return name
    folded = name.lower()
    return next((known for known in entity.property if known.lower() == folded), "")
