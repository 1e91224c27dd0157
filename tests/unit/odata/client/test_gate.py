"""The rate gate: as many requests at once as an environment takes, none while it asked for a pause."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from p2c.odata.client.gate import FIRST, MOST, GateState


def test_no_more_requests_start_than_there_are_places() -> None:
    state = GateState()
    for _ in range(FIRST):
        assert state.may_start(0)
        state.start()
    assert not state.may_start(0)
    state.end()
    assert state.may_start(0)


def test_a_window_of_taken_requests_adds_about_one_place() -> None:
    state = GateState()
    for _ in range(FIRST + 1):
        state.taken(None)
    assert FIRST + 0.9 < state.places < FIRST + 1.2


def test_a_refusal_halves_the_places_once_for_all_requests_that_were_under_way() -> None:
    state = GateState(places=16)
    state.refused(now=10, started=9, pause=0)
    state.refused(now=10.1, started=9.5, pause=0)
    assert state.places == 8
    state.refused(now=12, started=11, pause=0)
    assert state.places == 4


def test_nothing_starts_during_the_pause_that_the_environment_asked_for() -> None:
    state = GateState()
    state.refused(now=100, started=99, pause=30)
    assert not state.may_start(129.9)
    assert state.may_start(130)


def test_the_recommended_parallelism_bounds_the_places() -> None:
    state = GateState(places=20)
    state.taken(hint=8)
    assert state.places == 8


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 60)), max_size=200))
def test_there_is_always_at_least_one_place_and_never_more_than_allowed(events: list[tuple[bool, float]]) -> None:
    state = GateState()
    now = 0.0
    for refused, seconds in events:
        started, now = now, now + seconds + 0.001
        if refused:
            state.refused(now, started + 0.0005, seconds)
        else:
            state.taken(None)
        assert 1 <= state.places <= MOST
