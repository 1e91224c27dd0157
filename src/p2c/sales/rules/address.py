"""The composite of an address: its parts as one text, a line each."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from p2c.edm.values import Value
from p2c.sales.rules.typed import words

LINE_END = "\r\n"
PARTS = ("line1", "line2", "line3", "city", "stateorprovince", "postalcode", "country")


@cache
def part_columns(prefix: str) -> tuple[str, ...]:
    """The columns that the composite is made of, for `address1`, `shipto` or `billto`."""
    return tuple(f"{prefix}_{part}" for part in PARTS)


def composite(prefix: str, get: Callable[[str], Value]) -> str | None:
    """
    Street lines, then `city, state postalcode`, then country; empty parts leave no trace.

    Args:
        get: Gives the value of a column.
    """
    line1, line2, line3, city, state, postal_code, country = [words(get(name)) for name in part_columns(prefix)]
    region = " ".join([part for part in (state, postal_code) if part])
    town = ", ".join([part for part in (city, region) if part])
    return LINE_END.join([part for part in (line1, line2, line3, town, country) if part]) or None
