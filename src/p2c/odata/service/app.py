"""Puts an OData service on HTTP."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Protocol
from uuid import uuid4

import msgspec
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request as HttpRequest
from starlette.responses import Response as HttpResponse
from starlette.routing import BaseRoute, Route

from p2c.odata.service.core import MAX_BODY, ODataService
from p2c.odata.service.message import Request, Response

_METHODS = ["GET", "POST", "PATCH", "PUT", "DELETE"]
_log = logging.getLogger(__name__)


class Handler(Protocol):
    """What answers requests below a path."""

    def handle(self, request: Request) -> Response:
        """Answer one request; errors come back as bodies."""

    def failure(self, status: int, message: str, code: str = "") -> Response:
        """The body for an error of the whole request."""


def build_app(
    service: ODataService,
    base_path: str,
    name: str,
    *,
    also: Sequence[str] = (),
    beside: Sequence[BaseRoute] = (),
    at_start: Callable[[], None] | None = None,
    at_end: Callable[[], None] | None = None,
) -> Starlette:
    """An ASGI application: the service below `base_path` (`/api/data/v9.2/`), and the paths of `also` where it has
    several, `/health`, and the routes `beside`.

    Its server starts and ends it (ASGI lifespan): `at_start` is called then, and `at_end` before it lets go of its
    database connections.
    """

    async def health(request: HttpRequest) -> HttpResponse:
        alive = await run_in_threadpool(_database_answers, service)
        body = {"name": name, "version": version("prospect-to-cash"), "database": "ok" if alive else "away"}
        return HttpResponse(msgspec.json.encode(body), 200 if alive else 503, media_type="application/json")

    served = [route for path in (base_path, *also) for route in routes_of(service, path)]
    routes = [Route("/health", health, methods=["GET"]), *served, *beside]

    @asynccontextmanager
    async def lifespan(application: Starlette) -> AsyncIterator[None]:
        if at_start is not None:
            await run_in_threadpool(at_start)
        yield
        if at_end is not None:
            await run_in_threadpool(at_end)
        service.database.engine.dispose()

    return Starlette(routes=routes, lifespan=lifespan)


def routes_of(handler: Handler, base_path: str, *, lenient: bool = False) -> list[Route]:
    """
    The routes that lead to a handler: `base_path` and all below it.

    Args:
        lenient: Take any case of letters and doubled slashes at the start, as the product's web host does.
    """

    async def endpoint(request: HttpRequest) -> HttpResponse:
        request_id = str(uuid4())
        body = await _bounded_body(request)
        if body is None:
            answer = handler.failure(413, f"the body is larger than {MAX_BODY // 1024 // 1024} MiB; send it in parts")
        else:
            answer = await run_in_threadpool(_answer, handler, _request(request, base_path, body), request_id)
        headers = {**answer.headers, "REQ_ID": request_id, "x-ms-service-request-id": request_id}
        return HttpResponse(answer.body, answer.status, headers)

    root = base_path.rstrip("/")
    routes = [Route(path, endpoint, methods=_METHODS) for path in (root or "/", root + "/{path:path}")]
    if lenient:
        for route in routes:
            pattern = route.path_regex.pattern.replace("^/", "^/+", 1)
            route.path_regex = re.compile(pattern, re.IGNORECASE)
    return routes


def _answer(handler: Handler, request: Request, request_id: str) -> Response:
    try:
        return handler.handle(request)
    except Exception:
        # The last resort keeps the protocol's error shape; the cause goes to the log under the request's id.
        _log.exception("request %s failed: %s %s", request_id, request.method, request.path)
        return handler.failure(500, f"An unexpected error occurred; the service's log has it under {request_id}")


async def _bounded_body(request: HttpRequest) -> bytes | None:
    """The body; None when it is larger than allowed."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MAX_BODY:
            return None
        chunks.append(chunk)
    return b"".join(chunks)


def _request(request: HttpRequest, base_path: str, body: bytes) -> Request:
    raw: bytes = request.scope.get("raw_path") or request.url.path.encode()
    path = raw.decode("latin-1").split("?")[0].lstrip("/")
    below = path[len(base_path.strip("/")) :].lstrip("/")
    headers: dict[str, str] = {}
    for key, value in request.headers.items():
        headers[key] = f"{headers[key]},{value}" if key in headers else value
    query = request.scope["query_string"].decode("latin-1")
    root = f"{request.url.scheme}://{request.headers.get('host', '127.0.0.1')}/{base_path.strip('/')}/"
    return Request(request.method, below, query, headers, body, root)


def _database_answers(service: ODataService) -> bool:
    try:
        with service.database.engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return False
    return True
