"""How services are protected: decided once when they are started, and handed to each service's process."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from p2c.errors import ConfigurationError, nearest
from p2c.identity.certificates import TlsFiles, generated_files, own_files
from p2c.identity.tokens import origin
from p2c.odata.service.protection.limits import Limits
from p2c.settings import ENVIRONMENTS, LOOPBACK, Service, Settings
from p2c.wiring.address_book import running

GUARD = "P2C_SERVICE_GUARD"
DIALECTS: Mapping[str, tuple[Service, ...]] = {
    "dataverse": (Service.SALES, Service.COMMONDATA),
    "fno": (Service.OPERATIONS,),
    "none": (),
}
_LIMIT = re.compile(r"(requests|execution|concurrent|window)=(\d{1,7})")


@dataclass(frozen=True, slots=True)
class GuardOptions:
    """What the user asks for: `auth`, TLS (`certificate` and `key` where they are the user's own), the name that
    clients call this machine by, and service protection by environment."""

    host: str = LOOPBACK
    name: str = ""
    auth: bool = False
    tls: bool = False
    certificate: Path | None = None
    key: Path | None = None
    limits: Mapping[Service, Limits] | None = None

    @property
    def address(self) -> str:
        """The address to listen on."""
        return LOOPBACK if self.host == "localhost" else self.host

    @property
    def is_local(self) -> bool:
        """Whether this machine alone can reach the services."""
        try:
            return ipaddress.ip_address(self.address).is_loopback
        except ValueError:
            return False

    @property
    def client_name(self) -> str:
        """The name in URLs: the given one, the address, or the machine's where all addresses are listened on."""
        if self.name:
            return self.name
        return socket.gethostname() if self.address in ("0.0.0.0", "::") else self.address

    def check(self) -> None:
        """
        Refuse what would leave rows open to others.

        Raises:
            ConfigurationError: Other machines could reach the services without authentication or encryption.
        """
        missing = [word for word, there in (("--auth on", self.auth), ("--tls", self.tls)) if not there]
        if not self.is_local and missing:
            raise ConfigurationError(
                f"other machines could reach {self.host!r} without {' and '.join(missing)}",
                where="--host",
                way_out=f"add {' '.join(missing)}, or listen on this machine alone: leave --host out",
            )
        try:
            ipaddress.ip_address(self.address)
        except ValueError as error:
            raise ConfigurationError(
                f"{self.host!r} is no address to listen on",
                where="--host",
                way_out="give an address such as 0.0.0.0, and the name that clients use with --name",
            ) from error
        if (self.certificate is None) != (self.key is None):
            raise ConfigurationError("give both --tls-cert and --tls-key, or neither", where="--tls")

    def tls_files(self, data: Path) -> TlsFiles | None:
        """Certificate and key, generated in the data directory where the user has none; None without TLS."""
        if not self.tls:
            return None
        if self.certificate is not None and self.key is not None:
            return own_files(self.certificate, self.key)
        return generated_files(data, [self.address, self.client_name], datetime.now(UTC))


class Guard(msgspec.Struct, frozen=True):
    """What one service's process needs to know. Goes to it through its environment, as JSON.

    `identity` is the origin of the identity service, `urls` has the base URLs of all environments, and `origins`
    those that tokens may be meant for. `identity_database` may hold a password.
    """

    data: str = ""
    auth: bool = False
    identity: str = ""
    identity_database: str = ""
    urls: dict[str, str] = {}
    origins: dict[str, list[str]] = {}
    certificate: str = ""
    key: str = ""
    limits: dict[str, Limits] = {}
    faults: bool = False

    def __repr__(self) -> str:
        return f"Guard(auth={self.auth}, tls={bool(self.certificate)}, limits={sorted(self.limits)})"


OPEN = Guard()
"""No gates: for services that are reached inside one process only."""
ON_THIS_MACHINE = GuardOptions()
"""This machine alone, and nobody is asked who they are."""


def make_guard(
    settings: Settings,
    options: GuardOptions,
    urls: Mapping[Service, str],
    files: TlsFiles | None,
    identity_database: str,
) -> Guard:
    """The guard of services that are being started at `urls`; the others are looked for where they usually are."""
    known = {**_usual(settings, options), **running(settings.data), **settings.urls, **urls}
    return Guard(
        data=str(settings.data),
        auth=options.auth,
        identity=known[Service.IDENTITY].rstrip("/"),
        identity_database=identity_database,
        urls={service.value: url for service, url in known.items()},
        origins={service.value: _origins(known[service], options) for service in (Service.INTEGRATOR, *ENVIRONMENTS)},
        certificate=str(files.certificate) if files is not None else "",
        key=str(files.key) if files is not None else "",
        limits={service.value: limits for service, limits in (options.limits or {}).items()},
        faults=options.is_local,
    )


def parse_limits(words: Iterable[str]) -> dict[Service, Limits]:
    """
    Service protection from the command line: `dataverse`, `fno`, `none`, or smaller windows for laboratories as in
    `dataverse:requests=100,window=10`.

    Raises:
        ConfigurationError: There is no such dialect or number.
    """
    found: dict[Service, Limits] = {}
    for word in words:
        dialect, _, numbers = word.partition(":")
        if dialect not in DIALECTS:
            raise ConfigurationError(
                f"no limits are called {dialect!r}", where="--limits", way_out=nearest(dialect, DIALECTS)
            )
        found.update(dict.fromkeys(DIALECTS[dialect], _limits(numbers)))
    return found


def _limits(numbers: str) -> Limits:
    given: dict[str, int] = {}
    for part in filter(None, numbers.split(",")):
        match = _LIMIT.fullmatch(part.strip())
        if match is None or int(match[2]) == 0:
            raise ConfigurationError(
                f"{part!r} is no limit",
                where="--limits",
                way_out="give requests, execution, concurrent or window a whole number, as in requests=100,window=10",
            )
        given[match[1]] = int(match[2])
    usual = Limits()
    return Limits(
        given.get("requests", usual.requests),
        float(given.get("execution", usual.execution)),
        given.get("concurrent", usual.concurrent),
        float(given.get("window", usual.window)),
    )


def _usual(settings: Settings, options: GuardOptions) -> dict[Service, str]:
    scheme = "https" if options.tls else "http"
    shown = f"[{options.client_name}]" if ":" in options.client_name else options.client_name
    return {
        service: f"{scheme}://{shown}:{settings.ports[service] or service.default_port}{service.base_path}"
        for service in Service
    }


def _origins(url: str, options: GuardOptions) -> list[str]:
    """The origin under every name that the machine is known by."""
    first = origin(url)
    scheme, _, rest = first.partition("://")
    port = rest.rpartition(":")[2]
    names = ["localhost", LOOPBACK, "[::1]", options.client_name]
    return list(dict.fromkeys([first, *(origin(f"{scheme}://{name}:{port}") for name in names)]))
