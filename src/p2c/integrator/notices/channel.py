"""Where notices go: people by e-mail, programs by a webhook."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as Base64Error
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.headerregistry import Address
from typing import TypeAlias
from urllib.parse import SplitResult, urlsplit

from p2c.errors import ConfigurationError

_PORTS = {"smtp": 587, "smtps": 465}
_KEY_BYTES = range(24, 65)
_KEY_PREFIX = "whsec_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """
    People, and the server that takes mail for them.

    `server` is `smtp://user@host:port` (encrypted by STARTTLS where the server offers it, and always with a user) or
    `smtps://…`. `secret` is the user's password, sealed by the vault.

    Raises:
        ConfigurationError: An address or the server cannot be read.
    """

    name: str
    to: tuple[str, ...]
    sender: str
    server: str
    secret: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        if not self.to:
            raise ConfigurationError("nobody gets the mail", where=self.purpose, way_out="name an address")
        for address in (*self.to, self.sender):
            _check_address(address, self.purpose)
        parts = _url(self.server, tuple(_PORTS), self.purpose)
        if parts.password is not None:
            raise ConfigurationError(
                "the server's address has a password in it",
                where=self.purpose,
                way_out="write smtp://user@host; the password is asked for",
            )

    @property
    def purpose(self) -> str:
        """What the channel's secret is sealed for."""
        return f"channel {self.name}"

    @property
    def address(self) -> str:
        """Where it goes, for people."""
        return ", ".join(self.to)

    @property
    def encrypted_from_the_start(self) -> bool:
        """Whether the server speaks TLS from the first byte."""
        return urlsplit(self.server).scheme == "smtps"

    @property
    def host_and_port(self) -> tuple[str, int]:
        """The server."""
        parts = urlsplit(self.server)
        return parts.hostname or "", parts.port or _PORTS[parts.scheme]

    @property
    def user(self) -> str:
        """Who signs in at the server; empty where nobody does."""
        return urlsplit(self.server).username or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """
    A program that listens at `url`. `secret` is the key that requests are signed with, sealed by the vault.

    Raises:
        ConfigurationError: It is no URL.
    """

    name: str
    url: str
    secret: str = field(repr=False)

    def __post_init__(self) -> None:
        parts = _url(self.url, ("http", "https"), self.purpose)
        if parts.username or parts.password:
            raise ConfigurationError("a URL with a user in it is not taken", where=self.purpose)

    @property
    def purpose(self) -> str:
        """What the channel's secret is sealed for."""
        return f"channel {self.name}"

    @property
    def address(self) -> str:
        """Where it goes, for people; without what may be a token."""
        return urlsplit(self.url)._replace(query="", fragment="").geturl()


Channel: TypeAlias = Mail | Webhook


def signing_key(secret: str) -> bytes:
    """
    The bytes of a webhook's key, as `whsec_` and base64 or base64 alone.

    Raises:
        ConfigurationError: It is no key of 24 to 64 bytes.
    """
    try:
        key = b64decode(secret.removeprefix(_KEY_PREFIX), validate=True)
    except (Base64Error, ValueError):
        key = b""
    if len(key) not in _KEY_BYTES:
        raise ConfigurationError(
            "the key is not 24 to 64 bytes in base64", where="webhook", way_out="make one: `openssl rand -base64 32`"
        )
    return key


def _check_address(address: str, where: str) -> None:
    try:
        if not Address(addr_spec=address).domain:
            raise ValueError(address)
    except (HeaderParseError, ValueError, IndexError) as error:
        raise ConfigurationError(
            f"{address!r} is no address", where=where, way_out="write it as ann@example.com"
        ) from error


def _url(text: str, schemes: tuple[str, ...], where: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        if parts.scheme in schemes and parts.hostname and (parts.port is None or parts.port):
            return parts
    except ValueError:
        pass
    raise ConfigurationError("the address cannot be read", where=where, way_out=f"write {' or '.join(schemes)}://host…")
