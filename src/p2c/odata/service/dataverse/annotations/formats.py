"""Writes numbers, amounts and dates as people of a language read them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal

_LOCALES: Mapping[str, str] = {"en": "en_US", "cs": "cs_CZ", "hu": "hu_HU", "lt": "lt_LT", "et": "et_EE", "sv": "sv_SE"}
_FRACTION = re.compile(r"0(?:\.0+)?(?=[^0#]*$)")
_NARROW_SPACE = "\N{NARROW NO-BREAK SPACE}"


@lru_cache(maxsize=4096)
def number_text(value: Decimal, scale: int, language: str) -> str:
    """A number with thousands parted and `scale` decimal places: `1,234.50`."""
    return format_decimal(value, format=_pattern("#,##0", scale), locale=_LOCALES[language])


@lru_cache(maxsize=4096)
def money_text(value: Decimal, symbol: str, scale: int, language: str) -> str:
    """An amount with its currency's symbol where the language puts it: `$1,234.50`, `1 234,50 Kč`."""
    shape = _money_pattern(language, scale).replace("¤", "'" + symbol.replace("'", "''") + "'")
    return format_decimal(value, format=shape, locale=_LOCALES[language])


@lru_cache(maxsize=4096)
def moment_text(value: datetime, language: str) -> str:
    """A date with its time, the year in full: `11/20/2026 9:05 AM`."""
    day, time = _date_pattern(language), _locale(language).time_formats["short"].pattern
    return format_datetime(value, f"{day} {time}", locale=_LOCALES[language]).replace(_NARROW_SPACE, " ")


@lru_cache(maxsize=4096)
def day_text(value: date, language: str) -> str:
    """A date, the year in full: `11/20/2026`."""
    return format_date(value, _date_pattern(language), locale=_LOCALES[language])


@lru_cache(maxsize=8)
def _locale(language: str) -> Locale:
    return Locale.parse(_LOCALES[language])


@lru_cache(maxsize=64)
def _money_pattern(language: str, scale: int) -> str:
    return _pattern(_locale(language).currency_formats["standard"].pattern, scale)


def _pattern(shape: str, scale: int) -> str:
    return _FRACTION.sub(f"0.{'0' * scale}" if scale else "0", shape.split(";")[0])


def _date_pattern(language: str) -> str:
    pattern = str(_locale(language).date_formats["short"].pattern)
    return re.sub(r"y+", "yyyy", pattern)
