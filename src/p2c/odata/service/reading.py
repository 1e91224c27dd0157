"""Reads pages of rows as JSON text that PostgreSQL has made, with continuation and change tracking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Text, cast, func, literal, select

from p2c.database.session import Session
from p2c.database.tables import CHANGED
from p2c.edm.entity import Entity, Model
from p2c.edm.values import EdmType, Value
from p2c.odata.query.ast import Expand
from p2c.odata.query.options import QueryOptions
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

    `upto` is the transaction from which a later delta has to read, when changes are tracked.
    """

    rows: Sequence[str]
    following: SkipToken | None
    count: int | None = None
    deleted: Sequence[Deleted] = ()
    delta: DeltaToken | None = None


class Reader:
    """Reads rows of one model in one session."""

    def __init__(self, model: Model, session: Session, style: ReadStyle) -> None:
        self._model = model
        self._session = session
        self._style = style
        self._projection = Projection(model, session.storage, style)

    def page(
        self,
        entity: Entity,
        options: QueryOptions,
        *,
        size: int,
        token: SkipToken | None = None,
        conditions: Sequence[tuple[str, Value]] = (),
        tracked: DeltaToken | None = None,
    ) -> Page:
        """
        The page of at most `size` rows that starts at `token`.

        Args:
            conditions: Property values that every row must have (the caller's company, a parent row).
            tracked: With `upto` set, changes are tracked: rows written by transactions from `tracked.since` on,
                and the rows deleted since then on the last page.
        """
        source = EntitySource(self._model, self._session.storage, entity)
        compiler = FilterCompiler(source, wildcards=self._style.wildcards)
        where = [*source.limits, *self._equal(source, conditions)]
        if options.filter is not None:
            where.append(compiler.condition(options.filter))
        if tracked is not None and tracked.since:
            where.append(source.changed >= tracked.since)
        order = compiler.order(options.orderby)
        columns = self._projection.row(source, selected(entity, options.select, self._style), options.expand)
        limit = min(size, options.top - (token.skipped if token else 0)) if options.top is not None else size
        skip = (options.skip or 0) if token is None else 0
        after = list(where)
        if token is not None and token.last is not None:
            after.append(source.key > _key_value(token.last, entity))
        elif token is not None:
            skip = token.skipped + (options.skip or 0)
        inner = select(*columns).select_from(source.from_clause).where(*after)
        # Only the rows of the page are turned into JSON; the key beside them is where the next page starts.
        keyed = inner.add_columns(source.key.label("~key"))
        keyed = keyed.order_by(*order, source.key).offset(skip or None).limit(limit + 1 if limit >= 0 else 0)
        rows = self._json(keyed, [column.name for column in columns])
        more = len(rows) > limit
        rows = rows[:limit]
        following = None
        skipped = (token.skipped if token else 0) + len(rows)
        if more and limit == size:
            last = None if order else rows[-1][1]
            following = SkipToken(
                skipped, last, tracked.upto if tracked else 0, tracked.since if tracked else 0
            )
        count = self._count(source, where) if options.count else None
        deleted: Sequence[Deleted] = ()
        if tracked is not None and following is None and tracked.since:
            deleted = self._deleted(entity, tracked.since)
        delta = (
            DeltaToken(0, tracked.upto, self._session.now)
            if tracked is not None and following is None
            else None
        )
        return Page([text for text, _ in rows], following, count, deleted, delta)

    def row(
        self, entity: Entity, key: Value, select_: Sequence[str] = (), expand: Sequence[Expand] = ()
    ) -> str | None:
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
        query = select(*columns, source.key.label("~key")).select_from(source.from_clause)
        query = query.where(source.key.in_(list(keys)), *source.limits)
        found = {key: text for text, key in self._json(query, [column.name for column in columns])}
        return [found[str(key)] for key in keys if str(key) in found]

    def count(
        self, entity: Entity, options: QueryOptions, conditions: Sequence[tuple[str, Value]] = ()
    ) -> int:
        """How many rows the filter leaves."""
        source = EntitySource(self._model, self._session.storage, entity)
        where = [*source.limits, *self._equal(source, conditions)]
        if options.filter is not None:
            where.append(FilterCompiler(source, wildcards=self._style.wildcards).condition(options.filter))
        return self._count(source, where)

    def _count(self, source: EntitySource, where: Sequence[ColumnElement[bool]]) -> int:
        query = select(func.count()).select_from(source.from_clause).where(*where)
        return int(self._session.connection.execute(query).scalar_one())

    def _json(self, query: object, names: Sequence[str]) -> list[tuple[str, str]]:
        rows = query.subquery("r")  # type: ignore[attr-defined]
        payload = select(*(rows.c[name] for name in names)).correlate(rows).subquery("p").lateral("p")
        text = select(
            cast(func.row_to_json(payload.table_valued()), Text), cast(rows.c["~key"], Text)
        ).select_from(rows.join(payload, literal(True)))
        return [(row[0], row[1]) for row in self._session.connection.execute(text)]

    def _equal(
        self, source: EntitySource, conditions: Sequence[tuple[str, Value]]
    ) -> list[ColumnElement[bool]]:
        return [source.column(source.entity.property[name]) == value for name, value in conditions]

    def _deleted(self, entity: Entity, since: int) -> list[Deleted]:
        table = self._session.storage.deleted
        query = select(table.c.key).where(table.c.table_name == entity.table.name, table.c[CHANGED] >= since)
        return [Deleted(row[0]) for row in self._session.connection.execute(query.order_by(table.c.id))]


def _key_value(text: str, entity: Entity) -> Value:
    kind = entity.table.column[entity.table.primary_key].type
    return UUID(text) if kind is EdmType.GUID else int(text)
