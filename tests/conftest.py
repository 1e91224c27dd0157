"""One PostgreSQL server for all tests that need a real one, and laboratories over it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

import pytest

from p2c.database.embedded import EmbeddedPostgres
from tests.lab import Lab


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """The embedded server, in a directory of its own; stopped after the last test."""
    server = EmbeddedPostgres(tmp_path_factory.mktemp("data"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def database_url(postgres: EmbeddedPostgres) -> Callable[[str], str]:
    """Makes an empty database at every call and gives its URL; the name says whose it is."""
    numbers = count(1)
    return lambda name: postgres.url(f"{name}_{next(numbers)}")


@pytest.fixture(scope="module")
def lab(database_url: Callable[[str], str]) -> Iterator[Lab]:
    """The services and the integrator over empty databases, shared by the tests of a module."""
    with Lab(database_url) as running:
        yield running
