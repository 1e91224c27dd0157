"""The services over real HTTP, and clients connected to them."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TypeVar

import uvicorn

from p2c.edm.values import Row
from p2c.odata.client.dataverse import DataverseEnvironment
from p2c.odata.client.environment import Environment
from p2c.odata.client.fno import FnoEnvironment
from p2c.odata.client.http import HttpEnvironment
from p2c.odata.service.app import build_app
from tests.contracts.caller import Caller

T = TypeVar("T")


@contextmanager
def served(caller: Caller, base_path: str) -> Iterator[str]:
    """The service on a loopback port; gives its base URL."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    config = uvicorn.Config(
        build_app(caller.service, base_path, "test"), log_level="error", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}{base_path}"
    finally:
        server.should_exit = True
        thread.join()


@asynccontextmanager
async def dataverse(url: str, page_size: int = 5000) -> AsyncIterator[DataverseEnvironment]:
    """A connected client of the registry."""
    environment = DataverseEnvironment(HttpEnvironment(url, name="registry"), page_size=page_size)
    await environment.connect()
    try:
        yield environment
    finally:
        await environment.close()


@asynccontextmanager
async def fno(url: str, page_size: int = 10000) -> AsyncIterator[FnoEnvironment]:
    """A connected client of the shops."""
    environment = FnoEnvironment(HttpEnvironment(url, name="retail"), page_size=page_size)
    await environment.connect()
    try:
        yield environment
    finally:
        await environment.close()


def run(work: Callable[[], Awaitable[T]]) -> T:
    """The result of a coroutine."""

    async def awaited() -> T:
        return await work()

    return asyncio.run(awaited())


async def read(environment: Environment, name: str, columns: tuple[str, ...]) -> list[Row]:
    """All rows of an entity."""
    pages = [page async for page in environment.changes(environment.model.entity[name], columns, None)]
    return [row for page in pages for row in page.rows]
