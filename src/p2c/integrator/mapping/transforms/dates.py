"""Transforms between calendar days and points in time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from p2c.edm.property import Property
from p2c.edm.values import EdmType, Value
from p2c.integrator.mapping.codes import Refused, RejectCode, is_blank
from p2c.integrator.mapping.transforms.declare import Arguments, Parameter, Step, Transform
from p2c.text import N_, _

NO_DATE = date(1900, 1, 1)
"""How Finance and Operations writes that there is no date."""

_TYPES = {"date": EdmType.DATE, "instant": EdmType.DATETIME}


def as_instant(value: Value) -> datetime | None:
    """The point in time; a day becomes its midnight in UTC. Blank and 1900-01-01 become None."""
    if is_blank(value):
        return None
    moment = _moment(value)
    return None if moment.date() == NO_DATE else moment


def as_day(value: Value) -> date | None:
    """The calendar day, in UTC. Blank and 1900-01-01 become None."""
    moment = as_instant(value)
    return None if moment is None else moment.date()


def _moment(value: Value) -> datetime:
    if isinstance(value, str):
        value = _read(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return datetime.combine(value, time(), UTC)
    raise _refused(value)


def _read(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError:
        raise _refused(text) from None


def _refused(value: Value) -> Refused:
    return Refused(
        RejectCode.WRONG_TYPE,
        _("{value!r} is not a date").format(value=value),
        value,
        _("write it as 2020-01-31"),
    )


def _date_step(arguments: Arguments, destination: Property | None) -> Step:
    to = arguments.get("to")
    if to is None and destination is not None:
        to = "instant" if destination.type is EdmType.DATETIME else "date"
    return as_instant if to == "instant" else as_day


TRANSFORMS = (
    Transform(
        name="date",
        summary=N_(
            "Makes a calendar day or a point in time (midnight UTC) of a day, a point in time or an ISO 8601 "
            "text; without `to`, what the destination field holds."
        ),
        example="date: instant",
        parameters=(Parameter("to", N_("date for a day, instant for a point in time"), choices=("date", "instant")),),
        main="to",
        gives=lambda arguments, incoming: _TYPES.get(str(arguments.get("to"))),
        step=_date_step,
    ),
)
