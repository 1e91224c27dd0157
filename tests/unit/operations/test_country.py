"""Countries have two codes that stay in step."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2c.operations.rules.country import ISO_BY_REGION, REGION_BY_ISO, CountryError, in_step


def test_a_two_letter_code_brings_the_three_letter_code() -> None:
    """CZ is CZE."""
    assert in_step("CZ", "", iso_set=True, region_set=False) == ("CZ", "CZE")


def test_a_three_letter_code_brings_the_two_letter_code() -> None:
    """USA is US."""
    assert in_step("", "USA", iso_set=False, region_set=True) == ("US", "USA")


def test_a_new_two_letter_code_replaces_an_older_three_letter_code() -> None:
    """A customer who moves from Czechia to Hungary is sent with one code only."""
    assert in_step("HU", "CZE", iso_set=True, region_set=False) == ("HU", "HUN")


def test_emptying_one_code_empties_the_other() -> None:
    """No country is a country code too."""
    assert in_step("", "CZE", iso_set=True, region_set=False) == ("", "")
    assert in_step("CZ", "", iso_set=False, region_set=True) == ("", "")


def test_codes_of_different_countries_contradict_each_other() -> None:
    """Neither wins silently."""
    with pytest.raises(CountryError, match="different countries"):
        in_step("CZ", "HUN", iso_set=True, region_set=True)


@pytest.mark.parametrize(("iso", "region", "part"), [("XX", "", "iso"), ("", "XXX", "region")])
def test_an_unknown_country_is_refused(iso: str, region: str, part: str) -> None:
    """The error says which of the two codes it is."""
    with pytest.raises(CountryError, match="no ISO 3166 country") as caught:
        in_step(iso, region, iso_set=bool(iso), region_set=bool(region))
    assert caught.value.part == part


def test_states_that_are_gone_do_not_lend_their_code_to_a_successor() -> None:
    """Germany is DEU, not DDR."""
    assert [REGION_BY_ISO[iso] for iso in ("DE", "FR", "CD", "MM", "TL", "YE")] == [
        "DEU",
        "FRA",
        "COD",
        "MMR",
        "TLS",
        "YEM",
    ]


@given(st.sampled_from(sorted(REGION_BY_ISO)))
def test_the_codes_lead_back_to_each_other(iso: str) -> None:
    """One country, one pair."""
    assert ISO_BY_REGION[REGION_BY_ISO[iso]] == iso
