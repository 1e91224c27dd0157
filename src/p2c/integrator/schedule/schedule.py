"""A project's schedule, and the plain words that it is kept and written in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from p2c.errors import ConfigurationError
from p2c.integrator.mapping.template import Scalar
from p2c.integrator.schedule.pausing import PauseRules
from p2c.integrator.schedule.recurrence import Cron, Every, Recurrence
from p2c.integrator.schedule.words import parse_every, parse_start, start_text

_RULES = {
    "pause_after_errors": "errors",
    "pause_above_rejected": "rejected",
    "pause_above_percent": "rejected_percent",
}
WORDS = ("every", "start", "cron", "timezone", *_RULES)
"""All keys that a schedule may have."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a project runs by itself, and what pauses it."""

    recurrence: Recurrence
    pause: PauseRules = field(default_factory=PauseRules)

    def after(self, moment: datetime) -> datetime:
        """Its first time later than `moment`, in UTC."""
        return self.recurrence.after(moment)

    def words(self) -> dict[str, Scalar]:
        """The schedule as files and the database have it; `from_words` reads it back."""
        recurrence = self.recurrence
        when: dict[str, Scalar] = (
            {"cron": recurrence.expression}
            if isinstance(recurrence, Cron)
            else {
                "every": f"{recurrence.number} {recurrence.unit.counted(recurrence.number)}",
                "start": start_text(recurrence.start),
            }
        )
        bounds = {word: getattr(self.pause, name) for word, name in _RULES.items()}
        return {
            **when,
            "timezone": recurrence.timezone,
            **{word: bound for word, bound in bounds.items() if bound is not None},
        }


def from_words(words: Mapping[str, Scalar]) -> Schedule:
    """
    The schedule of plain words: `every` with `start`, or `cron`; in UTC where no `timezone` is named.

    Raises:
        ConfigurationError: Something in them is wrong.
    """
    return Schedule(
        _recurrence(words),
        PauseRules(
            errors=_whole(words, "pause_after_errors"),
            rejected=_whole(words, "pause_above_rejected"),
            rejected_percent=_share(words, "pause_above_percent"),
        ),
    )


def _recurrence(words: Mapping[str, Scalar]) -> Recurrence:
    timezone = _text(words, "timezone") if "timezone" in words else "UTC"
    if ("every" in words) == ("cron" in words):
        raise ConfigurationError("a schedule has either every or cron", way_out="write one of them")
    if "cron" in words:
        if "start" in words:
            raise ConfigurationError("cron has no start", way_out="leave start out")
        return Cron(_text(words, "cron"), timezone)
    if "start" not in words:
        raise ConfigurationError("every needs a start", way_out="add it, as in 2026-03-01 06:00")
    return Every(*parse_every(_text(words, "every")), parse_start(_text(words, "start")), timezone)


def _text(words: Mapping[str, Scalar], key: str) -> str:
    value = words[key]
    if not isinstance(value, str):
        raise ConfigurationError(f"{key} is {value!r}, not a text", way_out="put it in quotes")
    return value


def _whole(words: Mapping[str, Scalar], key: str) -> int | None:
    value = words.get(key)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise ConfigurationError(f"{key} is {value!r}", way_out="write a whole number")
    return value


def _share(words: Mapping[str, Scalar], key: str) -> Decimal | None:
    value = words.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ConfigurationError(f"{key} is {value!r}", way_out="write a number")
    return Decimal(value)
