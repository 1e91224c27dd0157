"""Turns what a connection says of signing in into a credential that requests can use."""

from __future__ import annotations

import ssl
from pathlib import Path
from urllib.parse import urlsplit

from p2c.database.vault import Vault
from p2c.errors import ConfigurationError
from p2c.integrator.connections import Connection
from p2c.odata.client.credentials import Application, ApplicationCredential, Credential


def credential_of(connection: Connection, vault: Vault | None) -> Credential | None:
    """
    The credential of a connection; None when nobody is asked there.

    Raises:
        ConfigurationError: Its secret is missing or does not open, or its certificate cannot be read.
    """
    sign_in = connection.sign_in
    if sign_in is None:
        return None
    secret = ""
    if sign_in.secret and vault is not None:
        secret = vault.open(sign_in.secret, connection.purpose)
    certificate = _read(connection, sign_in.certificate) if sign_in.certificate else ""
    if not secret and not certificate:
        raise ConfigurationError(
            f"application {sign_in.application} has neither secret nor certificate",
            where=connection.purpose,
            way_out=f"run `p2c connection sign-in {connection.name}`",
        )
    parts = urlsplit(connection.url)
    return ApplicationCredential(
        Application(
            tenant=sign_in.tenant,
            client_id=sign_in.application,
            resource=f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}",
            secret=secret,
            certificate=certificate,
            thumbprint=sign_in.thumbprint,
            authority=sign_in.authority,
            trust=Path(sign_in.trust) if sign_in.trust else None,
        )
    )


def trust_of(connection: Connection) -> ssl.SSLContext | None:
    """What to trust beside the system's certificates; None for nothing more.

    Raises:
        ConfigurationError: The file cannot be read.
    """
    sign_in = connection.sign_in
    if sign_in is None or not sign_in.trust:
        return None
    try:
        return ssl.create_default_context(cafile=sign_in.trust)
    except OSError as error:
        raise ConfigurationError(
            f"the certificates {sign_in.trust} cannot be read ({error.strerror or error})", where=connection.purpose
        ) from error


def _read(connection: Connection, path: str) -> str:
    try:
        return Path(path).read_text("ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"the certificate {path} cannot be read ({error})", where=connection.purpose
        ) from error
