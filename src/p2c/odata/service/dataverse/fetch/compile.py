"""Compiles FetchXML to one SELECT: linked tables are joined, each under its alias."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Text,
    and_,
    cast,
    func,
    select,
    true,
)

from p2c.database.session import Session
from p2c.edm.entity import Entity, Model
from p2c.edm.property import Property
from p2c.errors import nearest
from p2c.odata.circumstances import Circumstances
from p2c.odata.query.ast import Expression
from p2c.odata.query.errors import QueryError
from p2c.odata.service.dataverse.fetch.aggregates import aggregated, grouped
from p2c.odata.service.dataverse.fetch.conditions import column_of, combined, compared, condition
from p2c.odata.service.dataverse.fetch.document import BASE, MAX_PAGE, Column, Fetch, Filter, Node
from p2c.odata.service.dialect import ReadStyle
from p2c.odata.service.projection import Projection, wire_name, written
from p2c.odata.source import EntitySource
from p2c.odata.sql import FilterCompiler

_LONGEST_NAME = 63


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page: JSON objects as text, whether there are more, and the count of all when it was asked for.

    `shown` has the property behind each member of a row that shows one as it is.
    """

    rows: Sequence[str]
    more: bool
    count: int | None = None
    shown: Mapping[str, Property] = field(default_factory=dict)


