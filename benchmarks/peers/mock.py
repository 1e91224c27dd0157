"""
A Dataverse that does nothing but talk: accounts to read, and a destination that counts what it receives, by key.

`python -m benchmarks.peers.mock` serves on a free port of this machine and prints its URL. Its state lasts as long as
its process. What a client sends is compared with what it could read: the first row of every call field by field, of
the others the key.
"""

from __future__ import annotations

import asyncio
import json
import re
from array import array
from collections import Counter
from collections.abc import Callable, Sequence
from urllib.parse import parse_qs, unquote

import msgspec
from aiohttp import web

from benchmarks.peers.world import API, COLUMNS, KEY, NAMESPACE, PAGE_ROWS, UPSERT_MULTIPLE, number_of, row_text
from p2c.odata import batch

SOURCE, DESTINATION = f"/source/{API}", f"/destination/{API}"
_LARGEST = 64 * 1024 * 1024
_LONGEST_URL = 32 * 1024
_VALUES = re.compile(r"PropertyValues=(\[.*\])\)")
_BAD = {"error": {"code": "0x80044331", "message": "A validation error occurred: the account is bad."}}
_DEFINITION = {"LogicalName": "account", "EntitySetName": "accounts", "PrimaryIdAttribute": "accountid"}


class Setting(msgspec.Struct, forbid_unknown_fields=True):
    """
    How the mock behaves from now on.

    `page_ms` and `call_ms` are the latencies of a page (or of a query) and of a call that writes, `hint` the
    parallelism that answers recommend. Every `bad`th row is refused (0: none). `empty` forgets what was delivered,
    `changed` gives so many rows, spread evenly, another value. What was counted before is forgotten.
    """

    rows: int = 100_000
    page_ms: int = 0
    call_ms: int = 0
    hint: int = 8
    bad: int = 0
    empty: bool = True
    changed: int = 0


class Report(msgspec.Struct):
    """
    What was received since the last setting.

    `accepted` rows by distinct key and `times` in all, `sent` rows with those of refused calls, `wrong` what differs
    from the source (the first few), `requests` by kind.
    """

    accepted: int
    times: int
    sent: int
    wrong: list[str]
    requests: dict[str, int]


class _Target(msgspec.Struct):
    address: str = msgspec.field(name="@odata.id")


class _Targets(msgspec.Struct):
    Targets: list[msgspec.Raw]


_targets = msgspec.json.Decoder(_Targets)
_target = msgspec.json.Decoder(_Target)


