"""How an address is written out."""

from __future__ import annotations


def formatted(street: str, city: str, state: str, zip_code: str, region: str, number: str = "") -> str:
    """The address on up to three lines: street and number; city, state and ZIP code; country."""
    first = _joined(" ", street, number)
    second = _joined(", ", city, _joined(" ", state, zip_code))
    return "\n".join([line for line in (first, second, region) if line])


def _joined(between: str, first: str, second: str) -> str:
    return f"{first}{between}{second}" if first and second else first or second
