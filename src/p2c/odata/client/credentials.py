"""Proves to an environment who is calling: tokens of an application, from Entra ID or the local identity service."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import msal
import requests

from p2c.errors import ConfigurationError, RetryError

ENTRA_ID = "https://login.microsoftonline.com"
TIMEOUT = 30
"""Seconds that the identity service has for an answer."""


class Credential(Protocol):
    """Gives access tokens."""

    async def token(self, *, anew: bool = False) -> str:
        """A valid access token; kept until shortly before it expires, unless a new one is asked for.

        Raises:
            ConfigurationError: The identity service refuses the application.
            RetryError: The identity service does not answer.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """An application registered with an identity service.

    `resource` is the environment's URL without path. Either `secret` or a certificate (`certificate` holds the PEM
    of the private key, `thumbprint` its SHA-1 in hex) proves who it is. `authority` is the identity service without
    the tenant; `trust` names a file of certificates to trust instead of the system's.
    """

    tenant: str
    client_id: str
    resource: str
    secret: str = field(default="", repr=False)
    certificate: str = field(default="", repr=False)
    thumbprint: str = ""
    authority: str = ENTRA_ID
    trust: Path | None = None


class _Session(requests.Session):
    """Requests to the identity service: bounded in time, with certificates that the environment does not override."""

    def __init__(self, trust: Path | None) -> None:
        super().__init__()
        self._trust = trust

    def request(self, method: str, url: str, **options: Any) -> requests.Response:  # type: ignore[override]
        """Send with our own timeout, and what to trust."""
        options.setdefault("timeout", TIMEOUT)
        if self._trust is not None:
            options["verify"] = str(self._trust)
        return super().request(method, url, **options)


class ApplicationCredential:
    """Tokens by client credentials, through Microsoft's own client library."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._client: msal.ConfidentialClientApplication | None = None
        self._lock = asyncio.Lock()

    async def token(self, *, anew: bool = False) -> str:
        """A valid access token."""
        async with self._lock:
            if anew:
                self._client = None
            return await asyncio.to_thread(self._acquire)

    def _acquire(self) -> str:
        wanted = self._application
        try:
            if self._client is None:
                self._client = self._connected()
            answer = self._client.acquire_token_for_client([f"{wanted.resource.rstrip('/')}/.default"])
        except requests.RequestException as error:
            raise RetryError(
                f"the identity service does not answer ({type(error).__name__})",
                where=f"{wanted.authority}/{wanted.tenant}",
                way_out="check the authority and the network, then run again",
            ) from error
        except ValueError as error:
            raise ConfigurationError(str(error), where=f"{wanted.authority}/{wanted.tenant}") from error
        token = answer.get("access_token")
        if not isinstance(token, str):
            raise ConfigurationError(
                f"application {wanted.client_id} gets no token: {_first_line(answer)}",
                where=f"{wanted.authority}/{wanted.tenant}",
                way_out="correct tenant, application id and secret or certificate of the connection",
            )
        return token

    def _connected(self) -> msal.ConfidentialClientApplication:
        wanted = self._application
        proof: str | dict[str, str] = wanted.secret
        if wanted.certificate:
            proof = {"private_key": wanted.certificate, "thumbprint": wanted.thumbprint}
        return msal.ConfidentialClientApplication(
            wanted.client_id,
            client_credential=proof,
            authority=f"{wanted.authority}/{wanted.tenant}",
            instance_discovery=wanted.authority == ENTRA_ID,
            http_client=_Session(wanted.trust),
        )


def _first_line(answer: Mapping[str, object]) -> str:
    text = str(answer.get("error_description") or answer.get("error") or "no reason given")
    return text.splitlines()[0]
