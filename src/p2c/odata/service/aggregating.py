"""Groups and aggregates rows inside PostgreSQL, for `$apply`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, distinct, func, literal, select

from p2c.database.session import Session
from p2c.edm.entity import Entity, Model
from p2c.edm.property import Property
from p2c.edm.values import EdmType
from p2c.errors import nearest
from p2c.odata.circumstances import Circumstances
from p2c.odata.query.apply import Aggregate, Apply, Method
from p2c.odata.query.ast import Expression, OrderItem
from p2c.odata.query.errors import QueryError
from p2c.odata.service.dialect import DATAVERSE
from p2c.odata.service.faults import RequestError
from p2c.odata.service.projection import written
from p2c.odata.source import EntitySource
from p2c.odata.sql import FilterCompiler

MAX_ROWS = 50_000
_TOO_MANY = "0x8004e023"
_NUMBERS = (EdmType.INT32, EdmType.INT64, EdmType.DECIMAL, EdmType.DOUBLE)
_FUNCTIONS: Mapping[Method, Callable[[ColumnElement[Any]], ColumnElement[Any]]] = {
    Method.SUM: func.sum,
    Method.AVERAGE: func.avg,
    Method.MIN: func.min,
    Method.MAX: func.max,
    Method.COUNT_DISTINCT: lambda column: func.count(distinct(column)),
}


class Aggregator:
    """Aggregates rows of one entity in one session."""

    def __init__(self, model: Model, session: Session, entity: Entity) -> None:
        self._session = session
        self._entity = entity
        self._source = EntitySource(model, session.storage, entity)
        self._compiler = FilterCompiler(
            self._source,
            wildcards=DATAVERSE.wildcards,
            circumstances=Circumstances(session.now, session.user),
        )

    def shown(self, apply: Apply) -> Mapping[str, Property]:
        """The property behind each member of a group that shows one as it is."""
        return {self._group_name(path): self._source.member(path)[1] for path in apply.groups}

    def groups(self, apply: Apply, order: Sequence[OrderItem] = (), top: int | None = None) -> list[str]:
        """
        One JSON object as text for each group.

        Raises:
            RequestError: More than 50,000 rows would be aggregated.
            QueryError: A property does not exist, or cannot be grouped by or aggregated so.
        """
        columns = {self._group_name(path): self._grouped(path) for path in apply.groups}
        for aggregate in apply.aggregates:
            if aggregate.alias in columns:
                raise QueryError(aggregate.alias, 0, "the rows are grouped by a property of this name already")
        told = {aggregate.alias: self._aggregated(aggregate) for aggregate in apply.aggregates}
        where = self._where(apply.filter)
        self._check_size(where)
        query = select(*(column.label(name) for name, column in {**told, **columns}.items()))
        query = query.select_from(self._source.from_clause).where(*where).group_by(*columns.values())
        for item in order:
            column = columns.get("_".join(item.path), columns.get(item.path[-1]))
            if column is None:
                hint = nearest(item.path[-1], columns) if columns else "there are no groups"
                raise QueryError("/".join(item.path), 0, "groups are ordered by what they are grouped by", hint)
            query = query.order_by(column.desc().nulls_last() if item.descending else column.asc().nulls_first())
        if not order:
            query = query.order_by(*columns.values())
        rows = query.limit(top).subquery("g")
        text = select(cast(func.row_to_json(rows.table_valued()), Text))
        return list(self._session.connection.execute(text).scalars())

    def _where(self, condition: Expression | None) -> list[ColumnElement[bool]]:
        asked = [self._compiler.condition(condition)] if condition is not None else []
        return [*self._source.limits, *asked]

    def _check_size(self, where: Sequence[ColumnElement[bool]]) -> None:
        some = select(literal(1)).select_from(self._source.from_clause).where(*where).limit(MAX_ROWS + 1).subquery()
        if self._session.connection.execute(select(func.count()).select_from(some)).scalar_one() > MAX_ROWS:
            message = f"more than {MAX_ROWS:,} rows would be aggregated; filter them first: filter(…)/groupby(…)"
            raise RequestError(400, message, _TOO_MANY)

    def _grouped(self, path: tuple[str, ...]) -> ColumnElement[Any]:
        column, item = self._source.member(path)
        if item.type is EdmType.DATETIME:
            raise QueryError("/".join(path), 0, "rows cannot be grouped by a point in time; use a date or a choice")
        return column

    def _group_name(self, path: tuple[str, ...]) -> str:
        """A related property is told as `<related table>_<property>`."""
        if len(path) == 1:
            return path[0]
        return f"{self._source.reached(path[:-1]).name}_{path[-1]}"

    def _aggregated(self, aggregate: Aggregate) -> ColumnElement[Any]:
        if aggregate.method is Method.COUNT:
            return func.count()
        column, item = self._source.member(aggregate.path)
        check_method(aggregate.method, item)
        value = _FUNCTIONS[aggregate.method](column)
        return written(item, value) if aggregate.method in (Method.MIN, Method.MAX) else value


def check_method(method: Method, item: Property) -> None:
    """
    Refuse what has no meaning: the sum of texts, the least of choices.

    Raises:
        QueryError: Values of the property cannot become one so.
    """
    number = item.type in _NUMBERS and item.choices is None
    ordered = number or item.type in (EdmType.DATE, EdmType.DATETIME)
    fits = {Method.COUNT_DISTINCT: True, Method.MIN: ordered, Method.MAX: ordered}.get(method, number)
    if not fits:
        raise QueryError(item.name, 0, f"'{method}' cannot be had of {item.type.value}", "use countdistinct or $count")
