"""Builds the SELECT that makes one JSON object a row inside PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from msgspec import Struct
from sqlalchemy import JSON, ColumnElement, Select, Text, cast, func, literal, literal_column, select

from p2c.database.tables import Storage
from p2c.edm.entity import Entity, Model
from p2c.edm.property import Property
from p2c.edm.values import EdmType
from p2c.errors import nearest
from p2c.odata.circumstances import Circumstances
from p2c.odata.query.ast import Expand
from p2c.odata.query.errors import QueryError
from p2c.odata.query.writer import expand_options
from p2c.odata.service.continuation import position, steps
from p2c.odata.service.dialect import INSTANT, ReadStyle
from p2c.odata.service.etags import etag
from p2c.odata.source import EntitySource, UnknownMemberError, collection_targets, known_members, member_property
from p2c.odata.sql import FilterCompiler

MAX_EXPANDED = 5000
MARK = "+"
"""Columns that start so tell where the next rows of a collection start: `+quotes` has a Following, or null."""
REFERENCE = f"{MARK}ref"
"""The only column of a row that is told as a reference: its set and key."""


class Following(Struct, array_like=True):
    """Where the next rows of an expanded collection are: the `row` that they belong to, as set and key, the `query`
    of the expansion, and the place of the last row told, whose entity's primary key is called `key`."""

    row: str
    key: str
    query: str
    last: tuple[str | None, ...]


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


def written(item: Property, value: ColumnElement[Any]) -> ColumnElement[Any]:
    """A value of a property as JSON has it: points in time in UTC."""
    return func.to_char(func.timezone("UTC", value), INSTANT) if item.type is EdmType.DATETIME else value


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
        for expand in expands:
            columns.append(self._expanded(source, expand).label(expand.navigation))
            size = self._style.children
            if size is not None and expand.navigation not in source.entity.navigation:
                columns.append(self._following(source, expand, size).label(f"{MARK}{expand.navigation}"))
        return columns

    def _value(self, source: EntitySource, item: Property) -> ColumnElement[Any]:
        column = source.column(item)
        blank = self._style.blank(item)
        return written(item, column if blank is None else func.coalesce(column, literal(blank, type_=column.type)))

    def _expanded(self, source: EntitySource, expand: Expand) -> ColumnElement[Any]:
        entity = source.entity
        found = entity.navigation.get(expand.navigation)
        if found is not None:
            lookup = found[0]
            targets = lookup.reached_by(expand.navigation)
            return func.coalesce(*(self._behind(source, lookup, target, expand) for target in targets))
        relation = entity.relation.get(expand.navigation)
        if relation is not None and not relation.many:
            return self._one(source, *source.related(relation), expand)
        known = [*entity.navigation, *entity.relation, *collection_targets(self._model, entity)]
        if expand.navigation not in known:
            raise QueryError(
                expand.navigation,
                0,
                f"{entity.name} has no navigation property '{expand.navigation}'",
                nearest(expand.navigation, known) if known else "",
            )
        inner, condition = source.collection(expand.navigation)
        most = self._style.children or MAX_EXPANDED
        query = (
            self._inner(inner, expand, self._shown(inner, expand))
            .where(condition)
            .limit(most if expand.top is None else min(expand.top, most))
            .correlate(source.table)
            .subquery()
        )
        rows = func.coalesce(func.json_agg(query.table_valued()), literal_column("'[]'::json"))
        return select(rows).select_from(query).scalar_subquery()

    def _following(self, source: EntitySource, expand: Expand, size: int) -> ColumnElement[str | None]:
        """The Following of a collection, in base64; null where all its rows are told."""
        if expand.top is not None and expand.top <= size:
            return cast(None, Text)
        inner, condition = source.collection(expand.navigation)
        order = steps(inner, expand.orderby)
        after = func.lead(inner.key).over(order_by=[step.order for step in order]).label("after")
        last = self._inner(inner, expand, [*position(order), after]).where(condition).offset(size - 1).limit(1)
        place = last.correlate(source.table).subquery()
        row = literal(f"{source.entity.set_name}(").concat(cast(source.key, Text)).concat(")")
        options = "&".join(f"{name}={quote(text, safe='$,()/')}" for name, text in expand_options(expand).items())
        texts = [place.c[f"~{number}"] for number in range(len(order))]
        found = func.json_build_array(
            row, inner.entity.table.primary_key, options, func.json_build_array(*texts, type_=JSON), type_=JSON
        )
        encoded = func.encode(func.convert_to(cast(found, Text), "UTF8"), "base64")
        return (
            select(func.replace(encoded, "\n", ""))
            .select_from(place)
            .where(place.c.after.is_not(None))
            .correlate(source.table)
            .scalar_subquery()
        )

    def _behind(self, source: EntitySource, lookup: Property, target: str, expand: Expand) -> ColumnElement[Any]:
        """The row of one target entity that a lookup points at."""
        inner = EntitySource(self._model, self._storage, self._model.entity[target])
        condition = inner.key == source.column(lookup)
        if lookup.polymorphic:
            condition = condition & (source.type_column(lookup) == target)
        return self._one(source, inner, condition, expand)

    def _one(
        self, source: EntitySource, inner: EntitySource, condition: ColumnElement[bool], expand: Expand
    ) -> ColumnElement[Any]:
        """The only row that meets a condition."""
        columns = [_reference(inner)] if expand.ref else self._shown(inner, expand)
        query = self._inner(inner, expand, columns).where(condition).correlate(source.table).subquery()
        return select(func.row_to_json(query.table_valued())).select_from(query).scalar_subquery()

    def _shown(self, source: EntitySource, expand: Expand) -> list[ColumnElement[Any]]:
        return self.row(source, selected(source.entity, expand.select, self._style), expand.expand)

    def _inner(self, source: EntitySource, expand: Expand, columns: Sequence[ColumnElement[Any]]) -> Select[Any]:
        """The rows of an expanded navigation property, in order."""
        compiler = FilterCompiler(
            source,
            wildcards=self._style.wildcards,
            blank=self._style.blank,
            circumstances=self._circumstances,
        )
        conditions = [compiler.condition(expand.filter)] if expand.filter is not None else []
        order = [step.order for step in steps(source, expand.orderby)]
        return select(*columns).select_from(source.from_clause).where(*conditions, *source.limits).order_by(*order)


def _reference(source: EntitySource) -> ColumnElement[str]:
    key = literal(f"{source.entity.set_name}(").concat(cast(source.key, Text)).concat(")")
    return key.label(REFERENCE)
