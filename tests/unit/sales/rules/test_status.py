"""States and status reasons settle one another."""

from __future__ import annotations

import pytest

from p2c.edm.change import Problem, ProblemKind
from p2c.sales.rules.status import StatusSet

ACCOUNT = StatusSet(initial_state=0, reasons=((0, 1), (1, 2)))
QUOTE = StatusSet(initial_state=0, reasons=((0, 1), (1, 2), (1, 3), (2, 4), (3, 5), (3, 6), (3, 7)))


@pytest.mark.parametrize(
    ("state", "status", "stored", "expected"),
    [
        pytest.param(None, None, None, (0, 1), id="a new row starts in the initial state"),
        pytest.param(1, None, (0, 1), (1, 2), id="a state brings its default status"),
        pytest.param(None, 6, (1, 2), (3, 6), id="a status brings its state"),
        pytest.param(1, 3, (0, 1), (1, 3), id="both together when they fit"),
        pytest.param(1, None, (1, 3), (1, 3), id="the same state keeps its status"),
        pytest.param(None, None, (1, 3), (1, 3), id="nothing written changes nothing"),
    ],
)
def test_state_and_status_settle_one_another(
    state: int | None, status: int | None, stored: tuple[int, int] | None, expected: tuple[int, int]
) -> None:
    """Whatever is given, the result is a pair that fits."""
    assert QUOTE.settle(state, status, stored) == expected


@pytest.mark.parametrize(("state", "status"), [(0, 2), (1, 1), (9, None), (None, 9)])
def test_a_status_of_another_state_is_refused(state: int | None, status: int | None) -> None:
    """The message lists the pairs that fit."""
    problem = ACCOUNT.settle(state, status, (0, 1))
    assert isinstance(problem, Problem)
    assert problem.kind is ProblemKind.BAD_STATUS
    assert "1 (state 0), 2 (state 1)" in problem.message
