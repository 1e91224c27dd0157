"""The `$skiptoken` of Dataverse: a paging cookie in XML, encoded twice inside and once outside; opaque to clients."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

from p2c.odata.query.errors import QueryError
from p2c.odata.service.tokens import SkipToken

_OUTER = re.compile(
    r'<cookie pagenumber="\d{1,9}" pagingcookie="(?P<inner>[^"<>]{1,200000})" istracking="(?:True|False)" />'
)
_INNER = re.compile(r'<cookie page="\d{1,9}"><\w{1,100} last="[^"<>]*" /><at>(?P<token>[^<>]+)</at></cookie>')


def cookie_text(token: SkipToken, size: int, key: str) -> str:
    """The cookie behind a page: `size` rows a page, `key` the name of the primary key."""
    page = -(-token.skipped // size)
    inner = f'<cookie page="{page}"><{key} last="{{{token.last[-1]}}}" /><at>{token}</at></cookie>'
    twice = quote(quote(inner, safe=""), safe="")
    return f'<cookie pagenumber="{page + 1}" pagingcookie="{twice}" istracking="{bool(token.upto)}" />'


def parse_cookie(text: str) -> SkipToken:
    """
    The place in a cookie of this service.

    Raises:
        QueryError: It is none.
    """
    outer = _OUTER.fullmatch(text)
    inner = _INNER.fullmatch(unquote(unquote(outer["inner"]))) if outer is not None else None
    if inner is None:
        raise QueryError(text, 0, "this is no $skiptoken of this service", "follow the next link unchanged")
    return SkipToken.parse(inner["token"])
