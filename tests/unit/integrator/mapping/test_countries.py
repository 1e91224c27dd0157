"""Any name or code of a country becomes the form that the destination wants."""

from __future__ import annotations

import pytest
from babel.core import Locale, UnknownLocaleError, get_global
from hypothesis import given
from hypothesis import strategies as st

from p2c.integrator.mapping.codes import Refused, RejectCode
from p2c.integrator.mapping.transforms.countries import FORMS, LANGUAGES, alpha2_of, country, fold
from p2c.integrator.mapping.transforms.iso3166 import ALPHA3

AMBIGUOUS = {"kongo"}
"""Polish and Norwegian call different countries so."""


@pytest.mark.parametrize(
    ("given_as", "code"),
    [
        ("us", "US"),
        ("USA", "US"),
        ("U.S.A.", "US"),
        ("united states", "US"),
        ("United States of America", "US"),
        ("uk", "GB"),
        ("United Kingdom", "GB"),
        ("great britain", "GB"),
        ("Holland", "NL"),
        ("germany", "DE"),
        ("deu", "DE"),
        ("Deutschland", "DE"),
        ("japan", "JP"),
        ("jap", "JP"),
        ("ja", "JP"),
        ("Česko", "CZ"),
        ("cesko", "CZ"),
        ("Czech Republic", "CZ"),
        ("Česká republika", "CZ"),
        ("Magyarország", "HU"),
        ("Lietuva", "LT"),
        ("Eesti", "EE"),
        ("Sverige", "SE"),
        ("ÖSTERREICH", "AT"),
        ("  Österreich ", "AT"),
        ("Côte d'Ivoire", "CI"),
        ("cote d’ivoire", "CI"),  # noqa: RUF001 - typed on a telephone
        ("Trinidad & Tobago", "TT"),
        ("Türkiye", "TR"),
        ("Turkey", "TR"),
        ("Ελλάδα", "GR"),
        ("日本", "JP"),
        ("no", "NO"),
    ],
)
def test_codes_names_and_usual_aliases_are_understood(given_as: str, code: str) -> None:
    assert alpha2_of(given_as) == code


@pytest.mark.parametrize(("form", "expected"), [("alpha2", "HU"), ("alpha3", "HUN"), ("name", "Hungary")])
def test_the_form_says_what_comes_out(form: str, expected: str) -> None:
    assert country("Maďarsko", form) == expected


@pytest.mark.parametrize("blank", [None, ""])
def test_blank_stays_blank(blank: str | None) -> None:
    assert country(blank, "alpha2") is None


@pytest.mark.parametrize(
    ("unknown", "hint"),
    [
        ("Gernany", "did you mean Germany (DE)?"),
        ("Atlantis", "country 'Atlantis' is not known"),
        ("XX", "'XX'"),
    ],
)
def test_an_unknown_country_is_refused_with_the_nearest(unknown: str, hint: str) -> None:
    with pytest.raises(Refused) as refused:
        country(unknown, "alpha2")
    assert refused.value.code is RejectCode.COUNTRY_UNKNOWN
    assert hint in refused.value.what


@given(st.sampled_from(sorted(ALPHA3)), st.sampled_from(FORMS), st.sampled_from(FORMS))
def test_every_country_survives_the_way_through_any_form(code: str, form: str, back: str) -> None:
    there = country(code, form)
    assert country(there, "alpha2") == code
    assert country(country(there, back), form) == there


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_country_is_understood_in_every_language_of_the_index(language: str) -> None:
    names = Locale.parse(language).territories
    missed = {names[code] for code in ALPHA3 if code in names and alpha2_of(names[code]) != code}
    assert {fold(name) for name in missed} <= AMBIGUOUS


def test_every_country_is_understood_in_its_own_official_languages() -> None:
    """The table of local names is in step with Unicode CLDR as Babel has it."""
    missed = []
    for code in ALPHA3:
        for language, use in get_global("territory_languages").get(code, {}).items():
            name = _name(language, code) if use["official_status"] else None
            if name and alpha2_of(name) != code:
                missed.append((code, language, name))
    assert missed == []


def test_there_are_the_249_countries_of_the_standard_and_kosovo() -> None:
    assert len(ALPHA3) == 250
    assert len(set(ALPHA3.values())) == 250


def _name(language: str, code: str) -> str | None:
    try:
        name = Locale.parse(language).territories.get(code)
    except (UnknownLocaleError, ValueError):
        return None
    return str(name) if name else None
