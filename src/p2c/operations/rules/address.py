"""How an address is written out."""

from __future__ import annotations


def formatted(*, street: str, number: str = "", city: str, state: str, zip_code: str, region: str) -> str:
    """The address on up to three lines: street and number; city, state and ZIP code; country."""
    first = " ".join(part for part in (street, number) if part)
    place = " ".join(part for part in (state, zip_code) if part)
    second = ", ".join(part for part in (city, place) if part)
    return "\n".join(line for line in (first, second, region) if line)
