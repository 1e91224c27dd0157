"""Faults on demand over HTTP, switched by administrators on the same machine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from uuid import UUID

import msgspec
import pytest
from starlette.applications import Starlette

from p2c.odata.service.access import ALL_RIGHTS, Caller, Rights, acting
from p2c.odata.service.app import build_app
from p2c.odata.service.protection.fault_plan import FaultPlan
from p2c.odata.service.protection.faults_gate import FaultsGate
from tests.contracts.asgi import Answer, call
from tests.contracts.caller import Caller as Client

PEOPLE = "/api/data/v9.2/people"
ADMINISTRATOR = Caller(UUID(int=1), "admin", ALL_RIGHTS)
CLERK = Caller(UUID(int=2), "clerk", Rights())


class Naps:
    """Notes how long somebody would have slept."""

    def __init__(self) -> None:
        self.taken: list[float] = []
        self.meanwhile: Callable[[], object] = lambda: None
        self.seen: list[object] = []

    async def __call__(self, seconds: float) -> None:
        """A nap that takes no time."""
        self.taken.append(seconds)
        self.seen.append(await asyncio.to_thread(self.meanwhile))


@pytest.fixture
def naps() -> Naps:
    """No naps yet."""
    return Naps()


@pytest.fixture
def registry(people: Client, naps: Naps) -> Starlette:
    """The registry with a switch for faults."""
    app = build_app(people.service, "/api/data/v9.2/", "Registry")
    app.add_middleware(FaultsGate, plan=FaultPlan(), failure=people.service.failure, sleep=naps)
    return app


def switch(app: Starlette, *rules: dict[str, object]) -> Answer:
    """Put rules in place."""
    return call(app, "POST", "/faults", msgspec.json.encode(rules))


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [("429", 429, "0x80072322"), ("412", 412, "0x80060882"), ("500", 500, "0x80040216"), ("expired", 401, "0x0")],
)
def test_a_fault_answers_as_the_service_does_when_it_is_in_trouble(
    registry: Starlette, fault: str, status: int, code: str
) -> None:
    assert switch(registry, {"fault": fault, "nth": 2}).status == 200
    assert call(registry, "GET", PEOPLE).status == 200
    struck = call(registry, "GET", PEOPLE)
    assert (struck.status, struck.code) == (status, code)


@pytest.mark.parametrize("fault", ["429", "503"])
def test_refusals_that_pass_say_when_to_come_back(registry: Starlette, fault: str) -> None:
    switch(registry, {"fault": fault, "nth": 1, "seconds": 7})
    assert call(registry, "GET", PEOPLE).headers["retry-after"] == "7"


def test_an_expired_token_is_challenged(registry: Starlette) -> None:
    switch(registry, {"fault": "expired", "nth": 1})
    assert 'error="invalid_token"' in call(registry, "GET", PEOPLE).headers["www-authenticate"]


def test_a_slow_answer_comes_late_and_whole(registry: Starlette, naps: Naps) -> None:
    switch(registry, {"fault": "slow", "nth": 1, "seconds": 30})
    assert call(registry, "GET", PEOPLE).status == 200
    assert naps.taken == [30]


def test_an_answer_may_be_late_though_the_row_is_written(registry: Starlette, people: Client, naps: Naps) -> None:
    switch(registry, {"fault": "slow", "nth": 1, "seconds": 30, "after": True, "method": "POST"})
    naps.meanwhile = lambda: [row["name"] for row in people.rows("people", select="name")]
    assert call(registry, "POST", PEOPLE, b'{"name": "Eva"}').status == 204
    assert (naps.taken, naps.seen) == ([30], [["Eva"]])


def test_a_cut_connection_promises_more_than_it_sends(registry: Starlette) -> None:
    switch(registry, {"fault": "cut", "nth": 1})
    struck = call(registry, "GET", PEOPLE)
    assert not struck.complete
    assert len(struck.body) < int(struck.headers["content-length"])


@pytest.mark.parametrize("fault", ["cut", "500", "503"])
def test_a_lost_answer_leaves_the_row_written(registry: Starlette, people: Client, fault: str) -> None:
    """The case that makes clients write twice."""
    switch(registry, {"fault": fault, "nth": 1, "after": True, "method": "POST"})
    struck = call(registry, "POST", PEOPLE, b'{"name": "Eva"}')
    assert struck.status != 204
    assert [row["name"] for row in people.rows("people", select="name")] == ["Eva"]


def test_a_fault_before_the_request_leaves_nothing_written(registry: Starlette, people: Client) -> None:
    switch(registry, {"fault": "500", "nth": 1})
    call(registry, "POST", PEOPLE, b'{"name": "Eva"}')
    assert people.rows("people") == []


def test_rules_are_listed_with_what_they_did_and_cleared(registry: Starlette) -> None:
    switch(registry, {"fault": "412", "nth": 2})
    for _ in range(4):
        call(registry, "GET", PEOPLE)
    listed = call(registry, "GET", "/faults").json["faults"]
    assert [(item["seen"], item["struck"]) for item in listed] == [(4, 2)]
    assert call(registry, "DELETE", "/faults").json == {"faults": []}
    assert {call(registry, "GET", PEOPLE).status for _ in range(4)} == {200}


def test_wrong_rules_change_nothing(registry: Starlette) -> None:
    switch(registry, {"fault": "412", "nth": 1})
    assert switch(registry, {"fault": "412"}).status == 400
    assert len(call(registry, "GET", "/faults").json["faults"]) == 1


def test_only_administrators_switch_faults(registry: Starlette) -> None:
    with acting(CLERK):
        assert switch(registry, {"fault": "412", "nth": 1}).code == "0x80040220"
    with acting(ADMINISTRATOR):
        assert switch(registry, {"fault": "412", "nth": 1}).status == 200


@pytest.mark.parametrize("client", ["192.0.2.7", "2001:db8::7", "", "nonsense"])
def test_only_this_machine_switches_faults(registry: Starlette, client: str) -> None:
    assert call(registry, "GET", "/faults", client=client).status == 403


@pytest.mark.parametrize("header", ["x_forwarded_for", "forwarded", "origin"])
def test_what_a_proxy_or_a_page_in_a_browser_passes_on_does_not_come_from_this_machine(
    registry: Starlette, header: str
) -> None:
    assert call(registry, "POST", "/faults", b"[]", "127.0.0.1", **{header: "https://evil.example"}).status == 403


def test_health_is_never_struck(registry: Starlette) -> None:
    switch(registry, {"fault": "500", "rate": 1})
    assert call(registry, "GET", "/health").status == 200
