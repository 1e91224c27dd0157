"""The database of each service: the user's own where a URL is set, else one of the embedded server."""

from __future__ import annotations

from collections.abc import Iterable
from types import TracebackType

from p2c.settings import Service, Settings


class Databases:
    """
    Database URLs by service. Starts the embedded server only when a service asks for it.

    Raises:
        ConfigurationError: The data directory cannot be written.
        StopError: The embedded server does not start.
    """

    def __init__(self, settings: Settings, services: Iterable[Service]) -> None:
        wanted = list(services)
        self.urls = {name: url for name, url in settings.database_urls.items() if name in wanted}
        self._embedded = None
        missing = [service for service in wanted if service not in self.urls]
        if missing:
            from p2c.database.embedded import EmbeddedPostgres

            self._embedded = EmbeddedPostgres(settings.data)
            self.urls.update({service: self._embedded.url(service.value) for service in missing})

    @property
    def pid(self) -> int | None:
        """Process id of the embedded server; None when there is none."""
        return self._embedded.pid if self._embedded is not None else None

    def __enter__(self) -> Databases:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._embedded is not None:
            self._embedded.stop()
