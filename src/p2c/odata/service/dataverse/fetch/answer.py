"""Answers `GET <set>?fetchXml=…` and `GET <set>?sql=…`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from urllib.parse import quote

from p2c.database.session import Session
from p2c.edm.entity import Entity, Model
from p2c.odata.query.errors import QueryError
from p2c.odata.service.dataverse.annotations.wanted import COOKIE, MORE, TOTAL, TOTAL_EXCEEDED
from p2c.odata.service.dataverse.dressing import Dressing
from p2c.odata.service.dataverse.fetch.compile import Fetched, FetchReader
from p2c.odata.service.dataverse.fetch.document import MAX_PAGE, Fetch, parse_fetch
from p2c.odata.service.dataverse.sql.translate import fetch_of
from p2c.odata.service.dialect import DATAVERSE
from p2c.odata.service.faults import RequestError
from p2c.odata.service.reading import Page

_PAGE = re.compile(r'<cookie pagenumber="(?P<page>\d{1,7})" pagingcookie="[^"<>]{0,1000}" istracking="False" />')


@dataclass(frozen=True, slots=True)
class Answered:
    """A page with its annotations; `following` is the `$skiptoken` of the next one, empty on the last."""

    page: Page
    notes: dict[str, object] = field(default_factory=dict)
    following: str = ""


def fetched_page(model: Model, session: Session, dressing: Dressing, entity: Entity, text: str) -> Answered:
    """
    The rows that a document asks for.

    Raises:
        RequestError: The document asks for another table than the URL.
        QueryError: It cannot be read or answered.
    """
    fetch = parse_fetch(text)
    found, page = _read(model, session, dressing, entity, fetch)
    notes: dict[str, object] = {}
    if fetch.counted:
        exceeded = found.count is not None and found.count >= MAX_PAGE
        notes |= {f"@{TOTAL}": found.count, f"@{TOTAL_EXCEEDED}": exceeded}
    notes |= {f"@{MORE}": found.more}
    if found.more:
        notes |= {f"@{COOKIE}": _cookie(fetch, found)}
    return Answered(page, {name: value for name, value in notes.items() if name[1:] in dressing.wanted})


def selected_page(
    model: Model, session: Session, dressing: Dressing, entity: Entity, text: str, skiptoken: str | None, size: int
) -> Answered:
    """
    The rows that a SELECT asks for, in pages of `size`.

    Raises:
        RequestError: It selects from another table than the URL.
        QueryError: It cannot be read or answered, or the token is none of this service.
    """
    fetch = replace(fetch_of(model, text), count=size, page=_page_number(skiptoken))
    found, page = _read(model, session, dressing, entity, fetch)
    return Answered(page, dressing.notes(page), _cookie(fetch, found) if found.more else "")


def _read(model: Model, session: Session, dressing: Dressing, entity: Entity, fetch: Fetch) -> tuple[Fetched, Page]:
    if fetch.node.entity != entity.name:
        message = f"the query is of '{fetch.node.entity}' and the URL of '{entity.set_name}'; name the same table"
        raise RequestError(400, message, "0x80041102")
    style = replace(DATAVERSE, lookup_types=dressing.wanted.of_values and not fetch.aggregate and not fetch.distinct)
    found = FetchReader(model, session, style).read(fetch)
    return found, Page(dressing.rows(entity, found.rows, shown=found.shown), None, found.count)


def _page_number(skiptoken: str | None) -> int:
    if skiptoken is None:
        return 1
    found = _PAGE.fullmatch(skiptoken)
    if found is None:
        raise QueryError(skiptoken, 0, "this is no $skiptoken of this query", "follow the next link unchanged")
    return max(int(found["page"]), 1)


def _cookie(fetch: Fetch, found: Fetched) -> str:
    """What clients put into `paging-cookie` of the next query; its page number is what counts."""
    inner = f'<cookie page="{fetch.page}"><rows last="{len(found.rows)}" /></cookie>'
    twice = quote(quote(inner, safe=""), safe="")
    return f'<cookie pagenumber="{fetch.page + 1}" pagingcookie="{twice}" istracking="False" />'
