"""Tells a service who sends a request: the token is checked, its sender looked up, the roles added up."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from math import inf
from threading import Lock
from time import monotonic
from typing import TypeAlias
from uuid import UUID

from p2c.edm.values import Row
from p2c.identity.principals import Kind, Principal
from p2c.identity.roles import rights_of
from p2c.identity.signing import PublicKey
from p2c.identity.store import IdentityStore
from p2c.identity.tokens import Claims, Issuer, TokenRefusedError, check, key_id
from p2c.odata.service.access import NOT_A_MEMBER, AccessRefusedError, Caller, Rights

FRESH_SECONDS = 5.0
"""How long what was looked up counts: a role taken away, or an application shut out, takes effect within it."""
_READ_AGAIN_SECONDS = 0.2
"""Tokens signed with invented keys cause no more reads than this allows."""
_MOST_CALLERS = 1000
NO_CODE = "0x0"
Users: TypeAlias = "Callable[[Principal], tuple[UUID | None, UUID | None]]"
"""The user's row and business unit of a principal in the environment; None where it keeps no users."""


def no_users(principal: Principal) -> tuple[UUID | None, UUID | None]:
    """For environments that keep no users."""
    return None, None


@dataclass(frozen=True, slots=True)
class _Known:
    caller: Caller | AccessRefusedError
    until: float


@dataclass(slots=True)
class TokenAuthenticator:
    """
    Checks tokens for one environment against the directory. Thread safe.

    `resource` is the environment's URL as clients ask for it, `audiences` are the origins that tokens may be meant for.
    """

    store: IdentityStore
    issuer: Issuer
    environment: str
    resource: str
    audiences: Collection[str]
    users: Users = no_users
    seconds: Callable[[], float] = monotonic
    _keys: dict[str, PublicKey] = field(default_factory=dict)
    _keys_at: float = -inf
    _callers: dict[UUID, _Known] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def caller(self, authorization: str) -> Caller:
        """
        The sender of a request.

        Raises:
            AccessRefusedError: 401 without a valid token, 403 when nobody here belongs to it.
            RetryError: The directory is away.
        """
        kind, _, token = authorization.strip().partition(" ")
        if kind.lower() != "bearer" or not token.strip():
            raise AccessRefusedError(401, "The request has no bearer token", NO_CODE, self._challenge())
        try:
            claims = self._claims(token.strip())
        except TokenRefusedError as error:
            message = f"The token is not valid: {error}"
            raise AccessRefusedError(401, message, NO_CODE, self._challenge(error)) from error
        found = self._known(claims)
        if isinstance(found, AccessRefusedError):
            raise AccessRefusedError(found.status, found.message, found.code)
        return found

    def rights_of(self, user: Row) -> Rights:
        """What a user of the environment may do, from the user's row; nothing when the directory does not know it."""
        principal = self.store.principal_of(
            user.get("azureactivedirectoryobjectid"), user.get("applicationid"), user.get("domainname")
        )
        if principal is None or not principal.enabled:
            return Rights()
        return rights_of(self.environment, principal.roles(self.environment))

    def _claims(self, token: str) -> Claims:
        now = self.store.clock()
        keys = self._public_keys(key_id(token))
        return check(token, keys, self.issuer, self.audiences, now)

    def _public_keys(self, wanted: str) -> dict[str, PublicKey]:
        """The published keys, read again when they are old, or lack the wanted one: a new key signs at once."""
        with self._lock:
            age = self.seconds() - self._keys_at
            if age >= FRESH_SECONDS or (wanted not in self._keys and age >= _READ_AGAIN_SECONDS):
                self._keys = {key.kid: key for key in self.store.public_keys()}
                self._keys_at = self.seconds()
            return self._keys

    def _known(self, claims: Claims) -> Caller | AccessRefusedError:
        with self._lock:
            known = self._callers.get(claims.object_id)
        if known is not None and self.seconds() < known.until:
            return known.caller
        found = self._look_up(claims)
        with self._lock:
            if len(self._callers) >= _MOST_CALLERS:
                self._callers.clear()
            self._callers[claims.object_id] = _Known(found, self.seconds() + FRESH_SECONDS)
        return found

    def _look_up(self, claims: Claims) -> Caller | AccessRefusedError:
        principal = self.store.principal(claims.object_id)
        roles = principal.roles(self.environment) if principal is not None and principal.enabled else ()
        if principal is None or not roles:
            return AccessRefusedError(
                403,
                f"The user (Id={claims.object_id}) is not a member of the organization: "
                f"{_called(claims, principal)} has no role here; `p2c identity grant` gives one",
                NOT_A_MEMBER,
            )
        user, unit = self.users(principal)
        return Caller(principal.id, principal.name, rights_of(self.environment, roles), user, unit, principal.login)

    def _challenge(self, error: TokenRefusedError | None = None) -> str:
        authority = f"{self.issuer.base}/{self.issuer.tenant.id}/oauth2/authorize"
        parts = [f"authorization_uri={authority}", f"resource_id={self.resource}"]
        if error is not None:
            why = "The access token expired" if error.expired else "The access token is not valid"
            parts += ['error="invalid_token"', f'error_description="{why}"']
        return f"Bearer {', '.join(parts)}"


def _called(claims: Claims, principal: Principal | None) -> str:
    if principal is not None and principal.kind is Kind.USER:
        return principal.login
    return f"application {claims.application_id}"
