"""What holds of claims, whether one process carries a leg or several do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import cast

import pytest

from p2c.database.connect import open_database
from p2c.integrator.engine.claims import OwnUnderWay, SharedUnderWay, UnderWay
from p2c.integrator.engine.context import LegContext
from p2c.integrator.outcome import LegKey
from p2c.integrator.store import Store
from p2c.odata.client.environment import KeyRange


@pytest.fixture(params=["own", "shared"])
def under_way(request: pytest.FixtureRequest, database_url: Callable[[str], str]) -> Iterator[UnderWay]:
    """Nothing is under way yet."""
    if request.param == "own":
        yield OwnUnderWay()
        return
    engine = open_database(database_url("integrator"))
    store = Store(engine)
    run = store.begin_run(["accounts"], "tester", True, datetime.now(UTC)).id
    leg_run = store.begin_leg(run, LegKey("accounts", "Accounts", 1), "sales.accounts", "commondata.Accounts")
    store.divide_leg(leg_run, [KeyRange()], owner="owner", mark="", again=False, expected=1)
    yield SharedUnderWay(cast(LegContext, SimpleNamespace(store=store, leg_run=leg_run)))
    engine.dispose()


def test_the_first_who_claims_has_it_and_may_claim_again(under_way: UnderWay) -> None:
    """Who takes a part over claims what the dead had claimed for the same rows."""

    async def work() -> None:
        assert await under_way.claim({"C-1": "first", "C-2": "first"}) == {"C-1": "first", "C-2": "first"}
        assert await under_way.claim({"C-3": "second", "C-1": "second"}) == {"C-3": "second", "C-1": "first"}
        assert await under_way.claim({"C-1": "first"}) == {"C-1": "first"}

    asyncio.run(work())


def test_what_is_recorded_is_free_and_claims_of_others_stay(under_way: UnderWay) -> None:
    async def work() -> None:
        await under_way.claim({"C-1": "first", "C-2": "first"})
        await under_way.settle({"C-1": "first", "C-2": "second", "C-9": "first"})
        assert await under_way.claim({"C-1": "second", "C-2": "second"}) == {"C-1": "second", "C-2": "first"}

    asyncio.run(work())


def test_of_many_who_claim_at_once_one_has_it(under_way: UnderWay) -> None:
    async def work() -> None:
        wanted = [{f"C-{place}": f"{who}" for place in range(who, who + 50)} for who in range(20)]
        told = await asyncio.gather(*(under_way.claim(item) for item in wanted))
        holders: dict[str, set[str]] = {}
        for answer in told:
            for address, source_id in answer.items():
                holders.setdefault(address, set()).add(source_id)
        assert {len(found) for found in holders.values()} == {1}

    asyncio.run(work())
