"""A large entity is read in ranges of its keys: every row once, and a checkpoint from before they were read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from uuid import UUID, uuid4

import msgspec
import pytest

from p2c.edm.values import Row
from p2c.odata.client.dataverse import DataverseEnvironment
from p2c.odata.client.environment import CheckpointExpiredError, Division, Environment, KeyRange, Upsert
from p2c.odata.client.fno import FnoEnvironment
from p2c.odata.client.http import Answer, HttpEnvironment
from p2c.odata.client.ranges import EvenSample, disjoint, every_nth, ranges_between
from tests.contracts.over_http import dataverse, fno, read, run

ROWS = 120
PART = 20
COLUMNS = ("name", "cityid", "age")


class Meddled(HttpEnvironment):
    """Requests whose paths have all of `words` in them are answered by `instead`."""

    def __init__(self, url: str, words: Sequence[str], instead: Callable[[Answer], Answer]) -> None:
        super().__init__(url, name="meddled")
        self._words = words
        self._instead = instead

    async def send(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        signed: bool = True,
    ) -> Answer:
        """The service's answer, or what is to be answered instead."""
        answer = await super().send(method, path, body=body, headers=headers, signed=signed)
        return self._instead(answer) if all(word in path for word in self._words) else answer


def refused(_: Answer) -> Answer:
    """The service does not take this."""
    return Answer(400, {}, b'{"error": {"code": "0x0", "message": "not here"}}')


def without_ages(answer: Answer) -> Answer:
    """Rows come without a column that was asked for."""
    told = msgspec.json.decode(answer.body)
    for row in told["value"]:
        row.pop("age", None)
    return Answer(answer.status, answer.headers, msgspec.json.encode(told))


async def enter_people(environment: Environment, number: int = ROWS) -> list[UUID]:
    """People of random ids, as they are in order of entry."""
    keys = [uuid4() for _ in range(number)]
    person = environment.model.entity["person"]
    rows = [Upsert({"personid": key}, {"name": f"{place}"}, {}, exists=False) for place, key in enumerate(keys)]
    await environment.upsert(person, rows)
    return keys


