"""Intervals and starts as people write them: `5m`, `2 hours`, `2026-03-01 06:00`."""

from __future__ import annotations

import re
from datetime import datetime

from p2c.errors import ConfigurationError
from p2c.integrator.schedule.recurrence import Unit

_INTERVAL = re.compile(r"(\d{1,6})?\s*([a-z]+)", re.IGNORECASE)
_SHORT = {"m": Unit.MINUTES, "min": Unit.MINUTES, "h": Unit.HOURS, "d": Unit.DAYS, "w": Unit.WEEKS, "mo": Unit.MONTHS}
_UNITS = {**_SHORT, **{word: unit for unit in Unit for word in (unit.value, unit.value.removesuffix("s"))}}
_START = "%Y-%m-%d %H:%M"


def parse_every(text: str) -> tuple[int, Unit]:
    """
    Number and unit of `5m`, `15 minutes`, `day`; `m` is minutes, `mo` months.

    Raises:
        ConfigurationError: It is no interval.
    """
    match = _INTERVAL.fullmatch(text.strip())
    if match is None or match[2].lower() not in _UNITS:
        raise ConfigurationError(
            f"{text!r} is no interval", way_out="write a number and minutes, hours, days, weeks or months, as in 5m"
        )
    return int(match[1] or 1), _UNITS[match[2].lower()]


def parse_start(text: str) -> datetime:
    """
    The time on the wall at which a schedule begins, without a zone; to the minute.

    Raises:
        ConfigurationError: It is no time.
    """
    try:
        start = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise ConfigurationError(f"{text!r} is no time", way_out="write it as 2026-03-01 06:00") from error
    if start.tzinfo is not None:
        raise ConfigurationError(
            f"{text!r} has a zone of its own", way_out="leave it out, and name the schedule's time zone"
        )
    return start.replace(second=0, microsecond=0)


def start_text(start: datetime) -> str:
    """The start as it is written."""
    return start.strftime(_START)
