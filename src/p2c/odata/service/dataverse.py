"""The Dataverse dialect: GUID keys, upsert by PATCH, bulk actions, change tracking, 204 after writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias
from uuid import UUID

import msgspec

from p2c.database.session import Database, Session
from p2c.edm.change import Problem
from p2c.edm.entity import Entity, Model
from p2c.edm.values import Row, Value
from p2c.errors import nearest
from p2c.odata.query.path import Key, Segment
from p2c.odata.service.addressing import is_plain_key, key_url, row_address
from p2c.odata.service.core import JSON
from p2c.odata.service.dataverse_batch import answer_batch
from p2c.odata.service.dataverse_codes import CODES, DEFAULT_CODES, MISSED_BY_KEY, with_key_code
from p2c.odata.service.dataverse_reading import DataverseReads
from p2c.odata.service.dataverse_writing import bulk_writes, one_write
from p2c.odata.service.etags import asked_version
from p2c.odata.service.faults import RequestError, RowRefusedError
from p2c.odata.service.message import Request, Response
from p2c.odata.service.saving import Rules
from p2c.odata.service.writes import Address, Mode, Outcome, Write

Action: TypeAlias = "Callable[[Mapping[str, object], Session], tuple[str, Value] | None]"
"""An unbound action: parameters in, the entity name and key of the row it answers (or nothing) out."""

_NAMESPACE = "Microsoft.Dynamics.CRM."
_BULK = {"CreateMultiple": Mode.CREATE, "UpdateMultiple": Mode.UPDATE, "UpsertMultiple": Mode.UPSERT}


class DataverseService(DataverseReads):
    """An environment that speaks as Dataverse does."""

    def __init__(
        self, model: Model, database: Database, rules: Rules, actions: Mapping[str, Action] | None = None
    ) -> None:
        super().__init__(model, database, rules)
        self._actions = dict(actions or {})

    def answer(self, request: Request) -> Response:
        """Route a request of its own transaction."""
        path = self.path(request)
        if path.segments and path.segments[0].name == "$batch":
            return answer_batch(self, request)
        return self.transact(lambda session: self.answer_in(session, request))

    def answer_in(self, session: Session, request: Request) -> Response:
        """Route a request inside a transaction (of its own, or of a change set)."""
        segments = self.path(request).segments
        response = self._route(session, request, segments)
        response.headers.setdefault("OData-Version", "4.0")
        return response

    def failure(self, status: int, message: str, code: str = "") -> Response:
        """`{"error": {"code", "message"}}` with a hex code."""
        body = {"error": {"code": code or DEFAULT_CODES.get(status, "0x80040216"), "message": message}}
        return Response(
            status,
            msgspec.json.encode(body),
            {"Content-Type": JSON, "OData-Version": "4.0"},
        )

    def refusal(self, problem: Problem, entity: str = "") -> Response:
        """The code and status of the kind of problem; rules may bring a code of their own."""
        status, code = CODES[problem.kind]
        return self.failure(status, problem.message, problem.code or code)

    def missing_code(self, address: Address) -> str:
        """A row missed by an alternate key has another code than one missed by its id."""
        return "" if is_plain_key(self.model.entity[address.entity], address) else MISSED_BY_KEY

    def _route(self, session: Session, request: Request, segments: Sequence[Segment]) -> Response:
        method = request.method
        if not segments:
            return self.service_document(request)
        first = segments[0]
        if first.name == "$metadata":
            return self.metadata_document("System")
        if first.name == "WhoAmI" and method == "GET":
            return self._who_am_i(session, request)
        if first.name in self._actions and method == "POST":
            return self._action(session, request, first.name)
        entity = self.entity_at(first)
        if len(segments) == 1 and first.key is None:
            return self._set(session, request, entity)
        if first.key is None and len(segments) == 2:
            return self._on_set(session, request, entity, segments[1].name)
        if first.key is not None and len(segments) == 1:
            return self._row(session, request, entity, first.key)
        if first.key is not None and len(segments) == 2 and method == "GET":
            return self.read_part(session, request, entity, first.key, segments[1].name)
        raise RequestError(404, f"Resource not found for the segment '{segments[-1].name}'")

    def _set(self, session: Session, request: Request, entity: Entity) -> Response:
        if request.method == "GET":
            return self.read_set(session, request, entity)
        if request.method == "POST":
            write = one_write(self.model, entity, Mode.CREATE, request)
            return self._written(session, request, entity, write)
        raise RequestError(
            405, f"{request.method} is not allowed on {entity.set_name}; address one row by its key"
        )

    def _on_set(self, session: Session, request: Request, entity: Entity, name: str) -> Response:
        if name == "$count" and request.method == "GET":
            count = self.reader(session).count(entity, self.options(request))
            return Response(200, str(count).encode(), {"Content-Type": "text/plain"})
        action = name.removeprefix(_NAMESPACE)
        if action in _BULK and request.method == "POST":
            return self._bulk(session, request, entity, _BULK[action])
        raise RequestError(
            404, f"Resource not found for the segment '{name}'; {nearest(action, [*_BULK, '$count'])}"
        )

    def _row(self, session: Session, request: Request, entity: Entity, key: Key) -> Response:
        address = row_address(entity, key)
        if request.method == "GET":
            return self.read_row(session, request, entity, address)
        if request.method == "PATCH":
            return self._patch(session, request, entity, address)
        if request.method == "DELETE":
            return self.delete_row(session, request, entity, address)
        raise RequestError(405, f"{request.method} is not allowed on a row; use GET, PATCH or DELETE")

    def _patch(self, session: Session, request: Request, entity: Entity, address: Address) -> Response:
        mode, version = Mode.UPSERT, None
        if "if-match" in request.headers:
            mode = Mode.UPDATE
            version = asked_version(request.headers, self.style)
        elif request.headers.get("if-none-match", "") == "*":
            mode = Mode.CREATE
        write = one_write(self.model, entity, mode, request)
        write.address, write.etag = address, version
        return self._written(session, request, entity, write)

    def _written(self, session: Session, request: Request, entity: Entity, write: Write) -> Response:
        outcome = self._save(session, entity, [write])[0]
        if request.preferences().get("return") == "representation":
            options = self.options(request)
            row = self.reader(session).row(entity, outcome.key, options.select, options.expand)
            if row is not None:
                response = self.row_body(request, entity, row, 201 if outcome.created else 200)
                response.headers["Preference-Applied"] = "return=representation"
                return response
        if write.address is not None and not is_plain_key(entity, write.address):
            url = key_url(request.root, entity, write.address.names, write.address.values)
        else:
            url = key_url(request.root, entity, (entity.table.primary_key,), (outcome.key,))
        return Response(204, headers={"OData-EntityId": url, "Location": url})

    def _save(self, session: Session, entity: Entity, writes: Sequence[Write]) -> list[Outcome]:
        """All or nothing: the first refused row fails the request."""
        outcomes = self.saver(session).save(entity, writes)
        for write, outcome in zip(writes, outcomes, strict=True):
            if outcome.problem is not None:
                problem = with_key_code(self.model, write, outcome.problem)
                raise RowRefusedError(problem, outcome.number, entity.name)
        return outcomes

    def _bulk(self, session: Session, request: Request, entity: Entity, mode: Mode) -> Response:
        outcomes = self._save(session, entity, bulk_writes(self.model, entity, mode, request))
        if mode is not Mode.CREATE:
            return Response(204)
        context = f"{request.root}$metadata#{_NAMESPACE}CreateMultipleResponse"
        body = {"@odata.context": context, "Ids": [outcome.key for outcome in outcomes]}
        return Response(200, msgspec.json.encode(body), {"Content-Type": JSON})

    def _action(self, session: Session, request: Request, name: str) -> Response:
        try:
            parameters = msgspec.json.decode(request.body or b"{}", type=dict[str, object])
        except msgspec.MsgspecError as error:
            raise RequestError(400, f"the body is no JSON object ({error})", "0x80048d19") from error
        answer = self._actions[name](parameters, session)
        if answer is None:
            return Response(204)
        entity = self.model.entity[answer[0]]
        row = self.reader(session).row(entity, answer[1])
        return self.row_body(request, entity, row or "{}")

    def _who_am_i(self, session: Session, request: Request) -> Response:
        nobody = UUID(int=0)
        body: Row = {"BusinessUnitId": str(nobody), "UserId": str(nobody), "OrganizationId": str(nobody)}
        if "systemuser" in self.model.entity:
            users = session.all("systemuser", ("systemuserid", "businessunitid"))
            organizations = session.all("organization", ("organizationid",))
            if users:
                body["UserId"], body["BusinessUnitId"] = users[0]["systemuserid"], users[0]["businessunitid"]
            if organizations:
                body["OrganizationId"] = organizations[0]["organizationid"]
        context = f"{request.root}$metadata#{_NAMESPACE}WhoAmIResponse"
        answer = {"@odata.context": context, **body}
        return Response(
            200, msgspec.json.encode(answer), {"Content-Type": JSON}
        )

