"""What `@odata.context` says of the columns that a body shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from p2c.odata.query.ast import Expand


def shown_columns(select: Sequence[str], expands: Iterable[Expand]) -> str:
    """The columns selected and what is expanded, `(name,primarycontactid(fullname))`; empty where nobody chose."""
    inner = (f"{expand.navigation}{shown_columns(expand.select, expand.expand) or '()'}" for expand in expands)
    names = ",".join((*select, *inner))
    return f"({names})" if names else ""
