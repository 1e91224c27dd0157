"""How Dataverse answers reads of sets and rows: pages with next links, change tracking with delta links."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import quote, unquote

from p2c.database.session import Session
from p2c.edm.change import Problem, ProblemKind
from p2c.edm.entity import Entity
from p2c.edm.values import Value
from p2c.odata.query.apply import parse_apply
from p2c.odata.query.options import QueryOptions
from p2c.odata.service.aggregating import Aggregator
from p2c.odata.service.core import ODataService
from p2c.odata.service.dataverse.cookie import cookie_text, parse_cookie
from p2c.odata.service.dataverse.dressing import PAGE_SIZE, Dressing, page_size
from p2c.odata.service.dataverse.fetch.answer import fetched_page, selected_page
from p2c.odata.service.dialect import DATAVERSE
from p2c.odata.service.etags import is_known
from p2c.odata.service.faults import RequestError, RowRefusedError
from p2c.odata.service.message import Request, Response
from p2c.odata.service.reading import Condition, Page
from p2c.odata.service.tokens import DeltaToken, SkipToken
from p2c.odata.service.writes import Address

TRACK = "odata.track-changes"
_TOKEN_DAYS = 7
_SEMANTICS = "0x80060888"
_STORED = frozenset({"savedquery", "userquery"})


class DataverseReads(ODataService):
    """The reading half of an environment that speaks as Dataverse does."""

    style = DATAVERSE

    def read_set(
        self,
        session: Session,
        request: Request,
        entity: Entity,
        conditions: Sequence[Condition] = (),
    ) -> Response:
        """A page of a set, or of those of its rows that have these column values."""
        preferences = request.preferences()
        dressing = Dressing(self.model, session, request)
        options = self.options(request)
        if options.apply is not None:
            return self._applied(session, request, entity, options, options.apply)
        if options.fetch_xml is not None or options.sql is not None:
            return self._queried(session, request, entity, options)
        options = dressing.shaped(entity, checked(options))
        token = parse_cookie(options.skiptoken) if options.skiptoken else None
        tracked = self._tracking(session, options, token, TRACK in preferences)
        wanted = page_size(preferences)
        if wanted is not None:
            # A page size makes $top void, as in the real service.
            options = replace(options, top=None)
        size = wanted or self.style.page_size
        page = dressing.reader(options.expand).page(
            entity, options, size=size, token=token, conditions=conditions, tracked=tracked
        )
        page = replace(page, rows=dressing.rows(entity, page.rows, options.expand))
        following = next_link(request, entity, page, size)
        delta = link(request, "$deltatoken", str(page.delta)) if page.delta is not None else ""
        response = self.set_page(request, entity, page, following, delta, dressing.notes(page))
        applied = [TRACK] if TRACK in preferences else []
        if wanted is not None:
            applied.append(f"{PAGE_SIZE}={size}")
        if applied or dressing.applied:
            response.headers["Preference-Applied"] = ",".join([*applied, *dressing.applied])
        return response

    def _queried(self, session: Session, request: Request, entity: Entity, options: QueryOptions) -> Response:
        """The rows that a query in another language asks for: FetchXML or SQL."""
        dressing = Dressing(self.model, session, request)
        if options.fetch_xml is not None:
            answered = fetched_page(self.model, session, dressing, entity, options.fetch_xml)
        else:
            size = page_size(request.preferences()) or self.style.page_size
            text, token = options.sql or "", options.skiptoken
            answered = selected_page(self.model, session, dressing, entity, text, token, size)
        following = link(request, "$skiptoken", answered.following) if answered.following else ""
        response = self.set_page(request, entity, answered.page, following, "", answered.notes)
        if dressing.applied:
            response.headers["Preference-Applied"] = ",".join(dressing.applied)
        return response

    def _applied(
        self, session: Session, request: Request, entity: Entity, options: QueryOptions, text: str
    ) -> Response:
        """Groups of the rows of a set and what is told of each (`$apply`)."""
        apply = parse_apply(text, aliases=options.aliases)
        if not apply.groups and not apply.aggregates:
            raise RequestError(400, "$apply with filter alone groups nothing; use $filter", _SEMANTICS)
        if options.filter is not None or options.select or options.expand or options.skiptoken is not None:
            message = "$filter, $select and $expand cannot stand beside $apply; write filter(…)/groupby(…)"
            raise RequestError(400, message, _SEMANTICS)
        dressing = Dressing(self.model, session, request)
        aggregator = Aggregator(self.model, session, entity)
        rows = aggregator.groups(apply, options.orderby, options.top)
        page = Page(
            dressing.rows(entity, rows, shown=aggregator.shown(apply)), None, len(rows) if options.count else None
        )
        return self.set_page(request, entity, page, "", "", dressing.notes(page))

    def count_set(self, session: Session, request: Request, entity: Entity) -> Response:
        """How many rows there are, or how many changes since a delta token."""
        options = checked(self.options(request))
        tracked = self._tracking(session, options, None, False)
        count = self.reader(session).count(entity, options, tracked=tracked)
        return Response(200, str(count).encode(), {"Content-Type": "text/plain"})

    def read_row(self, session: Session, request: Request, entity: Entity, address: Address) -> Response:
        """The row at an address."""
        return self.read_key(session, request, entity, self.find(session, address))

    def read_key(self, session: Session, request: Request, entity: Entity, key: Value) -> Response:
        """The row with this key; 304 when the client has this version of it, and asks for nothing else."""
        dressing = Dressing(self.model, session, request)
        options = dressing.shaped(entity, checked(self.options(request)))
        row = dressing.reader(options.expand).row(entity, key, options.select, options.expand)
        if row is None:
            raise RowRefusedError(Problem(ProblemKind.NOT_FOUND, f"{entity.name} {key} does not exist"))
        response = self.row_body(request, entity, dressing.rows(entity, [row], options.expand)[0])
        plain = not options.expand and not dressing.wanted.of_values
        if plain and is_known(request.headers, response.headers["ETag"]):
            return Response(304, headers={"ETag": response.headers["ETag"]})
        if dressing.applied:
            response.headers["Preference-Applied"] = ",".join(dressing.applied)
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
            raise RequestError(400, message, _SEMANTICS)
        if options.deltatoken is None:
            return DeltaToken(0, session.oldest_running(), session.now)
        since, when = DeltaToken.parse(options.deltatoken)
        days = self._tracked_days(session)
        if (session.now - when).days >= days:
            raise RequestError(400, f"the delta token is older than {days} days; read all rows", "0x80044352")
        return DeltaToken(since, session.oldest_running(), session.now)

    def _tracked_days(self, session: Session) -> int:
        """How long delta tokens are valid: the organization says."""
        if "organization" not in self.model.entity:
            return _TOKEN_DAYS
        rows = session.all("organization", ("expirechangetrackingindays",))
        days = rows[0]["expirechangetrackingindays"] if rows else None
        return days if isinstance(days, int) else _TOKEN_DAYS


def checked(options: QueryOptions) -> QueryOptions:
    """Refuse what this product does not know, or this service does not offer yet."""
    if options.skip is not None:
        raise RequestError(400, "$skip is not supported; follow @odata.nextLink")
    if options.format is not None:
        raise RequestError(400, "$format is not supported; answers are JSON")
    if options.apply is not None:
        raise RequestError(400, "$apply is for sets; read one row, or what belongs to it, with $select", _SEMANTICS)
    stored = _STORED.intersection(name.lower() for name in options.custom)
    if options.fetch_xml is not None or options.sql is not None or stored:
        name = min(stored, default="a query in fetchXml or sql")
        raise RequestError(501, f"{name} is not offered here; use $filter, $select and $apply")
    return options


def next_link(request: Request, entity: Entity, page: Page, size: int) -> str:
    """Where the next page is; empty behind the last one."""
    if page.following is None:
        return ""
    return link(request, "$skiptoken", cookie_text(page.following, size, entity.table.primary_key))


def link(request: Request, name: str, token: str) -> str:
    """The request's own URL with a token; a delta link keeps the selection only."""
    parts = {part: unquote(part.partition("=")[0]) for part in request.query.split("&") if part}
    kept = [part for part, option in parts.items() if option not in ("$skiptoken", "$deltatoken")]
    if name == "$deltatoken":
        kept = [part for part in kept if parts[part] == "$select"]
    kept.append(f"{name}={quote(token, safe='')}")
    return f"{request.root}{request.path}?{'&'.join(kept)}"
