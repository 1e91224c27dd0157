"""Every error of the product, grouped by what must happen next."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class P2CError(Exception):
    """Root of all errors. `where` names the place, `what` the trouble, `way_out` what to do."""

    def __init__(self, what: str, *, where: str = "", way_out: str = "") -> None:
        self.what = what
        self.where = where
        self.way_out = way_out
        told = ": ".join(part for part in (where, what) if part)
        super().__init__(followed(told, way_out) if way_out else told)


class StopError(P2CError):
    """The command or run cannot go on; what was committed so far stays valid."""


class RetryError(P2CError):
    """The same call may succeed later. `after` is the wait in seconds that the other side asked for."""

    def __init__(self, what: str, *, where: str = "", way_out: str = "", after: float | None = None) -> None:
        self.after = after
        super().__init__(what, where=where, way_out=way_out)


class ConfigurationError(P2CError):
    """A template, project, connection or option is wrong; nothing was started."""


class RejectedRowError(P2CError):
    """One row cannot be delivered; the others go on.

    `code` is from the documented list, `field` and `value` name what was refused.
    """

    def __init__(self, code: str, what: str, *, field: str = "", value: object = None, way_out: str = "") -> None:
        self.code = code
        self.field = field
        self.value = value
        super().__init__(what, where=field, way_out=way_out)


def followed(told: str, way_out: str) -> str:
    """What is told and what to do, as one line."""
    return f"{told}{' ' if told.endswith('?') else '; '}{way_out}"


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint that names the nearest right word, or lists the first few when none is near."""
    words = sorted(known)
    close = get_close_matches(name, words, n=1, cutoff=0.5) or get_close_matches(
        name.lower(), [word.lower() for word in words], n=1, cutoff=0.5
    )
    if close:
        right = next((word for word in words if word.lower() == close[0].lower()), close[0])
        return f"did you mean {right!r}?"
    shown = ", ".join(words[:12])
    return f"known: {shown}{', …' if len(words) > 12 else ''}"
