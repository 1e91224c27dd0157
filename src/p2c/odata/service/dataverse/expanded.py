"""Links inside expanded rows: to the rows of a collection that did not fit, and to rows told as references alone."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Sequence
from functools import partial
from urllib.parse import quote

import msgspec

from p2c.odata.query.ast import Expand
from p2c.odata.service.dataverse.cookie import cookie_text
from p2c.odata.service.projection import MARK, REFERENCE, Following
from p2c.odata.service.tokens import SkipToken

# A quotation mark inside a value is escaped, so that these are found as names of members only.
_UNFINISHED = re.compile(rf',"{re.escape(MARK)}(?P<name>\w+)":(?:null|"(?P<place>[^"]*)")')
_REFERENCE = f'"{REFERENCE}":"'
_following = msgspec.json.Decoder(Following)


def with_links(rows: Sequence[str], expands: Sequence[Expand], root: str, size: int) -> Sequence[str]:
    """The rows with `<collection>@odata.nextLink` where more than `size` rows belong to it, and with `@odata.id`."""
    if not expands:
        return rows
    reference = f'"@odata.id":"{root}'
    link = partial(_link, root=root, size=size)
    return [_UNFINISHED.sub(link, row).replace(_REFERENCE, reference) for row in rows]


def _link(found: re.Match[str], root: str, size: int) -> str:
    if found["place"] is None:
        return ""
    rest = _following.decode(b64decode(found["place"]))
    cookie = cookie_text(SkipToken(size, rest.last), size, rest.key)
    query = "&".join(filter(None, (rest.query, f"$skiptoken={quote(cookie, safe='')}")))
    url = f"{root}{rest.row}/{found['name']}?{query}"
    return f',"{found["name"]}@odata.nextLink":{msgspec.json.encode(url).decode()}'
