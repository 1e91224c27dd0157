"""Several writers at once: every request succeeds, and no key or number is given twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tests.contracts.caller import Caller


def in_parallel(workers: int, jobs: int, people: Caller, url: str, method: str = "POST") -> list[int]:
    """Statuses of the same kind of request from many threads."""

    def one(number: int) -> int:
        return people(method, url, {"name": f"{number}"}).status

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(one, range(jobs)))


def test_eight_threads_create_rows_with_a_number_each(people: Caller) -> None:
    assert set(in_parallel(8, 200, people, "people")) == {204}
    numbers = [row["number"] for row in people.rows("people", select="number")]
    assert len(set(numbers)) == 200


def test_more_threads_than_connections_wait_for_one_another(people: Caller) -> None:
    assert set(in_parallel(40, 200, people, "people")) == {204}


def test_eight_threads_that_upsert_one_new_key_make_one_row(people: Caller) -> None:
    people_url = "cities(code='B')"
    assert set(in_parallel(8, 40, people, people_url, "PATCH")) == {204}
    assert len(people.rows("cities")) == 1


def test_eight_threads_create_shops_with_a_key_each(shops: Caller) -> None:
    def one(number: int) -> int:
        return shops("POST", "ShopsV2", {"Name": f"{number}"}).status

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(one, range(100))) == {201}
    assert len({row["ShopId"] for row in shops.rows("ShopsV2")}) == 100
