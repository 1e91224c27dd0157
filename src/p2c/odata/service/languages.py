"""The language of a caller, and the numbers by which the platform calls languages."""

from __future__ import annotations

from collections.abc import Mapping

from p2c.text import LANGUAGES, language

SOURCE = "en"
"""The language that labels are written in."""

LCIDS: Mapping[str, int] = {"en": 1033, "cs": 1029, "hu": 1038, "lt": 1063, "et": 1061, "sv": 1053}
"""Windows language numbers (`LanguageCode` in metadata)."""


def caller_language(headers: Mapping[str, str]) -> str:
    """The first language of `Accept-Language` that there are translations for, else the service's own."""
    for part in headers.get("accept-language", "").split(","):
        code = part.strip()[:2].lower()
        if code in LANGUAGES:
            return code
    return language
