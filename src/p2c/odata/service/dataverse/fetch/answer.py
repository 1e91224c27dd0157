"""Answers `GET <set>?fetchXml=…`."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote

from p2c.database.session import Session
from p2c.edm.entity import Entity, Model
from p2c.odata.service.dataverse.annotations.wanted import COOKIE, MORE, TOTAL, TOTAL_EXCEEDED
from p2c.odata.service.dataverse.dressing import Dressing
from p2c.odata.service.dataverse.fetch.compile import Fetched, FetchReader
from p2c.odata.service.dataverse.fetch.document import MAX_PAGE, Fetch, parse_fetch
from p2c.odata.service.dialect import DATAVERSE
from p2c.odata.service.faults import RequestError
from p2c.odata.service.message import Request
from p2c.odata.service.reading import Page


def fetched_page(
    model: Model, session: Session, request: Request, entity: Entity, text: str
) -> tuple[Page, dict[str, object]]:
    """
    The rows that a document asks for, and the annotations of their page.

    Raises:
        RequestError: The document asks for another table than the URL.
        QueryError: It cannot be read or answered.
    """
    fetch = parse_fetch(text)
    if fetch.node.entity != entity.name:
        message = f"the query is of '{fetch.node.entity}' and the URL of '{entity.set_name}'; name the same table"
        raise RequestError(400, message, "0x80041102")
    dressing = Dressing(model, session, request)
    style = replace(DATAVERSE, lookup_types=dressing.wanted.of_values and not fetch.aggregate and not fetch.distinct)
    found = FetchReader(model, session, style).read(fetch)
    page = Page(dressing.rows(entity, found.rows), None, found.count)
    notes: dict[str, object] = {}
    if fetch.counted:
        exceeded = found.count is not None and found.count >= MAX_PAGE
        notes |= {f"@{TOTAL}": found.count, f"@{TOTAL_EXCEEDED}": exceeded}
    notes |= {f"@{MORE}": found.more}
    if found.more:
        notes |= {f"@{COOKIE}": _cookie(fetch, found)}
    return page, {name: value for name, value in notes.items() if name[1:] in dressing.wanted}


def _cookie(fetch: Fetch, found: Fetched) -> str:
    """What clients put into `paging-cookie` of the next query; its page number is what counts."""
    inner = f'<cookie page="{fetch.page}"><rows last="{len(found.rows)}" /></cookie>'
    twice = quote(quote(inner, safe=""), safe="")
    return f'<cookie pagenumber="{fetch.page + 1}" pagingcookie="{twice}" istracking="False" />'
