"""ETags: written by the database beside each row, read back from If-Match and If-None-Match."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping

from sqlalchemy import ColumnElement, Text, cast, func, literal

from p2c.odata.service.dialect import ReadStyle
from p2c.odata.service.faults import RequestError
from p2c.odata.source import EntitySource


def etag(source: EntitySource, style: ReadStyle) -> ColumnElement[str]:
    """The row's weak ETag: its version, for Finance and Operations wrapped as that product does."""
    if not style.etag_text:
        return literal('W/"').concat(cast(source.version, Text)).concat('"')
    inner = literal("'").concat(cast(source.version, Text)).concat(",").concat(cast(source.key, Text)).concat("'")
    return literal('W/"').concat(func.encode(func.convert_to(inner, "UTF8"), "base64")).concat('"')


def asked_version(headers: Mapping[str, str], style: ReadStyle) -> int | None:
    """
    The version that If-Match asks for; None when any will do.

    Raises:
        RequestError: It is no ETag of this service, so that no row can have it.
    """
    header = headers.get("if-match", "*").strip()
    if header == "*":
        return None
    inner = header.removeprefix("W/").strip('"')
    if style.etag_text:
        inner = _unwrapped(inner).strip("'").split(",")[0]
    if not (inner.isascii() and inner.isdecimal()):
        raise RequestError(412, f"{header[:80]} is no ETag of this service; read the row again")
    return int(inner)


def is_known(headers: Mapping[str, str], etag_header: str) -> bool:
    """Whether the client says that it has this version of the row already (If-None-Match)."""
    return headers.get("if-none-match", "").strip() == etag_header


def _unwrapped(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, ValueError):
        return ""
