"""Requests work side by side; a change of the model works alone."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from threading import Barrier, Event

import pytest

from p2c.errors import RetryError
from p2c.odata.service import turns
from p2c.odata.service.turns import Turns


def test_shared_turns_are_side_by_side() -> None:
    both, place = Turns(), Barrier(2)

    def work() -> int:
        with both.shared():
            return place.wait(timeout=10)

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(lambda _: work(), range(2))) == [0, 1]


def test_who_is_alone_waits_for_the_others_and_is_let_in_before_newcomers() -> None:
    line, order = Turns(), list[str]()
    asked = Event()

    def change() -> None:
        asked.set()
        with line.alone():
            order.append("change")

    def newcomer() -> None:
        with line.shared():
            order.append("newcomer")

    with ThreadPoolExecutor(2) as pool:
        with line.shared():
            changing: Future[None] = pool.submit(change)
            asked.wait(10)
            while not line._waiting:
                pass
            coming = pool.submit(newcomer)
            order.append("first")
        changing.result(10)
        coming.result(10)
    assert order == ["first", "change", "newcomer"]


def test_a_turn_that_does_not_come_is_an_error_to_try_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "WAIT_SECONDS", 0)
    line = Turns()
    with line.shared(), pytest.raises(RetryError), line.alone():
        pass
    with line.alone(), pytest.raises(RetryError), line.shared():
        pass
    with line.alone():
        pass
