"""How Dataverse answers reads: pages with next links, change tracking with delta links, parts of a row."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote

import msgspec

from p2c.database.session import Session
from p2c.edm.entity import Entity
from p2c.edm.property import Property
from p2c.edm.values import Value
from p2c.errors import nearest
from p2c.odata.query.ast import Expand
from p2c.odata.query.options import QueryOptions
from p2c.odata.query.path import Key
from p2c.odata.service.addressing import row_address
from p2c.odata.service.core import JSON, ODataService
from p2c.odata.service.dialect import DATAVERSE
from p2c.odata.service.faults import RequestError
from p2c.odata.service.message import Request, Response
from p2c.odata.service.projection import collections
from p2c.odata.service.tokens import DeltaToken, SkipToken
from p2c.odata.source import member_property

TRACK = "odata.track-changes"
_TOKEN_DAYS = 7


class DataverseReads(ODataService):
    """The reading half of an environment that speaks as Dataverse does."""

    style = DATAVERSE

    def read_set(self, session: Session, request: Request, entity: Entity) -> Response:
        options = _checked(self.options(request))
        preferences = request.preferences()
        token = SkipToken.parse(options.skiptoken) if options.skiptoken else None
        tracked = self._tracking(session, options, token, TRACK in preferences)
        options, size = _page_size(options, preferences.get("odata.maxpagesize", ""), self.style.page_size)
        page = self.reader(session).page(entity, options, size=size, token=token, tracked=tracked)
        following = _link(request, "$skiptoken", page.following)
        delta = _link(request, "$deltatoken", page.delta)
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

    def read_part(self, session: Session, request: Request, entity: Entity, key: Key, name: str) -> Response:
        """A property of a row, the row a lookup points at, or the rows of a collection."""
        stored = self.find(session, row_address(entity, key))
        child = collections(self.model, entity).get(name)
        if child is not None:
            return self._read_children(session, request, child, (entity, stored))
        if name in entity.navigation:
            options = self.options(request)
            expand = Expand(name, options.select, expand=options.expand)
            row = self.reader(session).row(entity, stored, (entity.key[0],), (expand,))
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
            200, msgspec.json.encode(body), {"Content-Type": JSON}
        )

    def _read_children(
        self, session: Session, request: Request, child: tuple[Entity, Property], parent: tuple[Entity, Value]
    ) -> Response:
        """The rows whose lookup points at the parent row."""
        lookup = child[1]
        conditions: list[tuple[str, Value]] = [(lookup.storage, parent[1])]
        if lookup.polymorphic:
            conditions.append((f"{lookup.storage}_type", parent[0].name))
        wanted = request.preferences().get("odata.maxpagesize", "")
        options, size = _page_size(_checked(self.options(request)), wanted, self.style.page_size)
        token = SkipToken.parse(options.skiptoken) if options.skiptoken else None
        page = self.reader(session).page(child[0], options, size=size, token=token, conditions=conditions)
        return self.set_page(request, child[0], page, _link(request, "$skiptoken", page.following), "")


def _checked(options: QueryOptions) -> QueryOptions:
    """Refuse what this product does not know, or this service does not offer yet."""
    if options.skip is not None:
        raise RequestError(400, "$skip is not supported; follow @odata.nextLink")
    if options.format is not None:
        raise RequestError(400, "$format is not supported; answers are JSON")
    if options.apply is not None or options.fetch_xml is not None:
        raise RequestError(501, "$apply and fetchXml are not offered yet; use $filter, $select and $count")
    return options


def _link(request: Request, name: str, token: SkipToken | DeltaToken | None) -> str:
    """The request's own URL with a token; a delta link keeps the selection only."""
    if token is None:
        return ""
    kept = [part for part in request.query.split("&") if part and "skiptoken" not in part and "deltatoken" not in part]
    if name == "$deltatoken":
        kept = [part for part in kept if part.startswith(("$select", "%24select"))]
    return f"{request.root}{request.path}?{'&'.join([*kept, f'{name}={quote(str(token))}'])}"


def _page_size(options: QueryOptions, wanted: str, largest: int) -> tuple[QueryOptions, int]:
    """The options and the rows a page; a wanted page size makes `$top` void, as in the real service."""
    if not (wanted.isascii() and wanted.isdecimal() and int(wanted)):
        return options, largest
    return replace(options, top=None), min(int(wanted), largest)
