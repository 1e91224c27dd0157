"""Turns the texts of data files into values of an entity's properties, and says what does not fit."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from uuid import UUID

from p2c.edm.change import Problem, ProblemKind
from p2c.edm.property import Property
from p2c.edm.values import INT32_RANGE, INT64_RANGE, EdmType, Row, Value
from p2c.odata.packages.file_rows import MAX_VALUE
from p2c.odata.service.dialect import EMPTY_DATE

_WHOLE = re.compile(r"[+-]?\d{1,19}")
_DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")
_DATE_ONLY = re.compile(r"\d{4}-\d\d-\d\d")
_MAX_DIGITS = 27
_BOOLEANS = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
_KINDS = {
    EdmType.INT32: "a whole number",
    EdmType.INT64: "a whole number",
    EdmType.DECIMAL: "a number with a point, such as 12.5",
    EdmType.DOUBLE: "a number with a point, such as 12.5",
    EdmType.DATE: "a date such as 2024-12-31",
    EdmType.DATETIME: "a moment such as 2024-12-31T12:00:00Z",
    EdmType.GUID: "a GUID",
    EdmType.BOOLEAN: "Yes or No",
}


def read_values(fields: Mapping[str, Property], texts: Mapping[str, str]) -> tuple[Row, Problem | None]:
    """
    Values by property name, and the first thing that does not fit.

    An empty text is empty text; for every other type it leaves the default of a new row. Read-only properties are
    accepted and left out, as the service does over OData.
    """
    values: Row = {}
    problem: Problem | None = None
    for field, text in texts.items():
        item = fields[field]
        if item.read_only or item.path:
            continue
        if item.type is EdmType.STRING and len(text) <= (item.max_length or MAX_VALUE) and "\0" not in text:
            # What nearly all are; the way of the others is long.
            values[item.name] = text
            continue
        try:
            values[item.name] = value_of(item, text)
        except _UnfitError as error:
            problem = problem or error.problem
    return values, problem


def value_of(item: Property, text: str) -> Value:
    """
    One value.

    Raises:
        ValueError: It does not fit; the message names the field, the value and what is wanted.
    """
    if "\0" in text:
        raise _unfit(item, text, "has a character that cannot be stored; remove it")
    if item.type is EdmType.STRING:
        return _bounded(item, text)
    plain = text.strip()
    if not plain:
        return None
    if item.type is EdmType.ENUM:
        return _member(item, plain)
    try:
        return _READERS[item.type](plain)
    except (ValueError, InvalidOperation, OverflowError) as error:
        raise _unfit(item, plain, f"is not {_KINDS[item.type]}") from error


class _UnfitError(ValueError):
    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.message)


def _unfit(item: Property, text: str, reason: str, kind: ProblemKind = ProblemKind.WRONG_TYPE) -> _UnfitError:
    shown = text[:80]
    return _UnfitError(Problem(kind, f"{item.name} '{shown}' {reason}", field=item.name, value=shown))


def _bounded(item: Property, text: str) -> str:
    if item.max_length is not None and len(text) > item.max_length:
        reason = f"has {len(text)} characters, {item.max_length} fit; shorten it"
        raise _unfit(item, text, reason, ProblemKind.TOO_LONG)
    return text


def _member(item: Property, text: str) -> str:
    """The member's name, from its name, its label or its number."""
    members = item.choices.members if item.choices is not None else ()
    lower = text.lower()
    for member in members:
        if member.name == text:
            return member.name
    for member in members:
        if lower in (member.name.lower(), member.label.lower(), str(member.value)):
            return member.name
    known = ", ".join(member.name for member in members[:12])
    raise _unfit(item, text, f"is no member of {item.name}; it knows {known}", ProblemKind.BAD_CHOICE)


def _whole(text: str, bounds: tuple[int, int]) -> int:
    if not _WHOLE.fullmatch(text) or not bounds[0] <= int(text) <= bounds[1]:
        raise ValueError(text)
    return int(text)


def _number(text: str) -> Decimal:
    if not _DECIMAL.fullmatch(text):
        raise ValueError(text)
    value = Decimal(text)
    if value and abs(value.adjusted()) > _MAX_DIGITS:
        raise ValueError(text)
    return value


def _moment(text: str) -> datetime | None:
    """A moment in UTC; one of 1900-01-01 is the product's way to write that there is none."""
    found = datetime.fromisoformat(f"{text}T00:00:00" if _DATE_ONLY.fullmatch(text) else text)
    moment = found.astimezone(UTC) if found.tzinfo is not None else found.replace(tzinfo=UTC)
    return None if moment.date() == EMPTY_DATE.date() else moment


def _day(text: str) -> date | None:
    moment = _moment(text)
    return moment.date() if moment is not None else None


def _boolean(text: str) -> bool:
    if text.lower() not in _BOOLEANS:
        raise ValueError(text)
    return _BOOLEANS[text.lower()]


_READERS: Mapping[EdmType, Callable[[str], Value]] = {
    EdmType.INT32: lambda text: _whole(text, INT32_RANGE),
    EdmType.INT64: lambda text: _whole(text, INT64_RANGE),
    EdmType.DECIMAL: _number,
    EdmType.DOUBLE: lambda text: float(_number(text)),
    EdmType.DATE: _day,
    EdmType.DATETIME: _moment,
    EdmType.GUID: lambda text: UUID(text.strip("{}")),
    EdmType.BOOLEAN: _boolean,
}
