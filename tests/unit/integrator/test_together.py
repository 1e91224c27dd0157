"""Of work side by side the first error counts, as it was, and the rest ends with it."""

from __future__ import annotations

import asyncio

import pytest

from p2c.errors import RetryError
from p2c.integrator.engine.together import together


async def value(number: int) -> int:
    return number


async def away() -> int:
    raise RetryError("no answer", where="operations")


def test_results_come_in_the_order_of_the_work() -> None:
    assert asyncio.run(together(value(1), value(2))) == [1, 2]


def test_the_error_is_no_group_and_what_still_waits_is_cancelled() -> None:
    ended: list[str] = []

    async def waits() -> int:
        try:
            return int(await asyncio.Event().wait())
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    with pytest.raises(RetryError, match="operations: no answer"):
        asyncio.run(together(waits(), away()))
    assert ended == ["cancelled"]


def test_the_error_of_work_inside_work_is_no_group_either() -> None:
    with pytest.raises(RetryError):
        asyncio.run(together(value(1), together_away()))


async def together_away() -> int:
    return (await together(value(1), away()))[0]
