"""Calls an ASGI application as a server would, without a server."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import msgspec
from starlette.types import ASGIApp, Message

from p2c.odata.service.sending import encoded


@dataclass
class Answer:
    """What came back; `complete` says that the application finished the response."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    complete: bool = False

    @property
    def json(self) -> Any:
        """The JSON body."""
        return msgspec.json.decode(self.body)

    @property
    def code(self) -> str:
        """The error code."""
        return str(self.json["error"]["code"])


def call(app: ASGIApp, method: str, url: str, body: bytes = b"", client: str = "127.0.0.1", **headers: str) -> Answer:
    """One request; header names are written with underscores."""
    return asyncio.run(request(app, method, url, body, client, **headers))


async def request(
    app: ASGIApp, method: str, url: str, body: bytes = b"", client: str = "127.0.0.1", **headers: str
) -> Answer:
    """The same for callers that run at the same time."""
    path, _, query = url.partition("?")
    named = {"host": "localhost", **{name.replace("_", "-"): value for name, value in headers.items()}}
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": encoded(named),
        "client": (client, 50_000),
        "server": ("localhost", 80),
    }
    answer = Answer()

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            answer.body += message.get("body", b"")
            answer.complete = not message.get("more_body", False)

    await app(scope, receive, send)
    return answer
