"""A run is completed only when the destination has acknowledged every row: whatever else it says ends the run, and the
next one delivers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import count

import aiohttp
import pytest
from aiohttp import web

from p2c.integrator.outcome import LegKey, Status
from p2c.odata import batch
from tests.lab import Company, Lab, found
from tests.scenarios.comparing import compared
from tests.scenarios.trade import account

CZECH = Company("czmf", "ORG001", "Moravská obchodní", "CZK")
TASK = "Accounts - Account - Customers"
ROWS = 5
_numbers = count(1)
SIGN_IN_PAGE = b"<!doctype html><title>Sign in</title>"


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back to the integrator."""

    status: int
    kind: str
    body: bytes


Lie = Callable[[Answer], Answer]


class Liar:
    """Stands between the integrator and one environment, and changes what that says of writes."""

    def __init__(self, lab: Lab, environment: str) -> None:
        self._lab = lab
        self._environment = environment
        self._real = lab.urls[environment]
        self.lie: Lie | None = None
        self.swallows = False
        application = web.Application(client_max_size=1 << 26)
        application.router.add_route("*", "/{path:.*}", self._pass_on)
        self._runner = web.AppRunner(application)

    def __enter__(self) -> Liar:
        self._lab.wait(self._start())
        return self

    def __exit__(self, *_: object) -> None:
        self._connect(self._real)
        self._lab.wait(self._runner.cleanup())

    async def _start(self) -> None:
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self._connect(f"http://127.0.0.1:{port}/")

    def _connect(self, url: str) -> None:
        store = self._lab.store
        store.save_connections([replace(store.connection(self._environment), url=url)])

    async def _pass_on(self, request: web.Request) -> web.Response:
        writes = request.path.endswith(("$batch", "UpsertMultiple"))
        body = await request.read()
        if writes and self.swallows:
            return web.Response(status=204)
        headers = {name: value for name, value in request.headers.items() if name not in ("Host", "Accept-Encoding")}
        url = self._real.rstrip("/") + request.raw_path
        async with (
            aiohttp.ClientSession() as session,
            session.request(request.method, url, data=body, headers=headers) as answer,
        ):
            told = Answer(answer.status, answer.headers.get("Content-Type", ""), await answer.read())
        if writes and self.lie is not None:
            told = self.lie(told)
        return web.Response(status=told.status, body=told.body, headers={"Content-Type": told.kind})


def parts(change: Callable[[list[batch.Part]], list[batch.Part]]) -> Lie:
    """A `$batch` answer with other parts."""

    def lie(answer: Answer) -> Answer:
        told = [item for item in batch.parse(answer.body, answer.kind) if isinstance(item, batch.Part)]
        body = batch.write(change(told), "lie", "")
        return Answer(answer.status, "multipart/mixed; boundary=lie", body)

    return lie


@pytest.fixture(scope="module")
def founded(lab: Lab) -> Lab:
    found(lab, CZECH)
    return lab


@pytest.fixture
def fresh(founded: Lab) -> Iterator[Lab]:
    """Some accounts that wait to be delivered; afterwards all have arrived, whatever was said meanwhile."""
    names = [f"ACK-{next(_numbers)}" for _ in range(ROWS)]
    founded.load("sales", "accounts", [account(CZECH, name) for name in names])
    yield founded
    ended = founded.run("accounts")
    assert ended.status is Status.COMPLETED, ended.error
    there = {row["CustomerAccount"] for row in founded.rows("operations", "CustomersV2")}
    assert there >= set(names)


LIES_OF_OPERATIONS: dict[str, tuple[Lie, str]] = {
    "an answer is missing": (parts(lambda told: told[:-1]), f"answered {ROWS - 1} of {ROWS}"),
    "an answer is there twice": (parts(lambda told: [*told, told[-1]]), f"answered {ROWS + 1} of {ROWS}"),
    "no answer at all": (lambda _: Answer(200, "multipart/mixed; boundary=b", b"--b--\r\n"), f"answered 0 of {ROWS}"),
    "a page to sign in at": (lambda _: Answer(200, "text/html", SIGN_IN_PAGE), "with no batch"),
    "no content": (lambda _: Answer(204, "text/plain", b""), "answered 204"),
    "later": (lambda answer: replace(answer, status=202), "answered 202"),
}


@pytest.mark.parametrize("name", LIES_OF_OPERATIONS)
def test_operations_has_to_answer_every_operation_once(fresh: Lab, name: str) -> None:
    lie, message = LIES_OF_OPERATIONS[name]
    leg = LegKey("accounts", TASK, 2)
    before = fresh.store.checkpoint(leg)
    with Liar(fresh, "operations") as liar:
        liar.lie = lie
        run = fresh.run("accounts")

    assert run.status is Status.ERROR
    assert message in run.error
    assert (run.legs[1].counts.read, run.legs[1].checkpoint_after) == (0, None)
    assert fresh.store.checkpoint(leg) == before


@pytest.mark.parametrize("status", ["304", "409", "100"])
def test_a_row_that_is_not_acknowledged_is_rejected_and_the_others_are_delivered(fresh: Lab, status: str) -> None:
    with Liar(fresh, "operations") as liar:
        liar.lie = parts(lambda told: [replace(told[0], start=status), *told[1:]])
        run = fresh.run("accounts")

    assert run.status is Status.WARNING
    assert (run.legs[1].counts.created, run.legs[1].counts.rejected) == (ROWS - 1, 1)


@pytest.mark.parametrize("status", [200, 201, 202])
def test_the_hub_has_to_say_that_all_rows_are_written(fresh: Lab, status: int) -> None:
    with Liar(fresh, "commondata") as liar:
        liar.lie = lambda _: Answer(status, "text/html", SIGN_IN_PAGE)
        run = fresh.run("accounts")

    assert run.status is Status.ERROR
    assert f"answered {status} instead of 204" in run.error
    assert run.legs[0].counts.read == 0


def test_what_is_acknowledged_and_not_done_is_found_by_comparing(founded: Lab) -> None:
    """No run can know it: the words are the right ones."""
    founded.load("sales", "accounts", [account(CZECH, "SWALLOWED")])
    with Liar(founded, "commondata") as liar:
        liar.swallows = True
        assert founded.run("accounts").status is Status.COMPLETED
    (first, _), heard = compared(founded, "accounts")
    founded.run("accounts", again=True)
    (mended, _), _ = compared(founded, "accounts")

    assert first.total.missing == 1
    assert [finding.key for _, finding in heard.findings] == ["SWALLOWED"]
    assert mended.total.agrees
