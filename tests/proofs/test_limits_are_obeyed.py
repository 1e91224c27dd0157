"""52 callers at a time through our own client, against a service with limits: nothing lost, nothing pressed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import msgspec
import pytest

from p2c.odata.client.gate import RateGate
from p2c.odata.client.http import Answer, HttpEnvironment
from p2c.odata.service.app import build_app
from p2c.odata.service.protection.limits import Protection, Usage
from p2c.odata.service.protection.limits_gate import DATAVERSE_LIMITS, LimitsGate
from p2c.settings import Service
from p2c.wiring.guard import parse_limits
from tests.contracts.caller import Caller, sales_environment
from tests.lab.served import Served

CALLERS = 52
ROWS_EACH = 6
LIMITS = parse_limits(["dataverse:requests=100,window=1"])[Service.SALES]


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request as the client saw it: when it was sent and answered, the status and the pause asked for."""

    sent: float
    answered: float
    status: int
    pause: float


@dataclass
class Work:
    """What 52 callers did: exchanges in order of their ends, and the status that each row ended with."""

    exchanges: list[Exchange] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)


class RecordingEnvironment(HttpEnvironment):
    """Our client, with a note of every request that it puts on the wire."""

    def __init__(self, url: str, gate: RateGate, exchanges: list[Exchange]) -> None:
        super().__init__(url, name="Sales", gate=gate)
        self._exchanges = exchanges

    async def _exchange(
        self,
        method: str,
        url: str,
        body: bytes | None,
        headers: Mapping[str, str] | None,
        authorization: Mapping[str, str],
    ) -> Answer:
        sent = time.monotonic()
        answer = await super()._exchange(method, url, body, headers, authorization)
        pause = float(answer.headers.get("Retry-After", 0))
        self._exchanges.append(Exchange(sent, time.monotonic(), answer.status, pause))
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
    app = build_app(sales.service, Service.SALES.base_path, "Sales")
    protection = Protection(LIMITS, clock=time.monotonic)
    app.add_middleware(LimitsGate, protection=protection, style=DATAVERSE_LIMITS, failure=sales.service.failure)
    served = Served(Service.SALES, app)
    served.start()
    done = Work()
    try:
        asyncio.run(_work(served.url, done))
    finally:
        served.stop()
    done.usage = protection.of("127.0.0.1")
    yield done


async def _work(url: str, done: Work) -> None:
    gate = RateGate()
    async with RecordingEnvironment(url, gate, done.exchanges) as environment:

        async def create(caller: int) -> list[int]:
            rows = [{"name": f"Caller {caller}", "accountnumber": f"{caller}-{row}"} for row in range(ROWS_EACH)]
            return [(await environment.send("POST", "accounts", body=msgspec.json.encode(row))).status for row in rows]

        for statuses in await asyncio.gather(*map(create, range(CALLERS))):
            done.statuses.extend(statuses)


def test_the_service_did_refuse(work: Work) -> None:
    """More was asked for than two windows take."""
    refused = [exchange for exchange in work.exchanges if exchange.status == 429]
    assert len(refused) == work.usage.refused > 0
    assert all(exchange.pause >= 1 for exchange in refused)


def test_every_row_arrives_once(work: Work, sales: Caller) -> None:
    assert work.statuses == [204] * (CALLERS * ROWS_EACH)
    stored = [row["accountnumber"] for row in sales.rows("accounts", select="accountnumber")]
    assert sorted(stored) == sorted(f"{caller}-{row}" for caller in range(CALLERS) for row in range(ROWS_EACH))


def test_no_request_is_sent_while_the_service_has_asked_for_a_pause(work: Work) -> None:
    pauses = [(exchange.answered, exchange.answered + exchange.pause) for exchange in work.exchanges if exchange.pause]
    early = [
        (exchange.sent, start, end)
        for exchange in work.exchanges
        for start, end in pauses
        if start < exchange.sent < end
    ]
    assert early == []


def test_what_was_under_way_does_not_make_the_pause_longer(work: Work) -> None:
    """What arrives during a pause was sent before its beginning was known."""
    assert work.usage.running == 0
    assert work.usage.during_wait < work.usage.refused
