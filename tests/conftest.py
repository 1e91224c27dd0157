"""One PostgreSQL server for all tests that need a real one, and laboratories over it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest
from hypothesis import settings

from p2c.database.embedded import EmbeddedPostgres
from tests.lab import Lab

# How fast the machine is just now is no property of the product.
settings.register_profile("steady", settings(), deadline=None)
settings.load_profile("steady")


@pytest.fixture(scope="session", autouse=True)
def packages_pay() -> Iterator[None]:
    """Many rows go by packages here, however fast the machine answers batches."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("p2c.odata.client.data_management.pace.QUICK", 0)
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """The embedded server, in a directory of its own; stopped after the last test."""
    # Not below pytest's own folder: as root the server runs as another user, and every pytest that starts
    # closes that folder to others again.
    with TemporaryDirectory(prefix="p2c-tests-", ignore_cleanup_errors=True) as directory:
        server = EmbeddedPostgres(Path(directory))
        _write_lazily(server)
        yield server
        server.stop()


def _write_lazily(server: EmbeddedPostgres) -> None:
    """Tests need no row to outlive the machine; not to wait for the disk makes them faster."""
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")


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
