"""Guessing is bounded: a window takes so many tries, and no more until the oldest has left it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from p2c.identity.throttle import Throttle


def test_the_limit_is_reached_and_left_again() -> None:
    throttle = Throttle(limit=2, seconds=60)
    throttle.count("a", 0)
    assert throttle.wait("a", 10) == 0
    throttle.count("a", 10)
    assert throttle.wait("a", 20) == 40
    assert throttle.wait("a", 60) == 0


def test_one_caller_does_not_shut_out_another() -> None:
    throttle = Throttle(limit=1)
    throttle.count("a", 0)
    assert throttle.wait("a", 1) > 0
    assert throttle.wait("b", 1) == 0


@given(st.lists(st.integers(0, 100), min_size=1, max_size=50), st.integers(1, 5))
def test_no_window_ever_has_more_than_the_limit(gaps: list[int], limit: int) -> None:
    throttle, now = Throttle(limit, seconds=60), 0.0
    allowed: list[float] = []
    for gap in gaps:
        now += gap
        if throttle.wait("a", now) == 0:
            throttle.count("a", now)
            allowed.append(now)
    for end in allowed:
        assert sum(end - 60 < moment <= end for moment in allowed) <= limit


def test_many_callers_do_not_take_memory_without_end() -> None:
    throttle = Throttle(limit=1)
    for number in range(20_500):
        throttle.count(str(number), 0.0)
    assert len(throttle._events) <= 10_001
