"""A token request as a value: read from the form, or refused with the code that clients know."""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import parse_qsl, unquote_plus
from uuid import UUID

from p2c.identity.tokens import Version

CLIENT_CREDENTIALS = "client_credentials"
PASSWORD = "password"
GRANTS = (CLIENT_CREDENTIALS, PASSWORD)
_ALL_RIGHTS = "/.default"
_AS_THE_USER = "/user_impersonation"
_OPENID = ("openid", "profile", "offline_access")
_MOST_FIELDS = 50


class Refusal(Enum):
    """Why no token is given: HTTP status, OAuth error, and the number in `error_codes`."""

    UNKNOWN_TENANT = (400, "invalid_request", 90002)
    MISSING_FIELD = (400, "invalid_request", 900144)
    MALFORMED = (400, "invalid_request", 90013)
    UNKNOWN_GRANT_TYPE = (400, "unsupported_grant_type", 70003)
    BAD_SCOPE = (400, "invalid_scope", 1002012)
    UNKNOWN_RESOURCE = (400, "invalid_resource", 500011)
    UNKNOWN_APPLICATION = (400, "unauthorized_client", 700016)
    DISABLED_APPLICATION = (400, "unauthorized_client", 7000112)
    WRONG_PASSWORD = (400, "invalid_grant", 50126)
    EXPIRED_PASSWORD = (400, "invalid_grant", 50055)
    DISABLED_PERSON = (400, "invalid_grant", 50057)
    NO_SECRET = (401, "invalid_client", 7000218)
    WRONG_SECRET = (401, "invalid_client", 7000215)
    EXPIRED_SECRET = (401, "invalid_client", 7000222)
    TOO_MANY = (429, "temporarily_unavailable", 90055)
    AWAY = (503, "temporarily_unavailable", 90033)

    @property
    def status(self) -> int:
        """HTTP status."""
        return self.value[0]

    @property
    def error(self) -> str:
        """OAuth error (RFC 6749, 5.2)."""
        return self.value[1]

    @property
    def number(self) -> int:
        """The number that clients tell cases apart by."""
        return self.value[2]


class TokenRequestError(Exception):
    """No token. `after` is the wait in seconds where waiting helps."""

    def __init__(self, refusal: Refusal, message: str, after: int | None = None) -> None:
        self.refusal = refusal
        self.message = message
        self.after = after
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """
    Who wants a token for which environment: an application with its secret, or a person (`username`, `password`) who
    signs in with an application, whose secret may then be empty.
    """

    application_id: UUID
    secret: str = field(repr=False)
    resource: str
    version: Version
    username: str = ""
    password: str = field(default="", repr=False)


def parse_request(body: bytes, authorization: str, version: Version) -> TokenRequest:
    """
    Read a token request; the secret comes in the form (`client_secret_post`) or by `Authorization: Basic`.

    Raises:
        TokenRequestError: A field is missing or wrong.
    """
    form = _form(body)
    grant = _needed(form, "grant_type")
    if grant not in GRANTS:
        message = f"grant_type {grant[:100]!r} is not offered; use {' or '.join(GRANTS)}"
        raise TokenRequestError(Refusal.UNKNOWN_GRANT_TYPE, message)
    client, secret = _client(form, authorization)
    resource = _scope(form, grant) if version is Version.V2 else _needed(form, "resource")
    try:
        application_id = UUID(client)
    except ValueError as error:
        message = f"Application with identifier '{client[:100]}' was not found in the directory"
        raise TokenRequestError(Refusal.UNKNOWN_APPLICATION, message) from error
    if grant == PASSWORD:
        username, password = _needed(form, "username"), _needed(form, "password")
        return TokenRequest(application_id, secret, resource, version, username, password)
    if not secret:
        raise TokenRequestError(Refusal.NO_SECRET, "The request body must contain the parameter 'client_secret'")
    return TokenRequest(application_id, secret, resource, version)


def _form(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise TokenRequestError(Refusal.MALFORMED, f"the body is no form ({error})") from error
    return {name.lower(): value for name, value in pairs}


def _needed(form: Mapping[str, str], name: str) -> str:
    value = form.get(name, "").strip()
    if not value:
        raise TokenRequestError(
            Refusal.MISSING_FIELD, f"The request body must contain the following parameter: '{name}'"
        )
    return value


def _client(form: Mapping[str, str], authorization: str) -> tuple[str, str]:
    kind, _, value = authorization.strip().partition(" ")
    if kind.lower() != "basic":
        return _needed(form, "client_id"), form.get("client_secret", "")
    try:
        client, _, secret = b64decode(value.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise TokenRequestError(Refusal.MALFORMED, "the Authorization header is no Basic credential") from error
    # Both parts come form-encoded inside Basic (RFC 6749, 2.3.1).
    return unquote_plus(client), unquote_plus(secret)


def _scope(form: Mapping[str, str], grant: str) -> str:
    """The resource of the one scope, `<resource>/.default` or, for people, `<resource>/user_impersonation`; what
    OpenID adds is left out."""
    scopes = [word for word in _needed(form, "scope").split() if word not in _OPENID]
    endings = (_ALL_RIGHTS, _AS_THE_USER) if grant == PASSWORD else (_ALL_RIGHTS,)
    ending = next((ending for ending in endings if len(scopes) == 1 and scopes[0].endswith(ending)), None)
    if ending is None:
        raise TokenRequestError(
            Refusal.BAD_SCOPE,
            f"The provided value for scope {' '.join(scopes)[:200]} is not valid: "
            f"send one scope, the resource with {' or '.join(endings)} behind it",
        )
    return scopes[0].removesuffix(ending)
