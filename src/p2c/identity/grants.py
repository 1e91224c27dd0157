"""Gives tokens: who asks is who it says, and asks for an environment that exists."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import BoundedSemaphore
from time import monotonic
from uuid import UUID

import msgspec

from p2c.identity.client_secrets import matches
from p2c.identity.principals import Principal, Secret
from p2c.identity.store import IdentityStore
from p2c.identity.throttle import FAILURES, REQUESTS, Throttle
from p2c.identity.token_request import Refusal, TokenRequest, TokenRequestError
from p2c.identity.tokens import LIFETIME, Issuer, issue, issue_id_token, origin

_HASHES_AT_ONCE = 4
_LONGEST_NAME = 200
PUBLIC_CLIENTS = frozenset({UUID("04b07795-8ddb-461a-bbee-02f9e1bf7b46"), UUID("51f81489-12ee-4a9e-aaae-a2591f45987d")})
"""Applications that every tenant of Entra ID knows and client libraries fall back to: of the Azure and the Dataverse
developer tools. People sign in with them; they have no secret."""


@dataclass(frozen=True, slots=True)
class Given:
    """A token; where a person signed in also who that is, as client libraries keep it in their caches."""

    access_token: str = field(repr=False)
    id_token: str = field(default="", repr=False)
    client_info: str = ""


@dataclass(slots=True)
class TokenGiver:
    """
    Answers token requests. Thread safe.

    `environments` has the environment (`sales`, …) behind each origin that tokens may be meant for.
    """

    store: IdentityStore
    issuer: Issuer
    environments: Mapping[str, str]
    seconds: Callable[[], float] = monotonic
    _requests: Throttle = field(default_factory=lambda: Throttle(REQUESTS))
    _failures: Throttle = field(default_factory=lambda: Throttle(FAILURES))
    # A check takes 16 MiB: a crowd of callers waits instead of taking all memory.
    _hashing: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(_HASHES_AT_ONCE))

    def check_rate(self, address: str) -> None:
        """
        Count a request of an address.

        Raises:
            TokenRequestError: It asks too often.
        """
        self._allow(self._requests, address)
        self._requests.count(address, self.seconds())

    def give(self, request: TokenRequest, address: str) -> Given:
        """
        An access token; how long it lives is LIFETIME.

        Raises:
            TokenRequestError: The application, its secret, the person or the resource is not known.
            RetryError: The database is away.
        """
        principal = self._person(request, address) if request.username else self._application(request, address)
        environment = self.environments.get(origin(request.resource))
        if environment is None:
            raise TokenRequestError(
                Refusal.UNKNOWN_RESOURCE,
                f"The resource principal named {request.resource[:200]} was not found in the tenant; "
                f"known: {', '.join(sorted(self.environments))}",
            )
        roles = principal.roles(environment)
        key, now = self.store.signing_key(), self.store.clock()
        if not request.username:
            token = issue(key, self.issuer, principal, request.resource, roles, request.version, now)
            return Given(token)
        client = request.application_id
        return Given(
            issue(key, self.issuer, principal, request.resource, roles, request.version, now, client),
            issue_id_token(key, self.issuer, principal, client, request.version, now),
            _client_info(principal, self.issuer),
        )

    @property
    def lifetime(self) -> int:
        """Seconds from giving to expiry."""
        return int(LIFETIME.total_seconds())

    def _application(self, request: TokenRequest, address: str) -> Principal:
        guesser = f"{address} {request.application_id}"
        self._allow(self._failures, guesser)
        principal = self.store.application(request.application_id)
        if principal is None:
            self._failures.count(guesser, self.seconds())
            message = f"Application with identifier '{request.application_id}' was not found in the directory"
            raise TokenRequestError(Refusal.UNKNOWN_APPLICATION, message)
        right = self._right(principal, request.secret)
        if not any(secret.is_valid(self.store.clock()) for secret in right):
            self._failures.count(guesser, self.seconds())
            if right:
                message = f"The provided client secret keys for app '{principal.application_id}' are expired"
                raise TokenRequestError(Refusal.EXPIRED_SECRET, message)
            message = f"Invalid client secret provided for app '{principal.application_id}'"
            raise TokenRequestError(Refusal.WRONG_SECRET, message)
        if not principal.enabled:
            message = f"Application '{request.application_id}' ({principal.name}) is disabled"
            raise TokenRequestError(Refusal.DISABLED_APPLICATION, message)
        return principal

    def _person(self, request: TokenRequest, address: str) -> Principal:
        """Who signs in. That a name is not known is told in the same words as a wrong password."""
        if request.secret:
            self._application(request, address)
        elif request.application_id not in PUBLIC_CLIENTS and self.store.application(request.application_id) is None:
            message = f"Application with identifier '{request.application_id}' was not found in the directory"
            raise TokenRequestError(Refusal.UNKNOWN_APPLICATION, message)
        guesser = f"{address} {request.username.lower()[:_LONGEST_NAME]}"
        self._allow(self._failures, guesser)
        person = self.store.person(request.username)
        right = self._right(person, request.password) if person is not None else []
        if person is None or not any(secret.is_valid(self.store.clock()) for secret in right):
            self._failures.count(guesser, self.seconds())
            if right:
                raise TokenRequestError(Refusal.EXPIRED_PASSWORD, "The password is expired")
            message = "Error validating credentials due to invalid username or password"
            raise TokenRequestError(Refusal.WRONG_PASSWORD, message)
        if not person.enabled:
            raise TokenRequestError(Refusal.DISABLED_PERSON, "The user account is disabled")
        return person

    def _right(self, principal: Principal, given: str) -> list[Secret]:
        """The principal's secrets that this is, also those that have ended."""
        # Secrets that begin otherwise need no hash; the beginning is no secret: it is shown in lists.
        near = [secret for secret in principal.secrets if given.startswith(secret.hint)]
        with self._hashing:
            return [secret for secret in near if matches(given, secret.hash)]

    def _allow(self, throttle: Throttle, key: str) -> None:
        wait = throttle.wait(key, self.seconds())
        if wait:
            raise TokenRequestError(Refusal.TOO_MANY, f"Too many requests; try again in {wait} seconds", wait)


def _client_info(person: Principal, issuer: Issuer) -> str:
    """The person and the tenant, as client libraries name an account."""
    told = msgspec.json.encode({"uid": str(person.id), "utid": str(issuer.tenant.id)})
    return urlsafe_b64encode(told).decode().rstrip("=")
