"""Compiles FetchXML to one SELECT: linked tables are joined, each under its alias."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, Text, and_, cast, distinct, func, literal, select, true

from p2c.database.session import Session
from p2c.edm.entity import Entity, Model
from p2c.edm.property import Property
from p2c.errors import nearest
from p2c.odata.circumstances import Circumstances
from p2c.odata.query.apply import Method
from p2c.odata.query.ast import Expression
from p2c.odata.query.errors import QueryError
from p2c.odata.service.aggregating import check_method
from p2c.odata.service.dataverse.fetch.conditions import combined, condition
from p2c.odata.service.dataverse.fetch.document import MAX_PAGE, Column, Fetch, Filter, Node
from p2c.odata.service.dialect import ReadStyle
from p2c.odata.service.projection import Projection
from p2c.odata.source import EntitySource
from p2c.odata.sql import FilterCompiler

_LONGEST_NAME = 63
_METHODS = {"sum": Method.SUM, "avg": Method.AVERAGE, "min": Method.MIN, "max": Method.MAX}
_AGGREGATES = ("count", "countcolumn", "sum", "avg", "min", "max")


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page: JSON objects as text, whether there are more, and the count of all when it was asked for."""

    rows: Sequence[str]
    more: bool
    count: int | None = None


class FetchReader:
    """Answers FetchXML in one session."""

    def __init__(self, model: Model, session: Session, style: ReadStyle) -> None:
        self._model = model
        self._session = session
        self._circumstances = Circumstances(session.now, session.user)
        self._projection = Projection(model, session.storage, style, self._circumstances)
        self._style = style
        self._sources: dict[str, EntitySource] = {}

    def read(self, fetch: Fetch) -> Fetched:
        """
        The page that a query asks for.

        Raises:
            QueryError: A table, column or operator does not exist, or a value does not fit.
            RequestError: The caller may not read one of the tables.
        """
        self._open(fetch.node)
        start, where = self._joined(fetch.node)
        columns = self._aggregated(fetch.node) if fetch.aggregate else self._plain(fetch.node, fetch.distinct)
        for column in columns:
            if len(str(column.name).encode()) > _LONGEST_NAME:
                reason = f"a name is longer than {_LONGEST_NAME} letters; shorten the alias"
                raise QueryError(str(column.name), 0, reason)
        query: Select[Any] = select(*columns).select_from(start).where(*where)
        if fetch.aggregate:
            query = query.group_by(*self._groups(fetch.node))
        query = self._ordered(query, fetch, columns)
        if fetch.distinct:
            query = query.distinct()
        size = min(fetch.top or fetch.count or MAX_PAGE, MAX_PAGE)
        count = self._count(query) if fetch.counted else None
        page = query.limit(size + 1).offset((fetch.page - 1) * size)
        rows = self._json(page)
        return Fetched(rows[:size], len(rows) > size and not fetch.top, count)

    def _open(self, node: Node) -> None:
        entity = self._entity(node)
        self._sources[node.alias] = EntitySource(self._model, self._session.storage, entity)
        for link in node.links:
            self._open(link)

    def _joined(self, node: Node) -> tuple[FromClause, list[ColumnElement[bool]]]:
        """The joined tables and the conditions of the first one; those of linked tables stand at their joins."""
        source = self._sources[node.alias]
        start: FromClause = source.table
        for link in node.links:
            start = self._linked(start, source, link)
        return start, [*source.limits, *self._conditions(node)]

    def _linked(self, start: FromClause, outer: EntitySource, link: Node) -> FromClause:
        source = self._sources[link.alias]
        own, other = self._property(source.entity, link.own), self._property(outer.entity, link.outer)
        if own.type is not other.type:
            raise QueryError(link.own, 0, f"'{link.own}' is {own.type.value} and '{link.outer}' {other.type.value}")
        tied = source.column(own) == outer.column(other)
        condition_ = and_(tied, *source.limits, *self._conditions(link))
        start = start.join(source.table, condition_, isouter=not link.inner_join)
        for inner in link.links:
            start = self._linked(start, source, inner)
        return start

    def _conditions(self, node: Node) -> list[ColumnElement[bool]]:
        scopes = {alias: other for alias, other in self._sources.items() if alias}
        compiler = FilterCompiler(
            self._sources[""], wildcards=self._style.wildcards, circumstances=self._circumstances, scopes=scopes
        )
        return [compiler.condition(self._tree(item, node.alias)) for item in node.filters]

    def _tree(self, item: Filter, alias: str) -> Expression:
        parts = []
        for one in item.conditions:
            place = one.table or alias
            if place not in self._sources:
                raise QueryError(place, 0, f"no linked table has the alias '{place}'", nearest(place, self._sources))
            entity = self._sources[place].entity
            parts.append(condition(entity, place, one.name, one.operator, one.values))
        parts.extend(self._tree(inner, alias) for inner in item.filters)
        return combined(item.every, parts)

    def _plain(self, node: Node, is_distinct: bool) -> list[ColumnElement[Any]]:
        """The columns of rows: all of the first table when none is named, with its key and ETag."""
        source = self._sources[node.alias]
        entity = source.entity
        named = [self._property(entity, column.name) for column in node.columns]
        if not node.alias:
            keys = [] if is_distinct else [entity.property[name] for name in entity.key]
            everything = node.everything or not node.columns
            properties = list(entity.properties) if everything else list(dict.fromkeys([*keys, *named]))
            columns = self._projection.row(source, properties)[1 if is_distinct else 0 :]
        else:
            properties = list(entity.properties) if node.everything else named
            shown = self._projection.row(source, properties)[1 : len(properties) + 1]
            columns = [
                column.element.label(f"{node.alias}.{item.name}")
                for item, column in zip(properties, shown, strict=True)
            ]
        for column, item in zip(node.columns, named, strict=True):
            if column.alias:
                columns.append(self._projection.row(source, [item])[1].element.label(column.alias))
        return [*columns, *(column for link in node.links for column in self._plain(link, is_distinct))]

    def _aggregated(self, node: Node) -> list[ColumnElement[Any]]:
        source = self._sources[node.alias]
        found = []
        for column in node.columns:
            if not column.alias or not (column.group or column.aggregate):
                reason = "where rows are aggregated each attribute has an alias, and an aggregate or groupby"
                raise QueryError(column.name, 0, reason)
            item = self._property(source.entity, column.name)
            value = source.column(item)
            found.append((value if column.group else _aggregate(column, item, value)).label(column.alias))
        return [*found, *(column for link in node.links for column in self._aggregated(link))]

    def _groups(self, node: Node) -> list[ColumnElement[Any]]:
        source = self._sources[node.alias]
        own = [self._column(source, column.name) for column in node.columns if column.group]
        return [*own, *(column for link in node.links for column in self._groups(link))]

    def _ordered(self, query: Select[Any], fetch: Fetch, columns: Sequence[ColumnElement[Any]]) -> Select[Any]:
        by_name = {str(column.name): column for column in columns}
        for node in _nodes(fetch.node):
            for order in node.orders:
                column: ColumnElement[Any]
                if fetch.aggregate:
                    if order.name not in by_name:
                        raise QueryError(order.name, 0, "no column has this alias", nearest(order.name, by_name))
                    column = by_name[order.name]
                else:
                    column = self._column(self._sources[node.alias], order.name)
                    shown = f"{node.alias}.{order.name}" if node.alias else order.name
                    if fetch.distinct and not {shown, f"_{order.name}_value"}.intersection(by_name):
                        raise QueryError(order.name, 0, "distinct rows are ordered by columns that they tell")
                query = query.order_by(column.desc().nulls_last() if order.descending else column.asc().nulls_first())
        if fetch.aggregate or fetch.distinct:
            return query
        return query.order_by(self._sources[""].key)

    def _entity(self, node: Node) -> Entity:
        entity = self._model.entity.get(node.entity)
        if entity is None:
            hint = nearest(node.entity, self._model.entity)
            raise QueryError(node.entity, 0, f"there is no entity '{node.entity}'", hint)
        return entity

    def _property(self, entity: Entity, name: str) -> Property:
        item = entity.property.get(name)
        if item is None:
            raise QueryError(name, 0, f"{entity.name} has no attribute '{name}'", nearest(name, entity.property))
        return item

    def _column(self, source: EntitySource, name: str) -> ColumnElement[Any]:
        return source.column(self._property(source.entity, name))

    def _count(self, query: Select[Any]) -> int:
        rows = query.order_by(None).limit(MAX_PAGE).subquery()
        return int(self._session.connection.execute(select(func.count()).select_from(rows)).scalar_one())

    def _json(self, query: Select[Any]) -> list[str]:
        rows = query.subquery("r")
        text = select(cast(func.row_to_json(rows.table_valued()), Text)).where(true())
        return list(self._session.connection.execute(text).scalars())


def _nodes(node: Node) -> list[Node]:
    return [node, *(inner for link in node.links for inner in _nodes(link))]


def _aggregate(column: Column, item: Property, value: ColumnElement[Any]) -> ColumnElement[Any]:
    match column.aggregate:
        case "count":
            return func.count(literal(1))
        case "countcolumn":
            return func.count(distinct(value) if column.distinct else value)
        case "sum" | "avg" | "min" | "max":
            check_method(_METHODS[column.aggregate], item)
            return getattr(func, column.aggregate)(value)  # type: ignore[no-any-return]
    raise QueryError(column.aggregate, 0, "no such aggregate", nearest(column.aggregate, _AGGREGATES))
