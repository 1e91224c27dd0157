"""Builds the SELECT that makes one JSON object a row inside PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, literal_column, select

from p2c.database.tables import Storage
from p2c.edm.entity import Entity, Model
from p2c.edm.property import Property
from p2c.edm.values import EdmType
from p2c.errors import nearest
from p2c.odata.circumstances import Circumstances
from p2c.odata.query.ast import Expand
from p2c.odata.query.errors import QueryError
from p2c.odata.service.dialect import INSTANT, ReadStyle
from p2c.odata.service.etags import etag
from p2c.odata.source import EntitySource, UnknownMemberError, collection_targets, known_members, member_property
from p2c.odata.sql import FilterCompiler

MAX_EXPANDED = 5000


def wire_name(item: Property) -> str:
    """The name of a property in JSON."""
    return f"_{item.name}_value" if item.is_lookup else item.name


def selected(entity: Entity, names: Sequence[str], style: ReadStyle) -> list[Property]:
    """
    The properties that a `$select` asks for, in the entity's order; all when it is empty.

    Raises:
        UnknownMemberError: A name is not a property.
    """
    visible = [item for item in entity.properties if style.lookups or not item.is_lookup]
    if not names or "*" in names:
        return visible
    chosen: set[str] = set(entity.key) if style.select_key else set()
    for name in names:
        item = member_property(entity, name)
        if item is None and name in entity.property:
            item = entity.property[name]
        if item is None:
            raise UnknownMemberError(
                name, 0, f"{entity.name} has no property '{name}'", nearest(name, known_members(entity))
            )
        chosen.add(item.name)
    return [item for item in visible if item.name in chosen]


class Projection:
    """The JSON columns of an entity over one source."""

    def __init__(
        self, model: Model, storage: Storage, style: ReadStyle, circumstances: Circumstances | None = None
    ) -> None:
        self._model = model
        self._storage = storage
        self._style = style
        self._circumstances = circumstances or Circumstances()

    def row(
        self, source: EntitySource, properties: Sequence[Property], expands: Sequence[Expand] = ()
    ) -> list[ColumnElement[Any]]:
        """Labelled columns of the JSON object: the ETag, the properties, the expanded navigation properties."""
        columns: list[ColumnElement[Any]] = [etag(source, self._style).label("@odata.etag")]
        columns.extend(self._value(source, item).label(wire_name(item)) for item in properties)
        if self._style.lookup_types:
            several = (item for item in properties if item.polymorphic)
            columns.extend(source.type_column(item).label(f"~{item.name}") for item in several)
        columns.extend(self._expanded(source, expand).label(expand.navigation) for expand in expands)
        return columns

    def _value(self, source: EntitySource, item: Property) -> ColumnElement[Any]:
        column = source.column(item)
        blank = self._style.blank(item)
        shown = column if blank is None else func.coalesce(column, literal(blank, type_=column.type))
        if item.type is EdmType.DATETIME:
            return func.to_char(func.timezone("UTC", shown), INSTANT)
        return shown

    def _expanded(self, source: EntitySource, expand: Expand) -> ColumnElement[Any]:
        entity = source.entity
        found = entity.navigation.get(expand.navigation)
        if found is not None:
            lookup = found[0]
            targets = lookup.reached_by(expand.navigation)
            return func.coalesce(*(self._behind(source, lookup, target, expand) for target in targets))
        known = [*entity.navigation, *collection_targets(self._model, entity)]
        if expand.navigation not in known:
            raise QueryError(
                expand.navigation,
                0,
                f"{entity.name} has no navigation property '{expand.navigation}'",
                nearest(expand.navigation, known) if known else "",
            )
        inner, condition = source.collection(expand.navigation)
        query = (
            self._inner(inner, expand)
            .where(condition)
            .limit(expand.top if expand.top is not None else MAX_EXPANDED)
            .correlate(source.table)
            .subquery()
        )
        rows = func.coalesce(func.json_agg(query.table_valued()), literal_column("'[]'::json"))
        return select(rows).select_from(query).scalar_subquery()

    def _behind(self, source: EntitySource, lookup: Property, target: str, expand: Expand) -> ColumnElement[Any]:
        """The row of one target entity that a lookup points at."""
        inner = EntitySource(self._model, self._storage, self._model.entity[target])
        condition = inner.key == source.column(lookup)
        if lookup.polymorphic:
            condition = condition & (source.type_column(lookup) == target)
        query = self._inner(inner, expand).where(condition).correlate(source.table).subquery()
        return select(func.row_to_json(query.table_valued())).select_from(query).scalar_subquery()

    def _inner(self, source: EntitySource, expand: Expand) -> Select[Any]:
        properties = selected(source.entity, expand.select, self._style)
        columns = self.row(source, properties, expand.expand)
        compiler = FilterCompiler(
            source,
            wildcards=self._style.wildcards,
            blank=self._style.blank,
            circumstances=self._circumstances,
        )
        conditions = [compiler.condition(expand.filter)] if expand.filter is not None else []
        order = compiler.order(expand.orderby) or [source.key]
        return select(*columns).select_from(source.from_clause).where(*conditions, *source.limits).order_by(*order)
