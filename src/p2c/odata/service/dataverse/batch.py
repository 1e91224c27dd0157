"""`$batch` of the Dataverse dialect: operations in order, change sets in one transaction, Content-ID references."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar
from uuid import UUID, uuid4

from p2c.database.session import Session
from p2c.edm.change import Problem
from p2c.odata import batch
from p2c.odata.query import QueryError, relative_path
from p2c.odata.service.content_ids import resolved_body, resolved_url
from p2c.odata.service.dataverse.impersonation import HEADERS
from p2c.odata.service.faults import RequestError, RowRefusedError
from p2c.odata.service.message import Request, Response

MAX_OPERATIONS = 1000
_INHERITED = (*HEADERS, "accept-language")
"""Headers of the batch that hold for its parts."""

_T = TypeVar("_T")


class BatchTarget(Protocol):
    """What a batch is carried out on."""

    def handle(self, request: Request) -> Response:
        """Answer one request in a transaction of its own."""

    def answer_in(self, session: Session, request: Request) -> Response:
        """Answer one request inside a transaction."""

    def transact(self, work: Callable[[Session], _T], user: UUID | None = None) -> _T:
        """Run work in a transaction."""

    def refusal(self, problem: Problem, entity: str = "") -> Response:
        """The body for a refused row."""

    def failure(self, status: int, message: str, code: str = "") -> Response:
        """The body for a failed request."""

    def unreadable(self, error: QueryError) -> Response:
        """The body for a query or path that cannot be read."""


def answer_batch(service: BatchTarget, request: Request) -> Response:
    """
    Carry out a batch. Stops at the first failure unless the client prefers `odata.continue-on-error`.

    Raises:
        RequestError: The body is no batch, or has too many operations.
    """
    items = read_batch(request, MAX_OPERATIONS)
    go_on = "odata.continue-on-error" in request.preferences()
    answers: list[batch.Part | batch.ChangeSet] = []
    status = 200
    for item in items:
        if isinstance(item, batch.ChangeSet):
            answer, failed = _change_set(service, request, item)
        else:
            response = _alone(service, request, item)
            answer = batch.response_part(response.status, response.headers, response.body, item.content_id)
            failed = response.status if response.status >= 400 else 0
        answers.append(answer)
        if failed and not go_on:
            status = failed
            break
    return batch_response(answers, status)


def read_batch(request: Request, limit: int) -> list[batch.Part | batch.ChangeSet]:
    """The parts of a batch request; RequestError when it is malformed or too large."""
    try:
        items = batch.parse(request.body, request.headers.get("content-type", ""))
    except batch.BatchFormatError as error:
        raise RequestError(400, str(error), "0x80048d19") from error
    count = sum(len(item.parts) if isinstance(item, batch.ChangeSet) else 1 for item in items)
    if count > limit:
        raise RequestError(400, f"the batch has {count} operations, {limit} are allowed; send several", "0x80040203")
    return items


def batch_response(answers: list[batch.Part | batch.ChangeSet], status: int = 200) -> Response:
    """The multipart answer."""
    boundary = f"batchresponse_{uuid4()}"
    body = batch.write(answers, boundary, f"changesetresponse_{uuid4()}")
    return Response(status, body, {"Content-Type": f"multipart/mixed; boundary={boundary}", "OData-Version": "4.0"})


def part_request(outer: Request, part: batch.Part, references: Mapping[str, str]) -> Request:
    """The request that a part holds, with `$<Content-ID>` replaced by the URL of what that part created."""
    method, _, url = part.start.partition(" ")
    url = resolved_url(url, references)
    try:
        below = relative_path(url, outer.root or None)
    except QueryError as error:
        raise RequestError(400, str(error), "0x80060888") from error
    path, _, query = below.partition("?")
    if path.strip("/") == "$batch":
        raise RequestError(400, "a batch cannot hold another batch", "0x80060888")
    inherited = {name: outer.headers[name] for name in _INHERITED if name in outer.headers}
    body = resolved_body(part.body, references)
    return Request(method, path, query, {**inherited, **part.headers}, body, outer.root, batched=True)


def _alone(service: BatchTarget, outer: Request, part: batch.Part) -> Response:
    try:
        return service.handle(part_request(outer, part, {}))
    except RequestError as error:
        return service.failure(error.status, error.message, error.code)


def _change_set(
    service: BatchTarget, outer: Request, change_set: batch.ChangeSet
) -> tuple[batch.Part | batch.ChangeSet, int]:
    """All parts in one transaction; a failure answers with one part for the whole set."""

    def work(session: Session) -> list[batch.Part]:
        references: dict[str, str] = {}
        answers = []
        for part in change_set.parts:
            if not part.content_id:
                raise RequestError(400, "each part of a change set needs a Content-ID of its own", "0x80048d19")
            if part.start.startswith("GET "):
                raise RequestError(400, "a change set cannot hold GET; put it outside", "0x80060888")
            response = service.answer_in(session, part_request(outer, part, references))
            if part.content_id and response.location:
                references[part.content_id] = response.location
            answers.append(batch.response_part(response.status, response.headers, response.body, part.content_id))
        return answers

    try:
        return batch.ChangeSet(service.transact(work)), 0
    except RowRefusedError as error:
        response = service.refusal(error.problem, error.entity)
    except RequestError as error:
        response = service.failure(error.status, error.message, error.code)
    except QueryError as error:
        response = service.unreadable(error)
    return batch.response_part(response.status, response.headers, response.body), response.status
