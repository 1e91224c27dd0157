"""52 callers at a time through our own client, against a service with limits: nothing lost, nothing pressed; by one
process, and by two that share a gate through the integrator's database."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import accumulate

import msgspec
import pytest

from p2c.database.connect import open_database
from p2c.integrator.connections import Connection
from p2c.integrator.engine.shared_gates import RENEWED, SharedGates
from p2c.integrator.store import Store
from p2c.odata.client.gate import MOST, RateGate
from p2c.odata.client.http import Answer, HttpEnvironment
from p2c.odata.service.app import build_app
from p2c.odata.service.protection.limits import Limits, Protection, Usage
from p2c.odata.service.protection.limits_gate import DATAVERSE_LIMITS, LimitsGate
from p2c.settings import Service
from p2c.wiring.guard import parse_limits
from tests.contracts.caller import Caller, sales_environment
from tests.lab.served import Served

CALLERS = 52
ROWS_EACH = 6
LIMITS = parse_limits(["dataverse:requests=100,window=1"])[Service.SALES]
LONGER = parse_limits(["dataverse:requests=100,window=3"])[Service.SALES]
"""Pauses of up to three seconds: long beside the second in which everybody has heard of them."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request as the client saw it: when it was sent and answered, the status and the pause asked for."""

    sent: float
    answered: float
    status: int
    pause: float


@dataclass
class Work:
    """What the callers did: exchanges in order of their ends, the status that each row ended with, and the gate's share
    when each was sent."""

    exchanges: list[Exchange] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)


class RecordingEnvironment(HttpEnvironment):
    """Our client, with a note of every request that it puts on the wire."""

    def __init__(self, url: str, gate: RateGate, work: Work) -> None:
        super().__init__(url, name="Sales", gate=gate)
        self._gate = gate
        self._work = work

    async def _exchange(
        self,
        method: str,
        url: str,
        body: bytes | None,
        headers: Mapping[str, str] | None,
        authorization: Mapping[str, str],
    ) -> Answer:
        sent = time.monotonic()
        self._work.places.append(self._gate.state.share)
        answer = await super()._exchange(method, url, body, headers, authorization)
        pause = float(answer.headers.get("Retry-After", 0))
        self._work.exchanges.append(Exchange(sent, time.monotonic(), answer.status, pause))
        return answer


@pytest.fixture(scope="module")
def sales(database_url: Callable[[str], str]) -> Iterator[Caller]:
    """Sales with the rows that it cannot live without."""
    caller = sales_environment(database_url)
    yield caller
    caller.service.database.engine.dispose()


@pytest.fixture(scope="module")
def work(sales: Caller) -> Iterator[Work]:
    """The callers' accounts, created against limits of a hundred requests in a second."""
    done = Work()
    with _limited(sales, LIMITS) as (url, protection):
        asyncio.run(_work(url, RateGate(), "", range(CALLERS), done))
    done.usage = protection.of("127.0.0.1")
    yield done


@pytest.fixture(scope="module")
def works(sales: Caller, database_url: Callable[[str], str]) -> Iterator[tuple[Work, Work]]:
    """The same by two runs side by side, each with an event loop and a database pool of its own."""
    done = (Work(), Work())
    database = database_url("integrator")
    with _limited(sales, LONGER) as (url, _):
        runs = [
            threading.Thread(target=_run, args=(database, url, f"{name}-", work))
            for name, work in zip("ab", done, strict=True)
        ]
        for run in runs:
            run.start()
        for run in runs:
            run.join()
    yield done


@contextmanager
def _limited(sales: Caller, limits: Limits) -> Iterator[tuple[str, Protection]]:
    app = build_app(sales.service, Service.SALES.base_path, "Sales")
    protection = Protection(limits, clock=time.monotonic)
    app.add_middleware(LimitsGate, protection=protection, style=DATAVERSE_LIMITS, failure=sales.service.failure)
    served = Served(Service.SALES, app)
    served.start()
    try:
        yield served.url, protection
    finally:
        served.stop()


