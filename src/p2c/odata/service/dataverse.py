"""The Dataverse dialect: GUID keys, upsert by PATCH, bulk actions, change tracking, 204 after writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias
from urllib.parse import quote
from uuid import UUID

import msgspec

from p2c.database.session import Database, Session
from p2c.edm.change import Problem, ProblemKind
from p2c.edm.entity import Entity, Model
from p2c.edm.values import Row, Value
from p2c.errors import nearest
from p2c.odata.query.ast import Expand
from p2c.odata.query.options import QueryOptions
from p2c.odata.query.path import Key, Segment
from p2c.odata.service.core import ODataService, etag_version, is_plain_key
from p2c.odata.service.csdl import csdl
from p2c.odata.service.dataverse_batch import answer_batch
from p2c.odata.service.dataverse_codes import CODES, DEFAULT_CODES
from p2c.odata.service.dialect import DATAVERSE
from p2c.odata.service.faults import RequestError, RowRefusedError
from p2c.odata.service.message import Request, Response
from p2c.odata.service.payload import Payload, PayloadError, reader_for
from p2c.odata.service.projection import collections
from p2c.odata.service.saving import Rules
from p2c.odata.service.tokens import DeltaToken, SkipToken
from p2c.odata.service.writes import Address, Mode, Outcome, Write
from p2c.odata.source import member_property

Action: TypeAlias = "Callable[[Mapping[str, object], Session], tuple[str, Value] | None]"
"""An unbound action: parameters in, the entity name and key of the row it answers (or nothing) out."""

TRACK = "odata.track-changes"
_TOKEN_DAYS = 7
_NAMESPACE = "Microsoft.Dynamics.CRM."
_BULK = {"CreateMultiple": Mode.CREATE, "UpdateMultiple": Mode.UPDATE, "UpsertMultiple": Mode.UPSERT}


class DataverseService(ODataService):
    """An environment that speaks as Dataverse does."""

    style = DATAVERSE

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
            {"Content-Type": "application/json; odata.metadata=minimal", "OData-Version": "4.0"},
        )

    def refusal(self, problem: Problem) -> Response:
        """The code and status of the kind of problem; rules may bring a code of their own."""
        status, code = CODES[problem.kind]
        return self.failure(status, problem.message, problem.code or code)

    def missing_code(self, address: Address) -> str:
        """A row missed by an alternate key has another code than one missed by its id."""
        return "" if is_plain_key(self.model.entity[address.entity], address) else "0x80060891"

    def _route(self, session: Session, request: Request, segments: Sequence[Segment]) -> Response:
        method = request.method
        if not segments:
            return self._service_document(request)
        first = segments[0]
        if first.name == "$metadata":
            text = csdl(self.model, self.style, "System")
            return Response(200, text.encode(), {"Content-Type": "application/xml"})
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
            return self._part(session, request, entity, first.key, segments[1].name)
        raise RequestError(404, f"Resource not found for the segment '{segments[-1].name}'")

    def _set(self, session: Session, request: Request, entity: Entity) -> Response:
        if request.method == "GET":
            return self._read_set(session, request, entity)
        if request.method == "POST":
            payload = self._payload(entity, request.body)
            write = self._write(entity, payload, Mode.CREATE, request)
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
            return self._bulk(session, request, entity, _BULK[action], action)
        raise RequestError(
            404, f"Resource not found for the segment '{name}'; {nearest(action, [*_BULK, '$count'])}"
        )

    def _row(self, session: Session, request: Request, entity: Entity, key: Key) -> Response:
        address = self.address(entity, key)
        if request.method == "GET":
            options = self.options(request)
            stored = self.find(session, address)
            row = self.reader(session).row(entity, stored, options.select, options.expand)
            if row is None:
                raise RowRefusedError(Problem(ProblemKind.NOT_FOUND, f"{address} does not exist"))
            response = self.row_body(request, entity, row)
            if request.headers.get("if-none-match") == response.headers["ETag"] and not options.expand:
                return Response(304, headers={"ETag": response.headers["ETag"]})
            return response
        if request.method == "PATCH":
            return self._patch(session, request, entity, address)
        if request.method == "DELETE":
            return self._delete(session, request, entity, address)
        raise RequestError(405, f"{request.method} is not allowed on a row; use GET, PATCH or DELETE")

    def _patch(self, session: Session, request: Request, entity: Entity, address: Address) -> Response:
        mode, version = Mode.UPSERT, None
        if "if-match" in request.headers:
            mode = Mode.UPDATE
            version = etag_version(request.headers["if-match"], text_form=False)
        elif request.headers.get("if-none-match", "") == "*":
            mode = Mode.CREATE
        write = self._write(entity, self._payload(entity, request.body), mode, request)
        write.address, write.etag = address, version
        return self._written(session, request, entity, write)

    def _delete(self, session: Session, request: Request, entity: Entity, address: Address) -> Response:
        key = self.find(session, address)
        if "if-match" in request.headers:
            version = etag_version(request.headers["if-match"], text_form=False)
            table = entity.table
            stored = session.rows(table.name, table.primary_key, [key], lock=True)
            if version is not None and (not stored or stored[0]["versionnumber"] != version):
                message = f"{address} has changed since it was read; read it again"
                raise RowRefusedError(Problem(ProblemKind.VERSION, message))
        problem = self.saver(session).delete(entity, [key])[0]
        if problem is not None:
            raise RowRefusedError(problem)
        return Response(204)

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
            url = self.key_url(request, entity, write.address.names, write.address.values)
        else:
            url = self.key_url(request, entity, (entity.table.primary_key,), (outcome.key,))
        return Response(204, headers={"OData-EntityId": url, "Location": url})

    def _save(self, session: Session, entity: Entity, writes: Sequence[Write]) -> list[Outcome]:
        """All or nothing: the first refused row fails the request."""
        outcomes = self.saver(session).save(entity, writes)
        for outcome in outcomes:
            if outcome.problem is not None:
                raise RowRefusedError(outcome.problem, outcome.number)
        return outcomes

    def _bulk(self, session: Session, request: Request, entity: Entity, mode: Mode, action: str) -> Response:
        try:
            payloads = reader_for(entity).many(request.body)
        except PayloadError as error:
            raise RowRefusedError(error.problem, error.index) from error
        writes = []
        for number, payload in enumerate(payloads):
            write = self._write(entity, payload, mode, request, number)
            if payload.id:
                write.address = self.bind_address(payload.id, (entity.name,), request.root)
            elif mode is not Mode.CREATE:
                write.address = self._key_in_body(entity, write)
            writes.append(write)
        outcomes = self._save(session, entity, writes)
        if action == "CreateMultiple":
            context = f"{request.root}$metadata#{_NAMESPACE}CreateMultipleResponse"
            body = {"@odata.context": context, "Ids": [outcome.key for outcome in outcomes]}
            return Response(
                200, msgspec.json.encode(body), {"Content-Type": "application/json; odata.metadata=minimal"}
            )
        return Response(204)

    def _key_in_body(self, entity: Entity, write: Write) -> Address | None:
        """The row that a bulk target names in its body: by primary key, else by a whole alternate key."""
        primary = entity.table.primary_key
        if primary in write.values:
            return Address(entity.name, (primary,), (write.values.pop(primary),))
        for key in entity.alternate_keys:
            if all(write.values.get(name) is not None for name in key.properties):
                return Address(
                    entity.name, key.properties, tuple(write.values[name] for name in key.properties)
                )
        if write.mode is Mode.UPDATE:
            raise RequestError(
                400, f"each target of {entity.name} needs {primary} or @odata.id", "0x80040203"
            )
        return None

    def _payload(self, entity: Entity, body: bytes) -> Payload:
        try:
            return reader_for(entity).one(body)
        except PayloadError as error:
            raise RowRefusedError(error.problem) from error

    def _write(
        self, entity: Entity, payload: Payload, mode: Mode, request: Request, number: int = 0
    ) -> Write:
        binds = {
            lookup: None if bind is None else self.bind_address(bind[0], bind[1], request.root)
            for lookup, bind in payload.binds.items()
        }
        return Write(number, mode, payload.values, binds=binds)

    def _read_set(self, session: Session, request: Request, entity: Entity) -> Response:
        options = self.options(request)
        if options.skip is not None:
            raise RequestError(400, "$skip is not supported; follow @odata.nextLink", "0x80060888")
        preferences = request.preferences()
        size = _page_size(preferences.get("odata.maxpagesize", ""), self.style.page_size)
        token = SkipToken.parse(options.skiptoken) if options.skiptoken else None
        tracked = self._tracking(session, options, token, TRACK in preferences)
        page = self.reader(session).page(entity, options, size=size, token=token, tracked=tracked)
        following = self._link(request, entity, "$skiptoken", str(page.following)) if page.following else ""
        delta = self._link(request, entity, "$deltatoken", str(page.delta)) if page.delta else ""
        response = self.set_page(request, entity, page, following, delta)
        applied = [TRACK] if TRACK in preferences else []
        if "odata.maxpagesize" in preferences:
            applied.append(f"odata.maxpagesize={size}")
        if applied:
            response.headers["Preference-Applied"] = ",".join(applied)
        return response

    def _tracking(
        self, session: Session, options: QueryOptions, token: SkipToken | None, start: bool
    ) -> DeltaToken | None:
        if token is not None and token.upto:
            return DeltaToken(token.since, token.upto, session.now)
        if options.deltatoken is None and not start:
            return None
        if options.filter is not None or options.orderby or options.expand or options.top is not None:
            message = "$filter, $orderby, $expand and $top cannot be used with change tracking; take them out"
            raise RequestError(400, message, "0x80060888")
        if options.deltatoken is None:
            return DeltaToken(0, session.oldest_running(), session.now)
        since, when = DeltaToken.parse(options.deltatoken)
        if (session.now - when).days >= _TOKEN_DAYS:
            raise RequestError(
                400, f"the delta token is older than {_TOKEN_DAYS} days; read all rows", "0x80044352"
            )
        return DeltaToken(since, session.oldest_running(), session.now)

    def _link(self, request: Request, entity: Entity, name: str, value: str) -> str:
        kept = [
            part
            for part in request.query.split("&")
            if part and not part.startswith(("$skiptoken", "$deltatoken", "%24skiptoken", "%24deltatoken"))
        ]
        if name == "$deltatoken":
            kept = [part for part in kept if part.startswith(("$select", "%24select"))]
        return f"{request.root}{entity.set_name}?{'&'.join([*kept, f'{name}={quote(value)}'])}"

    def _part(self, session: Session, request: Request, entity: Entity, key: Key, name: str) -> Response:
        """A property of a row, the row a lookup points at, or the rows of a collection."""
        address = self.address(entity, key)
        stored = self.find(session, address)
        child = collections(self.model, entity).get(name)
        if child is not None:
            options = self.options(request)
            conditions: list[tuple[str, Value]] = [(child[1].name, stored)]
            token = SkipToken.parse(options.skiptoken) if options.skiptoken else None
            page = self.reader(session).page(
                child[0], options, size=self.style.page_size, token=token, conditions=conditions
            )
            base = f"{request.root}{request.path}"
            following = f"{base}?$skiptoken={quote(str(page.following))}" if page.following else ""
            return self.set_page(request, child[0], page, following, "")
        if name in entity.navigation:
            row = self.reader(session).row(entity, stored, (entity.key[0],), (Expand(name),))
            target = msgspec.json.decode(row or "{}", type=dict[str, msgspec.Raw]).get(name)
            if target is None or bytes(target) == b"null":
                return Response(204)
            return self.row_body(
                request, self.model.entity[entity.navigation[name][1]], bytes(target).decode()
            )
        item = member_property(entity, name)
        if item is None:
            raise RequestError(
                404, f"Resource not found for the segment '{name}'; {nearest(name, entity.property)}"
            )
        row = self.reader(session).row(entity, stored, (name,))
        value = msgspec.json.decode(row or "{}", type=dict[str, msgspec.Raw]).get(name, msgspec.Raw(b"null"))
        if bytes(value) == b"null":
            return Response(204)
        context = f"{request.root}$metadata#{entity.set_name}({stored})/{name}"
        body = {"@odata.context": context, "value": value}
        return Response(
            200, msgspec.json.encode(body), {"Content-Type": "application/json; odata.metadata=minimal"}
        )

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

    def _service_document(self, request: Request) -> Response:
        sets = [
            {"name": entity.set_name, "kind": "EntitySet", "url": entity.set_name}
            for entity in self.model.entities
        ]
        body = {"@odata.context": f"{request.root}$metadata", "value": sets}
        return Response(
            200, msgspec.json.encode(body), {"Content-Type": "application/json; odata.metadata=minimal"}
        )

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
            200, msgspec.json.encode(answer), {"Content-Type": "application/json; odata.metadata=minimal"}
        )


def _page_size(text: str, largest: int) -> int:
    return min(int(text), largest) if text.isdecimal() and int(text) > 0 else largest
