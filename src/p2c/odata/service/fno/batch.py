"""`$batch` of the Finance and Operations dialect: neighbours of one kind are saved together, answers stay single."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar
from uuid import UUID

from sqlalchemy.exc import DataError

from p2c.database.session import Session
from p2c.edm.change import Problem
from p2c.edm.entity import Entity
from p2c.edm.values import Row, Value
from p2c.errors import RetryError
from p2c.odata import batch
from p2c.odata.query import QueryError
from p2c.odata.service.dataverse.batch import batch_response, part_request, read_batch
from p2c.odata.service.faults import RequestError, RowRefusedError
from p2c.odata.service.message import Request, Response
from p2c.odata.service.reading import Reader
from p2c.odata.service.saving import Saver
from p2c.odata.service.writes import Mode, Outcome, Write

MAX_OPERATIONS = 5000
_GROUP = 1000
_T = TypeVar("_T")
_log = logging.getLogger(__name__)


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

    def saver(self, session: Session) -> Saver:
        """Writes rows."""

    def reader(self, session: Session) -> Reader:
        """Reads rows."""

    def is_write(self, request: Request) -> bool:
        """Whether the request writes a row."""

    def write_of(self, session: Session, request: Request, number: int = 0) -> tuple[Entity, Write]:
        """The write that a request asks for."""

    def created(self, request: Request, entity: Entity, row: str) -> Response:
        """201 with the new row."""

    def taken(self, request: Request, entity: Entity, key: Sequence[Value]) -> Response:
        """204 with the address of the new row."""


@dataclass(slots=True)
class _Group:
    """Neighbouring writes of one mode to one entity; no row twice."""

    entity: Entity
    mode: Mode
    writes: list[Write] = field(default_factory=list)
    seen: set[object] = field(default_factory=set)

    def takes(self, entity: Entity, write: Write) -> bool:
        """Take a write in that belongs here, and say whether it does; the same row again has to wait for the first."""
        if entity is not self.entity or write.mode is not self.mode or len(self.writes) == _GROUP:
            return False
        same = self._same(write)
        if same is not None:
            if same in self.seen:
                return False
            self.seen.add(same)
        self.writes.append(write)
        return True

    def _same(self, write: Write) -> object:
        """What is equal for two spellings of one row."""
        address = write.address
        return address and (address.names, self.entity.table.folded(address.values))


def answer_batch(service: BatchTarget, request: Request) -> Response:
    """
    Carry out a batch. Operations outside a change set stand for themselves; a change set is all or nothing.

    Raises:
        RequestError: The body is no batch, or has too many operations.
    """
    answers: list[batch.Part | batch.ChangeSet] = []
    for item in _runs(read_batch(request, MAX_OPERATIONS)):
        if isinstance(item, batch.ChangeSet):
            answers.append(_change_set(service, request, item))
        else:
            responses = _independent(service, request, item)
            answers.extend(
                batch.response_part(response.status, response.headers, response.body, part.content_id)
                for part, response in zip(item, responses, strict=True)
            )
    return batch_response(answers)


def _runs(items: Sequence[batch.Part | batch.ChangeSet]) -> Iterator[batch.ChangeSet | list[batch.Part]]:
    """Change sets, and the operations between them."""
    run: list[batch.Part] = []
    for item in items:
        if isinstance(item, batch.ChangeSet):
            if run:
                yield run
            run = []
            yield item
        else:
            run.append(item)
    if run:
        yield run


def _independent(service: BatchTarget, outer: Request, parts: Sequence[batch.Part]) -> list[Response]:
    """Each operation by itself: a refused one leaves the others alone."""
    responses: dict[int, Response] = {}
    pending: list[tuple[int, Request]] = []
    for number, part in enumerate(parts):
        try:
            inner = part_request(outer, part, {})
        except RequestError as error:
            responses[number] = _rendered(service, error)
            continue
        if service.is_write(inner):
            pending.append((number, inner))
            continue
        responses.update(_written(service, pending))
        pending = []
        responses[number] = service.handle(inner)
    responses.update(_written(service, pending))
    return [responses[number] for number in range(len(parts))]


def _written(service: BatchTarget, pending: Sequence[tuple[int, Request]]) -> dict[int, Response]:
    if not pending:
        return {}
    if len(pending) == 1:
        number, request = pending[0]
        return {number: _alone(service, request)}
    try:
        return service.transact(lambda session: _save(service, session, pending, alone=True))
    except RetryError:
        raise
    except (RowRefusedError, DataError) as error:
        _log.debug("%d operations of a batch are told apart: %s", len(pending), error)
    except Exception:
        # A row that nobody foresaw must not take its neighbours with it; the log has what happened.
        _log.exception("%d operations of a batch failed together", len(pending))
    middle = len(pending) // 2
    return _written(service, pending[:middle]) | _written(service, pending[middle:])


def _alone(service: BatchTarget, request: Request) -> Response:
    try:
        return service.handle(request)
    except Exception:
        _log.exception("an operation of a batch failed: %s %s", request.method, request.path)
        return service.failure(500, "an unexpected error; the service's log has it")


def _save(
    service: BatchTarget, session: Session, pending: Sequence[tuple[int, Request]], *, alone: bool
) -> dict[int, Response]:
    """Save writes group by group. With `alone` a refused one gets its answer, else it raises."""
    responses: dict[int, Response] = {}
    requests = dict(pending)
    group: _Group | None = None
    for number, request in pending:
        try:
            entity, write = service.write_of(session, request, number)
        except (RowRefusedError, RequestError, QueryError) as error:
            if not alone:
                raise
            responses[number] = _rendered(service, error)
            continue
        if group is None or not group.takes(entity, write):
            responses.update(_flush(service, session, group, requests, alone))
            group = _Group(entity, write.mode)
            group.takes(entity, write)
    responses.update(_flush(service, session, group, requests, alone))
    return responses


def _flush(
    service: BatchTarget, session: Session, group: _Group | None, requests: dict[int, Request], alone: bool
) -> dict[int, Response]:
    if group is None:
        return {}
    outcomes = service.saver(session).save(group.entity, group.writes)
    responses: dict[int, Response] = {}
    created: list[Outcome] = []
    for outcome in outcomes:
        if outcome.problem is not None and not alone:
            raise RowRefusedError(outcome.problem, outcome.number, group.entity.name)
        if outcome.problem is not None:
            responses[outcome.number] = service.refusal(outcome.problem, group.entity.name)
        elif group.mode is Mode.CREATE:
            created.append(outcome)
        else:
            responses[outcome.number] = Response(204, headers={"OData-Version": "4.0"})
    shown = []
    for outcome in created:
        request = requests[outcome.number]
        key = key_written(group.entity, outcome.values) if wants_no_body(request) else None
        if key is None:
            shown.append(outcome)
        else:
            responses[outcome.number] = service.taken(request, group.entity, key)
    if shown:
        rows = service.reader(session).rows_by_key(group.entity, [outcome.key for outcome in shown])
        for outcome, row in zip(shown, rows, strict=True):
            responses[outcome.number] = service.created(requests[outcome.number], group.entity, row)
    return responses


def key_written(entity: Entity, values: Row) -> Sequence[Value] | None:
    """The key of a row from the columns that were written; None where they may differ from what is published."""
    key = [values.get(entity.property[name].storage) for name in entity.key]
    return key if all(isinstance(part, str | int) for part in key) and entity.paths.isdisjoint(entity.key) else None


def wants_no_body(request: Request) -> bool:
    """Whether the client prefers an answer without the row."""
    return request.preferences().get("return") == "minimal"


def _change_set(service: BatchTarget, outer: Request, change_set: batch.ChangeSet) -> batch.Part | batch.ChangeSet:
    def work(session: Session) -> list[Response]:
        inner = [part_request(outer, part, {}) for part in change_set.parts]
        responses: dict[int, Response] = {}
        pending: list[tuple[int, Request]] = []
        for number, request in enumerate(inner):
            if service.is_write(request):
                pending.append((number, request))
                continue
            if request.method == "GET":
                raise RequestError(400, "a change set cannot hold GET; put it outside")
            responses.update(_save(service, session, pending, alone=False))
            pending = []
            responses[number] = service.answer_in(session, request)
        responses.update(_save(service, session, pending, alone=False))
        return [responses[number] for number in range(len(inner))]

    try:
        responses = service.transact(work)
    except (RowRefusedError, RequestError, QueryError) as error:
        response = _rendered(service, error)
        return batch.response_part(response.status, response.headers, response.body)
    return batch.ChangeSet(
        [
            batch.response_part(response.status, response.headers, response.body, part.content_id)
            for part, response in zip(change_set.parts, responses, strict=True)
        ]
    )


def _rendered(service: BatchTarget, error: RowRefusedError | RequestError | QueryError) -> Response:
    if isinstance(error, RowRefusedError):
        return service.refusal(error.problem, error.entity)
    if isinstance(error, RequestError):
        return service.failure(error.status, error.message, error.code)
    return service.failure(400, str(error))
