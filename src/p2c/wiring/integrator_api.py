"""What the integrator answers on HTTP: its health, and its runs as JSON."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from importlib.metadata import version

import msgspec
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from p2c.errors import ConfigurationError, RetryError
from p2c.integrator.jobs import Queue, Worker
from p2c.integrator.metrics import metrics_text
from p2c.integrator.store import Store
from p2c.odata.service.message import Response as Refusal
from p2c.settings import Service

_NEWEST = 20


def build_integrator(store: Store, queue: Queue, worker: Worker | None = None) -> Starlette:
    """`/health`, `/metrics`, `/api/runs` (the newest 20) and `/api/runs/<number>`; the worker works as long as it
    answers."""

    async def health(request: Request) -> Response:
        try:
            await run_in_threadpool(store.runs, 1)
            alive = True
        except RetryError:
            alive = False
        body = {
            "name": Service.INTEGRATOR.title,
            "version": version("prospect-to-cash"),
            "database": "ok" if alive else "away",
        }
        return _json(body, 200 if alive else 503)

    async def metrics(request: Request) -> Response:
        return Response(await run_in_threadpool(metrics_text, store, queue), media_type=CONTENT_TYPE_LATEST)

    async def runs(request: Request) -> Response:
        return _json({"runs": await run_in_threadpool(store.runs, _NEWEST)})

    async def run(request: Request) -> Response:
        try:
            return _json(await run_in_threadpool(store.run, request.path_params["number"]))
        except ConfigurationError as error:
            return _json({"error": str(error)}, 404)

    return Starlette(
        lifespan=_working(worker) if worker is not None else None,
        routes=[
            Route("/health", health),
            Route("/metrics", metrics),
            Route("/api/runs", runs),
            Route("/api/runs/{number:int}", run),
        ],
    )


def _working(worker: Worker) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(application: Starlette) -> AsyncIterator[None]:
        working = asyncio.create_task(worker.work())
        try:
            yield
        finally:
            working.cancel()
            with suppress(asyncio.CancelledError):
                await working

    return lifespan


def failure(status: int, message: str, code: str = "") -> Refusal:
    """An error as the integrator's API answers it."""
    return Refusal(status, msgspec.json.encode({"error": message}), {"Content-Type": "application/json"})


def _json(body: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(body), status, media_type="application/json")
