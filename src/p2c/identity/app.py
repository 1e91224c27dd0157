"""The identity service on HTTP: discovery, keys and tokens at the paths that Entra ID client libraries use."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from uuid import uuid4

import msgspec
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from p2c.errors import RetryError
from p2c.identity.grants import Given, TokenGiver
from p2c.identity.token_request import GRANTS, Refusal, TokenRequest, TokenRequestError, parse_request
from p2c.identity.tokens import Version

_LARGEST_BODY = 64 * 1024
_PRIVATE = {"Cache-Control": "no-store, no-cache", "Pragma": "no-cache"}
_KEYS_SECONDS = 300
_LONGEST_DOMAIN = 255


def build_identity(giver: TokenGiver, name: str) -> Starlette:
    """
    An ASGI application: `/<tenant>/…` for the tenant's id or domain, and `/health`.

    It lets go of its database connections when its server ends it (ASGI lifespan).
    """

    async def token(request: Request) -> Response:
        asked = Version.V2 if request.url.path.endswith("/v2.0/token") else Version.V1
        try:
            _check_tenant(giver, request)
            address = request.client.host if request.client is not None else ""
            giver.check_rate(address)
            body = await _bounded_body(request)
            wanted = parse_request(body, request.headers.get("authorization", ""), asked)
            given = await run_in_threadpool(giver.give, wanted, address)
        except TokenRequestError as error:
            return _refused(giver, error)
        except RetryError as error:
            return _refused(giver, TokenRequestError(Refusal.AWAY, str(error), int(error.after or 1)))
        return _json(_token_body(giver, given, asked, wanted), headers=_PRIVATE)

    async def discovery(request: Request) -> Response:
        try:
            _check_tenant(giver, request)
        except TokenRequestError as error:
            return _refused(giver, error)
        asked = Version.V2 if "/v2.0/" in request.url.path else Version.V1
        return _json(_configuration(giver, asked))

    async def keys(request: Request) -> Response:
        published = await run_in_threadpool(giver.store.public_keys)
        body = {"keys": [key.jwk() for key in published]}
        return _json(body, headers={"Cache-Control": f"public, max-age={_KEYS_SECONDS}"})

    async def realm(request: Request) -> Response:
        """Where a person signs in: always here. Nothing is told of whether the person is known."""
        name = str(request.path_params["username"])
        domain = name.rpartition("@")[2][:_LONGEST_DOMAIN]
        return _json({"ver": "1.0", "account_type": "Managed", "domain_name": domain, "cloud_instance_name": ""})

    async def health(request: Request) -> Response:
        try:
            await run_in_threadpool(giver.store.public_keys)
            alive = True
        except RetryError:
            alive = False
        body = {"name": name, "version": version("prospect-to-cash"), "database": "ok" if alive else "away"}
        return _json(body, 200 if alive else 503)

    @asynccontextmanager
    async def lifespan(application: Starlette) -> AsyncIterator[None]:
        yield
        giver.store.close()

    return Starlette(
        routes=[
            Route("/health", health),
            Route("/common/userrealm/{username}", realm),
            Route("/{tenant}/v2.0/.well-known/openid-configuration", discovery),
            Route("/{tenant}/.well-known/openid-configuration", discovery),
            Route("/{tenant}/discovery/v2.0/keys", keys),
            Route("/{tenant}/discovery/keys", keys),
            Route("/{tenant}/oauth2/v2.0/token", token, methods=["POST"]),
            Route("/{tenant}/oauth2/token", token, methods=["POST"]),
        ],
        lifespan=lifespan,
    )


def _check_tenant(giver: TokenGiver, request: Request) -> None:
    asked = str(request.path_params["tenant"]).lower()
    tenant = giver.issuer.tenant
    if asked not in (str(tenant.id), tenant.domain):
        raise TokenRequestError(Refusal.UNKNOWN_TENANT, f"Tenant '{asked[:100]}' not found; it is {tenant.domain}")


async def _bounded_body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LARGEST_BODY:
            raise TokenRequestError(Refusal.MALFORMED, f"the body is larger than {_LARGEST_BODY} bytes")
    return body


def _token_body(giver: TokenGiver, given: Given, asked: Version, wanted: TokenRequest) -> dict[str, object]:
    """Numbers in the answer of the newer endpoint, texts in that of the older one."""
    lifetime = giver.lifetime
    person: dict[str, object] = {}
    if given.id_token:
        scope = f"{wanted.resource}/user_impersonation {wanted.resource}/.default"
        person = {"scope": scope, "id_token": given.id_token, "client_info": given.client_info}
    if asked is Version.V2:
        return {
            "token_type": "Bearer",
            "expires_in": lifetime,
            "ext_expires_in": lifetime,
            "access_token": given.access_token,
            **person,
        }
    now = int(giver.store.clock().timestamp())
    return {
        "token_type": "Bearer",
        "expires_in": str(lifetime),
        "ext_expires_in": str(lifetime),
        "expires_on": str(now + lifetime),
        "not_before": str(now),
        "resource": wanted.resource,
        "access_token": given.access_token,
        **person,
    }


def _configuration(giver: TokenGiver, asked: Version) -> dict[str, object]:
    base = f"{giver.issuer.base}/{giver.issuer.tenant.id}"
    part = "/v2.0" if asked is Version.V2 else ""
    return {
        "issuer": giver.issuer.name(asked),
        "authorization_endpoint": f"{base}/oauth2{part}/authorize",
        "token_endpoint": f"{base}/oauth2{part}/token",
        "jwks_uri": f"{base}/discovery{part}/keys",
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "response_types_supported": ["token"],
        "grant_types_supported": list(GRANTS),
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "profile", "offline_access"],
        "claims_supported": ["aud", "iss", "iat", "nbf", "exp", "oid", "sub", "tid", "ver", "appid", "azp", "roles"],
        "tenant_region_scope": None,
    }


def _refused(giver: TokenGiver, error: TokenRequestError) -> Response:
    now = giver.store.clock()
    trace, refusal = uuid4(), error.refusal
    moment = f"{now:%Y-%m-%d %H:%M:%SZ}"
    described = f"AADSTS{refusal.number}: {error.message}. Trace ID: {trace} Timestamp: {moment}"
    body = {
        "error": refusal.error,
        "error_description": described,
        "error_codes": [refusal.number],
        "timestamp": moment,
        "trace_id": str(trace),
        "correlation_id": str(uuid4()),
    }
    headers = dict(_PRIVATE)
    if error.after is not None:
        headers["Retry-After"] = str(error.after)
    if refusal.status == 401:
        headers["WWW-Authenticate"] = 'Basic realm="token", charset="UTF-8"'
    return _json(body, refusal.status, headers)


def _json(body: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(msgspec.json.encode(body), status, headers, media_type="application/json")
