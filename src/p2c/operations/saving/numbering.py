"""Number sequences: the keys of new rows that come without one, counted in each company."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from p2c.database.session import Session
from p2c.edm.change import Change, accepted
from p2c.operations.saving.values import COMPANY, text_of

_DIGITS = 6


def fill_numbers(changes: Sequence[Change], session: Session, table: str, column: str) -> None:
    """Number the new rows whose `column` is empty, in request order (`000001`); numbers that rows have are left out."""
    empty: dict[str, list[Change]] = defaultdict(list)
    for change in accepted(changes):
        if change.is_create and not text_of(change, column):
            empty[text_of(change, COMPANY)].append(change)
    for company, group in empty.items():
        free = _free(session, table, column, company, len(group))
        for change, number in zip(group, free, strict=False):
            change.values[column] = number


def _free(session: Session, table: str, column: str, company: str, count: int) -> Iterator[str]:
    """Numbers of a company that no row has; more at a time where many are taken by rows numbered by hand."""
    while True:
        numbers = [f"{number:0{_DIGITS}}" for number in session.take(f"{table}:{column}:{company}", count)]
        rows = session.match(table, (COMPANY, column), [(company, number) for number in numbers], (column,))
        taken = {row[column] for row in rows}
        yield from (number for number in numbers if number not in taken)
        count *= 2
