"""The clients against the services over real HTTP: what is written through one is read back the same."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TypeVar
from uuid import UUID, uuid4

import aiohttp
import pytest
import uvicorn
from tests.contracts.caller import Caller

from p2c.edm.values import Row
from p2c.errors import RetryError, StopError
from p2c.odata.client.dataverse import DataverseEnvironment
from p2c.odata.client.environment import Environment, Upsert, Written
from p2c.odata.client.fno import FnoEnvironment
from p2c.odata.client.http import HttpEnvironment
from p2c.odata.service.app import build_app

T = TypeVar("T")


@contextmanager
def served(caller: Caller, base_path: str) -> Iterator[str]:
    """The service on a loopback port; gives its base URL."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    config = uvicorn.Config(
        build_app(caller.service, base_path, "test"), log_level="error", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}{base_path}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def people_url(people: Caller) -> Iterator[str]:
    """The registry's URL."""
    with served(people, "/api/data/v9.2/") as url:
        yield url


@pytest.fixture
def shops_url(shops: Caller) -> Iterator[str]:
    """The shops' URL."""
    with served(shops, "/data/") as url:
        yield url


@asynccontextmanager
async def dataverse(url: str, page_size: int = 5000) -> AsyncIterator[DataverseEnvironment]:
    """A connected client of the registry."""
    environment = DataverseEnvironment(HttpEnvironment(url, name="registry"), page_size=page_size)
    await environment.connect()
    try:
        yield environment
    finally:
        await environment.close()


@asynccontextmanager
async def fno(url: str, page_size: int = 10000) -> AsyncIterator[FnoEnvironment]:
    """A connected client of the shops."""
    environment = FnoEnvironment(HttpEnvironment(url, name="retail"), page_size=page_size)
    await environment.connect()
    try:
        yield environment
    finally:
        await environment.close()


def run(work: Callable[[], Awaitable[T]]) -> T:
    """The result of a coroutine."""

    async def awaited() -> T:
        return await work()

    return asyncio.run(awaited())


async def read(environment: Environment, name: str, columns: tuple[str, ...]) -> list[Row]:
    """All rows of an entity."""
    pages = [page async for page in environment.changes(environment.model.entity[name], columns, None)]
    return [row for page in pages for row in page.rows]


PERSON: Row = {
    "name": 'Žofie "Čapková" O\'Neil\n',
    "age": -5,
    "wealth": Decimal("12345678901234.5678"),
    "active": True,
    "kind": 2,
    "born": date(1999, 12, 31),
    "seen": datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC),
}


def test_values_of_every_type_come_back_as_they_were_sent(people_url: str) -> None:
    key = uuid4()

    async def work() -> list[Row]:
        async with dataverse(people_url) as environment:
            person = environment.model.entity["person"]
            await environment.upsert(person, [Upsert({"personid": key}, PERSON, {}, exists=False)])
            return await read(environment, "person", tuple(PERSON))

    assert run(work) == [{"personid": key, **PERSON}]


def test_changes_go_on_from_a_delta_link_and_name_deleted_rows(people_url: str) -> None:
    keys = [uuid4() for _ in range(7)]

    async def work() -> tuple[int, list[Row], list[str], int]:
        async with dataverse(people_url, page_size=3) as environment:
            person = environment.model.entity["person"]
            new = [Upsert({"personid": key}, {"name": f"{n}"}, {}, exists=False) for n, key in enumerate(keys)]
            await environment.upsert(person, new)
            pages = [page async for page in environment.changes(person, ("name",), None)]
            await environment.upsert(person, [Upsert({"personid": keys[0]}, {"name": "new"}, {}, exists=True)])
            await environment.delete(person, [{"personid": keys[1]}])
            later = [page async for page in environment.changes(person, ("name",), pages[-1].delta_link)]
            return len(pages), later[0].rows, later[0].deleted, len(later)

    assert run(work) == (3, [{"personid": keys[0], "name": "new"}], [str(keys[1])], 1)


def test_an_expired_link_is_followed_by_a_full_read(people_url: str) -> None:
    async def work() -> list[Row]:
        async with dataverse(people_url) as environment:
            person = environment.model.entity["person"]
            await environment.upsert(person, [Upsert({"number": "1"}, {"name": "Ada"}, {}, exists=False)])
            old = f"{people_url}people?$deltatoken=1!01/01/2020%2000:00:00"
            return [row async for page in environment.changes(person, ("name",), old) for row in page.rows]

    assert [row["name"] for row in run(work)] == ["Ada"]


def test_refused_rows_are_named_and_the_others_written(people_url: str) -> None:
    async def work() -> tuple[list[Written], str, int]:
        async with dataverse(people_url) as environment:
            person = environment.model.entity["person"]
            rows = [
                Upsert({"number": f"{n}"}, {"name": "" if n in (3, 6) else f"{n}"}, {}, exists=False) for n in range(8)
            ]
            results = await environment.upsert(person, rows)
            written = await read(environment, "person", ("number",))
            return [result.written for result in results], results[3].code, len(written)

    created, refused = Written.CREATED, Written.REFUSED
    expected = [created, created, created, refused, created, created, refused, created]
    assert run(work) == (expected, "0x80040200", 6)


def test_rows_are_found_by_many_long_values_with_diacritics(people_url: str) -> None:
    names = [f"{n} " + "Čř'\"&+#%" * 10 for n in range(300)]

    async def work() -> set[object]:
        async with dataverse(people_url) as environment:
            person = environment.model.entity["person"]
            await environment.upsert(
                person, [Upsert({"number": f"{n}"}, {"name": name}, {}, exists=False) for n, name in enumerate(names)]
            )
            rows = await environment.by_values(person, ("name",), "name", [name.upper() for name in names])
            return {row["name"] for row in rows}

    assert run(work) == set(names)


