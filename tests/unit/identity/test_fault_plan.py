"""Faults on demand strike the requests that they are about, as often as they are told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2c.odata.service.faults import RequestError
from p2c.odata.service.protection.fault_plan import Fault, FaultKind, FaultPlan, parse_rules


def strikes(plan: FaultPlan, count: int, method: str = "GET", path: str = "/accounts") -> list[int]:
    """Which of so many requests are struck, counted from 1."""
    return [number for number in range(1, count + 1) if plan.strike(method, path) is not None]


@given(st.integers(1, 20), st.integers(0, 200))
def test_every_nth_request_is_struck(nth: int, count: int) -> None:
    plan = FaultPlan([Fault(fault=FaultKind.TOO_MANY, nth=nth)])
    assert strikes(plan, count) == list(range(nth, count + 1, nth))


def test_a_rate_strikes_its_share_and_the_same_ones_for_the_same_seed() -> None:
    first, second = (strikes(FaultPlan([Fault(fault=FaultKind.CUT, rate=0.2, seed=1)]), 1000) for _ in range(2))
    assert first == second
    assert 150 < len(first) < 250


def test_a_fault_stops_after_so_many_times() -> None:
    assert strikes(FaultPlan([Fault(fault=FaultKind.CUT, nth=2, times=3)]), 100) == [2, 4, 6]


def test_only_requests_of_the_method_and_path_are_counted() -> None:
    plan = FaultPlan([Fault(fault=FaultKind.PRECONDITION, nth=2, method="PATCH", path="accounts")])
    assert strikes(plan, 5) == []
    assert strikes(plan, 5, "PATCH", "/api/data/v9.2/contacts") == []
    assert strikes(plan, 5, "PATCH", "/api/data/v9.2/accounts(1)") == [2, 4]


def test_the_first_rule_that_strikes_decides_and_all_count() -> None:
    plan = FaultPlan([Fault(fault=FaultKind.TOO_MANY, nth=2), Fault(fault=FaultKind.INTERNAL, nth=2)])
    strikes(plan, 2)
    assert [(tally.seen, tally.struck) for tally in plan.tallies] == [(2, 1), (2, 0)]


def test_rules_are_read_one_or_several() -> None:
    assert [rule.fault for rule in parse_rules(b'{"fault": "slow", "nth": 1}')] == [FaultKind.SLOW]
    assert len(parse_rules(b'[{"fault": "429", "nth": 1}, {"fault": "503", "rate": 0.1}]')) == 2


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nonsense",
        b'{"fault": "418", "nth": 1}',
        b'{"fault": "429"}',
        b'{"fault": "429", "nth": 1, "rate": 0.5}',
        b'{"fault": "429", "nth": -1}',
        b'{"fault": "429", "rate": 1.5}',
        b'{"fault": "429", "rate": NaN}',
        b'{"fault": "slow", "nth": 1, "seconds": 1e9}',
        b'{"fault": "429", "nth": 1, "colour": "red"}',
    ],
)
def test_rules_that_make_no_sense_are_refused(body: bytes) -> None:
    with pytest.raises(RequestError) as refused:
        parse_rules(body)
    assert refused.value.status == 400
