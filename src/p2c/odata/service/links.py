"""Reads which row a `$ref` request links to: `{"@odata.id": …}` in the body, or `$id` in the query."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import msgspec

from p2c.edm.entity import Model
from p2c.odata.service.addressing import bind_address
from p2c.odata.service.faults import RequestError
from p2c.odata.service.message import Request
from p2c.odata.service.writes import Address

Link: TypeAlias = "Address | None"


class _Reference(msgspec.Struct, rename={"id": "@odata.id"}):
    id: str


def linked_address(model: Model, request: Request, entities: Sequence[str], reference: str | None = None) -> Address:
    """
    The row that a request links to; `reference` is the value of `$id`, else the body is read.

    Raises:
        RequestError: No reference, or one to a row that cannot be linked here.
    """
    if reference is None:
        try:
            reference = msgspec.json.decode(request.body, type=_Reference).id
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            message = f'the body names no row: send {{"@odata.id": "<set>(<key>)"}}, or $id in the URL ({error})'
            raise RequestError(400, message, "0x80048d19") from error
    return bind_address(model, reference, entities, request.root)
