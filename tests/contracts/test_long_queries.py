"""A query that takes too long is ended; others go on, and nobody tries it again for the caller."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import text

from p2c.odata.service import core
from tests.contracts.caller import Caller


@contextmanager
def held(service: Caller, table: str) -> Iterator[None]:
    """While this lasts, whoever reads the table waits."""
    with service.service.database.engine.begin() as connection:
        connection.execute(text(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"))
        yield


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Services that wait for a moment only."""
    monkeypatch.setattr(core, "READ_SECONDS", 0.05)


def test_dataverse_tells_it_by_its_code(people: Caller) -> None:
    with held(people, "person"):
        for url in (
            "people",
            "people/$count",
            "people?$apply=aggregate($count as n)",
            "people?sql=SELECT name FROM person",
        ):
            answer = people("GET", url)
            assert (answer.status, answer.code) == (500, "0x80044151"), url
    assert people("GET", "people").status == 200


def test_operations_tells_it_in_its_body(shops: Caller) -> None:
    with held(shops, "shop"):
        answer = shops("GET", "ShopsV2")
        assert (answer.status, answer.message) == (500, "the query took too long and was ended; ask for less at a time")
    assert shops("GET", "ShopsV2").status == 200


def test_writing_is_not_bound_by_it(people: Caller) -> None:
    assert people("POST", "people", {"name": "Ada"}).status == 204
