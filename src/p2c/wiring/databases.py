"""The database of each service: the user's own where a URL is set, else one of the embedded server."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine

from p2c.database.connect import open_database
from p2c.database.embedded import EmbeddedPostgres, is_in
from p2c.errors import ConfigurationError
from p2c.integrator.store import Store
from p2c.settings import Service, Settings


class _Shared:
    """The embedded servers that this process uses: the first use starts one, the last one lets go of it."""

    def __init__(self) -> None:
        self._servers: dict[Path, EmbeddedPostgres] = {}
        self._uses: Counter[Path] = Counter()

    def take(self, data: Path) -> EmbeddedPostgres:
        if data not in self._servers:
            self._servers[data] = EmbeddedPostgres(data)
        self._uses[data] += 1
        return self._servers[data]

    def give_back(self, data: Path) -> None:
        self._uses[data] -= 1
        if self._uses[data] == 0:
            self._servers.pop(data).stop()


_shared = _Shared()


class Databases:
    """Database URLs by service, and the embedded server behind those that have no URL of their own."""

    def __init__(self) -> None:
        self.urls: dict[Service, str] = {}
        self._embedded: EmbeddedPostgres | None = None
        self._data: Path | None = None

    def open(self, settings: Settings, services: Iterable[Service], *, lasting: bool = True) -> None:
        """
        Settle the URLs of these services; starts the embedded server only when one of them needs it.

        Args:
            lasting: False where the data directory does not outlive the process: the embedded server then does
                not wait for the disk.

        Raises:
            ConfigurationError: The data directory cannot be written.
            StopError: The embedded server does not start.
        """
        for service in services:
            if service in settings.database_urls:
                self.urls[service] = settings.database_urls[service]
                continue
            if self._embedded is None:
                self._embedded = _shared.take(settings.data)
                self._data = settings.data
                if not lasting:
                    _never_wait_for_disk(self._embedded.url(service.value))
            self.urls[service] = self._embedded.url(service.value)

    @property
    def pid(self) -> int | None:
        """Process id of the embedded server; None when there is none."""
        return self._embedded.pid if self._embedded is not None else None

    def close(self) -> None:
        """Let go of the embedded server: it stops when nobody else uses it. May be called twice."""
        if self._data is not None:
            self._embedded = None
            _shared.give_back(self._data)
            self._data = None


def _never_wait_for_disk(url: str) -> None:
    engine = open_database(url)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.exec_driver_sql(f"ALTER SYSTEM SET {setting} = off")
        connection.exec_driver_sql("SELECT pg_reload_conf()")
    engine.dispose()


def check_made(settings: Settings, service: Service) -> None:
    """
    A mistyped data directory would look like one in which nothing has happened yet.

    Raises:
        ConfigurationError: The service's database would be in a data directory that nobody has made.
    """
    if service not in settings.database_urls and not is_in(settings.data):
        raise ConfigurationError(
            "nothing is set up there",
            where=f"data directory {settings.data}",
            way_out="name another with --data or P2C_DATA, or make it: `p2c setup` or `p2c serve`",
        )


@contextmanager
def open_store(settings: Settings, *, make: bool = False) -> Iterator[Store]:
    """The integrator's store, whether or not its service runs; as of `open_integrator`."""
    with open_integrator(settings, make=make) as engine:
        yield Store(engine)


@contextmanager
def open_integrator(settings: Settings, *, make: bool = False) -> Iterator[Engine]:
    """
    The integrator's database, whether or not its service runs; with `make` a data directory is made where none is.

    Raises:
        ConfigurationError: There is no data directory, it cannot be written, or the database does not answer.
    """
    if not make:
        check_made(settings, Service.INTEGRATOR)
    databases = Databases()
    try:
        databases.open(settings, [Service.INTEGRATOR])
        engine = open_database(databases.urls[Service.INTEGRATOR])
        try:
            yield engine
        finally:
            engine.dispose()
    finally:
        databases.close()
