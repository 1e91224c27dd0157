"""Opens the directory of applications and users: for its service, for those that check tokens, for commands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from p2c.database.connect import open_database
from p2c.database.vault import open_vault
from p2c.identity.store import IdentityStore
from p2c.settings import Service, Settings
from p2c.wiring.databases import Databases, check_made

_POOL = 4


def directory_at(url: str, data: Path) -> IdentityStore:
    """
    The directory in a database, with the key file of the data directory.

    Raises:
        ConfigurationError: The database does not answer, or the key file cannot be used.
    """
    return IdentityStore(open_database(url, pool_size=_POOL), open_vault(data))


@contextmanager
def open_directory(settings: Settings, *, make: bool = False) -> Iterator[IdentityStore]:
    """
    The directory, whether or not its service runs; with `make` a data directory is made where none is.

    Raises:
        ConfigurationError: There is no data directory, it cannot be written, or the database does not answer.
    """
    if not make:
        check_made(settings, Service.IDENTITY)
    databases = Databases()
    try:
        databases.open(settings, [Service.IDENTITY])
        store = directory_at(databases.urls[Service.IDENTITY], settings.data)
        try:
            yield store
        finally:
            store.close()
    finally:
        databases.close()
