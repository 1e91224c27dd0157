"""The Finance and Operations dialect: natural keys, companies, enums by name, 201 with a body after create."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TypeAlias
from urllib.parse import quote

import msgspec

from p2c.database.session import Database, Session
from p2c.edm.change import Problem, ProblemKind
from p2c.edm.entity import Entity, Model
from p2c.edm.values import Value
from p2c.errors import nearest
from p2c.odata.query import QueryError
from p2c.odata.query.ast import (
    And,
    CompareOp,
    Comparison,
    EnumLiteral,
    Expand,
    Expression,
    InList,
    Lambda,
    Not,
    Or,
    QueryFunction,
)
from p2c.odata.query.options import QueryOptions
from p2c.odata.query.path import Key, Segment
from p2c.odata.service.access import demand
from p2c.odata.service.addressing import key_url, row_address
from p2c.odata.service.core import ODataService
from p2c.odata.service.dialect import EMPTY_DATE, FNO
from p2c.odata.service.etags import asked_version
from p2c.odata.service.faults import RequestError, RowRefusedError
from p2c.odata.service.fno.actions import (
    Actions,
    Binding,
    FnoAction,
    Transact,
    actions_csdl,
    answer_action,
    is_action_path,
)
from p2c.odata.service.fno.batch import answer_batch, wants_no_body
from p2c.odata.service.fno.errors import failure_response, refusal_response
from p2c.odata.service.message import Request, Response
from p2c.odata.service.payload import PayloadError, reader_for
from p2c.odata.service.saving import Rules
from p2c.odata.service.tokens import SkipToken
from p2c.odata.service.writes import Address, Mode, Write

COMPANY = "dataAreaId"
OwnCompany: TypeAlias = "Callable[[Session], str]"
"""The calling user's default company, in lower case; empty where there is none."""


