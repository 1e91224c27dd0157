"""Faults on demand over HTTP: strikes requests as the plan says; `/faults` reads and changes the plan.

Only administrators who call from this machine may use `/faults`: GET lists, POST replaces, DELETE clears.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

import msgspec
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from p2c.odata.service.access import PRIVILEGE_DENIED, current_caller
from p2c.odata.service.access_gate import Failure, is_open
from p2c.odata.service.faults import RequestError
from p2c.odata.service.message import Response
from p2c.odata.service.protection.fault_plan import Fault, FaultKind, FaultPlan, parse_rules
from p2c.odata.service.sending import encoded, send_response

PATH = "/faults"
Sleep: TypeAlias = "Callable[[float], Awaitable[None]]"
_ANSWERS = {
    FaultKind.TOO_MANY: (429, "0x80072322", "Number of requests exceeded the limit (fault on demand)."),
    FaultKind.PRECONDITION: (412, "0x80060882", "The version of the row does not match (fault on demand)."),
    FaultKind.INTERNAL: (500, "0x80040216", "An unexpected error occurred (fault on demand)."),
    FaultKind.UNAVAILABLE: (503, "0x80040216", "The service is unavailable (fault on demand)."),
    FaultKind.EXPIRED: (401, "0x0", "The token is not valid: the token expired (fault on demand)"),
}
_WAITING = (FaultKind.TOO_MANY, FaultKind.UNAVAILABLE)
_PROMISED = {"Content-Type": "application/json; odata.metadata=minimal", "Content-Length": "100000"}


class FaultsGate:
    """Strikes requests. With no rules it costs nothing."""

    def __init__(
        self, app: ASGIApp, plan: FaultPlan, failure: Failure, challenge: str = "", sleep: Sleep = asyncio.sleep
    ) -> None:
        """`challenge` is the WWW-Authenticate of a token that expired."""
        self._app = app
        self._plan = plan
        self._failure = failure
        self._challenge = challenge
        self._sleep = sleep

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through, or strike it."""
        if is_open(scope):
            await self._app(scope, receive, send)
            return
        if scope["path"] == PATH:
            await send_response(send, await self._administered(Request(scope, receive)))
            return
        rule = self._plan.strike(scope["method"], scope["path"]) if self._plan.tallies else None
        if rule is None:
            await self._app(scope, receive, send)
            return
        if rule.fault is FaultKind.SLOW:
            await self._delay(rule, scope, receive, send)
            return
        if rule.after:
            await self._app(scope, receive, _drop)
        await self._strike(rule, send)

    async def _delay(self, rule: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        async def late(message: Message) -> None:
            if message["type"] == "http.response.start":
                await self._sleep(rule.seconds)
            await send(message)

        if not rule.after:
            await self._sleep(rule.seconds)
        await self._app(scope, receive, late if rule.after else send)

    async def _strike(self, rule: Fault, send: Send) -> None:
        if rule.fault is FaultKind.CUT:
            # An answer that promises more than it has: the server ends the connection when nothing follows.
            await send({"type": "http.response.start", "status": 200, "headers": encoded(_PROMISED)})
            await send({"type": "http.response.body", "body": b'{"@odata.context":', "more_body": True})
        else:
            await send_response(send, self._answer(rule))

    def _answer(self, rule: Fault) -> Response:
        status, code, text = _ANSWERS[rule.fault]
        answer = self._failure(status, text, code)
        if rule.fault in _WAITING:
            answer.headers["Retry-After"] = str(round(rule.seconds))
        if rule.fault is FaultKind.EXPIRED:
            bearer = self._challenge or "Bearer"
            answer.headers["WWW-Authenticate"] = f'{bearer} error="invalid_token"'
        return answer

    async def _administered(self, request: Request) -> Response:
        refused = self._not_allowed(request)
        if refused is not None:
            return refused
        try:
            if request.method == "POST":
                self._plan.change(parse_rules(await request.body()))
            elif request.method == "DELETE":
                self._plan.change(())
            elif request.method != "GET":
                raise RequestError(405, f"{request.method} is not allowed; use GET, POST or DELETE")
        except RequestError as error:
            return self._failure(error.status, error.message, error.code)
        body: dict[str, Sequence[object]] = {"faults": self._plan.tallies}
        return Response(200, msgspec.json.encode(body), {"Content-Type": "application/json"})

    def _not_allowed(self, request: Request) -> Response | None:
        if not _is_local(request):
            return self._failure(403, "faults are switched from the service's own machine only", PRIVILEGE_DENIED)
        caller = current_caller()
        if caller is not None and not caller.rights.administrator:
            return self._failure(403, f"{caller.name} is no administrator and may not switch faults", PRIVILEGE_DENIED)
        return None


async def _drop(message: Message) -> None:
    """The answer is lost."""


def _is_local(request: Request) -> bool:
    """Whether the request comes from this machine, not passed on by a proxy and not made by a page of a browser."""
    if any(name in request.headers for name in ("x-forwarded-for", "forwarded", "origin")):
        return False
    try:
        return request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
