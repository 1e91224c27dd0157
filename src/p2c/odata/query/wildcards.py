"""The asterisks of Finance and Operations: `Name eq '*text*'` means that the name contains the text."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from p2c.odata.query.ast import Value


def like(
    term: Callable[[Mapping[str, Value]], Value], pattern: str, *, ignore_case: bool
) -> Callable[[Mapping[str, Value]], bool]:
    """Whether the text of a term matches a pattern in which every `*` stands for any text, also for none.

    The pieces between the asterisks are looked for from left to right, so that the time stays linear in the
    number of pieces, which a regular expression would not promise.
    """
    start, *middle, end = (pattern.casefold() if ignore_case else pattern).split("*")

    def matches(row: Mapping[str, Value]) -> bool:
        value = term(row)
        if not isinstance(value, str):
            return False
        text = value.casefold() if ignore_case else value
        if len(text) < len(start) + len(end) or not (text.startswith(start) and text.endswith(end)):
            return False
        at, stop = len(start), len(text) - len(end)
        for piece in middle:
            found = text.find(piece, at, stop)
            if found < 0:
                return False
            at = found + len(piece)
        return True

    return matches