def test_lookups_are_bound_cleared_and_searched(people_url: str) -> None:
    city, key = uuid4(), uuid4()

    async def work() -> list[list[object]]:
        async with dataverse(people_url) as environment:
            model = environment.model.entity
            await environment.upsert(model["city"], [Upsert({"cityid": city}, {"name": "Brno"}, {}, exists=False)])
            found: list[list[object]] = []
            for bind in (("city", city), None):
                row = Upsert({"personid": key}, {"name": "Ada"}, {"cityid": bind, "friendid": bind}, exists=False)
                await environment.upsert(model["person"], [row])
                rows = await environment.by_values(model["person"], ("friendid",), "cityid", [city])
                found.append([row["friendid"] for row in rows])
            return found

    assert run(work) == [[city], []]


def test_shops_of_all_companies_are_written_and_read(shops_url: str) -> None:
    opened = datetime(2024, 2, 29, 12, tzinfo=UTC)

    async def work() -> tuple[list[Written], list[Row]]:
        async with fno(shops_url, page_size=2) as environment:
            shop = environment.model.entity["ShopV2"]
            rows = [
                Upsert({"dataAreaId": company, "ShopId": f"Č{n}/"}, {"Name": "x", "Opened": opened}, {}, exists=False)
                for company in ("cz", "hu")
                for n in range(2)
            ]
            results = await environment.upsert(shop, rows)
            return [result.written for result in results], await read(environment, "ShopV2", ("Opened", "Blocked"))

    written, rows = run(work)
    assert written == [Written.CREATED] * 4
    assert {(row["dataAreaId"], row["ShopId"]) for row in rows} == {(c, f"Č{n}/") for c in ("cz", "hu") for n in (0, 1)}
    assert {(row["Opened"], row["Blocked"]) for row in rows} == {(opened, "No")}


def test_a_shop_guessed_wrong_is_sent_the_other_way_and_empty_dates_are_null(shops_url: str) -> None:
    async def work() -> tuple[list[Written], list[object], list[Written]]:
        async with fno(shops_url) as environment:
            shop = environment.model.entity["ShopV2"]
            key: Row = {"dataAreaId": "hu", "ShopId": "1"}
            results = []
            for exists in (True, False, True):
                results += await environment.upsert(shop, [Upsert(key, {"Name": "x"}, {}, exists=exists)])
            rows = await environment.by_values(shop, ("Opened",), "Name", ["x", "y"])
            gone = await environment.delete(shop, [key, key])
            return (
                [result.written for result in results],
                [row["Opened"] for row in rows],
                [result.written for result in gone],
            )

    created, updated = Written.CREATED, Written.UPDATED
    assert run(work) == ([created, updated, updated], [None], [updated, updated])


def test_a_refused_shop_brings_the_infolog(shops_url: str) -> None:
    async def work() -> str:
        async with fno(shops_url) as environment:
            shop = environment.model.entity["ShopV2"]
            row = Upsert({"dataAreaId": "cz", "ShopId": "1"}, {"Name": "Nothing"}, {}, exists=False)
            return (await environment.upsert(shop, [row]))[0].message

    assert "Infolog: Error: Name must not be Nothing" in run(work)


def test_a_read_that_is_refused_stops_with_the_services_words(people_url: str) -> None:
    async def work() -> None:
        async with dataverse(people_url) as environment:
            person = environment.model.entity["person"]
            async for _ in environment.changes(person, ("name",), f"{people_url}people?$deltatoken=x"):
                pass

    with pytest.raises(StopError, match="deltatoken"):
        run(work)


def test_a_service_that_is_away_is_asked_again_and_then_named() -> None:
    async def work() -> None:
        async with HttpEnvironment("http://127.0.0.1:9/data/", name="nobody", attempts=1) as http:
            await http.get("$metadata")

    with pytest.raises(RetryError, match="nobody at http"):
        run(work)


def test_http_keeps_encoded_keys_headers_and_error_shapes(people_url: str) -> None:
    async def work() -> tuple[int, str, dict[str, str], int, int, int]:
        async with aiohttp.ClientSession() as session:
            body = {"name": "Ada"}
            async with session.patch(f"{people_url}people(number='%C4%8C%2F1')", json=body) as made:
                location = made.headers["OData-EntityId"]
            headers = [("Prefer", "odata.maxpagesize=1"), ("Prefer", 'odata.include-annotations="*"')]
            async with session.get(f"{people_url}people", headers=headers) as page:
                applied = page.headers["Preference-Applied"]
                head = {name: page.headers[name] for name in ("OData-Version", "Content-Type")}
                assert page.headers["REQ_ID"] == page.headers["x-ms-service-request-id"]
                assert str(UUID(page.headers["REQ_ID"])) == page.headers["REQ_ID"]
            async with session.get(location) as again:
                found = again.status
            async with session.get(f"{people_url}nothing") as missing:
                lost = missing.status
            async with session.get(people_url.replace("api/data/v9.2/", "health")) as health:
                assert (await health.json())["database"] == "ok"
                return made.status, applied, head, found, lost, health.status

    status, applied, head, found, lost, health = run(work)
    assert (status, found, lost, health) == (204, 200, 404, 200)
    assert applied == "odata.maxpagesize=1"
    assert head == {
        "OData-Version": "4.0",
        "Content-Type": "application/json; odata.metadata=minimal; odata.streaming=true",
    }


def test_a_body_beyond_the_limit_is_413_over_http(people_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("p2c.odata.service.app.MAX_BODY", 100_000)

    async def work() -> int:
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{people_url}people", data=b"x" * 200_000) as answer,
        ):
            return answer.status

    assert run(work) == 413
