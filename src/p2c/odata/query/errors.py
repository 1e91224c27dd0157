"""What is said when the text of a query, a path or a reference cannot be read.

The texts stay in English in every language: they travel in error bodies, as the real services' own do.
"""

from __future__ import annotations

_SHOWN = 60


class QueryError(ValueError):
    """A query option, path or reference that cannot be read.

    Attributes:
        text: The text that was being read, whole.
        position: Offset into `text`, from 0, of the first character that was not understood.
        reason: What was found and what was expected there.
        hint: The way out, or "".
    """

    def __init__(self, text: str, position: int, reason: str, hint: str = "") -> None:
        self.text, self.position, self.reason, self.hint = text, position, reason, hint
        way_out = f"; {hint}" if hint else ""
        super().__init__(f"character {position + 1} of {_excerpt(text, position)}: {reason}{way_out}")

    def __reduce__(self) -> tuple[type[QueryError], tuple[str, int, str, str]]:
        return type(self), (self.text, self.position, self.reason, self.hint)


class TooManyConditions(QueryError):
    """A filter with more conditions than the service takes (Dataverse: 500)."""


def _excerpt(text: str, position: int) -> str:
    """The text quoted, shortened around the position when it is long."""
    start = max(0, min(position - _SHOWN // 2, len(text) - _SHOWN))
    shown = text[start : start + _SHOWN]
    before = "…" if start else ""
    after = "…" if start + _SHOWN < len(text) else ""
    return f'"{before}{shown}{after}"'
