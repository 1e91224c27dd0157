"""Records come back sorted, however many parts they were kept in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2c.integrator.reconcile.spill import SortedSpill


@given(st.lists(st.tuples(st.binary(max_size=8), st.binary(max_size=40))), st.sampled_from([1, 500, 1 << 20]))
def test_everything_comes_back_sorted(records: list[tuple[bytes, bytes]], memory: int) -> None:
    with SortedSpill(memory) as spill:
        for key, body in records:
            spill.add(key, body)
        assert list(spill) == sorted(records)


@pytest.mark.parametrize("length", [64 * 1024 - 8, 64 * 1024, 1_000_000])
def test_a_record_longer_than_a_block_comes_back_whole(length: int) -> None:
    records = [(b"b", b"x" * length), (b"a", b"y"), (b"c", b"z" * length)]
    with SortedSpill(memory=1) as spill:
        for key, body in records:
            spill.add(key, body)
        assert list(spill) == sorted(records)
