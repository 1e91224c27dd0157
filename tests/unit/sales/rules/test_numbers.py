"""Automatic numbers: what they look like, and that no two are the same."""

from __future__ import annotations

import re
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2c.sales.rules.numbers import (
    ACCOUNT_NUMBERS,
    CONTACT_NUMBERS,
    FIRST_NUMBER,
    SUFFIX_ALPHABET,
    NumberFormat,
)


@pytest.mark.parametrize(("form", "prefix"), [(ACCOUNT_NUMBERS, "ACC"), (CONTACT_NUMBERS, "CON")])
def test_the_first_number_of_a_table_is_01000(form: NumberFormat, prefix: str) -> None:
    """Prefix, five digits from 01000 and six random characters: ACC-01000-BVRCPS."""
    number = form.number(FIRST_NUMBER, Random(1))
    assert re.fullmatch(rf"{prefix}-01000-[A-Z2-9]{{6}}", number)


def test_the_sequence_grows_beyond_five_digits() -> None:
    """After 99999 comes 100000, not 00000."""
    assert ACCOUNT_NUMBERS.number(100_000, Random(1)).startswith("ACC-100000-")


def test_the_suffix_is_as_long_as_configured() -> None:
    """Organizations choose four to six characters for quotes."""
    assert len(NumberFormat("QUO", 4).number(FIRST_NUMBER, Random(1)).rsplit("-", 1)[1]) == 4


def test_suffixes_have_no_look_alikes() -> None:
    """A number read aloud or typed from paper stays the same."""
    assert not set("IO01") & set(SUFFIX_ALPHABET)


@given(st.integers(0, 10_000_000), st.integers(0, 10_000_000), st.integers())
def test_two_places_in_the_sequence_never_give_one_number(first: int, second: int, seed: int) -> None:
    """Uniqueness comes from the sequence; equal suffixes do no harm."""
    same = ACCOUNT_NUMBERS.number(first, Random(seed)) == ACCOUNT_NUMBERS.number(second, Random(seed))
    assert same is (first == second)


@given(st.integers(FIRST_NUMBER, 99_998), st.integers())
def test_numbers_of_a_table_sort_in_the_order_they_were_given(place: int, seed: int) -> None:
    """Lists sorted by number show the oldest row first."""
    source = Random(seed)
    assert ACCOUNT_NUMBERS.number(place, source) < ACCOUNT_NUMBERS.number(place + 1, source)
