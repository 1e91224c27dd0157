"""The spans of time that query functions name: `Today`, `LastXDays`, `ThisMonth`, `OlderThanXHours`; pure.

Days begin at midnight UTC and weeks on Sunday. `LastX…` reaches from the beginning of the day (for hours: of the
hour) that many units ago up to now, `NextX…` from now to the end of the day (hour) that many units ahead.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

MAX_UNITS = 10_000
_COUNTED = re.compile(r"(?P<way>Last|Next|OlderThan)X(?P<unit>Minutes|Hours|Days|Weeks|Months|Years)")


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` (included) to `end` (not included); None is without a bound."""

    start: datetime | None
    end: datetime | None


def is_counted(name: str) -> bool:
    """Whether the function takes a number of units."""
    found = _COUNTED.fullmatch(name)
    return found is not None and (found["way"] == "OlderThan" or found["unit"] != "Minutes")


def named_span(name: str, now: datetime) -> Span | None:
    """The span of a function without a value; None when there is no such function."""
    days = _NAMED.get(name)
    return None if days is None else days(now.replace(hour=0, minute=0, second=0, microsecond=0))


def counted_span(name: str, count: int, now: datetime) -> Span:
    """
    The span of a function that counts units, one for which `is_counted` holds.

    Raises:
        ValueError: The span reaches beyond the calendar, or the count is not from 1 to 10,000.
    """
    found = _COUNTED.fullmatch(name)
    if found is None or not 1 <= count <= MAX_UNITS:
        raise ValueError(f"{count} is no number of units from 1 to {MAX_UNITS:,}")
    way, unit = found["way"], found["unit"]
    try:
        if way == "Next":
            ahead = _begin(_moved(now, unit, count), unit) + _STEP[unit]
            return Span(now, ahead)
        past = _begin(_moved(now, unit, -count), unit)
        return Span(past, now) if way == "Last" else Span(None, past)
    except OverflowError as error:
        raise ValueError(f"{count} {unit.lower()} reach beyond the calendar") from error


def day_span(day: datetime) -> Span:
    """One day."""
    start = day.replace(hour=0, minute=0, second=0, microsecond=0)
    return Span(start, start + timedelta(days=1))


def _moved(moment: datetime, unit: str, count: int) -> datetime:
    if unit in ("Months", "Years"):
        return _months(moment, count * (12 if unit == "Years" else 1))
    return moment + count * {"Minutes": timedelta(minutes=1), "Hours": timedelta(hours=1)}.get(
        unit, timedelta(days=7 if unit == "Weeks" else 1)
    )


def _begin(moment: datetime, unit: str) -> datetime:
    if unit == "Minutes":
        return moment.replace(second=0, microsecond=0)
    hour = moment.replace(minute=0, second=0, microsecond=0)
    return hour if unit == "Hours" else hour.replace(hour=0)


def _months(moment: datetime, count: int) -> datetime:
    """The same day some months on, or the last day of a shorter month."""
    place = moment.year * 12 + moment.month - 1 + count
    year, month = divmod(place, 12)
    if not 1 <= year <= 9999:
        raise OverflowError(year)
    return moment.replace(year=year, month=month + 1, day=min(moment.day, calendar.monthrange(year, month + 1)[1]))


def _days(first: int, count: int) -> Callable[[datetime], Span]:
    return lambda today: Span(today + timedelta(days=first), today + timedelta(days=first + count))


def _week(offset: int) -> Callable[[datetime], Span]:
    def span(today: datetime) -> Span:
        sunday = today - timedelta(days=(today.weekday() + 1) % 7) + timedelta(weeks=offset)
        return Span(sunday, sunday + timedelta(weeks=1))

    return span


def _calendar(months: int, offset: int) -> Callable[[datetime], Span]:
    """A month or a year of the calendar."""

    def span(today: datetime) -> Span:
        first = today.replace(day=1) if months == 1 else today.replace(month=1, day=1)
        return Span(_months(first, offset * months), _months(first, (offset + 1) * months))

    return span


_STEP: Mapping[str, timedelta] = MappingProxyType(
    {"Hours": timedelta(hours=1)} | dict.fromkeys(("Days", "Weeks", "Months", "Years"), timedelta(days=1))
)
_NAMED: Mapping[str, Callable[[datetime], Span]] = MappingProxyType(
    {
        "Today": _days(0, 1),
        "Yesterday": _days(-1, 1),
        "Tomorrow": _days(1, 1),
        "Last7Days": _days(-7, 8),
        "Next7Days": _days(0, 8),
        "LastWeek": _week(-1),
        "ThisWeek": _week(0),
        "NextWeek": _week(1),
        "LastMonth": _calendar(1, -1),
        "ThisMonth": _calendar(1, 0),
        "NextMonth": _calendar(1, 1),
        "LastYear": _calendar(12, -1),
        "ThisYear": _calendar(12, 0),
        "NextYear": _calendar(12, 1),
    }
)
NAMED = tuple(_NAMED)
COUNTED = tuple(
    f"{way}X{unit}"
    for way in ("Last", "Next", "OlderThan")
    for unit in ("Minutes", "Hours", "Days", "Weeks", "Months", "Years")
    if way == "OlderThan" or unit != "Minutes"
)
