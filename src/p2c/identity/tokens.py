"""Access tokens: what they say, signing them, and checking them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import jwt

from p2c.identity.principals import Principal, Tenant
from p2c.identity.signing import ALGORITHM, PublicKey, SigningKey

LIFETIME = timedelta(seconds=3599)
LONGEST_TOKEN = 16 * 1024
_LEEWAY = timedelta(seconds=30)
_BY_SECRET = "1"
_BY_NOTHING = "0"


class Version(Enum):
    """Which token endpoint was asked; the value is the claim `ver`."""

    V1 = "1.0"
    V2 = "2.0"


@dataclass(frozen=True, slots=True)
class Issuer:
    """The identity service as tokens name it: `base` is its origin, without a slash at the end."""

    base: str
    tenant: Tenant

    def name(self, version: Version) -> str:
        """The claim `iss`."""
        return f"{self.base}/{self.tenant.id}/{'v2.0' if version is Version.V2 else ''}"

    @property
    def names(self) -> list[str]:
        """The claim `iss` of both versions."""
        return [self.name(version) for version in Version]


@dataclass(frozen=True, slots=True)
class Claims:
    """What a valid token says about who sends it."""

    object_id: UUID
    application_id: UUID
    expires_at: datetime


class TokenRefusedError(Exception):
    """A token does not prove anything. `expired` tells the one reason that clients mend by asking again."""

    def __init__(self, why: str, *, expired: bool = False) -> None:
        self.expired = expired
        super().__init__(why)


def issue(
    key: SigningKey, issuer: Issuer, principal: Principal, audience: str, roles: Iterable[str], version: Version,
    now: datetime, client: UUID | None = None,
) -> str:  # fmt: skip
    """A signed token for one environment (`audience`: its URL as the client asked for it); `client` is the application
    that a person signs in with."""
    application = str(client or principal.application_id)
    proof = _BY_SECRET if client is None else _BY_NOTHING
    claims: dict[str, object] = {
        **_common(issuer, principal, audience, version, now),
        "idp": issuer.name(version),
        "appid": application,
        "appidacr": proof,
        "azp": application,
        "azpacr": proof,
    }
    if client is None:
        claims |= {"idtyp": "app", "roles": list(roles)}
    else:
        claims |= {"idtyp": "user", "scp": "user_impersonation", "upn": principal.login, **_person(principal)}
    return _signed(key, claims)


def issue_id_token(
    key: SigningKey, issuer: Issuer, principal: Principal, client: UUID, version: Version, now: datetime
) -> str:
    """What tells the application that a person signs in with who that is (OpenID Connect)."""
    return _signed(key, {**_common(issuer, principal, str(client), version, now), **_person(principal)})


def _common(issuer: Issuer, principal: Principal, audience: str, version: Version, now: datetime) -> dict[str, object]:
    return {
        "aud": audience,
        "iss": issuer.name(version),
        "iat": now,
        "nbf": now,
        "exp": now + LIFETIME,
        "oid": str(principal.id),
        "sub": str(principal.id),
        "tid": str(issuer.tenant.id),
        "uti": uuid4().hex,
        "ver": version.value,
    }


def _person(principal: Principal) -> dict[str, object]:
    return {"name": principal.name, "preferred_username": principal.login, "unique_name": principal.login}


def _signed(key: SigningKey, claims: dict[str, object]) -> str:
    return jwt.encode(claims, key.private(), ALGORITHM, headers={"kid": key.public.kid, "x5t": key.public.kid})


def key_id(token: str) -> str:
    """
    The id of the key that a token says it was signed with; nothing is checked yet.

    Raises:
        TokenRefusedError: It is no token.
    """
    if len(token) > LONGEST_TOKEN:
        raise TokenRefusedError("the token is too long")
    try:
        header = jwt.get_unverified_header(token)
    except jwt.InvalidTokenError as error:
        raise TokenRefusedError(f"this is no token ({error})") from error
    return str(header.get("kid", ""))


def check(
    token: str, keys: Mapping[str, PublicKey], issuer: Issuer, audiences: Collection[str], now: datetime
) -> Claims:
    """
    What a token says, once signature, issuer, audience and times hold at `now`.

    Args:
        keys: Keys by id.
        audiences: Origins of the environment that checks, such as `https://localhost:8401`.

    Raises:
        TokenRefusedError: Something does not hold.
    """
    key = keys.get(key_id(token))
    if key is None:
        raise TokenRefusedError("the token was signed with a key that is not known here")
    try:
        claims: dict[str, object] = jwt.decode(
            token,
            key.pem,
            algorithms=[ALGORITHM],
            issuer=issuer.names,
            # Times are checked below, by our clock; the audience is compared as a URL.
            options={
                "require": ["aud", "iss", "exp", "nbf", "oid", "appid", "tid"],
                "verify_exp": False,
                "verify_nbf": False,
                "verify_iat": False,
                "verify_aud": False,
            },
        )
    except jwt.InvalidTokenError as error:
        raise TokenRefusedError(str(error)) from error
    return _checked(claims, audiences, now)


def _checked(claims: Mapping[str, object], audiences: Collection[str], now: datetime) -> Claims:
    expires, begins, audience = claims["exp"], claims["nbf"], claims["aud"]
    if not isinstance(expires, int) or not isinstance(begins, int) or not isinstance(audience, str):
        raise TokenRefusedError("a claim of the token has the wrong type")
    expires_at = datetime.fromtimestamp(expires, now.tzinfo)
    if now >= expires_at + _LEEWAY:
        raise TokenRefusedError(f"the token expired at {expires_at:%Y-%m-%dT%H:%M:%SZ}", expired=True)
    if now + _LEEWAY < datetime.fromtimestamp(begins, now.tzinfo):
        raise TokenRefusedError("the token is not valid yet")
    if origin(audience) not in audiences:
        raise TokenRefusedError(f"the token is meant for {audience}")
    try:
        return Claims(UUID(str(claims["oid"])), UUID(str(claims["appid"])), expires_at)
    except ValueError as error:
        raise TokenRefusedError("the token names nobody") from error


def origin(url: str) -> str:
    """Scheme, host and port of a URL in one spelling; empty when it has none."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    except ValueError:
        return ""
    if not parts.scheme or not parts.hostname:
        return ""
    shown = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{shown}:{port}"
