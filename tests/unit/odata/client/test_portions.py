"""Values of a query are sent in portions that a URL holds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from p2c.odata.client.rows import QUERY_LENGTH, portions


@given(st.lists(st.integers(0, QUERY_LENGTH + 10).map(lambda size: "x" * size), max_size=12), st.integers(1, 5))
def test_portions_keep_all_values_in_order_and_within_both_limits(texts: list[str], most: int) -> None:
    parts = list(portions(texts, most))
    assert [text for part in parts for text in part] == texts
    for part in parts:
        assert 1 <= len(part) <= most
        assert len(part) == 1 or sum(map(len, part)) <= QUERY_LENGTH
