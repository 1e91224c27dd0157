"""The Dataverse dialect: GUID keys, upsert by PATCH, bulk actions, change tracking, 204 after writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias, TypeVar
from uuid import UUID

import msgspec

from p2c.database.session import Database, Session
from p2c.edm.change import Problem
from p2c.edm.entity import Entity, Model
from p2c.edm.values import Value
from p2c.errors import nearest
from p2c.odata.query import QueryError, TooManyConditions, parse_path
from p2c.odata.query.path import ResourcePath, Segment
from p2c.odata.service.access import demand_customizer
from p2c.odata.service.addressing import is_plain_key
from p2c.odata.service.core import JSON
from p2c.odata.service.dataverse import bulk_delete
from p2c.odata.service.dataverse.annotations.errors import detailed
from p2c.odata.service.dataverse.batch import answer_batch
from p2c.odata.service.dataverse.codes import DEFAULT_CODES, MISSED_BY_KEY, TOO_MANY_CONDITIONS, problem_code
from p2c.odata.service.dataverse.customizing.answer import PUBLISHING, asked_change, is_change
from p2c.odata.service.dataverse.customizing.customizer import Customizer
from p2c.odata.service.dataverse.definitions.answer import answer_metadata
from p2c.odata.service.dataverse.definitions.catalogue import METADATA_SETS
from p2c.odata.service.dataverse.definitions.changes import asked_changes, metadata_changes
from p2c.odata.service.dataverse.dressing import Dressing
from p2c.odata.service.dataverse.functions import FUNCTIONS, answer_function
from p2c.odata.service.dataverse.impersonation import RightsOf, all_rights, impersonating
from p2c.odata.service.dataverse.parts import DataverseParts
from p2c.odata.service.dataverse.record_counts import asked_counts, record_counts
from p2c.odata.service.dataverse.rows import BULK, NAMESPACE
from p2c.odata.service.dataverse.user_privileges import answer_privileges, asks_for_privileges
from p2c.odata.service.faults import RequestError
from p2c.odata.service.message import Request, Response
from p2c.odata.service.saving import Rules
from p2c.odata.service.selection import with_currency
from p2c.odata.service.turns import Turns
from p2c.odata.service.writes import Address

_T = TypeVar("_T")
Action: TypeAlias = "Callable[[Mapping[str, object], Session], tuple[str, Value] | None]"
"""An unbound action: parameters in, the entity name and key of the row it answers (or nothing) out."""


EARLIER_VERSIONS = ("/api/data/v9.0/", "/api/data/v9.1/")
"""Paths of versions that answer as the newest one does; clients name one and keep it."""


class _ColumnSet(msgspec.Struct, rename="pascal"):
    all_columns: bool = False
    columns: list[str] = []


class DataverseService(DataverseParts):
    """An environment that speaks as Dataverse does."""

    too_long = "0x80044151"

    def __init__(
        self,
        model: Model,
        database: Database,
        rules: Rules,
        actions: Mapping[str, Action] | None = None,
        rights_of: RightsOf = all_rights,
        customizer: Customizer | None = None,
    ) -> None:
        """Without a `customizer` tables and columns are fixed."""
        super().__init__(model, database, rules)
        self._actions = dict(actions or {})
        self._rights_of = rights_of
        self._customizer = customizer
        self._turns = Turns()

    def handle(self, request: Request) -> Response:
        """Answer one request; errors tell more when the client asks for all annotations."""
        return detailed(request, super().handle(request))

    def answer(self, request: Request) -> Response:
        """Route a request of its own transaction."""
        changes = asked_changes(request)
        if changes is not None:
            return metadata_changes(self.model, request, changes)
        if request.path.strip("/") in ("$batch", "%24batch"):
            return answer_batch(self, request)
        if self._customizer is not None and request.method != "GET":
            segments = self.path(request).segments
            if is_change(request, segments):
                return self._customize(self._customizer, request, segments)
        return self.transact(lambda session: self.answer_in(session, request))

    def transact(self, work: Callable[[Session], _T], user: UUID | None = None) -> _T:
        """Run work in a transaction, while tables and columns stay as they are."""
        with self._turns.shared():
            return super().transact(work, user)

    def answer_in(self, session: Session, request: Request) -> Response:
        """Route a request inside a transaction (of its own, or of a change set)."""
        self.bound(session, request)
        counts = asked_counts(request)
        with impersonating(self.model, session, request.headers, self._rights_of):
            if counts is not None:
                response = record_counts(self.model, session, request, counts)
            else:
                response = self._route(session, request, self.path(request).segments)
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

    def unreadable(self, error: QueryError) -> Response:
        """Queries with too many conditions have a code of their own."""
        return self.failure(400, str(error), TOO_MANY_CONDITIONS if isinstance(error, TooManyConditions) else "")

    def refusal(self, problem: Problem, entity: str = "") -> Response:
        """The code and status of the kind of problem; rules may bring a code of their own."""
        status, code = problem_code(self.model.entity.get(entity), problem)
        return self.failure(status, problem.message, code)

    def path(self, request: Request) -> ResourcePath:
        """The path of the request; arguments of functions may be parameter aliases."""
        aliases = self.options(request).aliases if "@" in request.path else None
        return parse_path(request.path, aliases=aliases)

    def missing_code(self, address: Address) -> str:
        """A row missed by an alternate key has another code than one missed by its id."""
        return "" if is_plain_key(self.model.entity[address.entity], address) else MISSED_BY_KEY

    def _customize(self, customizer: Customizer, request: Request, segments: Sequence[Segment]) -> Response:
        """Change tables or columns while nobody else is at work, and go on with the model that comes of it."""
        asked = asked_change(request, segments)
        with self._turns.alone():
            made = customizer.change(self.database, asked)
            self.model, self.rules = customizer.edition.model, customizer.edition.rules
            self.database.storage = customizer.edition.storage
        response = Response(204, headers={"OData-Version": "4.0"})
        if made:
            response.headers["OData-EntityId"] = f"{request.root}{request.path.strip('/')}({made})"
        return response

    def _route(self, session: Session, request: Request, segments: Sequence[Segment]) -> Response:
        method = request.method
        if not segments:
            return self.service_document(request)
        first = segments[0]
        if first.name == "$metadata":
            return self.metadata_document("System")
        if first.name in METADATA_SETS:
            return answer_metadata(self.model, request, segments, self.options(request))
        if first.name in FUNCTIONS and method == "GET":
            return answer_function(first.name, self.model, session, request)
        if asks_for_privileges(request, segments):
            return answer_privileges(self.model, session, request, segments)
        if first.name == bulk_delete.NAME and method == "POST":
            return bulk_delete.bulk_delete(self.model, session, self.saver(session), request)
        if first.name in PUBLISHING and method == "POST":
            # Every change acts at once: there is nothing to publish.
            demand_customizer("prvPublishCustomization")
            return Response(204)
        if first.name in self._actions and method == "POST":
            return self._action(session, request, first.name)
        entity = self.entity_at(first)
        if len(segments) == 1 and first.key is None:
            return self._set(session, request, entity)
        if first.key is None and len(segments) == 2:
            return self._on_set(session, request, entity, segments[1].name)
        if first.key is not None and len(segments) == 1:
            return self.on_row(session, request, entity, first.key)
        return self.below_row(session, request, segments)

    def _set(self, session: Session, request: Request, entity: Entity) -> Response:
        if request.method == "GET":
            return self.read_set(session, request, entity)
        if request.method == "POST":
            return self.create(session, request, entity)
        raise RequestError(405, f"{request.method} is not allowed on {entity.set_name}; address one row by its key")

    def _on_set(self, session: Session, request: Request, entity: Entity, name: str) -> Response:
        if name == "$count" and request.method == "GET":
            return self.count_set(session, request, entity)
        action = name.removeprefix(NAMESPACE)
        if action in BULK and request.method == "POST":
            return self.bulk(session, request, entity, BULK[action])
        raise RequestError(404, f"Resource not found for the segment '{name}'; {nearest(action, [*BULK, '$count'])}")

    def _action(self, session: Session, request: Request, name: str) -> Response:
        try:
            parameters = msgspec.json.decode(request.body or b"{}", type=dict[str, object])
        except msgspec.MsgspecError as error:
            raise RequestError(400, f"the body is no JSON object ({error})", "0x80048d19") from error
        answer = self._actions[name](parameters, session)
        if answer is None:
            return Response(204)
        entity = self.model.entity[answer[0]]
        dressing = Dressing(self.model, session, request)
        row = dressing.reader().row(entity, answer[1], with_currency(entity, _columns(parameters)))
        return self.row_body(request, entity, dressing.rows(entity, [row or "{}"])[0])


def _columns(parameters: Mapping[str, object]) -> tuple[str, ...]:
    """The columns that an action is to answer with; empty for all."""
    try:
        columns = msgspec.convert(parameters.get("ColumnSet"), _ColumnSet | None)
    except msgspec.ValidationError as error:
        message = f'ColumnSet is no set of columns: send {{"AllColumns": true}} or {{"Columns": [...]}} ({error})'
        raise RequestError(400, message, "0x80048d19") from error
    return () if columns is None or columns.all_columns else tuple(columns.columns)
