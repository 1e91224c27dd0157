"""Countries in their two forms: the two-letter ISO code and the three-letter code that addresses keep."""

from __future__ import annotations

from collections.abc import Mapping

from babel import Locale
from babel.core import get_global

# Three-letter codes of states that are gone; CLDR still maps them to a successor that has a code of its own.
_WITHDRAWN = frozenset({"BUR", "DDR", "FXX", "TMP", "YMD", "ZAR"})

# CLDR's own: the European Union, test locales, "unknown".
_NO_COUNTRY = frozenset({"EU", "XA", "XB", "ZZ"})


def _three_letter_codes() -> dict[str, str]:
    codes: dict[str, str] = {}
    countries = set(Locale("en").territories) - _NO_COUNTRY
    for alias, territories in get_global("territory_aliases").items():
        three_letters = len(alias) == 3 and alias.isalpha() and alias not in _WITHDRAWN
        if three_letters and len(territories) == 1 and territories[0] in countries:
            codes[territories[0]] = alias
    return codes


REGION_BY_ISO: Mapping[str, str] = _three_letter_codes()
ISO_BY_REGION: Mapping[str, str] = {region: iso for iso, region in REGION_BY_ISO.items()}


class CountryError(ValueError):
    """The country codes of an address are unknown or contradict each other. `part` is "iso" or "region"."""

    def __init__(self, part: str, message: str) -> None:
        self.part = part
        super().__init__(message)


def in_step(iso: str, region: str, *, iso_set: bool, region_set: bool) -> tuple[str, str]:
    """
    Both codes of one country, after a client has set one of them or both.

    Args:
        iso: Two-letter code ("" for none), the new one when `iso_set`.
        region: Three-letter code ("" for none), the new one when `region_set`.

    Raises:
        CountryError: If a code that was set is unknown, or the two name different countries.
    """
    if iso_set and region_set and iso and region:
        if _region(iso) != region:
            raise CountryError("region", f"{iso!r} and {region!r} name different countries; send one of them")
        return iso, region
    if iso_set and (iso or not (region_set and region)):
        return iso, _region(iso)
    if region_set:
        return _iso(region), region
    return iso, region


def _region(iso: str) -> str:
    if iso and iso not in REGION_BY_ISO:
        raise CountryError("iso", f"{iso!r} is no ISO 3166 country; send a two-letter code such as CZ")
    return REGION_BY_ISO[iso] if iso else ""


def _iso(region: str) -> str:
    if region and region not in ISO_BY_REGION:
        raise CountryError("region", f"{region!r} is no ISO 3166 country; send a three-letter code such as CZE")
    return ISO_BY_REGION[region] if region else ""
