"""Rows linked any to any: read below a row, and linked and unlinked by `$ref`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from p2c.database.session import Session
from p2c.edm.change import Problem, ProblemKind
from p2c.edm.entity import Entity
from p2c.edm.keys import new_guid
from p2c.edm.values import Value
from p2c.odata.query.path import Key, Segment, SingleKey
from p2c.odata.service.access import Privilege, demand_rows
from p2c.odata.service.addressing import row_address
from p2c.odata.service.dataverse.cookie import parse_cookie
from p2c.odata.service.dataverse.links import linked_address, references
from p2c.odata.service.dataverse.reading import checked, next_link
from p2c.odata.service.dataverse.rows import DataverseRows
from p2c.odata.service.faults import RequestError, RowRefusedError
from p2c.odata.service.message import Request, Response
from p2c.odata.service.reading import Condition, Members
from p2c.odata.source import linked

REF = "$ref"
_LINKED_ALREADY = "0x80040237"


class DataverseLinks(DataverseRows):
    """Many-to-many collections below a row."""

    def on_linked(
        self, session: Session, request: Request, entity: Entity, key: Value, part: Segment, last: str
    ) -> Response:
        """
        What a path behind a many-to-many collection of a row leads to.

        Raises:
            RequestError: The method is not for that.
            RowRefusedError: A row does not exist, is linked already or is not linked.
        """
        link, own, other = linked(self.model, entity)[part.name]
        target = self.model.entity[other.entity]
        members: list[Condition] = [(target.table.primary_key, Members(link.table.name, other.column, own.column, key))]
        if last == REF and request.method == "GET":
            return self.read_references(session, request, target, members)
        if last == REF and request.method in ("POST", "DELETE"):
            return self._change_link(session, request, entity, key, part)
        if part.key is not None and not last:
            member = self.linked_key(session, entity, key, part.name, part.key)
            return self.on_row(session, request, target, SingleKey(member))
        if last == "$count" and request.method == "GET":
            count = self.reader(session).count(target, checked(self.options(request)), members)
            return Response(200, str(count).encode(), {"Content-Type": "text/plain"})
        if not last and request.method == "GET":
            return self.read_set(session, request, target, members)
        raise RequestError(405, f"{request.method} is not allowed on {part.name}; use GET, or POST on $ref")

    def linked_key(self, session: Session, entity: Entity, key: Value, navigation: str, named: Key) -> Value:
        """
        The primary key of a row that is linked to a row.

        Raises:
            RowRefusedError: It does not exist or is not linked.
        """
        target = self.model.entity[linked(self.model, entity)[navigation][2].entity]
        address = row_address(target, named)
        member = self.find(session, address)
        if not self._links(session, entity, navigation, key, member):
            message = f"{address} is not linked by {navigation}"
            raise RowRefusedError(Problem(ProblemKind.NOT_FOUND, message, field=navigation))
        return member

    def read_references(
        self, session: Session, request: Request, entity: Entity, conditions: Sequence[Condition]
    ) -> Response:
        """The references to the rows of a collection, in pages."""
        options = replace(checked(self.options(request)), select=entity.key, expand=())
        token = parse_cookie(options.skiptoken) if options.skiptoken else None
        size = self.style.page_size
        page = self.reader(session).page(entity, options, size=size, token=token, conditions=conditions)
        return references(request, entity, page, next_link(request, entity, page, size))

    def _change_link(self, session: Session, request: Request, entity: Entity, key: Value, part: Segment) -> Response:
        """POST links a row, DELETE unlinks one; both take the right to write both rows."""
        link, own, other = linked(self.model, entity)[part.name]
        target = self.model.entity[other.entity]
        if part.key is not None:
            address = row_address(target, part.key)
        else:
            given = self.options(request).id if request.method == "DELETE" else None
            address = linked_address(self.model, request, (target.name,), given)
        member = self.find(session, address)
        for side, primary in ((entity, key), (target, member)):
            table = side.table
            demand_rows(side, Privilege.WRITE, session.rows(table.name, table.primary_key, [primary], lock=True))
        found = self._links(session, entity, part.name, key, member)
        if request.method == "POST":
            if found:
                message = f"{address} is linked by {part.name} already"
                raise RowRefusedError(Problem(ProblemKind.EXISTS, message, field=part.name, code=_LINKED_ALREADY))
            row = {link.table.primary_key: new_guid(session.now), own.column: key, other.column: member}
            session.insert(link.table.name, [row])
        elif not found:
            message = f"{address} is not linked by {part.name}"
            raise RowRefusedError(Problem(ProblemKind.NOT_FOUND, message, field=part.name))
        else:
            session.delete(link.table.name, found)
        return Response(204)

    def _links(self, session: Session, entity: Entity, navigation: str, key: Value, member: Value) -> list[Value]:
        """The keys of the links between two rows: one or none."""
        link, own, other = linked(self.model, entity)[navigation]
        table = link.table
        columns = (own.column, other.column)
        return [
            row[table.primary_key] for row in session.match(table.name, columns, [(key, member)], (table.primary_key,))
        ]
