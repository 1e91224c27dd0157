"""Service protection over HTTP: the products' codes, Retry-After and headers; nothing lost by who obeys."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import pytest
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from p2c.odata.service.access import ALL_RIGHTS, Caller, acting
from p2c.odata.service.app import build_app
from p2c.odata.service.message import Response
from p2c.odata.service.protection.limits import Limits, Protection
from p2c.odata.service.protection.limits_gate import DATAVERSE_LIMITS, FNO_LIMITS, LimitsGate, LimitStyle
from p2c.odata.service.sending import send_response
from tests.contracts.asgi import Answer, call, request
from tests.contracts.caller import Caller as Client

PEOPLE = "/api/data/v9.2/people"
SMALL = Limits(requests=3, execution=10.0, concurrent=2, window=60.0)


@dataclass
class Clock:
    """Seconds that pass when they are told to."""

    now: float = 0.0

    def __call__(self) -> float:
        """The moment."""
        return self.now


def protected(client: Client, path: str, style: LimitStyle, clock: Clock, limits: Limits = SMALL) -> Starlette:
    """A service with small limits."""
    app = build_app(client.service, path, "Service")
    protection = Protection(limits, clock=clock)
    app.add_middleware(LimitsGate, protection=protection, style=style, failure=client.service.failure)
    return app


@pytest.fixture
def clock() -> Clock:
    """A clock that stands."""
    return Clock()


@pytest.fixture
def sales(people: Client, clock: Clock) -> Starlette:
    """The Dataverse dialect."""
    return protected(people, "/api/data/v9.2/", DATAVERSE_LIMITS, clock)


def exhausted(app: ASGIApp, path: str) -> Answer:
    """The first refusal."""
    for _ in range(SMALL.requests):
        assert call(app, "GET", path).status == 200
    return call(app, "GET", path)


def test_too_many_requests_are_refused_as_dataverse_does(sales: Starlette, clock: Clock) -> None:
    refused = exhausted(sales, PEOPLE)
    assert (refused.status, refused.code) == (429, "0x80072322")
    assert refused.json["error"]["message"] == (
        "Number of requests exceeded the limit of 3 over time window of 60 seconds."
    )
    clock.now += int(refused.headers["retry-after"])
    assert call(sales, "GET", PEOPLE).status == 200


def test_every_answer_says_what_is_left_and_how_many_may_come_at_a_time(sales: Starlette) -> None:
    headers = call(sales, "GET", PEOPLE).headers
    assert headers["x-ms-ratelimit-burst-remaining-xrm-requests"] == "2"
    assert headers["x-ms-ratelimit-time-remaining-xrm-requests"] == "10.00"
    assert int(headers["x-ms-dop-hint"]) > 1


def test_each_caller_has_limits_of_its_own(sales: Starlette) -> None:
    with acting(Caller(UUID(int=1), "one", ALL_RIGHTS)):
        assert exhausted(sales, PEOPLE).status == 429
    with acting(Caller(UUID(int=2), "other", ALL_RIGHTS)):
        assert call(sales, "GET", PEOPLE).status == 200


def test_health_is_never_refused(sales: Starlette) -> None:
    exhausted(sales, PEOPLE)
    assert call(sales, "GET", "/health").status == 200


def test_operations_refuses_in_its_own_shape_without_a_code(shops: Client, clock: Clock) -> None:
    app = protected(shops, "/data/", FNO_LIMITS, clock)
    refused = exhausted(app, "/data/ShopsV2")
    assert refused.status == 429
    assert int(refused.headers["retry-after"]) == 60
    assert "throttled" in refused.json["error"]["innererror"]["message"]
    assert "x-ms-dop-hint" not in refused.headers


class Slow:
    """A service that counts how many requests it works on at a time."""

    def __init__(self, clock: Clock, seconds: float = 0.0) -> None:
        self.most = self.running = self.done = 0
        self._clock = clock
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Work a while."""
        self.running += 1
        self.most = max(self.most, self.running)
        await asyncio.sleep(0)
        self._clock.now += self._seconds
        self.running -= 1
        self.done += 1
        await send_response(send, Response(204))


def gate(app: ASGIApp, clock: Clock, limits: Limits) -> tuple[LimitsGate, Protection]:
    """Limits in front of an application."""
    protection = Protection(limits, clock=clock)
    failure: Callable[[int, str, str], Response] = lambda status, message, code: Response(status)  # noqa: E731
    return LimitsGate(app, protection, DATAVERSE_LIMITS, failure), protection


def test_execution_time_is_refused_with_its_own_code(people: Client, clock: Clock) -> None:
    protection = Protection(SMALL, clock=clock)
    app = LimitsGate(Slow(clock, seconds=11), protection, DATAVERSE_LIMITS, people.service.failure)
    call(app, "GET", PEOPLE)
    refused = call(app, "GET", PEOPLE)
    assert (refused.status, refused.code) == (429, "0x80072321")


def test_52_callers_at_a_time_that_wait_as_told_lose_nothing(clock: Clock) -> None:
    """Two thousand requests against windows of 100 in 10 seconds, by callers who sleep until they may come back."""
    slow = Slow(clock)
    app, protection = gate(slow, clock, Limits(requests=100, execution=1e9, concurrent=52, window=10.0))
    due = [(0.0, number) for number in range(52)]
    left = dict.fromkeys(range(52), 38)

    async def together(callers: list[int]) -> None:
        answers = await asyncio.gather(*(request(app, "POST", PEOPLE) for _ in callers))
        for caller, answer in zip(callers, answers, strict=True):
            left[caller] -= answer.status == 204
            if left[caller]:
                due.append((clock.now + int(answer.headers.get("retry-after", 0)), caller))

    while due:
        clock.now = max(clock.now, min(due)[0])
        ready = [caller for moment, caller in due if moment <= clock.now]
        due[:] = [(moment, caller) for moment, caller in due if moment > clock.now]
        asyncio.run(together(ready))
    usage = protection.of("127.0.0.1")
    assert slow.done == 52 * 38
    assert slow.most <= 52
    assert usage.refused > 0
    assert usage.running == 0
    # Only those on their way when the window filled up: at most one of each caller, once a window.
    assert usage.during_wait < usage.refused


def test_more_at_a_time_than_allowed_are_refused_at_once(clock: Clock) -> None:
    slow = Slow(clock)
    app, _ = gate(slow, clock, Limits(concurrent=2))

    async def together() -> list[int]:
        answers = await asyncio.gather(*(request(app, "GET", PEOPLE) for _ in range(5)))
        return sorted(answer.status for answer in answers)

    assert asyncio.run(together()) == [204, 204, 429, 429, 429]
    assert slow.most == 2
