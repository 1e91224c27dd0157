"""Reads pages of rows as JSON text that PostgreSQL has made, with continuation and change tracking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import ARRAY, ColumnElement, Select, Text, any_, cast, exists, func, literal, select

from p2c.database.session import Session
from p2c.database.tables import CHANGED
from p2c.edm.entity import Entity, Model
from p2c.edm.values import Value
from p2c.odata.circumstances import Circumstances
from p2c.odata.query.ast import Expand
from p2c.odata.query.options import QueryOptions
from p2c.odata.service.continuation import behind, position, steps
from p2c.odata.service.dialect import ReadStyle
from p2c.odata.service.projection import Projection, selected
from p2c.odata.service.tokens import DeltaToken, SkipToken
from p2c.odata.source import EntitySource
from p2c.odata.sql import FilterCompiler


@dataclass(frozen=True, slots=True)
class Deleted:
    """A row that is gone, by its primary key as text."""

    key: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page: JSON objects as text, how to go on, and the count of all rows when it was asked for.

    `count_exceeded` says that there are more rows than `count`, because counting stops at a limit;
    `delta` is where the next changes start, on the last page when changes are tracked; `is_delta` says that
    the page has changes only.
    """

    rows: Sequence[str]
    following: SkipToken | None
    count: int | None = None
    deleted: Sequence[Deleted] = ()
    delta: DeltaToken | None = None
    is_delta: bool = False
    count_exceeded: bool = False


@dataclass(frozen=True, slots=True)
class Members:
    """The keys in `column` of the links whose column `of` is `key`."""

    table: str
    column: str
    of: str
    key: Value


Condition: TypeAlias = "tuple[str, Value | Members]"
"""A column, and its value or the values that it may have."""


