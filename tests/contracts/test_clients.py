"""The clients against the services over real HTTP: what is written through one is read back the same."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from p2c.edm.values import Row
from p2c.errors import RetryError, StopError
from p2c.odata.client.environment import CheckpointExpiredError, Upsert, Written
from p2c.odata.client.http import HttpEnvironment
from tests.contracts.over_http import dataverse, fno, read, run

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


def test_an_expired_link_is_told_so_that_the_reader_starts_anew(people_url: str) -> None:
    async def work() -> None:
        async with dataverse(people_url) as environment:
            person = environment.model.entity["person"]
            await environment.upsert(person, [Upsert({"number": "1"}, {"name": "Ada"}, {}, exists=False)])
            old = f"{people_url}people?$deltatoken=1!01/01/2020%2000:00:00"
            async for _ in environment.changes(person, ("name",), old):
                pass

    with pytest.raises(CheckpointExpiredError, match="older than 7 days"):
        run(work)


def test_a_link_of_other_columns_is_told_so_that_no_value_is_taken_for_missing(people_url: str) -> None:
    async def work() -> None:
        async with dataverse(people_url) as environment:
            person = environment.model.entity["person"]
            pages = [page async for page in environment.changes(person, ("name",), None)]
            async for _ in environment.changes(person, ("name", "number"), pages[-1].delta_link):
                pass

    with pytest.raises(CheckpointExpiredError, match="given out for other columns"):
        run(work)


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


def test_shops_that_say_when_they_changed_are_read_by_that(shops_url: str) -> None:
    """From a little before the last change on: what was written meanwhile shows an earlier time than it was seen."""

    async def work() -> tuple[str, list[list[str]]]:
        async with fno(shops_url) as environment:
            shop = environment.model.entity["ShopV2"]

            async def change(number: int, at: datetime) -> None:
                key: Row = {"dataAreaId": "hu", "ShopId": f"{number}"}
                await environment.upsert(shop, [Upsert(key, {"Name": "x", "ModifiedDateTime": at}, {}, exists=False)])

            async def since(checkpoint: str | None) -> tuple[list[str], str]:
                pages = [page async for page in environment.changes(shop, ("Name",), checkpoint)]
                return sorted(str(row["ShopId"]) for page in pages for row in page.rows), pages[-1].delta_link or ""

            noon = datetime(2024, 2, 29, 12, tzinfo=UTC)
            for number in range(3):
                await change(number, noon + timedelta(hours=number))
            everything, checkpoint = await since(None)
            await change(3, noon + timedelta(hours=2, minutes=-5))
            late, checkpoint = await since(checkpoint)
            await change(0, noon + timedelta(hours=5))
            changed, checkpoint = await since(checkpoint)
            nothing, _ = await since(checkpoint)
            return (await environment.tracking(shop)).told, [everything, late, changed, nothing]

    told, found = run(work)
    assert "ModifiedDateTime" in told
    assert found == [["0", "1", "2"], ["2", "3"], ["0", "2", "3"], ["0"]]


@pytest.mark.parametrize("checkpoint", ['{"at":"2024-01-01T00:00:00Z","last":{}}', "12", "2024-01-01T00:00:00"])
def test_a_checkpoint_of_another_way_of_reading_is_expired(shops_url: str, checkpoint: str) -> None:
    async def work() -> None:
        async with fno(shops_url) as environment:
            async for _ in environment.changes(environment.model.entity["ShopV2"], ("Name",), checkpoint):
                pass

    with pytest.raises(CheckpointExpiredError):
        run(work)


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
