"""Query functions of Dataverse (`Microsoft.Dynamics.CRM.LastXDays(…)`) as SQL conditions on one column."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeAlias

from sqlalchemy import ARRAY, ColumnElement, Date, Select, Text, and_, any_, cast, func, literal, select, true

from p2c.edm.property import Property
from p2c.edm.values import EdmType, Value
from p2c.errors import nearest
from p2c.odata.circumstances import Circumstances
from p2c.odata.query.ast import CompareOp
from p2c.odata.query.errors import QueryError
from p2c.odata.query.periods import COUNTED, NAMED, Span, counted_span, day_span, is_counted, named_span
from p2c.odata.source import EntitySource
from p2c.odata.sql_hierarchy import HIERARCHY, related_keys
from p2c.odata.sql_terms import KINDS, Term, compared
from p2c.odata.sql_values import bound, fits, from_text, typed

Condition: TypeAlias = "ColumnElement[bool]"

_DAYS = ("On", "OnOrAfter", "OnOrBefore", "NotOn")
_PEOPLE = ("EqualUserId", "NotEqualUserId", "EqualBusinessId", "NotEqualBusinessId")
_LISTED = ("In", "NotIn", "Between", "NotBetween")
_SEVERAL = ("ContainValues", "DoesNotContainValues")
OFFERED = (*NAMED, *COUNTED, *_DAYS, *_PEOPLE, *_SEVERAL, *_LISTED, *HIERARCHY)
NOT_OFFERED = (
    "EqualUserLanguage",
    "EqualUserTeams",
    "EqualUserOrUserTeams",
    "EqualUserOrUserHierarchy",
    "EqualUserOrUserHierarchyAndTeams",
    "EqualRoleBusinessId",
    "NotEqualRoleBusinessId",
)


def is_known(name: str) -> bool:
    """Whether the real service has such a function, offered here or not."""
    return name in OFFERED or name in NOT_OFFERED or "Fiscal" in name


def function_condition(
    name: str,
    column: ColumnElement[Any],
    item: Property,
    values: Sequence[str],
    source: EntitySource,
    circumstances: Circumstances,
) -> Condition | None:
    """
    The condition of a query function; None for a function that is not offered here.

    Raises:
        QueryError: There is no such function at all, or a value or the column does not fit it.
    """
    if not is_known(name):
        raise QueryError(name, 0, f"there is no query function '{name}'", nearest(name, OFFERED))
    if name in NAMED or is_counted(name) or name in _DAYS:
        if item.type not in (EdmType.DATE, EdmType.DATETIME):
            raise QueryError(name, 0, f"'{name}' takes a date, '{item.name}' is {item.type.value}")
        found = _within(column, item, _span(name, item, values, circumstances))
        return found if name != "NotOn" else ~func.coalesce(found, False)
    if name in _PEOPLE:
        if item.type is not EdmType.GUID:
            raise QueryError(name, 0, f"'{name}' takes a lookup or a key, '{item.name}' is {item.type.value}")
        return _of_caller(name, column, source, circumstances)
    if name in _SEVERAL:
        return _several(name, column, item, values)
    if name in _LISTED:
        return _listed(name, column, item, [from_text(value, item) for value in values])
    if name in HIERARCHY:
        return _related(name, column, item, _value(name, values), source)
    return None


def one_of(column: ColumnElement[Any], item: Property, values: list[Value]) -> Condition:
    """Whether the column has one of the values; texts are compared without regard to case."""
    if item.type is EdmType.STRING:
        texts = func.unnest(cast(values, ARRAY(Text))).column_valued("t")
        return func.lower(column).in_(select(func.lower(texts)))
    fitting = [value for value in values if fits(value, column)]
    return column == any_(cast(fitting, ARRAY(column.type)))


def _span(name: str, item: Property, values: Sequence[str], circumstances: Circumstances) -> Span:
    span = named_span(name, circumstances.now)
    if span is not None:
        return span
    text = _value(name, values)
    if is_counted(name):
        try:
            return counted_span(name, int(text), circumstances.now)
        except ValueError as error:
            raise QueryError(name, 0, f"'{name}' takes a whole number from 1", str(error)) from error
    value = from_text(text, item)
    day = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day, tzinfo=UTC)  # type: ignore[union-attr]
    span = day_span(day.astimezone(UTC))
    if name == "OnOrAfter":
        return Span(span.start, None)
    return Span(None, span.end) if name == "OnOrBefore" else span


def _within(column: ColumnElement[Any], item: Property, span: Span) -> Condition:
    """Whether the column's value lies in the span; a column of days has no time of day."""
    conditions: list[Condition] = []
    if item.type is EdmType.DATETIME:
        if span.start is not None:
            conditions.append(column >= literal(span.start))
        if span.end is not None:
            conditions.append(column < literal(span.end))
        return and_(true(), *conditions)
    if span.start is not None:
        conditions.append(column >= literal(span.start.date(), Date()))
    if span.end is not None:
        conditions.append(column <= literal(_last_day(span.end), Date()))
    return and_(true(), *conditions)


def _last_day(end: datetime) -> date:
    return (end - timedelta(microseconds=1)).date()


def _of_caller(
    name: str, column: ColumnElement[Any], source: EntitySource, circumstances: Circumstances
) -> Condition | None:
    users = source.table_of("systemuser")
    if users is None:
        return None
    caller: Select[Any] = select(users.c.businessunitid if "Business" in name else users.c.systemuserid)
    if circumstances.user is not None:
        caller = caller.where(users.c.systemuserid == circumstances.user)
    own = caller.order_by(users.c.systemuserid).limit(1).scalar_subquery()
    return column.is_distinct_from(own) if name.startswith("Not") else column == own


def _several(name: str, column: ColumnElement[Any], item: Property, values: Sequence[str]) -> Condition:
    """Choices of which several hold are kept as numbers with commas between."""
    if item.type is not EdmType.STRING:
        raise QueryError(name, 0, f"'{name}' takes a choice of several, '{item.name}' is {item.type.value}")
    chosen = func.string_to_array(column, ",").op("&&", is_comparison=True)(cast(list(values), ARRAY(Text)))
    return chosen if name == "ContainValues" else ~func.coalesce(chosen, False)


def _related(
    name: str, column: ColumnElement[Any], item: Property, value: str, source: EntitySource
) -> Condition | None:
    entity = source.pointed(item)
    keys = None
    if entity is not None:
        key = typed(from_text(value, entity.table.column[entity.table.primary_key]), item)
        keys = related_keys(name, entity, key, source)
    if keys is None:
        return None
    found = column.in_(keys)
    return ~func.coalesce(found, False) if name.startswith("Not") else found


def _listed(name: str, column: ColumnElement[Any], item: Property, values: list[Value]) -> Condition:
    """Among the values, or from the first to the second."""
    if name.endswith("Between"):
        if len(values) != 2:
            raise QueryError(name, 0, f"'{name}' takes two values, found {len(values)}")
        term = Term(column, KINDS[item.type])
        low, high = (Term(bound(value, column), term.kind) for value in values)
        found = and_(compared(CompareOp.GE, term, low), compared(CompareOp.LE, term, high))
    else:
        found = one_of(column, item, values)
    return ~func.coalesce(found, False) if name.startswith("Not") else found


def _value(name: str, values: Sequence[str]) -> str:
    if len(values) != 1:
        raise QueryError(name, 0, f"'{name}' takes one PropertyValue, found {len(values)}")
    return values[0]