class Reader:
    """Reads rows of one model in one session."""

    def __init__(self, model: Model, session: Session, style: ReadStyle) -> None:
        self._model = model
        self._session = session
        self._style = style
        self._circumstances = Circumstances(session.now, session.user)
        self._projection = Projection(model, session.storage, style, self._circumstances)

    def page(
        self,
        entity: Entity,
        options: QueryOptions,
        *,
        size: int,
        token: SkipToken | None = None,
        conditions: Sequence[Condition] = (),
        tracked: DeltaToken | None = None,
    ) -> Page:
        """
        The page of at most `size` rows that starts at `token`.

        Args:
            conditions: Column values that every row must have (the caller's company, a parent row).
            tracked: With `upto` set, changes are tracked: rows written by transactions from `tracked.since` on,
                and the rows deleted since then on the last page.
        """
        source = EntitySource(self._model, self._session.storage, entity)
        compiler = self._compiler(source)
        where = [*source.limits, *self._equal(source, conditions)]
        if options.filter is not None:
            where.append(compiler.condition(options.filter))
        if tracked is not None and tracked.since:
            shown = self._style.tracks_shown
            where.append(source.changed_since(tracked.since) if shown else source.changed >= tracked.since)
        order = steps(source, options.orderby)
        columns = self._projection.row(source, selected(entity, options.select, self._style), options.expand)
        done = token.skipped if token is not None else 0
        left = options.top - done if options.top is not None else size
        limit = max(min(size, left), 0)
        inner = select(*columns, *position(order)).select_from(source.from_clause).where(*where)
        inner = inner.where(behind(order, token.last)) if token is not None else inner.offset(options.skip)
        # Only the rows of the page are turned into JSON; beside them stands where the next page starts.
        inner = inner.order_by(*(step.order for step in order)).limit(limit + 1)
        rows = self._json(inner, [column.name for column in columns], len(order))
        more = len(rows) > limit and (options.top is None or left > limit)
        rows = rows[:limit]
        count, exceeded = self._told_count(source, where) if options.count else (None, False)
        if more:
            upto, since = (tracked.upto, tracked.since) if tracked is not None else (0, 0)
            following = SkipToken(done + len(rows), rows[-1][1], upto, since)
            return Page([text for text, _ in rows], following, count, (), None, _is_delta(tracked), exceeded)
        deleted = self._deleted(entity, tracked.since) if tracked is not None and tracked.since else ()
        delta = DeltaToken(0, tracked.upto, self._session.now) if tracked is not None else None
        return Page([text for text, _ in rows], None, count, deleted, delta, _is_delta(tracked), exceeded)

    def row(self, entity: Entity, key: Value, select_: Sequence[str] = (), expand: Sequence[Expand] = ()) -> str | None:
        """One row's JSON by primary key; None when it does not exist."""
        found = self.rows_by_key(entity, [key], select_, expand)
        return found[0] if found else None

    def rows_by_key(
        self,
        entity: Entity,
        keys: Sequence[Value],
        select_: Sequence[str] = (),
        expand: Sequence[Expand] = (),
    ) -> list[str]:
        """The JSON of rows by primary key, in the order of `keys`; rows that do not exist are left out."""
        source = EntitySource(self._model, self._session.storage, entity)
        columns = self._projection.row(source, selected(entity, select_, self._style), expand)
        order = steps(source, ())
        query = select(*columns, *position(order)).select_from(source.from_clause)
        query = query.where(source.key == any_(cast(list(keys), ARRAY(source.key.type))), *source.limits)
        found = {at[0]: text for text, at in self._json(query, [column.name for column in columns], 1)}
        return [found[str(key)] for key in keys if str(key) in found]

    def count(
        self,
        entity: Entity,
        options: QueryOptions,
        conditions: Sequence[Condition] = (),
        tracked: DeltaToken | None = None,
    ) -> int:
        """How many rows the filter leaves; with `tracked` those written, and those deleted, since then."""
        source = EntitySource(self._model, self._session.storage, entity)
        where = [*source.limits, *self._equal(source, conditions)]
        if options.filter is not None:
            where.append(self._compiler(source).condition(options.filter))
        if tracked is None or not tracked.since:
            return self._count(source, where)
        changed = self._count(source, [*where, source.changed >= tracked.since])
        return changed + len(self._deleted(entity, tracked.since))

    def _compiler(self, source: EntitySource) -> FilterCompiler:
        return FilterCompiler(
            source,
            wildcards=self._style.wildcards,
            blank=self._style.blank,
            circumstances=self._circumstances,
        )

    def _told_count(self, source: EntitySource, where: Sequence[ColumnElement[bool]]) -> tuple[int, bool]:
        """The count that `$count=true` tells, and whether there are more."""
        limit = self._style.count_limit
        if limit is None:
            return self._count(source, where), False
        count = self._count(source, where, limit + 1)
        return min(count, limit), count > limit

    def _count(self, source: EntitySource, where: Sequence[ColumnElement[bool]], limit: int | None = None) -> int:
        """How many rows there are; counting stops at the limit."""
        matching = select(literal(1)).select_from(source.from_clause).where(*where).limit(limit).subquery()
        query = select(func.count()).select_from(matching)
        return int(self._session.connection.execute(query).scalar_one())

    def _json(self, query: Select[Any], names: Sequence[str], depth: int) -> list[tuple[str, tuple[str | None, ...]]]:
        """The rows of a query: the columns `names` as JSON, and the `depth` columns of their position."""
        rows = query.subquery("r")
        payload = select(*(rows.c[name] for name in names)).correlate(rows).subquery("p").lateral("p")
        text = cast(func.row_to_json(payload.table_valued()), Text)
        places = [rows.c[f"~{place}"] for place in range(depth)]
        statement = select(text, *places).select_from(rows.join(payload, literal(True)))
        return [(row[0], tuple(row[1:])) for row in self._session.connection.execute(statement)]

    def _equal(self, source: EntitySource, conditions: Sequence[Condition]) -> list[ColumnElement[bool]]:
        return [self._condition(source.table.c[name], value) for name, value in conditions]

    def _condition(self, column: ColumnElement[Any], value: Value | Members) -> ColumnElement[bool]:
        if not isinstance(value, Members):
            return column == value
        links = self._session.storage.tables[value.table]
        return column.in_(select(links.c[value.column]).where(links.c[value.of] == value.key))

    def _deleted(self, entity: Entity, since: int) -> list[Deleted]:
        """Rows gone since a transaction and not there again, in the order in which they went."""
        gone = self._session.storage.deleted
        table = self._session.storage.tables[entity.table.name]
        again = exists().where(cast(table.c[entity.table.primary_key], Text) == gone.c.key)
        query = select(gone.c.key, func.max(gone.c.id)).where(
            gone.c.table_name == entity.table.name, gone.c[CHANGED] >= since, ~again
        )
        query = query.group_by(gone.c.key).order_by(func.max(gone.c.id))
        return [Deleted(row[0]) for row in self._session.connection.execute(query)]


def _is_delta(tracked: DeltaToken | None) -> bool:
    return tracked is not None and tracked.since > 0
