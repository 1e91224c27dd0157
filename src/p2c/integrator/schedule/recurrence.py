"""The times at which something happens again and again, in a time zone with summer time.

Minutes and hours are elapsed time: they keep their distance over a change of the clocks. Days, weeks and months are
times on the wall: 6:00 stays 6:00. A time that the clocks jump over comes as much later as they jump; one that they
show twice happens the first time only.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from itertools import count
from typing import TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from cronsim import CronSim, CronSimError

from p2c.errors import ConfigurationError, nearest

MOST = 10_000
"""The largest number of units between two times."""
_MONTHS_A_YEAR = 12


class Unit(Enum):
    """What an interval counts. The value is the word in files, in the plural."""

    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"

    def counted(self, number: int) -> str:
        """The word after a number."""
        return self.value.removesuffix("s") if number == 1 else self.value

    @property
    def elapsed(self) -> timedelta | None:
        """Its length, where it counts elapsed time; None where it counts days of the calendar."""
        return {Unit.MINUTES: timedelta(minutes=1), Unit.HOURS: timedelta(hours=1)}.get(self)


@dataclass(frozen=True, slots=True)
class Every:
    """Every `number` units from `start` on, a time on the wall in `timezone` (an IANA name), without a zone of its own.

    The 31st is the last day in months that have no 31st.

    Raises:
        ConfigurationError: The number is out of bounds, or there is no such time zone.
    """

    number: int
    unit: Unit
    start: datetime
    timezone: str = "UTC"

    def __post_init__(self) -> None:
        if not 1 <= self.number <= MOST:
            raise ConfigurationError(
                f"every {self.number} {self.unit.value} is out of bounds", way_out=f"give a number from 1 to {MOST}"
            )
        zone(self.timezone)

    def after(self, moment: datetime) -> datetime:
        """The first time later than `moment`, in UTC."""
        first = self._time(0)
        if moment < first:
            return first
        if self.unit.elapsed is not None:
            step = self.unit.elapsed * self.number
            return first + step * ((moment - first) // step + 1)
        # Summer time moves a time by hours: two units earlier is early enough to begin the search.
        begin = max(0, self._units_until(moment.astimezone(zone(self.timezone)).replace(tzinfo=None)) - 2)
        return next(time for place in count(begin) if (time := self._time(place)) > moment)

    def _units_until(self, wall: datetime) -> int:
        if self.unit is Unit.MONTHS:
            months = (wall.year - self.start.year) * _MONTHS_A_YEAR + wall.month - self.start.month
            return months // self.number
        days = 7 if self.unit is Unit.WEEKS else 1
        return (wall - self.start).days // (days * self.number)

    def _time(self, place: int) -> datetime:
        number = place * self.number
        if self.unit is Unit.MONTHS:
            return _on_clock(_months_later(self.start, number), self.timezone)
        days = {Unit.DAYS: 1, Unit.WEEKS: 7}.get(self.unit, 0) * number
        return _on_clock(self.start + timedelta(days=days), self.timezone)


@dataclass(frozen=True, slots=True)
class Cron:
    """
    The times of a cron expression of five fields, in `timezone`; over changes of the clocks as Debian's cron has them:
    jobs at fixed hours run once, and those in an hour that is left out right after it.

    Raises:
        ConfigurationError: The expression is wrong or never comes true, or there is no such time zone.
    """

    expression: str
    timezone: str = "UTC"

    def __post_init__(self) -> None:
        zone(self.timezone)
        try:
            if len(self.expression.split()) != 5:
                raise CronSimError("five fields are needed")
            next(CronSim(self.expression, datetime(2000, 1, 1, tzinfo=UTC)))
        except (CronSimError, StopIteration) as error:
            raise ConfigurationError(
                f"{self.expression!r} is no cron expression ({str(error) or 'it never comes true'})",
                way_out="write minute, hour, day, month and weekday, as in '0 6 * * 1-5'",
            ) from error

    def after(self, moment: datetime) -> datetime:
        """The first time later than `moment`, in UTC."""
        times = CronSim(self.expression, moment.astimezone(zone(self.timezone)))
        return next(utc for time in times if (utc := time.astimezone(UTC)) > moment)


Recurrence: TypeAlias = Every | Cron


def zone(name: str) -> ZoneInfo:
    """
    A time zone by its IANA name.

    Raises:
        ConfigurationError: There is none of that name.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ConfigurationError(
            f"there is no time zone {name!r}", way_out=nearest(name, available_timezones())
        ) from error


def _on_clock(wall: datetime, timezone: str) -> datetime:
    """When a clock on the wall there shows it: the first time, or as much later as it jumps over it."""
    return wall.replace(tzinfo=zone(timezone), fold=0).astimezone(UTC)


def _months_later(wall: datetime, months: int) -> datetime:
    years, month = divmod(wall.month - 1 + months, _MONTHS_A_YEAR)
    year, month = wall.year + years, month + 1
    return wall.replace(year=year, month=month, day=min(wall.day, calendar.monthrange(year, month)[1]))
