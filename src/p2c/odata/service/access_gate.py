"""Lets requests in, as ASGI middleware: who sends one is settled before anything else is done for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias
from uuid import uuid4

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from p2c.errors import RetryError
from p2c.odata.service.access import AccessRefusedError, Authenticator, acting
from p2c.odata.service.message import Response
from p2c.odata.service.sending import send_response

Failure: TypeAlias = "Callable[[int, str, str], Response]"
"""The dialect's body for an error: status, message, code."""
OPEN = frozenset({"/health"})
"""Paths that everybody may read."""


def is_open(scope: Scope, below: tuple[str, ...] = ()) -> bool:
    """Whether a message passes unasked: no request, the health, or a path that begins with one of `below`."""
    return scope["type"] != "http" or scope["path"] in OPEN or (bool(below) and scope["path"].startswith(below))


class AccessGate:
    """Asks the authenticator for every request's caller; answers 401 and 403 itself."""

    def __init__(
        self, app: ASGIApp, authenticator: Authenticator, failure: Failure, open_below: tuple[str, ...] = ()
    ) -> None:
        """`open_below`: beginnings of paths whose addresses carry a right of their own, such as signed ones."""
        self._app = app
        self._open_below = open_below
        self._authenticator = authenticator
        self._failure = failure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request in or answer it."""
        if is_open(scope, self._open_below):
            await self._app(scope, receive, send)
            return
        header = Headers(scope=scope).get("authorization", "")
        try:
            caller = await run_in_threadpool(self._authenticator.caller, header)
        except AccessRefusedError as error:
            await send_response(send, self._refused(error))
            return
        except RetryError as error:
            answer = self._failure(503, str(error), "")
            answer.headers["Retry-After"] = str(int(error.after or 1))
            await send_response(send, answer)
            return
        with acting(caller):
            await self._app(scope, receive, send)

    def _refused(self, error: AccessRefusedError) -> Response:
        answer = self._failure(error.status, error.message, error.code)
        answer.headers["REQ_ID"] = answer.headers["x-ms-service-request-id"] = str(uuid4())
        if error.challenge:
            answer.headers["WWW-Authenticate"] = error.challenge
        return answer
