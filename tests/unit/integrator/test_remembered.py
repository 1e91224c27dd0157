"""However little is remembered, every batch gets all its answers."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from p2c.edm.values import Value
from p2c.integrator.engine.remembered import Asked, Remembered


class Register:
    """A register that knows the double of every even number, and counts what it is asked."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []

    async def ask(self, wanted: list[Asked]) -> Mapping[Asked, Value]:
        self.asked.extend(wanted)
        return {item: item * 2 for item in wanted if isinstance(item, int) and item % 2 == 0}


@given(st.lists(st.lists(st.integers(0, 20), max_size=12), max_size=12), st.integers(0, 6))
def test_every_batch_gets_all_its_answers(batches: list[list[int]], most: int) -> None:
    known, register = Remembered(most), Register()
    for batch in batches:
        found = asyncio.run(known.find(batch, register.ask))
        assert found == {item: item * 2 for item in batch if item % 2 == 0}


def test_what_is_remembered_is_not_asked_for_again_and_what_was_missing_is() -> None:
    known, register = Remembered(), Register()
    asyncio.run(known.find([2, 3, None], register.ask))
    asyncio.run(known.find([2, 3, 4], register.ask))
    assert register.asked == [2, 3, 3, 4]
