"""Service protection: sliding windows for requests and execution time, and a bound on requests at a time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from p2c.odata.service.protection.limits import CONCURRENT_WAIT, PUSHES, Limit, Limits, TooMuch, Usage

SMALL = Limits(requests=5, execution=10.0, concurrent=2, window=60.0)


def ask(usage: Usage, now: float, seconds: float = 0.0) -> TooMuch | None:
    """A request that takes some seconds."""
    refusal = usage.enter(now)
    if refusal is None:
        usage.leave(now, now + seconds)
    return refusal


def test_the_usual_limits_are_the_published_ones() -> None:
    assert Limits() == Limits(requests=6000, execution=1200.0, concurrent=52, window=300.0)


def test_requests_are_refused_when_the_window_is_full_until_the_oldest_has_left_it() -> None:
    usage = Usage(SMALL)
    for second in range(5):
        assert ask(usage, second) is None
    assert ask(usage, 10) == TooMuch(Limit.REQUESTS, 50)
    assert ask(usage, 60) is None


def test_a_refused_request_takes_no_place_in_the_window() -> None:
    usage = Usage(SMALL)
    for second in range(8):
        ask(usage, second)
    assert usage.refused == 3
    assert usage.remaining_requests() == 0
    assert ask(usage, 60) is None


def test_execution_time_adds_up_and_leaves_with_the_window() -> None:
    usage = Usage(SMALL)
    assert ask(usage, 0, seconds=6) is None
    assert ask(usage, 6, seconds=6) is None
    assert ask(usage, 20) == TooMuch(Limit.TIME, 46)
    assert ask(usage, 66) is None


def test_too_many_at_a_time_are_refused_at_once_and_only_until_one_ends() -> None:
    usage = Usage(SMALL)
    assert usage.enter(0) is None
    assert usage.enter(0) is None
    assert usage.enter(0) == TooMuch(Limit.CONCURRENT, CONCURRENT_WAIT)
    usage.leave(0, 1)
    assert usage.enter(1) is None


def test_who_sends_on_during_the_wait_waits_longer_and_is_counted() -> None:
    usage = Usage(SMALL)
    for _ in range(5):
        ask(usage, 0)
    assert ask(usage, 59) == TooMuch(Limit.REQUESTS, 1)
    for _ in range(PUSHES):
        ask(usage, 59.5)
    assert usage.during_wait == PUSHES
    assert ask(usage, 60) == TooMuch(Limit.REQUESTS, 1)
    assert ask(usage, 61) is None


def test_what_is_left_is_told() -> None:
    usage = Usage(SMALL)
    ask(usage, 0, seconds=2.5)
    assert (usage.remaining_requests(), usage.remaining_seconds()) == (4, 7.5)


def test_a_caller_that_has_gone_quiet_may_be_forgotten() -> None:
    usage = Usage(SMALL)
    ask(usage, 0)
    assert not usage.is_idle(30)
    assert usage.is_idle(60)


def test_who_comes_back_when_told_does_not_make_the_wait_longer() -> None:
    """Others pushed meanwhile, so it is refused once more; it is not counted among those who push."""
    usage = Usage(SMALL)
    for _ in range(5):
        ask(usage, 0)
    told = ask(usage, 50)
    for _ in range(PUSHES):
        ask(usage, 55)
    assert told == TooMuch(Limit.REQUESTS, 10)
    assert ask(usage, 60) == TooMuch(Limit.REQUESTS, 1)
    assert usage.during_wait == PUSHES


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 5)), max_size=80))
def test_no_window_ever_holds_more_than_the_limit_and_who_waits_as_told_gets_through(
    steps: list[tuple[int, int]],
) -> None:
    usage, now = Usage(SMALL), 0.0
    allowed: list[float] = []
    for gap, seconds in steps:
        now += gap
        refusal = ask(usage, now, seconds)
        if refusal is not None:
            assert refusal.after >= 1
            now += refusal.after
            assert ask(usage, now, seconds) is None
        allowed.append(now)
        now += seconds
    for end in allowed:
        assert sum(end - SMALL.window < moment <= end for moment in allowed) <= SMALL.requests
    assert usage.during_wait == 0


@given(st.lists(st.integers(0, 3), max_size=200))
def test_the_wait_never_grows_beyond_a_window(gaps: list[int]) -> None:
    usage, now = Usage(SMALL), 0.0
    for gap in gaps:
        now += gap
        refusal = ask(usage, now)
        assert refusal is None or 1 <= refusal.after <= SMALL.window