class FnoService(ODataService):
    """An environment that speaks as Finance and Operations does."""

    style = FNO

    def __init__(
        self,
        model: Model,
        database: Database,
        rules: Rules,
        actions: Sequence[FnoAction] = (),
        *,
        own_company: OwnCompany,
    ) -> None:
        super().__init__(model, database, rules)
        self.own_company = own_company
        self.actions = Actions(actions)

    def answer(self, request: Request) -> Response:
        """Route a request of its own transaction."""
        path = self.path(request)
        if path.segments and path.segments[0].name == "$batch":
            return answer_batch(self, request)
        if is_action_path(path.segments):
            return self._with_version(self._act(request, path.segments, self.transact))
        return self.transact(lambda session: self.answer_in(session, request))

    def answer_in(self, session: Session, request: Request) -> Response:
        """Route a request inside a transaction (of its own, or of a change set)."""
        self.bound(session, request)
        segments = self.path(request).segments
        if not segments:
            return self._with_version(self.service_document(request))
        first = segments[0]
        if first.name == "$metadata":
            return self._with_version(self.metadata_document("Resources"))
        entity = self.entity_at(first)
        try:
            return self._with_version(self._route(session, request, entity, segments))
        except RowRefusedError as error:
            error.entity = error.entity or entity.name
            raise

    def _with_version(self, response: Response) -> Response:
        response.headers.setdefault("OData-Version", "4.0")
        return response

    def failure(self, status: int, message: str, code: str = "") -> Response:
        """The product's body for an error of the request; unknown routes have a shape of their own."""
        return failure_response(status, message, code)

    def refusal(self, problem: Problem, entity: str = "") -> Response:
        """The product's body for a refused row: an Infolog text inside `innererror`."""
        return refusal_response(problem, entity)

    def entity_at(self, segment: Segment) -> Entity:
        """The entity of a set; a missing route is answered in the shape of the web host."""
        entity = self.model.entity_set.get(segment.name)
        if entity is None:
            hint = nearest(segment.name, self.model.entity_set)
            raise RequestError(404, f"No HTTP resource was found that matches '{segment.name}'; {hint}", "route")
        return entity

    def is_write(self, request: Request) -> bool:
        """Whether the request writes a row; actions are sent by POST too and do not."""
        if request.method not in ("POST", "PATCH", "PUT"):
            return False
        try:
            return not is_action_path(self.path(request).segments)
        except QueryError:
            # A path that cannot be read is refused where writes are.
            return True

    def operations_csdl(self) -> Sequence[str]:
        """The elements of `$metadata` that describe the actions."""
        return actions_csdl(self.model, self.actions)

    def write_of(self, session: Session, request: Request, number: int = 0) -> tuple[Entity, Write]:
        """The write that a POST, PATCH or PUT asks for."""
        segments = self.path(request).segments
        entity, key = self.entity_at(segments[0]), segments[0].key
        self._check_writable(entity)
        if (request.method == "POST") != (key is None) or len(segments) > 1:
            where = entity.set_name if request.method == "POST" else f"{entity.set_name}(key)"
            raise RequestError(405, f"{request.method} is not allowed here; send it to {where}")
        try:
            payload = reader_for(entity).one(request.body)
        except PayloadError as error:
            raise RowRefusedError(error.problem, number, entity.name) from error
        for name in entity.moments & payload.values.keys():
            if _is_empty_date(payload.values[name]):
                payload.values[name] = None
        if key is None:
            values = payload.values
            if entity.company_property:
                values[COMPANY] = str(values.get(COMPANY) or self.own_company(session)).lower()
            return entity, Write(number, Mode.CREATE, values, address=_own_address(entity, values))
        address = row_address(entity, key)
        self._check_company(session, entity, address, request)
        version = asked_version(request.headers, self.style)
        return entity, Write(number, Mode.UPDATE, payload.values, address=address, etag=version)

    def created(self, request: Request, entity: Entity, row: str) -> Response:
        """201 with the new row; 204 when the client prefers the minimum."""
        fields = msgspec.json.decode(row)
        key = [fields[name] for name in entity.key]
        if wants_no_body(request):
            return self.taken(request, entity, key)
        response = self.row_body(request, entity, row, 201)
        response.headers["Location"] = key_url(request.root, entity, entity.key, key)
        response.headers["OData-Version"] = "4.0"
        return response

    def taken(self, request: Request, entity: Entity, key: Sequence[Value]) -> Response:
        """204 with the address of the new row."""
        location = key_url(request.root, entity, entity.key, key)
        headers = {
            "OData-EntityId": location,
            "Preference-Applied": "return=minimal",
            "Location": location,
            "OData-Version": "4.0",
        }
        return Response(204, headers=headers)

    def _route(self, session: Session, request: Request, entity: Entity, segments: Sequence[Segment]) -> Response:
        key, method = segments[0].key, request.method
        if len(segments) == 2 and key is None and segments[1].name == "$count" and method == "GET":
            count = self.reader(session).count(entity, self._options(request), self._company(session, entity, request))
            return Response(200, str(count).encode(), {"Content-Type": "text/plain"})
        if is_action_path(segments):
            return self._act(request, segments, lambda work: work(session))
        if len(segments) > 1:
            raise RequestError(404, f"No HTTP resource was found that matches '{segments[1].name}'", "route")
        if key is None and method == "GET":
            return self._read_set(session, request, entity)
        if method in ("POST", "PATCH", "PUT"):
            return self._save_one(session, request)
        if key is None:
            raise RequestError(405, f"{method} is not allowed on {entity.set_name}; address one row by its key")
        return self._row(session, request, entity, key)

    def _act(self, request: Request, segments: Sequence[Segment], transact: Transact) -> Response:
        """Call the action at the end of a path; the row that it is bound to is looked for by the action."""
        entity, key = self.entity_at(segments[0]), segments[0].key
        action = self.actions.at(entity, segments[1].name, Binding.SET if key is None else Binding.ROW)
        if action.privilege is not None:
            demand(entity, action.privilege)
        return answer_action(action, request, transact, None if key is None else row_address(entity, key))

    def _save_one(self, session: Session, request: Request) -> Response:
        entity, write = self.write_of(session, request)
        outcome = self.saver(session).save(entity, [write])[0]
        if outcome.problem is not None:
            raise RowRefusedError(outcome.problem)
        if write.mode is Mode.CREATE:
            return self.created(request, entity, self.reader(session).row(entity, outcome.key) or "{}")
        return Response(204)

    def _row(self, session: Session, request: Request, entity: Entity, key: Key) -> Response:
        address = row_address(entity, key)
        self._check_company(session, entity, address, request)
        if request.method == "DELETE":
            self._check_writable(entity)
            return self.delete_row(session, request, entity, address)
        self._options(request)
        return self.read_row(session, request, entity, address)

    def _check_writable(self, entity: Entity) -> None:
        if not entity.writable:
            message = f"{entity.set_name} is export only; write to the entity that owns the data"
            raise RowRefusedError(Problem(ProblemKind.READ_ONLY, message), entity=entity.name)

    def _read_set(self, session: Session, request: Request, entity: Entity) -> Response:
        options = self._options(request)
        text = request.preferences().get("odata.maxpagesize", "")
        size = min(int(text), self.style.page_size) if text.isdecimal() and int(text) else self.style.page_size
        token = SkipToken.parse(options.skiptoken) if options.skiptoken else None
        conditions = self._company(session, entity, request)
        page = self.reader(session).page(entity, options, size=size, token=token, conditions=conditions)
        kept = [part for part in request.query.split("&") if part and "skiptoken" not in part]
        query = "&".join([*kept, f"$skiptoken={quote(str(page.following))}"])
        following = f"{request.root}{entity.set_name}?{query}" if page.following is not None else ""
        return self.set_page(request, entity, page, following, "")

    def _options(self, request: Request) -> QueryOptions:
        options = self.options(request)
        if options.filter is not None:
            _check_offered(options.filter)
        if options.apply is not None:
            raise RequestError(400, "$apply is not supported")
        for expand in options.expand:
            _check_expand(expand)
        return options

    def _company(self, session: Session, entity: Entity, request: Request) -> list[tuple[str, Value]]:
        """Only the caller's own company, unless the request crosses companies."""
        if not entity.company_property or _crosses(request):
            return []
        return [(entity.property[COMPANY].storage, self.own_company(session))]

    def _check_company(self, session: Session, entity: Entity, address: Address, request: Request) -> None:
        """A row of another company is not found without the switch."""
        if COMPANY not in address.names or _crosses(request):
            return
        if address.values[address.names.index(COMPANY)] != self.own_company(session):
            message = f"{address} does not exist in your company; add cross-company=true for other companies"
            raise RowRefusedError(Problem(ProblemKind.NOT_FOUND, message))


