"""Where goods leave from: a site and one of its warehouses."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A site and a warehouse; "" is open."""

    site: str = ""
    warehouse: str = ""


def default_place(given: Place, *fallbacks: Place) -> Place:
    """
    Complete a place from the first fallback that fits.

    A given warehouse stays alone (its site is known), a given site takes a warehouse only from a fallback
    with the same site, and an open place takes the first fallback that names anything.
    """
    if given.warehouse:
        return given
    for fallback in fallbacks:
        if given.site and fallback.site == given.site and fallback.warehouse:
            return fallback
        if not given.site and (fallback.site or fallback.warehouse):
            return fallback
    return given
