"""Gives tokens: who asks is who it says, and asks for an environment that exists."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import BoundedSemaphore
from time import monotonic

from p2c.identity.client_secrets import matches
from p2c.identity.principals import Principal
from p2c.identity.store import IdentityStore
from p2c.identity.throttle import FAILURES, REQUESTS, Throttle
from p2c.identity.token_request import Refusal, TokenRequest, TokenRequestError
from p2c.identity.tokens import LIFETIME, Issuer, issue, origin

_HASHES_AT_ONCE = 4


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

    def give(self, request: TokenRequest, address: str) -> str:
        """
        An access token; how long it lives is LIFETIME.

        Raises:
            TokenRequestError: The application, its secret or the resource is not known.
            RetryError: The database is away.
        """
        principal = self._known(request, address)
        environment = self.environments.get(origin(request.resource))
        if environment is None:
            raise TokenRequestError(
                Refusal.UNKNOWN_RESOURCE,
                f"The resource principal named {request.resource[:200]} was not found in the tenant; "
                f"known: {', '.join(sorted(self.environments))}",
            )
        roles = principal.roles(environment)
        key = self.store.signing_key()
        return issue(key, self.issuer, principal, request.resource, roles, request.version, self.store.clock())

    @property
    def lifetime(self) -> int:
        """Seconds from giving to expiry."""
        return int(LIFETIME.total_seconds())

    def _known(self, request: TokenRequest, address: str) -> Principal:
        guesser = f"{address} {request.application_id}"
        self._allow(self._failures, guesser)
        principal = self.store.application(request.application_id)
        if principal is None:
            self._failures.count(guesser, self.seconds())
            message = f"Application with identifier '{request.application_id}' was not found in the directory"
            raise TokenRequestError(Refusal.UNKNOWN_APPLICATION, message)
        problem = self._secret_problem(principal, request.secret)
        if problem is not None:
            self._failures.count(guesser, self.seconds())
            raise problem
        if not principal.enabled:
            message = f"Application '{request.application_id}' ({principal.name}) is disabled"
            raise TokenRequestError(Refusal.DISABLED_APPLICATION, message)
        return principal

    def _secret_problem(self, principal: Principal, given: str) -> TokenRequestError | None:
        now = self.store.clock()
        # Secrets that begin otherwise need no hash; the beginning is no secret: it is shown in lists.
        near = [secret for secret in principal.secrets if given.startswith(secret.hint)]
        with self._hashing:
            right = [secret for secret in near if matches(given, secret.hash)]
        if any(secret.is_valid(now) for secret in right):
            return None
        if right:
            message = f"The provided client secret keys for app '{principal.application_id}' are expired"
            return TokenRequestError(Refusal.EXPIRED_SECRET, message)
        message = f"Invalid client secret provided for app '{principal.application_id}'"
        return TokenRequestError(Refusal.WRONG_SECRET, message)

    def _allow(self, throttle: Throttle, key: str) -> None:
        wait = throttle.wait(key, self.seconds())
        if wait:
            raise TokenRequestError(Refusal.TOO_MANY, f"Too many requests; try again in {wait} seconds", wait)