def _own_address(entity: Entity, values: dict[str, Value]) -> Address | None:
    """The natural key of a new row, when the body has all of it: an existing row is refused, not doubled."""
    key = tuple(values.get(name) for name in entity.key)
    if any(value is None or value == "" for value in key):
        return None
    return Address(entity.name, entity.key, key)


def _crosses(request: Request) -> bool:
    parts = [part.partition("=") for part in request.query.lower().split("&")]
    return any(name == "cross-company" and value == "true" for name, _, value in parts)


def _is_empty_date(value: Value) -> bool:
    return isinstance(value, datetime) and value.astimezone(UTC).date() == EMPTY_DATE.date()


def _orders_enum(node: Comparison) -> bool:
    equality = node.operator in (CompareOp.EQ, CompareOp.NE)
    return not equality and any(isinstance(side, EnumLiteral) for side in (node.left, node.right))


def _check_expand(expand: Expand) -> None:
    """Refuse what `$expand` does not offer: further levels, references, and parts of a collection."""
    if expand.expand or expand.ref:
        raise RequestError(400, f"$expand of '{expand.navigation}' goes one level deep; read the rest by itself")
    if expand.skip is not None or expand.count:
        raise RequestError(400, f"$skip and $count cannot be used inside $expand of '{expand.navigation}'")
    if expand.filter is not None:
        _check_offered(expand.filter)


def _check_offered(expression: Expression) -> None:
    """Refuse what this product's filters do not know: `in`, lambdas, query functions, an order of enum members."""
    pending: list[Expression] = [expression]
    while pending:
        node = pending.pop()
        if isinstance(node, InList | Lambda | QueryFunction):
            raise RequestError(400, "the filter uses 'in', a lambda or a query function; write it with 'or'")
        if isinstance(node, Comparison) and _orders_enum(node):
            raise RequestError(400, f"members of an enum are compared with eq and ne, not with {node.operator.value}")
        if isinstance(node, And | Or):
            pending.extend(node.operands)
        elif isinstance(node, Not):
            pending.append(node.operand)
