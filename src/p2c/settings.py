"""What the environment settles: where data lies, which ports and databases the services use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from p2c.errors import ConfigurationError

LOOPBACK = "127.0.0.1"
_LAST_PORT = 65535
HISTORY_DAYS = 45
_MOST_DAYS = 36_500


class Service(Enum):
    """The services, in the order of their ports. The value is the word used on the command line."""

    INTEGRATOR = "integrator"
    SALES = "sales"
    OPERATIONS = "operations"
    COMMONDATA = "commondata"
    IDENTITY = "identity"

    @property
    def title(self) -> str:
        """The name that people read."""
        return _TITLES[self]

    @property
    def default_port(self) -> int:
        """8400 to 8404."""
        return _FIRST_PORT + list(Service).index(self)

    @property
    def base_path(self) -> str:
        """Where the service's API begins, as at the product it speaks like."""
        return _BASE_PATHS[self]

    def variable(self, what: str) -> str:
        """The environment variable for one of its settings, such as `P2C_SALES_DATABASE_URL`."""
        return f"P2C_{self.name}_{what}"


_FIRST_PORT = 8400
_TITLES = {
    Service.INTEGRATOR: "Data Integrator",
    Service.SALES: "Sales",
    Service.OPERATIONS: "Operations",
    Service.COMMONDATA: "Common Data Service",
    Service.IDENTITY: "Identity",
}
_BASE_PATHS = {
    Service.INTEGRATOR: "/",
    Service.SALES: "/api/data/v9.2/",
    Service.OPERATIONS: "/data/",
    Service.COMMONDATA: "/api/data/v9.2/",
    Service.IDENTITY: "/",
}
ENVIRONMENTS = (Service.SALES, Service.OPERATIONS, Service.COMMONDATA)
"""The services that keep business rows; the integrator moves them."""
SERVICES = (Service.INTEGRATOR, *ENVIRONMENTS)
"""What is started when no service is named; identity comes with them where callers must say who they are."""


@dataclass(frozen=True, slots=True)
class Settings:
    """
    Settings of one process.

    `database_urls` has the services that use the user's own PostgreSQL; the others get the embedded one in `data`.
    `urls` has the environments that are elsewhere. Neither is ever printed: both may hold passwords. Runs and closed
    rejected rows are kept for `history_days`; 0 is for ever.
    """

    data: Path
    ports: Mapping[Service, int]
    database_urls: Mapping[Service, str] = field(default_factory=dict, repr=False)
    urls: Mapping[Service, str] = field(default_factory=dict, repr=False)
    history_days: int = HISTORY_DAYS


def read_settings(environment: Mapping[str, str], data: Path | None = None) -> Settings:
    """
    Settings from environment variables; `data` (a command's --data) comes before `P2C_DATA`.

    Raises:
        ConfigurationError: A port is not a number from 0 to 65535, or the days of history are no number.
    """
    return Settings(
        data=(data or _data_directory(environment)).expanduser().absolute(),
        ports={service: _port(environment, service) for service in Service},
        database_urls=_given(environment, "DATABASE_URL"),
        urls=_given(environment, "URL"),
        history_days=_history_days(environment),
    )


def _data_directory(environment: Mapping[str, str]) -> Path:
    if environment.get("P2C_DATA"):
        return Path(environment["P2C_DATA"])
    home = environment.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(home) / "prospect-to-cash"


def _history_days(environment: Mapping[str, str]) -> int:
    name = "P2C_HISTORY_DAYS"
    text = environment.get(name) or str(HISTORY_DAYS)
    if not text.isdecimal() or int(text) > _MOST_DAYS:
        raise ConfigurationError(
            f"{text!r} is no number of days", where=name, way_out=f"give 1 to {_MOST_DAYS}, or 0 to keep all"
        )
    return int(text)


def _port(environment: Mapping[str, str], service: Service) -> int:
    name = service.variable("PORT")
    text = environment.get(name, "")
    if not text:
        return service.default_port
    if not text.isdecimal() or int(text) > _LAST_PORT:
        raise ConfigurationError(f"{text!r} is not a port", where=name, way_out=f"give a number from 0 to {_LAST_PORT}")
    return int(text)


def _given(environment: Mapping[str, str], what: str) -> dict[Service, str]:
    found = {service: environment.get(service.variable(what), "") for service in Service}
    return {service: url for service, url in found.items() if url}
