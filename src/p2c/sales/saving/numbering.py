"""Gives automatic numbers to rows that come without one."""

from __future__ import annotations

from collections.abc import Sequence
from random import SystemRandom

from p2c.database.session import Session
from p2c.edm.change import Change
from p2c.sales.rules.numbers import FIRST_NUMBER, NumberFormat
from p2c.sales.rules.typed import whole, words

_SOURCE = SystemRandom()
_CONFIGURATION = "msdynce_p2cautonumber"


def fill_numbers(changes: Sequence[Change], column: str, form: NumberFormat, sequence: str, session: Session) -> None:
    """Number the rows whose `column` is empty, in request order, from a sequence that never repeats."""
    empty = [change for change in changes if _needs_number(change, column)]
    if not empty:
        return
    for change, place in zip(empty, session.take(sequence, len(empty), start=FIRST_NUMBER), strict=True):
        change.values[column] = form.number(place, _SOURCE)


def fill_configured_numbers(
    changes: Sequence[Change], column: str, default: NumberFormat, table: str, session: Session
) -> None:
    """Like `fill_numbers`, in the format that the auto-number table configures for `table`."""
    if any(_needs_number(change, column) for change in changes):
        form = _configured(default, table, session)
        fill_numbers(changes, column, form, f"{_CONFIGURATION}:{table}", session)


def _needs_number(change: Change, column: str) -> bool:
    """New rows, and stored rows whose number a write would empty."""
    return (change.is_create or column in change.values) and not words(change.get(column))


def _configured(default: NumberFormat, table: str, session: Session) -> NumberFormat:
    for row in session.rows(_CONFIGURATION, "msdynce_entityname", [table]):
        length = whole(row["msdynce_suffixlength"])
        return NumberFormat(
            words(row["msdynce_prefix"]) or default.prefix,
            default.suffix_length if length is None else length,
        )
    return default