class FetchReader:
    """Answers FetchXML in one session."""

    def __init__(self, model: Model, session: Session, style: ReadStyle) -> None:
        self._model = model
        self._session = session
        self._circumstances = Circumstances(session.now, session.user)
        self._projection = Projection(model, session.storage, style, self._circumstances)
        self._style = style
        self._sources: dict[str, EntitySource] = {}
        self._shown: dict[str, Property] = {}

    def read(self, fetch: Fetch) -> Fetched:
        """
        The page that a query asks for.

        Raises:
            QueryError: A table, column or operator does not exist, or a value does not fit.
            RequestError: The caller may not read one of the tables.
        """
        self._open(fetch.node)
        columns = self._aggregated(fetch.node) if fetch.aggregate else self._plain(fetch.node, fetch.distinct)
        _check_names([str(column.name) for column in columns])
        orders = self._orders(fetch, columns)
        groups = self._groups(fetch.node) if fetch.aggregate else []
        # Columns of other tables join them to their own: the tables are known when all columns are.
        start, where = self._joined(fetch.node)
        query: Select[Any] = select(*columns).select_from(start).where(*where).group_by(*groups).order_by(*orders)
        if fetch.distinct:
            query = query.distinct()
        size = min(fetch.count or MAX_PAGE, MAX_PAGE)
        done = (fetch.page - 1) * size
        left = size if fetch.top is None else min(max(fetch.top - done, 0), size)
        count = self._count(query) if fetch.counted else None
        rows = self._json(query.limit(left + 1).offset(fetch.skip + done))
        more = len(rows) > left and (fetch.top is None or fetch.top > done + left)
        return Fetched(rows[:left], more, count, self._shown)

    def _open(self, node: Node) -> None:
        entity = self._entity(node)
        self._sources[node.alias] = EntitySource(self._model, self._session.storage, entity)
        for link in node.links:
            self._open(link)

    def _joined(self, node: Node) -> tuple[FromClause, list[ColumnElement[bool]]]:
        """The joined tables and the conditions of the first one; those of linked tables stand at their joins."""
        source = self._sources[node.alias]
        where = [*source.limits, *self._conditions(node)]
        start: FromClause = source.from_clause
        for link in node.links:
            start = self._linked(start, source, link)
        return start, where

    def _linked(self, start: FromClause, outer: EntitySource, link: Node) -> FromClause:
        source = self._sources[link.alias]
        own, other = self._property(source.entity, link.own), self._property(outer.entity, link.outer)
        if own.type is not other.type:
            raise QueryError(link.own, 0, f"'{link.own}' is {own.type.value} and '{link.outer}' {other.type.value}")
        tied = source.column(own) == outer.column(other)
        condition_ = and_(tied, *source.limits, *self._conditions(link))
        start = start.join(source.from_clause, condition_, isouter=not link.inner_join)
        for inner in link.links:
            start = self._linked(start, source, inner)
        return start

    def _conditions(self, node: Node) -> list[ColumnElement[bool]]:
        scopes = {alias: other for alias, other in self._sources.items() if alias}
        compiler = FilterCompiler(
            self._sources[BASE], wildcards=self._style.wildcards, circumstances=self._circumstances, scopes=scopes
        )
        return [compiler.condition(self._tree(item, node.alias)) for item in node.filters]

    def _tree(self, item: Filter, alias: str) -> Expression:
        parts = []
        for one in item.conditions:
            place = one.table or alias
            entity = self._source(place).entity
            if one.other:
                table, _, column = one.other.rpartition(".")
                other = column_of(self._source(table or place).entity, table or place, column)
                parts.append(compared(entity, place, one.name, one.operator, other))
            else:
                parts.append(condition(entity, place, one.name, one.operator, one.values))
        parts.extend(self._tree(inner, alias) for inner in item.filters)
        return combined(item.every, parts)

    def _plain(self, node: Node, is_distinct: bool) -> list[ColumnElement[Any]]:
        """The columns of rows; those of the first table come with its key and ETag, but not in distinct rows."""
        source = self._sources[node.alias]
        entity = source.entity
        named = dict.fromkeys(self._property(entity, column.name) for column in node.columns if not column.alias)
        if node.alias == BASE:
            keys = [] if is_distinct else [entity.property[name] for name in entity.key]
            properties = list(entity.properties) if node.everything else list(dict.fromkeys([*keys, *named]))
            columns = self._projection.row(source, properties)[1 if is_distinct else 0 :]
            self._shown.update((wire_name(item), item) for item in properties)
        else:
            properties = list(entity.properties if node.everything else named)
            columns = [self._told(source, item, f"{node.alias}.{item.name}") for item in properties]
        for column in node.columns:
            if column.alias:
                columns.append(self._told(source, self._property(entity, column.name), column.alias))
        return [*columns, *(column for link in node.links for column in self._plain(link, is_distinct))]

    def _told(self, source: EntitySource, item: Property, label: str) -> ColumnElement[Any]:
        self._shown[label] = item
        column: ColumnElement[Any] = self._projection.row(source, [item])[1].element.label(label)
        return column

    def _aggregated(self, node: Node) -> list[ColumnElement[Any]]:
        source = self._sources[node.alias]
        found = []
        for column in node.columns:
            if not column.alias or not (column.group or column.aggregate):
                reason = "where rows are aggregated each attribute has an alias, and an aggregate or groupby"
                raise QueryError(column.name, 0, reason)
            item = self._property(source.entity, column.name)
            if column.group:
                told = self._grouped(source, column)
                if not column.part:
                    self._shown[column.alias] = item
                    told = written(item, told)
            else:
                told = aggregated(column, item, source.column(item))
            found.append(told.label(column.alias))
        return [*found, *(column for link in node.links for column in self._aggregated(link))]

    def _groups(self, node: Node) -> list[ColumnElement[Any]]:
        source = self._sources[node.alias]
        own = [self._grouped(source, column) for column in node.columns if column.group]
        return [*own, *(column for link in node.links for column in self._groups(link))]

    def _grouped(self, source: EntitySource, column: Column) -> ColumnElement[Any]:
        item = self._property(source.entity, column.name)
        return grouped(column, item, source.column(item))

    def _orders(self, fetch: Fetch, columns: Sequence[ColumnElement[Any]]) -> list[ColumnElement[Any]]:
        by_name = {str(column.name): column for column in columns}
        found = []
        for node in _nodes(fetch.node):
            for order in node.orders:
                place = order.table or node.alias
                if fetch.aggregate:
                    column = by_name.get(order.name)
                    if column is None:
                        raise QueryError(order.name, 0, "no column has this alias", nearest(order.name, by_name))
                elif fetch.distinct:
                    # The database orders distinct rows by what is selected, as it is selected.
                    column = next((by_name[name] for name in self._labels(fetch.node, place, order.name)), None)
                    if column is None:
                        raise QueryError(order.name, 0, "distinct rows are ordered by columns that they tell")
                else:
                    column = self._column(self._source(place), order.name)
                found.append(column.desc().nulls_last() if order.descending else column.asc().nulls_first())
        # The rest of the order parts rows that are equal so far, so that pages follow one another.
        return [*found, *columns] if fetch.aggregate or fetch.distinct else [*found, self._sources[BASE].key]

    def _labels(self, base: Node, place: str, name: str) -> Iterator[str]:
        """The names under which a column is told."""
        item = self._property(self._source(place).entity, name)
        for node in _nodes(base):
            if node.alias == place:
                yield from (column.alias for column in node.columns if column.name == name and column.alias)
                label = wire_name(item) if place == BASE else f"{place}.{name}"
                if self._shown.get(label) is item:
                    yield label

    def _source(self, alias: str) -> EntitySource:
        found = self._sources.get(alias)
        if found is None:
            raise QueryError(alias, 0, f"no linked table has the alias '{alias}'", nearest(alias, self._sources))
        return found

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


def _check_names(names: Sequence[str]) -> None:
    known: set[str] = set()
    for name in names:
        if len(name.encode()) > _LONGEST_NAME:
            raise QueryError(name, 0, f"a name is longer than {_LONGEST_NAME} letters; shorten the alias")
        if name in known:
            raise QueryError(name, 0, f"two columns are called '{name}'", "give one of them another alias")
        known.add(name)


def _nodes(node: Node) -> list[Node]:
    return [node, *(inner for link in node.links for inner in _nodes(link))]
