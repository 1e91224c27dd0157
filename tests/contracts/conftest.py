"""The services that the contracts are checked on, each over a database of its own, emptied before every test."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import text

from tests.contracts.caller import Caller, registry, retail, sales_environment
from tests.contracts.over_http import served


@pytest.fixture(scope="session")
def registry_service(database_url: Callable[[str], str]) -> Iterator[Caller]:
    """The Dataverse dialect over the registry's tables."""
    caller = registry(database_url)
    yield caller
    caller.service.database.engine.dispose()


@pytest.fixture(scope="session")
def retail_service(database_url: Callable[[str], str]) -> Iterator[Caller]:
    """The Finance and Operations dialect over the shops' tables."""
    caller = retail(database_url)
    yield caller
    caller.service.database.engine.dispose()


@pytest.fixture(scope="module")
def sales(database_url: Callable[[str], str]) -> Iterator[Caller]:
    """Sales with the rows that it cannot live without, shared by the tests of a module."""
    caller = sales_environment(database_url)
    yield caller
    caller.service.database.engine.dispose()


@pytest.fixture
def people(registry_service: Caller) -> Caller:
    """The registry without rows."""
    _empty(registry_service, "person, city, deleted_row, number_sequence")
    return registry_service


@pytest.fixture
def shops(retail_service: Caller) -> Caller:
    """The shops without rows."""
    _empty(retail_service, "shop, number_sequence")
    return retail_service


def _empty(caller: Caller, tables: str) -> None:
    with caller.service.database.engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {tables}"))


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
