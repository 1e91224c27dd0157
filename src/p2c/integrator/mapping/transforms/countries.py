"""The transform of countries: any code or name to the form that the destination wants.

Names come from Unicode CLDR through Babel: in English, in the languages of Europe that sellers use most, and
in the official languages of each country. Case, diacritics and punctuation do not count.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from functools import lru_cache
from itertools import chain

from babel.core import Locale

from p2c.edm.property import Property
from p2c.edm.values import EdmType, Value
from p2c.integrator.mapping.codes import Refused, RejectCode, is_blank
from p2c.integrator.mapping.transforms.declare import Arguments, Parameter, Step, Transform, always, text_of
from p2c.integrator.mapping.transforms.iso3166 import ALPHA3
from p2c.integrator.mapping.transforms.local_names import LOCAL_NAMES
from p2c.text import N_, _

LANGUAGES = ("en", "cs", "hu", "lt", "et", "sv", "de", "fr", "es", "it", "pt", "pl", "da", "nb", "fi")
"""Languages whose names of all countries are understood, in order of precedence."""

FORMS = ("alpha2", "alpha3", "name")

_ALIASES = {
    "america": "US",
    "u s a": "US",
    "u s": "US",
    "united states of america": "US",
    "uk": "GB",
    "u k": "GB",
    "great britain": "GB",
    "britain": "GB",
    "england": "GB",
    "scotland": "GB",
    "wales": "GB",
    "northern ireland": "GB",
    "united kingdom of great britain and northern ireland": "GB",
    "holland": "NL",
    "the netherlands": "NL",
    "eire": "IE",
    "republic of ireland": "IE",
    "czech republic": "CZ",
    "ceska republika": "CZ",
    "slovak republic": "SK",
    "slovenska republika": "SK",
    "federal republic of germany": "DE",
    "oesterreich": "AT",
    "republic of korea": "KR",
    "korea": "KR",
    "russian federation": "RU",
    "turkey": "TR",
    "macedonia": "MK",
    "burma": "MM",
    "myanmar": "MM",
    "ivory coast": "CI",
    "swaziland": "SZ",
    "cabo verde": "CV",
    "east timor": "TL",
    "viet nam": "VN",
    "hong kong": "HK",
    "macau": "MO",
    "macao": "MO",
    "peoples republic of china": "CN",
    "uae": "AE",
    "emirates": "AE",
    "jap": "JP",
    "ja": "JP",
    "holy see": "VA",
    "vatican": "VA",
    "palestine": "PS",
    "drc": "CD",
    "democratic republic of the congo": "CD",
    "republic of the congo": "CG",
}
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th"}
    | {"\N{LATIN SMALL LETTER DOTLESS I}": "i", "'": "", "\N{RIGHT SINGLE QUOTATION MARK}": ""}
)


def fold(text: str) -> str:
    """The text without case, diacritics and punctuation, words parted by single spaces; `&` is and."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("&", " and ")).translate(_LETTERS)
    letters = (letter if letter.isalnum() else " " for letter in plain if not unicodedata.combining(letter))
    return " ".join("".join(letters).split())


def country(value: Value, form: str) -> str | None:
    """
    The country in one of FORMS (`name` is the English one); blanks stay blank.

    Raises:
        Refused: If no country has this code or name, or several have.
    """
    if is_blank(value):
        return None
    code = alpha2_of(text_of(value))
    if code is None:
        message = _("country {value!r} is not known{hint}").format(value=value, hint=_hint(text_of(value)))
        raise Refused(RejectCode.COUNTRY_UNKNOWN, message, value)
    if form == "alpha3":
        return ALPHA3[code]
    return code if form == "alpha2" else _english()[code]


@lru_cache(maxsize=4096)
def alpha2_of(text: str) -> str | None:
    """The alpha-2 code of a country given by any code or name; None when it is not known."""
    return _index().get(fold(text))


@lru_cache(maxsize=256)
def _hint(text: str) -> str:
    """The country whose name or code is most like the text, or ""."""
    close = get_close_matches(fold(text), _index(), n=1, cutoff=0.75)
    if not close:
        return ""
    code = _index()[close[0]]
    return _("; did you mean {name} ({code})?").format(name=_english()[code], code=code)


@lru_cache(maxsize=1)
def _english() -> dict[str, str]:
    return {code: name for name, code in _pairs("en")}


@lru_cache(maxsize=1)
def _index() -> dict[str, str]:
    index = {code.lower(): code for code in ALPHA3}
    index |= {alpha3.lower(): code for code, alpha3 in ALPHA3.items()}
    for name, code in _ALIASES.items():
        index.setdefault(name, code)
    return _add(index, chain(LOCAL_NAMES, *(_pairs(language) for language in LANGUAGES)))


def _add(index: dict[str, str], names: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The index with more names; one that means two countries in two languages means neither."""
    known = dict(index)
    ambiguous = set()
    for name, code in names:
        key = fold(name)
        if known.setdefault(key, code) != code and key not in index:
            ambiguous.add(key)
    return {key: code for key, code in known.items() if key not in ambiguous}


def _pairs(language: str) -> Iterator[tuple[str, str]]:
    territories = Locale.parse(language).territories
    return ((territories[code], code) for code in ALPHA3 if code in territories)


def _country_step(arguments: Arguments, destination: Property | None) -> Step:
    form = str(arguments.get("form", FORMS[0]))
    return lambda value: country(value, form)


TRANSFORMS = (
    Transform(
        name="country",
        summary=N_(
            "Turns any ISO 3166 code or country name, in English, in the country's own languages and in "
            "fourteen more, into one form."
        ),
        example="country: {form: alpha3}",
        parameters=(Parameter("form", N_("alpha2 (unless given), alpha3 or name, the English one"), choices=FORMS),),
        main="form",
        gives=always(EdmType.STRING),
        step=_country_step,
    ),
)
