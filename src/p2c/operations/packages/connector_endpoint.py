"""Recurring integration over HTTP: enqueue, dequeue, download, ack and jobstatus."""

from __future__ import annotations

import tempfile
from collections.abc import Awaitable, Callable
from typing import TypeAlias
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
from sqlalchemy.exc import DataError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from p2c.database.connect import first_line
from p2c.errors import P2CError
from p2c.odata.packages.errors import PackageError
from p2c.odata.service.access import Privilege, demand
from p2c.odata.service.faults import RequestError
from p2c.odata.service.fno.errors import failure_response
from p2c.operations.packages.blobs import MAX_BLOB
from p2c.operations.packages.data_management import DataManagement
from p2c.operations.packages.messages import Message, Messages
from p2c.operations.packages.published import RECURRING_JOBS
from p2c.operations.packages.result_calls import ResultCalls, entity_state
from p2c.operations.packages.uploads import received

PATH = "/api/connector"
_Endpoint: TypeAlias = "Callable[[Request], Awaitable[Response]]"
_IN_MEMORY = 1024 * 1024


class _Receipt(msgspec.Struct):
    """What a client sends back when it has the file."""

    CorrelationId: str
    PopReceipt: str


def connector_routes(management: DataManagement) -> list[BaseRoute]:
    """The routes; paths are as the product has them."""
    doors = _Doors(management)
    table: tuple[tuple[str, str, _Endpoint], ...] = (
        ("enqueue", "POST", doors.enqueue),
        ("dequeue", "GET", doors.dequeue),
        ("download", "GET", doors.download),
        ("ack", "POST", doors.acknowledge),
        ("jobstatus", "GET", doors.status),
    )
    return [Route(f"{PATH}/{name}/{{activity:uuid}}", _guarded(door), methods=[method]) for name, method, door in table]


class _Doors:
    """One method a route; the work is done in threads, for it waits for the database."""

    def __init__(self, management: DataManagement) -> None:
        self._management = management
        self._messages = Messages(management)

    async def enqueue(self, request: Request) -> Response:
        """A file comes in; the answer is its message's id."""
        entity = request.query_params.get("entity", "")
        company = request.query_params.get("company", "")
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as file:
            if not await received(request, file, MAX_BLOB):
                raise RequestError(413, f"a file has at most {MAX_BLOB} bytes; send it in parts")

            def work() -> str:
                demand(RECURRING_JOBS, Privilege.WRITE)
                activity = self._messages.activity(_activity(request))
                return self._messages.enqueue(activity, file, entity, company)

            return _json(await run_in_threadpool(work))

    async def dequeue(self, request: Request) -> Response:
        """The next package, or 204."""

        def work() -> Message | None:
            demand(RECURRING_JOBS, Privilege.READ)
            return self._messages.dequeue(self._messages.activity(_activity(request)))

        message = await run_in_threadpool(work)
        if message is None:
            return Response(status_code=204)
        parts = urlsplit(str(request.url))
        place = f"{parts.scheme}://{parts.netloc}{PATH}/download/{message.activity}?correlation-id={message.id}"
        return _json(
            {
                "CorrelationId": message.id,
                "PopReceipt": message.receipt,
                "DownloadLocation": place,
                "IsDownLoadFileExist": True,
                "FileDownLoadErrorMessage": "",
            }
        )

    async def download(self, request: Request) -> Response:
        """The package of a message."""

        def work() -> UUID:
            demand(RECURRING_JOBS, Privilege.READ)
            message = self._messages.get(request.query_params.get("correlation-id", ""))
            if message.activity != _activity(request) or message.direction != "out" or message.blob is None:
                raise PackageError("the message has no file to fetch")
            return message.blob

        blob = await run_in_threadpool(work)
        return StreamingResponse(self._management.blobs.pieces(blob), media_type="application/zip")

    async def acknowledge(self, request: Request) -> Response:
        """The client has the file."""
        body = await request.body()

        def work() -> None:
            demand(RECURRING_JOBS, Privilege.READ)
            try:
                receipt = msgspec.json.decode(body, type=_Receipt)
            except msgspec.MsgspecError as error:
                raise PackageError(f"send back the JSON that dequeue gave ({error})") from error
            activity = self._messages.activity(_activity(request))
            self._messages.acknowledge(activity, receipt.CorrelationId, receipt.PopReceipt)

        await run_in_threadpool(work)
        return Response(status_code=200)

    async def status(self, request: Request) -> Response:
        """How far a message is, with the counts and errors of its job."""
        identifier = request.query_params.get("jobId") or request.query_params.get("jobid") or ""

        def work() -> object:
            demand(RECURRING_JOBS, Privilege.READ)
            message = self._messages.get(identifier)
            state = self._messages.state(message.id)
            detail: dict[str, object] = {
                "DataJobStatus": {"MessageId": message.id, "DataJobState": state.value},
                "ExecutionLog": "",
                "ExecutionDetail": [],
            }
            if message.job:
                job = self._management.jobs.get(message.job)
                errors = ResultCalls(self._management).error_items(job)
                detail["ExecutionLog"] = "\n".join(item["ErrorMessage"] for item in errors)
                detail["ExecutionDetail"] = [entity_state(row) for row in self._management.jobs.entities(job.id)]
            return detail

        return _json(await run_in_threadpool(work))


def _guarded(door: _Endpoint) -> _Endpoint:
    """The door with refusals as the product's bodies."""

    async def endpoint(request: Request) -> Response:
        try:
            return await door(request)
        except PackageError as error:
            answer = failure_response(400, str(error))
        except RequestError as error:
            answer = failure_response(error.status, error.message, error.code)
        except DataError as error:
            answer = failure_response(400, f"a value cannot be looked for ({first_line(error)}); mend it")
        except P2CError as error:
            answer = failure_response(503, str(error))
        return Response(answer.body, answer.status, answer.headers)

    return endpoint


def _activity(request: Request) -> UUID:
    activity: UUID = request.path_params["activity"]
    return activity


def _json(body: object) -> Response:
    return Response(msgspec.json.encode(body), media_type="application/json")
