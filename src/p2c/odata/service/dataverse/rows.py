"""Writing of rows in the Dataverse dialect: POST, PATCH, DELETE and the bulk actions."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from p2c.database.session import Session
from p2c.edm.change import Problem, ProblemKind
from p2c.edm.entity import Entity
from p2c.odata.query.path import Key
from p2c.odata.service.addressing import is_plain_key, key_url, row_address
from p2c.odata.service.core import JSON
from p2c.odata.service.dataverse.codes import with_key_code
from p2c.odata.service.dataverse.deep_insert import Graph, read_graph
from p2c.odata.service.dataverse.dressing import Dressing
from p2c.odata.service.dataverse.reading import DataverseReads
from p2c.odata.service.dataverse.writing import bulk_writes, one_write
from p2c.odata.service.etags import asked_version
from p2c.odata.service.faults import RequestError, RowRefusedError
from p2c.odata.service.message import Request, Response
from p2c.odata.service.writes import Address, Mode, Outcome, Write

NAMESPACE = "Microsoft.Dynamics.CRM."
BULK = {"CreateMultiple": Mode.CREATE, "UpdateMultiple": Mode.UPDATE, "UpsertMultiple": Mode.UPSERT}
_UNEXPECTED = "0x80040216"


class DataverseRows(DataverseReads):
    """Rows of sets, read and written."""

    def on_row(self, session: Session, request: Request, entity: Entity, key: Key) -> Response:
        """A request on one row."""
        address = row_address(entity, key)
        if request.method == "GET":
            return self.read_row(session, request, entity, address)
        if request.method == "PATCH":
            return self._patch(session, request, entity, address)
        if request.method == "DELETE":
            return self.delete_row(session, request, entity, address)
        raise RequestError(405, f"{request.method} is not allowed on a row; use GET, PATCH or DELETE")

    def create(
        self, session: Session, request: Request, entity: Entity, binds: dict[str, Address | None] | None = None
    ) -> Response:
        """A new row from a body, with what is nested in it; `binds` set lookups that the URL tells."""
        graph = read_graph(self.model, entity, request)
        graph.write.binds.update(binds or {})
        return self._written(session, request, entity, graph)

    def bulk(self, session: Session, request: Request, entity: Entity, mode: Mode) -> Response:
        """CreateMultiple, UpdateMultiple, UpsertMultiple."""
        writes = bulk_writes(self.model, entity, mode, request)
        named = [set(write.values) for write in writes]
        outcomes = self.save(session, entity, writes)
        if mode is Mode.UPSERT:
            _refuse_repeated_keys(entity, writes, named, outcomes)
        if mode is not Mode.CREATE:
            return Response(204)
        context = f"{request.root}$metadata#{NAMESPACE}CreateMultipleResponse"
        body = {"@odata.context": context, "Ids": [outcome.key for outcome in outcomes]}
        return Response(200, msgspec.json.encode(body), {"Content-Type": JSON})

    def save(self, session: Session, entity: Entity, writes: Sequence[Write]) -> list[Outcome]:
        """All or nothing: the first refused row fails the request."""
        outcomes = self.saver(session).save(entity, writes)
        for write, outcome in zip(writes, outcomes, strict=True):
            if outcome.problem is not None:
                problem = with_key_code(self.model, write, outcome.problem)
                raise RowRefusedError(problem, outcome.number, entity.name)
        return outcomes

    def save_graph(self, session: Session, entity: Entity, graph: Graph) -> Outcome:
        """A row and what is nested in it: first the rows that its lookups point at, then it, then its children."""
        for lookup, (target, inner) in graph.parents.items():
            created = self.save_graph(session, target, inner)
            graph.write.binds[lookup] = Address(target.name, (target.table.primary_key,), (created.key,))
        outcome = self.save(session, entity, [graph.write])[0]
        own = Address(entity.name, (entity.table.primary_key,), (outcome.key,))
        for child, lookup, rows in graph.children:
            for row in rows:
                row.write.binds[lookup] = own
            self._save_children(session, child, rows)
        return outcome

    def _save_children(self, session: Session, child: Entity, rows: Sequence[Graph]) -> None:
        """Children without anything nested in them go together."""
        plain = [row.write for row in rows if not row.parents and not row.children]
        for number, write in enumerate(plain):
            write.number = number
        if plain:
            self.save(session, child, plain)
        for row in rows:
            if row.parents or row.children:
                self.save_graph(session, child, row)

    def _patch(self, session: Session, request: Request, entity: Entity, address: Address) -> Response:
        mode, version = Mode.UPSERT, None
        if "if-match" in request.headers:
            mode = Mode.UPDATE
            version = asked_version(request.headers, self.style)
        elif request.headers.get("if-none-match", "") == "*":
            mode = Mode.CREATE
        write = one_write(self.model, entity, mode, request)
        write.address, write.etag = address, version
        return self._written(session, request, entity, Graph(write))

    def _written(self, session: Session, request: Request, entity: Entity, graph: Graph) -> Response:
        write = graph.write
        outcome = self.save_graph(session, entity, graph)
        if request.preferences().get("return") == "representation":
            # What a PATCH expands is not told: the real service leaves it out as well.
            options = self.options(request)
            dressing = Dressing(self.model, session, request)
            options = dressing.shaped(entity, options)
            expands = options.expand if request.method == "POST" else ()
            row = dressing.reader(expands).row(entity, outcome.key, options.select, expands)
            if row is not None:
                row = dressing.rows(entity, [row], expands)[0]
                response = self.row_body(request, entity, row, 201 if outcome.created else 200)
                response.headers["Preference-Applied"] = ",".join(["return=representation", *dressing.applied])
                response.location = self._location(request, entity, write, outcome)
                return response
        url = self._location(request, entity, write, outcome)
        return Response(204, headers={"OData-EntityId": url, "Location": url}, location=url)

    def _location(self, request: Request, entity: Entity, write: Write, outcome: Outcome) -> str:
        """The URL of a written row, by the key that the client named it by."""
        if write.address is not None and not is_plain_key(entity, write.address):
            return key_url(request.root, entity, write.address.names, write.address.values)
        return key_url(request.root, entity, (entity.table.primary_key,), (outcome.key,))


def _refuse_repeated_keys(
    entity: Entity, writes: Sequence[Write], named: Sequence[set[str]], outcomes: Sequence[Outcome]
) -> None:
    """A new row must not repeat in its body the alternate key that names it; the real service fails so as well."""
    for write, names, outcome in zip(writes, named, outcomes, strict=True):
        if not outcome.created or write.address is None or is_plain_key(entity, write.address):
            continue
        twice = names.intersection(write.address.names)
        if twice:
            raise RowRefusedError(
                Problem(
                    ProblemKind.RULE,
                    f"{write.address} is new and its key stands in the body too: leave {', '.join(sorted(twice))} out",
                    field=min(twice),
                    code=_UNEXPECTED,
                ),
                outcome.number,
                entity.name,
            )
