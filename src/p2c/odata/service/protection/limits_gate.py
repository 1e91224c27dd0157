"""Service protection on HTTP: 429 with the product's words, and headers that say how much is left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import floor

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from p2c.odata.service.access import current_caller
from p2c.odata.service.access_gate import Failure, is_open
from p2c.odata.service.message import Response
from p2c.odata.service.protection.limits import Limit, Protection, TooMuch, Usage
from p2c.odata.service.sending import encoded, send_response


@dataclass(frozen=True, slots=True)
class LimitStyle:
    """How a product tells its limits: texts by limit with the codes, and whether headers tell what is left.

    `parallel` is the degree of parallelism that clients are told to try; 0 for no hint.
    """

    texts: Mapping[Limit, tuple[str, str]]
    parallel: int = 0
    headers: bool = False


DATAVERSE_LIMITS = LimitStyle(
    {
        Limit.REQUESTS: (
            "0x80072322",
            "Number of requests exceeded the limit of {requests} over time window of {window} seconds.",
        ),
        Limit.TIME: (
            "0x80072321",
            "Combined execution time of incoming requests exceeded limit of {milliseconds} milliseconds over time "
            "window of {window} seconds. Decrease number of concurrent requests or reduce the duration of requests "
            "and try again later.",
        ),
        Limit.CONCURRENT: ("0x80072326", "Number of concurrent requests exceeded the limit of {concurrent}."),
    },
    parallel=8,
    headers=True,
)
_HOT = "The request was throttled because of high resource utilization on the server; wait for Retry-After seconds"
FNO_LIMITS = LimitStyle(dict.fromkeys(Limit, ("", _HOT)))


class LimitsGate:
    """Counts what each caller asks for; refuses what is too much."""

    def __init__(
        self,
        app: ASGIApp,
        protection: Protection,
        style: LimitStyle,
        failure: Failure,
        free_below: tuple[str, ...] = (),
    ) -> None:
        """`free_below`: beginnings of paths that are not counted."""
        self._app = app
        self._free_below = free_below
        self._protection = protection
        self._style = style
        self._failure = failure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through or refuse it."""
        if is_open(scope, self._free_below):
            await self._app(scope, receive, send)
            return
        usage = self._protection.of(caller_key(scope))
        began = self._protection.clock()
        refusal = usage.enter(began)
        if refusal is not None:
            await send_response(send, self._refused(refusal))
            return

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *encoded(self._headers(usage))]}
            await send(message)

        try:
            await self._app(scope, receive, told)
        finally:
            usage.leave(began, self._protection.clock())

    def _headers(self, usage: Usage) -> dict[str, str]:
        headers: dict[str, str] = {}
        if self._style.headers:
            headers["x-ms-ratelimit-burst-remaining-xrm-requests"] = str(usage.remaining_requests())
            headers["x-ms-ratelimit-time-remaining-xrm-requests"] = f"{usage.remaining_seconds():.2f}"
        if self._style.parallel:
            headers["x-ms-dop-hint"] = str(self._style.parallel)
        return headers

    def _refused(self, refusal: TooMuch) -> Response:
        limits = self._protection.limits
        code, text = self._style.texts[refusal.limit]
        message = text.format(
            requests=limits.requests,
            window=floor(limits.window),
            milliseconds=floor(limits.execution * 1000),
            concurrent=limits.concurrent,
        )
        answer = self._failure(429, message, code)
        answer.headers["Retry-After"] = str(refusal.after)
        return answer


def caller_key(scope: Scope) -> str:
    """Whose usage a request counts as: the caller's, or the address's where nobody is asked who they are."""
    caller = current_caller()
    if caller is not None:
        return str(caller.id)
    client = scope.get("client")
    return client[0] if client else ""
