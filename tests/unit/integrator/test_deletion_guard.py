"""How many deletions go without asking."""

from __future__ import annotations

import pytest

from p2c.integrator.engine.deletion_guard import too_many


@pytest.mark.parametrize(
    ("gone", "delivered", "expected"),
    [
        (0, 0, False),
        (100, 100, False),
        (101, 101, True),
        (101, 505, False),
        (101, 504, True),
        (200_000, 1_000_000, False),
        (200_001, 1_000_000, True),
    ],
)
def test_more_than_a_hundred_and_more_than_a_fifth_are_too_many(gone: int, delivered: int, expected: bool) -> None:
    assert too_many(gone, delivered) is expected
