"""`$<Content-ID>` in the parts of a change set: the URL of what an earlier part wrote."""

from __future__ import annotations

import re
from collections.abc import Mapping

from p2c.odata.service.faults import RequestError

_IN_URL = re.compile(r"(?:[^?$]*/api/data/v[\d.]+/|/)?\$(\d+)(?=[/?]|$)")
_IN_ID = re.compile(r"(\$id=)/?\$(\d+)(?=&|$)")
_ONE = re.compile(rb'(@odata\.(?:bind|id)"\s*:\s*")/?\$(\d+)(?=[/"])')
_LIST = re.compile(rb'@odata\.bind"\s*:\s*\[[^\]]*\]')
_ITEM = re.compile(rb'(")/?\$(\d+)(?=[/"])')


def resolved_url(url: str, references: Mapping[str, str]) -> str:
    """
    The URL with its references replaced: `$1`, `$1/nav/$ref`, `…/$ref?$id=$1`; the service's own URL may stand before.

    Raises:
        RequestError: The part was not there, or wrote nothing.
    """
    if "$" not in url:
        return url
    found = _IN_URL.match(url)
    if found is not None:
        url = _written(found[1], references) + url[found.end() :]
    return _IN_ID.sub(lambda place: place[1] + _written(place[2], references), url)


def resolved_body(body: bytes, references: Mapping[str, str]) -> bytes:
    """
    The body with the references replaced in its `@odata.bind` and `@odata.id`, lists included.

    Raises:
        RequestError: As above.
    """
    if b"$" not in body:
        return body

    def one(place: re.Match[bytes]) -> bytes:
        return place[1] + _written(place[2].decode(), references).encode()

    body = _ONE.sub(one, body)
    return _LIST.sub(lambda place: _ITEM.sub(one, place[0]), body)


def _written(content_id: str, references: Mapping[str, str]) -> str:
    if content_id not in references:
        raise RequestError(400, f"Content-ID {content_id} was not created earlier in this change set", "0x80060888")
    return references[content_id]