async def enter_shops(environment: Environment) -> None:
    """The same shops in two companies."""
    shop = environment.model.entity["ShopV2"]
    keys = [{"dataAreaId": company, "ShopId": f"Č{n:03}'"} for company in ("cz", "hu") for n in range(ROWS // 2)]
    await environment.upsert(shop, [Upsert({**key}, {"Name": "x"}, {}, exists=False) for key in keys])


async def read_parts(environment: Environment, name: str, names: Sequence[str], division: Division) -> list[list[Row]]:
    """The rows of each range."""
    entity = environment.model.entity[name]
    return [
        [row async for page in environment.part(entity, names, part) for row in page.rows] for part in division.ranges
    ]


def test_people_are_divided_into_ranges_of_about_one_size_that_have_everyone_once(people_url: str) -> None:
    async def work() -> tuple[list[UUID], list[list[Row]], Division]:
        async with dataverse(people_url, page_size=7) as environment:
            keys = await enter_people(environment)
            division = await environment.divide(environment.model.entity["person"], COLUMNS, PART)
            assert division is not None
            return keys, await read_parts(environment, "person", COLUMNS, division), division

    keys, parts, division = run(work)
    assert sorted(row["personid"] for part in parts for row in part) == sorted(keys)  # type: ignore[type-var]
    assert (division.rows, len(parts)) == (ROWS, ROWS // PART)
    assert min(map(len, parts)) > 0
    assert max(map(len, parts)) < 3 * PART
    assert division.ranges[0].lower == division.ranges[-1].upper == ""


def test_changes_go_on_from_before_the_ranges_were_read_with_all_columns(people_url: str) -> None:
    async def work() -> tuple[list[UUID], list[Row], list[str], str]:
        async with dataverse(people_url) as environment:
            person = environment.model.entity["person"]
            keys = await enter_people(environment)
            division = await environment.divide(person, COLUMNS, PART)
            assert division is not None
            await environment.upsert(person, [Upsert({"personid": keys[0]}, {"age": 7}, {}, exists=True)])
            await environment.delete(person, [{"personid": keys[1]}])
            pages = [page async for page in environment.changes(person, COLUMNS, division.checkpoint)]
            (page,) = pages
            return keys, page.rows, page.deleted, page.delta_link or ""

    keys, rows, deleted, link = run(work)
    assert rows == [{"personid": keys[0], "name": "0", "cityid": None, "age": 7}]
    assert deleted == [str(keys[1])]
    assert "age" in link
    assert "#" not in link


@pytest.mark.parametrize(("words", "instead"), [(("deltatoken", "age"), without_ages), (("deltatoken",), refused)])
def test_a_link_of_keys_that_brings_no_columns_or_is_refused_asks_for_a_full_read(
    people_url: str, words: Sequence[str], instead: Callable[[Answer], Answer]
) -> None:
    """A column that is not told must not be taken for one without a value."""

    async def work() -> list[Row]:
        async with dataverse(people_url) as environment:
            person = environment.model.entity["person"]
            keys = await enter_people(environment)
            division = await environment.divide(person, COLUMNS, PART)
            await environment.upsert(person, [Upsert({"personid": keys[0]}, {"age": 7}, {}, exists=True)])
        assert division is not None
        meddled = DataverseEnvironment(Meddled(people_url, words, instead))
        taken: list[Row] = []
        try:
            await meddled.connect()
            person = meddled.model.entity["person"]
            with suppress(CheckpointExpiredError):
                async for page in meddled.changes(person, COLUMNS, division.checkpoint):
                    taken += page.rows
                pytest.fail("nobody is told to read everything")
        finally:
            await meddled.close()
        return taken

    assert run(work) == []


@pytest.mark.parametrize("words", [("%20lt%20",), ("$orderby",)])
def test_people_whose_ranges_or_order_are_refused_stay_undivided(people_url: str, words: Sequence[str]) -> None:
    async def work() -> Division | None:
        async with dataverse(people_url) as environment:
            await enter_people(environment)
        meddled = DataverseEnvironment(Meddled(people_url, words, refused))
        try:
            await meddled.connect()
            return await meddled.divide(meddled.model.entity["person"], COLUMNS, PART)
        finally:
            await meddled.close()

    assert run(work) is None


def test_people_whose_delta_token_may_hold_columns_stay_undivided(people_url: str) -> None:
    def opaque(answer: Answer) -> Answer:
        return Answer(answer.status, answer.headers, answer.body.replace(b"deltatoken=", b"deltatoken=abc"))

    async def work() -> Division | None:
        async with dataverse(people_url) as environment:
            await enter_people(environment)
        meddled = DataverseEnvironment(Meddled(people_url, ("people?",), opaque))
        try:
            await meddled.connect()
            return await meddled.divide(meddled.model.entity["person"], COLUMNS, PART)
        finally:
            await meddled.close()

    assert run(work) is None


def test_what_is_too_small_stays_undivided(people_url: str, shops_url: str) -> None:
    async def work() -> list[Division | None]:
        async with dataverse(people_url) as registry, fno(shops_url) as retail:
            await enter_people(registry, PART)
            return [
                await registry.divide(registry.model.entity["person"], COLUMNS, PART),
                await retail.divide(retail.model.entity["ShopV2"], ("Name",), PART),
            ]

    assert run(work) == [None, None]


def test_shops_of_all_companies_are_divided_by_their_number(shops_url: str) -> None:
    async def work() -> tuple[list[list[Row]], Division, list[Row]]:
        async with fno(shops_url, page_size=7) as environment:
            await enter_shops(environment)
            shop = environment.model.entity["ShopV2"]
            division = await environment.divide(shop, ("Name",), PART)
            assert division is not None
            key: Row = {"dataAreaId": "cz", "ShopId": "new"}
            await environment.upsert(shop, [Upsert(key, {"Name": "y"}, {}, exists=False)])
            parts = await read_parts(environment, "ShopV2", ("Name",), division)
            pages = [page async for page in environment.changes(shop, ("Name",), division.checkpoint)]
            return parts, division, [row for page in pages for row in page.rows]

    parts, division, changed = run(work)
    found = [(row["dataAreaId"], row["ShopId"]) for part in parts for row in part]
    assert len(found) == len(set(found)) == ROWS + 1
    assert (division.rows, len(parts)) == (ROWS, ROWS // PART)
    assert {len(part) for part in parts} <= {PART, PART + 1}
    assert ("cz", "new") in {(row["dataAreaId"], row["ShopId"]) for row in changed}


def test_shops_are_read_once_although_they_are_ordered_by_case_and_compared_without(shops_url: str) -> None:
    """Bounds that are in no order for who compares are left out."""

    async def work() -> list[list[Row]]:
        async with fno(shops_url) as environment:
            shop = environment.model.entity["ShopV2"]
            keys = [{"dataAreaId": "cz", "ShopId": f"{'aBcD'[n % 4]}{n:03}"} for n in range(ROWS)]
            await environment.upsert(shop, [Upsert({**key}, {"Name": "x"}, {}, exists=False) for key in keys])
            division = await environment.divide(shop, ("Name",), PART)
            assert division is not None
            return await read_parts(environment, "ShopV2", ("Name",), division)

    parts = run(work)
    found = [row["ShopId"] for part in parts for row in part]
    assert len(found) == len(set(found)) == ROWS
    assert len(parts) > 1


def test_shops_whose_ranges_are_refused_stay_undivided(shops_url: str) -> None:
    async def work() -> Division | None:
        async with fno(shops_url) as environment:
            await enter_shops(environment)
        meddled = FnoEnvironment(Meddled(shops_url, ("%20lt%20",), refused))
        try:
            await meddled.connect()
            return await meddled.divide(meddled.model.entity["ShopV2"], ("Name",), PART)
        finally:
            await meddled.close()

    assert run(work) is None


def test_ranges_have_every_key_whatever_order_their_bounds_are_in() -> None:
    """A bound in the wrong place makes ranges overlap; it leaves nothing out."""
    for bounds in (["b", "m", "t"], ["m", "b", "t"], ["t", "m", "b"], ["m", "m"], []):
        for key in "abcmntz":
            assert any(
                (not part.lower or key >= part.lower) and (not part.upper or key < part.upper)
                for part in ranges_between(bounds)
            )
    assert ranges_between(["m"]) == (KeyRange("", "m"), KeyRange("m", ""))


def test_bounds_that_are_not_above_the_one_before_are_left_out() -> None:
    """One that has the last key of all is, too, when nothing is behind it any more."""
    keys = "bdfhj"

    async def holds(part: KeyRange) -> bool:
        return any((not part.lower or key >= part.lower) and (not part.upper or key < part.upper) for key in keys)

    for bounds, kept in (("dfh", "dfh"), ("dhfj", "dhj"), ("bd", "d"), ("dz", "d"), ("b", ""), ("dd", "d")):
        assert asyncio.run(disjoint(list(bounds), holds)) == ranges_between(list(kept))


def test_a_sample_is_drawn_evenly_from_a_stream_of_unknown_length() -> None:
    sample: EvenSample[int] = EvenSample(8)
    for number in range(100):
        sample.add(number)
    assert (sample.count, sample.items) == (100, [0, 16, 32, 48, 64, 80, 96])
    assert every_nth(list(range(10)), 5) == [2, 4, 6, 8]
    assert every_nth([1], 3) == []


def test_what_was_read_in_ranges_is_what_is_there(people_url: str) -> None:
    async def work() -> tuple[list[Row], list[Row]]:
        async with dataverse(people_url) as environment:
            await enter_people(environment)
            division = await environment.divide(environment.model.entity["person"], COLUMNS, PART)
            assert division is not None
            parts = await read_parts(environment, "person", COLUMNS, division)
            return [row for part in parts for row in part], await read(environment, "person", COLUMNS)

    parted, whole = run(work)
    assert sorted(parted, key=str) == sorted(whole, key=str)
