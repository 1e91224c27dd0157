"""What rows are grouped by, and what is worked out of a group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Integer, cast, distinct, extract, func, literal, literal_column

from p2c.edm.property import Property
from p2c.edm.values import EdmType
from p2c.errors import nearest
from p2c.odata.query.apply import Method
from p2c.odata.query.errors import QueryError
from p2c.odata.service.aggregating import check_method
from p2c.odata.service.dataverse.fetch.document import Column
from p2c.odata.service.projection import written

_METHODS: Mapping[str, Method] = {"sum": Method.SUM, "avg": Method.AVERAGE, "min": Method.MIN, "max": Method.MAX}
_AGGREGATES = ("count", "countcolumn", *_METHODS)


def grouped(column: Column, item: Property, value: ColumnElement[Any]) -> ColumnElement[Any]:
    """
    What rows are grouped by: the values of a column, or a part of dates, in UTC.

    Raises:
        QueryError: A part is wanted of what is no date.
    """
    if not column.part:
        return value
    if item.type not in (EdmType.DATE, EdmType.DATETIME):
        reason = f"'{column.part}' is part of a date, '{item.name}' is {item.type.value}"
        raise QueryError(column.name, 0, reason)
    # Written out, so that the database sees the same expression in SELECT and in GROUP BY.
    day = func.timezone(literal_column("'UTC'"), value) if item.type is EdmType.DATETIME else value
    return cast(extract(column.part, day), Integer)


def aggregated(column: Column, item: Property, value: ColumnElement[Any]) -> ColumnElement[Any]:
    """
    What is worked out of a group, as JSON has it.

    Raises:
        QueryError: There is no such aggregate, or the column's values cannot become one.
    """
    method = _METHODS.get(column.aggregate)
    if method is not None:
        check_method(method, item)
        found: ColumnElement[Any] = getattr(func, column.aggregate)(value)
        return written(item, found) if method in (Method.MIN, Method.MAX) else found
    if column.aggregate == "count":
        return func.count(literal(1))
    if column.aggregate == "countcolumn":
        return func.count(distinct(value) if column.distinct else value)
    raise QueryError(column.aggregate, 0, "no such aggregate", nearest(column.aggregate, _AGGREGATES))
