"""Source rows that change while they are read are seen by this run or the next one: never skipped."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

import pytest

from p2c.integrator.engine.environments import open_environment
from p2c.integrator.outcome import Counts, Run, Status
from p2c.odata.client.environment import Upsert, Written
from tests.lab import Company, Lab, found
from tests.scenarios.comparing import compared
from tests.scenarios.trade import account, release

CZECH = Company("czmf", "ORG001", "Moravská obchodní", "CZK")
ROWS = 1500
PRODUCTS = 40
PART = 50


@pytest.fixture(scope="module")
def founded(lab: Lab) -> Lab:
    found(lab, CZECH)
    lab.load("sales", "accounts", [account(CZECH, f"M-{place:05}") for place in range(ROWS)])
    return lab


class Writer:
    """Somebody who goes on changing rows, a part at a time, on a connection of his own; `done` counts his parts."""

    def __init__(self, lab: Lab, environment: str, entity_set: str, part: Callable[[int], list[Upsert]]) -> None:
        self._connection = lab.store.connection(environment)
        self._entity_set = entity_set
        self._part = part
        self._end = Event()
        self.done = 0
        self.refused: list[str] = []

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Writes until the block is left; the first part is written when it is entered."""
        first = Event()
        thread = Thread(target=lambda: asyncio.run(self._write(first)))
        thread.start()
        first.wait()
        try:
            yield
        finally:
            self._end.set()
            thread.join()

    async def _write(self, first: Event) -> None:
        environment = open_environment(self._connection)
        try:
            await environment.connect()
            entity = environment.model.entity_set[self._entity_set]
            while not self._end.is_set():
                results = await environment.upsert(entity, self._part(self.done))
                self.refused += [result.message for result in results if result.written is Written.REFUSED]
                self.done += 1
                first.set()
        finally:
            first.set()
            await environment.close()


def renamed(part: int) -> list[Upsert]:
    """Other names for fifty accounts; every second part makes a new one too."""
    start = part * PART % ROWS
    rows = [account(CZECH, f"M-{place:05}", name=f"Part {part}") for place in range(start, start + PART)]
    if part % 2:
        rows.append(account(CZECH, f"N-{part:05}", name=f"Part {part}"))
    return [Upsert({"accountid": row.pop("accountid")}, row, {}, exists=False) for row in rows]  # type: ignore[dict-item, arg-type]


def priced(part: int) -> list[Upsert]:
    """Other prices for all products."""
    keys = [{"dataAreaId": "czmf", "ItemNumber": f"P-{place}"} for place in range(PRODUCTS)]
    return [Upsert({**key}, {"SalesPrice": part + 1}, {}, exists=True) for key in keys]


def test_accounts_that_change_while_they_are_read_all_arrive_as_they_are_last(founded: Lab) -> None:
    writer = Writer(founded, "sales", "accounts", renamed)
    runs: list[Run] = []
    with writer.writing():
        for _ in range(4):
            before = writer.done
            runs.append(founded.run("accounts"))
            assert writer.done > before, "nothing was written during the run: nothing is proved"
    runs.append(founded.run("accounts"))

    assert writer.refused == []
    assert {run.status for run in runs} == {Status.COMPLETED}
    source = {row["accountnumber"]: row["name"] for row in founded.rows("sales", "accounts")}
    there = founded.rows("operations", "CustomersV2")
    assert {row["CustomerAccount"]: row["OrganizationName"] for row in there} == source
    assert len(there) == len(source) == ROWS + writer.done // 2
    for number in (1, 2):
        assert created(runs, number) == len(source)
    assert all(leg.total.agrees for leg in compared(founded, "accounts")[0])
    assert [leg.counts.read for leg in founded.run("accounts").legs] == [0, 0]


def test_products_that_change_while_they_are_read_all_arrive_as_they_are_last(founded: Lab) -> None:
    """Operations does not tell what has changed."""
    for place in range(PRODUCTS):
        release(founded, CZECH, f"P-{place}", "1.00")
    writer = Writer(founded, "operations", "ReleasedProductsV2", priced)
    with writer.writing():
        runs = [founded.run("products") for _ in range(3)]
    runs.append(founded.run("products"))

    assert writer.refused == []
    assert {run.status for run in runs} == {Status.COMPLETED}
    prices = {row["ProductNumber"]: row["SalesPrice"] for row in founded.rows("operations", "SellableReleasedProducts")}
    assert set(prices.values()) == {writer.done}
    assert all(leg.total.agrees for leg in compared(founded, "products")[0])
    assert created(runs, 1) == PRODUCTS


def created(runs: list[Run], number: int) -> int:
    """Rows that all runs have created on a leg."""
    return sum((leg.counts for run in runs for leg in run.legs if leg.leg == number), Counts()).created
