"""What stands below a row in a URL: its properties, the rows behind its lookups and collections, and links to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import msgspec
from msgspec import Raw

from p2c.database.session import Session
from p2c.edm.change import Problem, ProblemKind
from p2c.edm.entity import Entity
from p2c.edm.property import Property
from p2c.edm.values import Value
from p2c.errors import nearest
from p2c.odata.query.path import Segment, SingleKey
from p2c.odata.service.access import Privilege, current_caller, demand_rows
from p2c.odata.service.addressing import row_address
from p2c.odata.service.core import JSON
from p2c.odata.service.dataverse.linking import REF, DataverseLinks
from p2c.odata.service.dataverse.links import Link, linked_address, reference
from p2c.odata.service.dataverse.reading import checked
from p2c.odata.service.dataverse.writing import one_write
from p2c.odata.service.etags import asked_version
from p2c.odata.service.faults import RequestError, RowRefusedError
from p2c.odata.service.message import Request, Response
from p2c.odata.service.reading import Condition
from p2c.odata.service.writes import Address, Mode, Write
from p2c.odata.source import collection_targets, collections, linked, member_property

_fields = msgspec.json.Decoder(dict[str, Raw])


@dataclass(frozen=True, slots=True)
class _Place:
    """A row that a URL has reached."""

    entity: Entity
    key: Value

    @property
    def address(self) -> Address:
        """The row by its primary key."""
        return Address(self.entity.name, (self.entity.table.primary_key,), (self.key,))


class DataverseParts(DataverseLinks):
    """Paths that go on behind a row."""

    def below_row(self, session: Session, request: Request, segments: Sequence[Segment]) -> Response:
        """
        What the path leads to.

        Raises:
            RequestError: Nothing, or what the method is not for.
            RowRefusedError: A row on the way does not exist, or the write is refused.
        """
        entity = self.entity_at(segments[0])
        key = segments[0].key
        if key is None:
            raise _nothing(segments[1].name)
        place = self._reached(session, entity, self.find(session, row_address(entity, key)))
        rest = list(segments[1:])
        while len(rest) > 1 and rest[1].name not in (REF, "$count", "$value"):
            place = self._further(session, place, rest.pop(0))
        part, last = rest[0], rest[1].name if len(rest) > 1 else ""
        child = collections(self.model, place.entity).get(part.name)
        if child is not None:
            return self._collection(session, request, place, child, part, last)
        if part.name in linked(self.model, place.entity):
            return self.on_linked(session, request, place.entity, place.key, part, last)
        if part.name in place.entity.navigation:
            return self._single(session, request, place, part, last)
        return self._property(session, request, place, part.name, last)

    def _reached(self, session: Session, entity: Entity, key: Value) -> _Place:
        """A row on the way; the caller must be allowed to read it."""
        if current_caller() is not None:
            table = entity.table
            demand_rows(entity, Privilege.READ, session.rows(table.name, table.primary_key, [key]))
        return _Place(entity, key)

    def _further(self, session: Session, place: _Place, segment: Segment) -> _Place:
        """The row one step on: behind a lookup, or one of a collection."""
        child = collections(self.model, place.entity).get(segment.name)
        if child is not None and segment.key is not None:
            return self._member(session, place, child, row_address(child[0], segment.key))
        link = linked(self.model, place.entity).get(segment.name)
        if link is not None and segment.key is not None:
            key = self.linked_key(session, place.entity, place.key, segment.name, segment.key)
            return self._reached(session, self.model.entity[link[2].entity], key)
        behind = self._behind(session, place, segment.name)
        if behind is None:
            raise RowRefusedError(
                Problem(ProblemKind.NOT_FOUND, f"{segment.name} of {place.address} is empty", field=segment.name)
            )
        return behind

    def _behind(self, session: Session, place: _Place, navigation: str) -> _Place | None:
        """The row that a lookup points at; None when it points at none of the navigation property's entities."""
        found = place.entity.navigation.get(navigation)
        if found is None:
            raise _nothing(navigation, [*place.entity.navigation, *collection_targets(self.model, place.entity)])
        lookup = found[0]
        table = place.entity.table
        row = session.rows(table.name, table.primary_key, [place.key])[0]
        target = row[f"{lookup.storage}_type"] if lookup.polymorphic else lookup.targets[0]
        if row[lookup.storage] is None or target not in lookup.reached_by(navigation):
            return None
        return self._reached(session, self.model.entity[str(target)], row[lookup.storage])

    def _member(self, session: Session, place: _Place, child: tuple[Entity, Property], address: Address) -> _Place:
        """A row of a collection."""
        key = self.find(session, address)
        row = session.rows(child[0].table.name, child[0].table.primary_key, [key])[0]
        if any(row[column] != value for column, value in _pointing(child[1], place)):
            message = f"{address} is not linked to {place.address} by {child[1].name}"
            raise RowRefusedError(Problem(ProblemKind.NOT_FOUND, message, field=child[1].name))
        return self._reached(session, child[0], key)

    def _collection(
        self,
        session: Session,
        request: Request,
        place: _Place,
        child: tuple[Entity, Property],
        part: Segment,
        last: str,
    ) -> Response:
        entity, lookup = child
        conditions = _pointing(lookup, place)
        if last == REF:
            return self._collection_link(session, request, place, child, part)
        if part.key is not None and not last:
            member = self._member(session, place, child, row_address(entity, part.key))
            return self.on_row(session, request, entity, SingleKey(member.key))
        if last == "$count" and request.method == "GET":
            count = self.reader(session).count(entity, checked(self.options(request)), conditions)
            return Response(200, str(count).encode(), {"Content-Type": "text/plain"})
        if not last and request.method == "GET":
            return self.read_set(session, request, entity, conditions)
        if not last and request.method == "POST":
            return self.create(session, request, entity, {lookup.name: place.address})
        raise RequestError(405, f"{request.method} is not allowed on {part.name}; use GET, POST or $ref")

    def _collection_link(
        self, session: Session, request: Request, place: _Place, child: tuple[Entity, Property], part: Segment
    ) -> Response:
        """Links of a collection are lookups of its rows."""
        entity, lookup = child
        if request.method == "GET":
            return self.read_references(session, request, entity, _pointing(lookup, place))
        if request.method == "POST":
            address = linked_address(self.model, request, (entity.name,))
            write = Write(0, Mode.UPDATE, {}, address=address, binds={lookup.name: place.address})
        elif request.method == "DELETE":
            if part.key is not None:
                member = row_address(entity, part.key)
            else:
                member = linked_address(self.model, request, (entity.name,), self.options(request).id)
            self._member(session, place, child, member)
            write = Write(0, Mode.UPDATE, {}, address=member, binds={lookup.name: None})
        else:
            raise RequestError(405, f"{request.method} is not allowed on {part.name}/$ref; use GET, POST or DELETE")
        self.save(session, entity, [write])
        return Response(204)

    def _single(self, session: Session, request: Request, place: _Place, part: Segment, last: str) -> Response:
        lookup = place.entity.navigation[part.name][0]
        if last == REF and request.method in ("PUT", "DELETE"):
            link: Link = None
            if request.method == "PUT":
                link = linked_address(self.model, request, lookup.reached_by(part.name))
            write = Write(0, Mode.UPDATE, {}, address=place.address, binds={lookup.name: link})
            self.save(session, place.entity, [write])
            return Response(204)
        if request.method != "GET" or last not in ("", REF):
            raise RequestError(405, f"{request.method} is not allowed on {part.name}; use GET, or PUT on $ref")
        target = self._behind(session, place, part.name)
        if target is None:
            return Response(204)
        if last == REF:
            return reference(request, target.entity, target.key)
        return self.read_key(session, request, target.entity, target.key)

    def _property(self, session: Session, request: Request, place: _Place, name: str, last: str) -> Response:
        entity = place.entity
        item = member_property(entity, name)
        if item is None or last not in ("", "$value"):
            raise _nothing(name, [*entity.property, *entity.navigation, *collection_targets(self.model, entity)])
        if request.method in ("PUT", "DELETE") and not last:
            return self._write_property(session, request, place, item)
        if request.method != "GET":
            raise RequestError(405, f"{request.method} is not allowed on {name}; use GET, PUT or DELETE")
        row = self.reader(session).row(entity, place.key, (name,))
        value = _fields.decode(row or "{}").get(name, Raw(b"null"))
        if bytes(value) == b"null":
            return Response(204)
        if last:
            plain = msgspec.json.decode(value)
            text = plain if isinstance(plain, str) else bytes(value).decode()
            return Response(200, text.encode(), {"Content-Type": "text/plain"})
        context = f"{request.root}$metadata#{entity.set_name}({place.key})/{name}"
        return Response(200, msgspec.json.encode({"@odata.context": context, "value": value}), {"Content-Type": JSON})

    def _write_property(self, session: Session, request: Request, place: _Place, item: Property) -> Response:
        """PUT sets the `value` of the body, DELETE empties the property."""
        if item.is_lookup or item.read_only:
            raise RequestError(400, f"'{item.name}' cannot be written so; lookups are written through $ref")
        value = Raw(b"null")
        if request.method == "PUT":
            try:
                value = _fields.decode(request.body)["value"]
            except (msgspec.MsgspecError, UnicodeDecodeError, KeyError) as error:
                message = f'the body is no object with a value: {{"value": …}} ({error})'
                raise RequestError(400, message, "0x80048d19") from error
        body = msgspec.json.encode({item.name: value})
        write = one_write(self.model, place.entity, Mode.UPDATE, replace(request, body=body))
        write.address, write.etag = place.address, asked_version(request.headers, self.style)
        self.save(session, place.entity, [write])
        return Response(204)


def _pointing(lookup: Property, place: _Place) -> list[Condition]:
    """Column values of the rows whose lookup points at a row."""
    conditions: list[Condition] = [(lookup.storage, place.key)]
    if lookup.polymorphic:
        conditions.append((f"{lookup.storage}_type", place.entity.name))
    return conditions


def _nothing(name: str, known: Sequence[str] = ()) -> RequestError:
    hint = f"; {nearest(name, known)}" if known else ""
    return RequestError(404, f"Resource not found for the segment '{name}'{hint}")
