"""Text for people: everything shown goes through gettext, with English as the source language."""

from __future__ import annotations

import gettext
import os
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

LANGUAGES = ("en", "cs", "hu", "lt", "et", "sv")
_LOCALE = Path(__file__).parent / "locale"


def _language() -> str:
    """The user's language from P2C_LANGUAGE, LC_ALL, LC_MESSAGES or LANG; `en` when none is known."""
    for variable in ("P2C_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        code = os.environ.get(variable, "")[:2].lower()
        if code in LANGUAGES:
            return code
    return "en"


language = _language()
_translations = gettext.translation("p2c", _LOCALE, languages=[language], fallback=True)
_ = _translations.gettext
ngettext = _translations.ngettext


@lru_cache(maxsize=len(LANGUAGES))
def translator(code: str) -> Callable[[str], str]:
    """Translates into one of `LANGUAGES`, whatever the user's own is: services answer each caller in his."""
    translations = gettext.translation("p2c", _LOCALE, languages=[code], fallback=True)
    return lambda message: translations.gettext(message) if message else ""


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for "mark, translate later"
    """Mark a message for translation where it is defined; it is translated where it is shown."""
    return message
