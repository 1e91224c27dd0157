"""One environment over HTTP: retries what may succeed later, counts what it costs."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import aiohttp
import msgspec
from yarl import URL

from p2c.errors import RetryError, StopError
from p2c.odata.client.credentials import Credential
from p2c.odata.client.gate import MOST, RateGate
from p2c.tracing import RequestSpan, request_span

ATTEMPTS = 6
FIRST_WAIT = 0.2
TIMEOUT = aiohttp.ClientTimeout(total=300, sock_connect=10)
LONGEST_LIMITED = 3600.0
"""Seconds of pauses for limits that one request bears before the run gives up."""
_UNAUTHORIZED = 401
_LIMITED = 429
_AGAIN = frozenset({_LIMITED, 502, 503, 504})
_HEADERS = {"Accept": "application/json", "OData-Version": "4.0", "OData-MaxVersion": "4.0"}


@dataclass(slots=True)
class Traffic:
    """What was sent and received so far: requests, those that were tried again, seconds waited, bytes, rows."""

    requests: int = 0
    retries: int = 0
    waited: float = 0.0
    bytes_read: int = 0
    bytes_written: int = 0
    writes: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """A response that is no transport failure; `status` may still be an error."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class HttpEnvironment:
    """
    Requests to one environment below its base URL.

    Connections that fail and answers 502, 503, 504 are tried again after a growing pause. After 429 the gate lets
    nothing through until the pause that the environment asked for is over; `gate` is shared by all that work on it
    as one user.

    Raises (from `send`):
        RetryError: The environment did not answer in all attempts.
    """

    def __init__(
        self,
        url: str,
        *,
        name: str,
        attempts: int = ATTEMPTS,
        gate: RateGate | None = None,
        credential: Credential | None = None,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self.url = url if url.endswith("/") else f"{url}/"
        self.name = name
        self.where = f"{name} at {URL(self.url).with_user(None)}"
        self.traffic = Traffic()
        self._attempts = attempts
        self._gate = gate if gate is not None else RateGate()
        self._credential = credential
        self._session = aiohttp.ClientSession(
            timeout=TIMEOUT,
            headers=_HEADERS,
            connector=aiohttp.TCPConnector(limit=MOST, ssl=trust if trust is not None else True),
            auto_decompress=True,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections."""
        await self._session.close()

    async def send(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        signed: bool = True,
    ) -> Answer:
        """Send a request; `path` is below the base URL, or absolute (a next link).

        Without `signed` no token goes along: the address of a blob is the right to it, and belongs to another host.
        """
        url = path if path.startswith(("http://", "https://")) else self.url + path
        with request_span(self.name, method, url, secret=not signed) as traced:
            answer = await self._answer(traced, method, url, body, headers, signed)
            traced.answered(answer.status)
        return answer

    async def _answer(
        self,
        traced: RequestSpan,
        method: str,
        url: str,
        body: bytes | None,
        headers: Mapping[str, str] | None,
        signed: bool,
    ) -> Answer:
        """The first answer that does not ask to be sent again."""
        trouble, attempt, limited = "", 0, 0.0
        while attempt < self._attempts and limited < LONGEST_LIMITED:
            pause = FIRST_WAIT * 2**attempt
            traced.sent()
            try:
                async with self._gate.place() as started:
                    answer = await self._once(method, url, body, headers, signed)
                    pause = max(pause, _asked_pause(answer))
                    if answer.status == _LIMITED:
                        self._gate.refused(started, pause)
                    else:
                        self._gate.state.taken(started, _hint(answer))
                if answer.status not in _AGAIN:
                    return answer
                trouble = f"answered {answer.status}"
            except (aiohttp.ClientError, TimeoutError) as error:
                answer, trouble = None, str(error) or type(error).__name__
            self.traffic.retries += 1
            self.traffic.waited += pause
            if answer is not None and answer.status == _LIMITED:
                # The environment is there and said when: the gate waits, and no attempt is used up.
                limited += pause
                continue
            attempt += 1
            if attempt < self._attempts:
                await asyncio.sleep(pause)
        raise RetryError(
            f"no answer after {self._attempts} attempts ({trouble})",
            where=self.where,
            way_out="start it or check its URL, then run again: the next run continues where this one stopped",
        )

    async def get(self, path: str, headers: Mapping[str, str] | None = None) -> bytes:
        """The body of a GET that must succeed.

        Raises:
            StopError: The environment refused the request.
        """
        answer = await self.send("GET", path, headers=headers)
        if answer.status != 200:
            raise StopError(
                f"GET {path[:200]} answered {answer.status}: {error_message(answer.body)}",
                where=self.where,
            )
        return answer.body

    async def _once(
        self, method: str, url: str, body: bytes | None, headers: Mapping[str, str] | None, signed: bool
    ) -> Answer:
        self.traffic.requests += 1
        self.traffic.bytes_written += len(body or b"")
        if not signed:
            return await self._exchange(method, url, body, headers, {})
        answer = await self._exchange(method, url, body, headers, await self._authorization(anew=False))
        if answer.status == _UNAUTHORIZED and self._credential is not None:
            # The token was revoked, or expired under way: a new one, once.
            answer = await self._exchange(method, url, body, headers, await self._authorization(anew=True))
        return answer

    async def _authorization(self, *, anew: bool) -> dict[str, str]:
        if self._credential is None:
            return {}
        return {"Authorization": f"Bearer {await self._credential.token(anew=anew)}"}

    async def _exchange(
        self,
        method: str,
        url: str,
        body: bytes | None,
        headers: Mapping[str, str] | None,
        authorization: Mapping[str, str],
    ) -> Answer:
        kind = {"Content-Type": "application/json"} if body is not None else {}
        sent = {**kind, **(headers or {}), **authorization}
        async with self._session.request(method, URL(url, encoded=True), data=body, headers=sent) as response:
            data = await response.read()
            self.traffic.bytes_read += len(data)
            return Answer(response.status, response.headers, data)


def _asked_pause(answer: Answer) -> float:
    asked = answer.headers.get("Retry-After", "")
    return float(asked) if asked.isdecimal() else 0.0


def _hint(answer: Answer) -> int | None:
    hint = answer.headers.get("x-ms-dop-hint", "")
    return int(hint) if hint.isdecimal() else None


class _Inner(msgspec.Struct):
    message: str = ""
    internalexception: _Inner | None = None


class _Error(msgspec.Struct):
    code: str = ""
    message: str = ""
    innererror: _Inner | None = None


class _ErrorBody(msgspec.Struct):
    error: _Error | None = None
    Message: str = ""


def error_of(body: bytes) -> tuple[str, str]:
    """The code and the most telling message of an error body, whichever product it came from."""
    try:
        decoded = msgspec.json.decode(body, type=_ErrorBody)
    except msgspec.MsgspecError:
        return "", body[:300].decode("utf-8", "replace")
    if decoded.error is None:
        return "", decoded.Message or body[:300].decode("utf-8", "replace")
    inner = decoded.error.innererror
    deepest = inner.internalexception if inner is not None and inner.internalexception is not None else inner
    message = deepest.message if deepest is not None and deepest.message else decoded.error.message
    return decoded.error.code, message


def error_message(body: bytes) -> str:
    """The most telling message of an error body."""
    return error_of(body)[1]
