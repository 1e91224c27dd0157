"""The rate gate: as many requests at once as an environment takes, none while it asked for a pause."""

from __future__ import annotations

import asyncio
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2c.errors import RetryError
from p2c.odata.client.gate import FIRST, MOST, GateState, RateGate


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
        state.taken(0, None)
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


def test_after_a_pause_one_request_goes_first() -> None:
    state = GateState(places=16)
    state.start()
    state.refused(now=10, started=9, pause=30)
    state.taken(started=9.5, hint=None)
    state.end()
    assert state.may_start(40)
    state.start()
    assert not state.may_start(40), "the request that was taken had begun before the pause"
    state.taken(started=40, hint=None)
    assert state.may_start(41)


def test_the_recommended_parallelism_bounds_the_places() -> None:
    state = GateState(places=20)
    state.taken(0, hint=8)
    assert state.places == 8


def test_the_places_begin_with_the_recommended_parallelism() -> None:
    state = GateState()
    state.taken(0, hint=16)
    assert state.places == 16


def test_a_recommendation_after_a_refusal_adds_no_places_at_once() -> None:
    state = GateState(places=4)
    state.refused(now=10, started=9, pause=0)
    state.taken(11, hint=16)
    assert state.places == 2.5


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 60)), max_size=200))
def test_there_is_always_at_least_one_place_and_never_more_than_allowed(events: list[tuple[bool, float]]) -> None:
    state = GateState()
    now = 0.0
    for refused, seconds in events:
        started, now = now, now + seconds + 0.001
        if refused:
            state.refused(now, started + 0.0005, seconds)
        else:
            state.taken(started, None)
        assert 1 <= state.places <= MOST


def test_no_more_requests_start_than_the_share_that_was_agreed_with_others() -> None:
    state = GateState(places=10, share=2, share_ends=100)
    for _ in range(2):
        assert state.may_start(0)
        state.start()
    assert not state.may_start(0)


def test_nothing_starts_when_the_share_has_run_out() -> None:
    state = GateState(share=2, share_ends=100)
    assert state.may_start(99.9)
    assert not state.may_start(100)


class _Told:
    """Others who note what a gate tells them."""

    def __init__(self) -> None:
        self.wishes = 0
        self.pauses: list[float] = []

    def wanted(self) -> None:
        """A request waits."""
        self.wishes += 1

    def refused(self, resume_at: float) -> None:
        """A pause was asked for."""
        self.pauses.append(resume_at)


@pytest.mark.anyio
async def test_a_shared_gate_asks_for_a_share_and_waits_for_it() -> None:
    others = _Told()
    gate = RateGate(others=others)
    request = asyncio.create_task(_pass(gate))
    await asyncio.sleep(0)
    assert (others.wishes, request.done()) == (1, False)
    await gate.settle(1, ends=math.inf, resume_at=0)
    await request


@pytest.mark.anyio
async def test_who_waits_hears_that_the_others_cannot_be_reached() -> None:
    gate = RateGate(others=_Told())
    request = asyncio.create_task(_pass(gate))
    await asyncio.sleep(0)
    await gate.fail("the database is away")
    with pytest.raises(RetryError, match="the database is away"):
        await request
    again = asyncio.create_task(_pass(gate))
    await asyncio.sleep(0)
    assert not again.done(), "an old failure says nothing about now"
    await gate.settle(1, ends=math.inf, resume_at=0)
    await again


@pytest.mark.anyio
async def test_a_failure_stops_nobody_while_the_share_lasts() -> None:
    gate = RateGate(others=_Told())
    await gate.settle(1, ends=math.inf, resume_at=0)
    await gate.fail("the database is away")
    await _pass(gate)


def test_a_refusal_is_told_to_the_others_and_theirs_holds_here() -> None:
    others = _Told()
    gate = RateGate(clock=lambda: 100.0, others=others)
    gate.refused(started=99, pause=30)
    assert others.pauses == [130]
    asyncio.run(gate.settle(4, ends=1000, resume_at=150))
    assert not gate.state.may_start(149)
    assert gate.state.may_start(150)


async def _pass(gate: RateGate) -> None:
    async with gate.place():
        pass
