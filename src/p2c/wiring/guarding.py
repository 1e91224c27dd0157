"""Hangs the gates in front of a service: who sends a request, faults on demand, service protection."""

from __future__ import annotations

from pathlib import Path
from time import monotonic

from starlette.applications import Starlette

from p2c.identity.app import build_identity
from p2c.identity.authenticator import TokenAuthenticator, Users, no_users
from p2c.identity.grants import TokenGiver
from p2c.identity.tokens import Issuer
from p2c.odata.service.access_gate import AccessGate, Failure
from p2c.odata.service.protection.fault_plan import FaultPlan
from p2c.odata.service.protection.faults_gate import FaultsGate
from p2c.odata.service.protection.limits import Protection
from p2c.odata.service.protection.limits_gate import DATAVERSE_LIMITS, FNO_LIMITS, LimitsGate
from p2c.settings import Service
from p2c.wiring.directory import directory_at
from p2c.wiring.guard import Guard

_STYLES = {
    Service.SALES: DATAVERSE_LIMITS,
    Service.COMMONDATA: DATAVERSE_LIMITS,
    Service.OPERATIONS: FNO_LIMITS,
}


def guarded(
    application: Starlette,
    service: Service,
    guard: Guard,
    failure: Failure,
    authenticator: TokenAuthenticator | None = None,
    *,
    open_below: tuple[str, ...] = (),
    free_below: tuple[str, ...] = (),
) -> Starlette:
    """
    The application behind its gates.

    Args:
        failure: Makes the bodies of refusals in the service's own dialect.
        authenticator: Tells who calls; made here where it is not given and `guard` asks for one.
        open_below: Beginnings of paths whose addresses carry a right of their own.
        free_below: Beginnings of paths that service protection does not count.

    Raises:
        ConfigurationError: The identity database does not answer.
    """
    # The gate that is hung last stands outermost.
    if service.value in guard.limits:
        protection = Protection(guard.limits[service.value], clock=monotonic)
        application.add_middleware(
            LimitsGate, protection=protection, style=_STYLES[service], failure=failure, free_below=free_below
        )
    if guard.faults:
        application.add_middleware(FaultsGate, plan=FaultPlan(), failure=failure)
    authenticator = authenticator or authenticator_of(service, guard)
    if authenticator is not None:
        application.add_middleware(AccessGate, authenticator=authenticator, failure=failure, open_below=open_below)
    return application


def identity_service(database_url: str, guard: Guard) -> Starlette:
    """
    The identity service over its database.

    Raises:
        ConfigurationError: The database does not answer, or the key file cannot be used.
    """
    store = directory_at(database_url, Path(guard.data))
    # Made now, so that the first client does not wait for it.
    store.signing_key()
    environments = {origin: name for name, origins in guard.origins.items() for origin in origins}
    giver = TokenGiver(store, Issuer(guard.identity, store.tenant()), environments)
    return build_identity(giver, Service.IDENTITY.title)


def authenticator_of(service: Service, guard: Guard, users: Users = no_users) -> TokenAuthenticator | None:
    """
    Tells who calls a service; None where nobody is asked. `users` finds the user's row of a caller.

    Raises:
        ConfigurationError: The identity database does not answer.
    """
    if not guard.auth:
        return None
    store = directory_at(guard.identity_database, Path(guard.data))
    resource = guard.urls[service.value].removesuffix(service.base_path) + "/"
    return TokenAuthenticator(
        store,
        Issuer(guard.identity, store.tenant()),
        service.value,
        resource,
        frozenset(guard.origins[service.value]),
        users,
    )