def _run(database: str, url: str, name: str, done: Work) -> None:
    engine = open_database(database)

    async def run() -> None:
        async with SharedGates(Store(engine)) as gates:
            gate = gates.of(Connection("sales", "sales", url))
            await _work(url, gate, name, range(CALLERS // 2), done)

    asyncio.run(run())
    engine.dispose()


async def _work(url: str, gate: RateGate, name: str, callers: Sequence[int], done: Work) -> None:
    async with RecordingEnvironment(url, gate, done) as environment:

        async def create(caller: int) -> list[int]:
            rows = [{"name": f"Caller {caller}", "accountnumber": f"{name}{caller}-{row}"} for row in range(ROWS_EACH)]
            return [(await environment.send("POST", "accounts", body=msgspec.json.encode(row))).status for row in rows]

        for statuses in await asyncio.gather(*map(create, callers)):
            done.statuses.extend(statuses)


def test_the_service_did_refuse(work: Work) -> None:
    """More was asked for than two windows take."""
    refused = [exchange for exchange in work.exchanges if exchange.status == 429]
    assert len(refused) == work.usage.refused > 0
    assert all(exchange.pause >= 1 for exchange in refused)


def test_every_row_arrives_once(work: Work, sales: Caller) -> None:
    assert work.statuses == [204] * (CALLERS * ROWS_EACH)
    assert _stored(sales, two_runs=False) == sorted(
        f"{caller}-{row}" for caller in range(CALLERS) for row in range(ROWS_EACH)
    )


def test_no_request_is_sent_while_the_service_has_asked_for_a_pause(work: Work) -> None:
    assert _early(work, work) == []


def test_what_was_under_way_does_not_make_the_pause_longer(work: Work) -> None:
    """What arrives during a pause was sent before its beginning was known."""
    assert work.usage.running == 0
    assert work.usage.during_wait < work.usage.refused


def test_every_row_of_two_runs_side_by_side_arrives_once(works: tuple[Work, Work], sales: Caller) -> None:
    for work in works:
        assert work.statuses == [204] * (CALLERS // 2 * ROWS_EACH)
    assert _stored(sales, two_runs=True) == sorted(
        f"{name}-{caller}-{row}" for name in "ab" for caller in range(CALLERS // 2) for row in range(ROWS_EACH)
    )


def test_what_one_run_was_told_the_other_obeys(works: tuple[Work, Work]) -> None:
    """No run sends during a pause that it was told itself; during one that only the other was told, what it sends is
    sent before it can have heard of it."""
    assert any(_pauses(work) for work in works), "nobody was refused: nothing is proved"
    for own, other in (works, works[::-1]):
        assert _early(own, own) == []
        late = [sent - start for sent, start, _ in _early(own, other) if sent > start + RENEWED]
        assert late == []


def test_two_runs_divide_the_places(works: tuple[Work, Work]) -> None:
    """A run has all places only before the other has come or after it has gone."""
    assert all(min(work.places) <= MOST // 2 for work in works)
    exchanges = [exchange for work in works for exchange in work.exchanges]
    under_way = sorted([(item.sent, 1) for item in exchanges] + [(item.answered, -1) for item in exchanges])
    assert max(accumulate(change for _, change in under_way)) <= MOST


def _stored(sales: Caller, *, two_runs: bool) -> list[str]:
    numbers = [str(row["accountnumber"]) for row in sales.rows("accounts", select="accountnumber")]
    return sorted(number for number in numbers if (number[0] in "ab") is two_runs)


def _pauses(work: Work) -> list[tuple[float, float]]:
    return [(item.answered, item.answered + item.pause) for item in work.exchanges if item.pause]


def _early(sender: Work, told: Work) -> list[tuple[float, float, float]]:
    """Requests of one run that were sent in a pause that one was told: when, and the pause."""
    return [
        (exchange.sent, start, end)
        for exchange in sender.exchanges
        for start, end in _pauses(told)
        if start < exchange.sent < end
    ]
