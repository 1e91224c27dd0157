"""Tokens of next and delta links."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2c.odata.query import QueryError
from p2c.odata.service.tokens import DeltaToken, SkipToken

NUMBERS = st.integers(0, 10**12 - 1)
PLACES = st.lists(st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=10), max_size=4).map(tuple)


@given(st.builds(SkipToken, NUMBERS, PLACES, NUMBERS, NUMBERS))
def test_a_skip_token_is_read_back(token: SkipToken) -> None:
    assert SkipToken.parse(str(token)) == token


def test_a_delta_token_starts_where_the_last_read_ended() -> None:
    when = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert DeltaToken.parse(str(DeltaToken(7, 12, when))) == (12, when)


@given(st.text(max_size=30))
def test_other_texts_are_refused(text: str) -> None:
    for parse in (SkipToken.parse, DeltaToken.parse):
        with pytest.raises(QueryError):
            parse(text)
