"""When a project is paused by itself, so that it does no harm and asks for a person."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from p2c.errors import ConfigurationError
from p2c.integrator.outcome import Counts
from p2c.text import _

_HUNDRED = 100


@dataclass(frozen=True, slots=True)
class PauseRules:
    """
    Bounds of a scheduled project; None where there is none.

    `rejected` is a number of rejected rows in one run, `rejected_percent` a share of the rows that it read, `errors` a
    number of runs in a row that ended by an error.

    Raises:
        ConfigurationError: A bound is out of bounds.
    """

    errors: int | None = None
    rejected: int | None = None
    rejected_percent: Decimal | None = None

    def __post_init__(self) -> None:
        if self.errors is not None and self.errors < 1:
            raise ConfigurationError("a project cannot be paused after 0 errors", way_out="give 1 or more")
        if self.rejected is not None and self.rejected < 0:
            raise ConfigurationError("there are no fewer rejected rows than 0", way_out="give 0 or more")
        if self.rejected_percent is not None and not 0 <= self.rejected_percent <= _HUNDRED:
            raise ConfigurationError(f"{self.rejected_percent} is no share", way_out="give a percentage from 0 to 100")

    def __bool__(self) -> bool:
        return self != PauseRules()


@dataclass(frozen=True, slots=True)
class Ending:
    """How a project's last run ended: its number, its rows, and how many runs in a row have ended by an error."""

    run: int
    counts: Counts
    errors_in_a_row: int


def reason_to_pause(rules: PauseRules, ending: Ending) -> str:
    """Why the project is to be paused, for people; empty when it is not. The bounds themselves are allowed."""
    counts = ending.counts
    if rules.errors is not None and ending.errors_in_a_row >= rules.errors:
        return _("{count} runs in a row ended by an error, the last one is run {run}").format(
            count=ending.errors_in_a_row, run=ending.run
        )
    if rules.rejected is not None and counts.rejected > rules.rejected:
        return _("run {run} rejected {count} rows, more than {bound}").format(
            run=ending.run, count=counts.rejected, bound=rules.rejected
        )
    if rules.rejected_percent is not None and counts.rejected * _HUNDRED > rules.rejected_percent * counts.read:
        return _("run {run} rejected {count} of {read} rows, more than {bound} %").format(
            run=ending.run, count=counts.rejected, read=counts.read, bound=rules.rejected_percent
        )
    return ""