class Mock:
    """Source and destination of one measurement."""

    def __init__(self) -> None:
        self.setting = Setting()
        self._version = 0
        self._changed: dict[int, range] = {}
        self._there = bytearray()
        self._begin()

    def begin(self, setting: Setting) -> None:
        """Behave so from now on, and count from nothing."""
        if setting.rows != self.setting.rows:
            self._version, self._changed = 0, {}
        if setting.changed:
            self._version += 1
            self._changed[self._version] = range(0, setting.rows, setting.rows // setting.changed)
        self.setting = setting
        self._begin()

    def _begin(self) -> None:
        if self.setting.empty or len(self._there) != self.setting.rows:
            self._there = bytearray(self.setting.rows)
        self._received = array("H", bytes(2 * self.setting.rows))
        self._sent = 0
        self._wrong: list[str] = []
        self._requests: Counter[str] = Counter()

    def report(self) -> Report:
        """What was received so far."""
        accepted = len(self._received) - self._received.count(0)
        return Report(accepted, sum(self._received), self._sent, self._wrong[:5], dict(self._requests))

    async def answer(self, request: web.Request) -> web.Response:
        """The answer to a request of a client, after the latency of its kind."""
        path = request.path
        if path.startswith(SOURCE):
            kind, latency, work = self._read(path.removeprefix(SOURCE), request)
        elif path.startswith(DESTINATION):
            body = await request.read()
            kind, latency, work = self._work(path.removeprefix(DESTINATION), request, body)
        else:
            raise web.HTTPNotFound
        self._requests[kind] += 1
        if latency:
            await asyncio.sleep(latency / 1000)
        response = work()
        response.headers["x-ms-dop-hint"] = str(self.setting.hint)
        return response

    def _read(self, path: str, request: web.Request) -> _Kind:
        options = parse_qs(request.query_string)
        if path == "accounts":
            base = f"{request.scheme}://{request.host}{SOURCE}accounts"
            return "page", self.setting.page_ms, lambda: _json(self._page(base, options))
        return self._common(path)

    def _common(self, path: str) -> _Kind:
        answers: dict[str, Callable[[], web.Response]] = {
            "$metadata": lambda: web.Response(text=_METADATA, content_type="application/xml"),
            "WhoAmI": lambda: _json("{}"),
            "EntityDefinitions": lambda: _json(json.dumps({"value": [_DEFINITION]})),
            "accounts/$count": lambda: web.Response(text=str(min(self._there.count(1), PAGE_ROWS))),
        }
        if path in answers:
            return "count" if path.endswith("$count") else "metadata", 0, answers[path]
        if path.startswith("EntityDefinitions"):
            return "metadata", 0, lambda: _json('{"value":[]}')
        raise web.HTTPNotFound

    def _page(self, base: str, options: dict[str, list[str]]) -> str:
        """Five thousand rows after a skip token, or those that have changed since a delta token."""
        if "$deltatoken" in options:
            since = int(options["$deltatoken"][0])
            changed = sorted({number for at, numbers in self._changed.items() if at > since for number in numbers})
            rows = ",".join(self._row(number) for number in changed)
            return f'{{"value":[{rows}],"@odata.deltaLink":"{base}?$deltatoken={self._version}"}}'
        start = int(options.get("$skiptoken", ["0"])[0])
        end = min(start + PAGE_ROWS, self.setting.rows)
        rows = ",".join(map(self._row, range(start, end)))
        link = f'"@odata.nextLink":"{base}?$skiptoken={end}"'
        if end == self.setting.rows:
            link = f'"@odata.deltaLink":"{base}?$deltatoken={self._version}"'
        return f'{{"value":[{rows}],{link}}}'

    def _row(self, number: int) -> str:
        return row_text(number, max((at for at, numbers in self._changed.items() if number in numbers), default=0))

    def _work(self, path: str, request: web.Request, body: bytes) -> _Kind:
        call_ms = self.setting.call_ms
        if request.method == "POST" and path == UPSERT_MULTIPLE:
            return "bulk call", call_ms, lambda: self._written(_targets.decode(body).Targets)
        if request.method == "POST" and path == "$batch":
            return "batch", call_ms, lambda: self._batch(body, request.headers["Content-Type"])
        if request.method == "PATCH":
            return "row", call_ms, lambda: self._written([msgspec.Raw(_addressed(path, body))])
        if request.method == "GET" and path == "accounts":
            return "query", self.setting.page_ms, lambda: self._found(unquote(request.query_string))
        return self._common(path)

    def _written(self, targets: Sequence[msgspec.Raw]) -> web.Response:
        """All of them or none."""
        numbers = [number_of(_target.decode(target).address) for target in targets]
        self._sent += len(numbers)
        if self.setting.bad and any(number % self.setting.bad == self.setting.bad // 2 for number in numbers):
            return _json(json.dumps(_BAD), 400)
        for number in numbers:
            self._there[number] = 1
            self._received[number] += 1
        self._compare(numbers[0], targets[0])
        return web.Response(status=204)

    def _compare(self, number: int, target: msgspec.Raw) -> None:
        told: dict[str, object] = msgspec.json.decode(target)
        for name, value in json.loads(self._row(number)).items():
            if name in ("accountid", KEY):
                continue
            if told.get(name) != value:
                self._wrong.append(f"{KEY} {number}, {name}: {told.get(name)!r} instead of {value!r}")

    def _batch(self, body: bytes, content_type: str) -> web.Response:
        parts = [item for item in batch.parse(body, content_type) if isinstance(item, batch.Part)]
        answers = []
        for part in parts:
            path = unquote(part.start.partition(" ")[2]).removeprefix(DESTINATION)
            response = self._written([msgspec.Raw(_addressed(path, part.body))])
            content = response.body if isinstance(response.body, bytes) else b""
            answers.append(batch.response_part(response.status, {"Content-Type": "application/json"}, content))
        return web.Response(
            body=batch.write(answers, "answers", ""), headers={"Content-Type": "multipart/mixed; boundary=answers"}
        )

    def _found(self, query: str) -> web.Response:
        """The rows of an In query that are there."""
        match = _VALUES.search(query)
        asked: list[str] = json.loads(match[1]) if match is not None else []
        found = [
            f'{{"accountid":"00000000-0000-4000-8000-{number_of(value):012x}","{KEY}":"{value}"}}'
            for value in asked
            if self._there[number_of(value)]
        ]
        return _json(f'{{"value":[{",".join(found)}]}}')


_Kind = tuple[str, int, Callable[[], web.Response]]
"""The kind of a request, its latency in milliseconds, and what answers it."""


def _addressed(path: str, body: bytes) -> bytes:
    """The body of a row's own request as one target of many."""
    address = json.dumps({"@odata.id": path})[:-1].encode()
    return address + b"," + body.lstrip()[1:]


def _json(text: str, status: int = 200) -> web.Response:
    return web.Response(text=text, status=status, content_type="application/json")


def _metadata() -> str:
    properties = "".join(f'<Property Name="{name}" Type="{kind.value}"/>' for name, kind in COLUMNS.items())
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        '<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>'
        f'<Schema Namespace="{NAMESPACE}" xmlns="http://docs.oasis-open.org/odata/ns/edm">'
        '<EntityType Name="account"><Key><PropertyRef Name="accountid"/></Key>'
        f'<Property Name="accountid" Type="Edm.Guid"/>{properties}'
        '<Annotation Term="OData.Community.Keys.V1.AlternateKeys"><Collection>'
        '<Record Type="OData.Community.Keys.V1.AlternateKey"><PropertyValue Property="Key"><Collection>'
        '<Record Type="OData.Community.Keys.V1.PropertyRef">'
        f'<PropertyValue Property="Name" PropertyPath="{KEY}"/>'
        "</Record></Collection></PropertyValue></Record></Collection></Annotation></EntityType>"
        f'<EntityContainer Name="System"><EntitySet Name="accounts" EntityType="{NAMESPACE}.account"/>'
        "</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>"
    )


_METADATA = _metadata()


def build() -> web.Application:
    """The mock and its control: a POST of a setting to `/begin`, a GET of `/report`."""
    mock = Mock()

    async def begin(request: web.Request) -> web.Response:
        mock.begin(msgspec.json.decode(await request.read(), type=Setting))
        return web.Response(status=204)

    async def report(request: web.Request) -> web.Response:
        return _json(msgspec.json.encode(mock.report()).decode())

    app = web.Application(client_max_size=_LARGEST)
    app.add_routes([web.post("/begin", begin), web.get("/report", report), web.route("*", "/{path:.*}", mock.answer)])
    return app


async def serve() -> None:
    """Serve until the process is ended; the URL is the first line on standard output."""
    runner = web.AppRunner(build(), access_log=None, max_line_size=_LONGEST_URL)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    print(f"http://{host}:{port}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve())
