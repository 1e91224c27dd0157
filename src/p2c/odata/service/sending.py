"""Sends a complete response over ASGI: for what answers before, or instead of, the service."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.types import Message, Send

from p2c.odata.service.message import Response


async def send_response(send: Send, response: Response) -> None:
    """Send status, headers and body."""
    await send(start(response))
    await send({"type": "http.response.body", "body": response.body})


def start(response: Response) -> Message:
    """The message that a response begins with."""
    sized = {**response.headers, "Content-Length": str(len(response.body))}
    return {"type": "http.response.start", "status": response.status, "headers": encoded(sized)}


def encoded(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """Headers as ASGI has them."""
    return [(name.lower().encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers.items()]
