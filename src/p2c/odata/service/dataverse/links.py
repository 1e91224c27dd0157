"""References to rows (`$ref`): read from `{"@odata.id": …}` in a body or `$id` in a query, and written in answers."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from p2c.edm.entity import Entity, Model
from p2c.edm.values import Value
from p2c.odata.service.addressing import bind_address, key_url
from p2c.odata.service.core import JSON
from p2c.odata.service.faults import RequestError
from p2c.odata.service.message import Request, Response
from p2c.odata.service.reading import Page
from p2c.odata.service.writes import Address
from p2c.odata.sql_values import typed

Link: TypeAlias = "Address | None"


class _Reference(msgspec.Struct, rename={"id": "@odata.id"}):
    id: str


def linked_address(model: Model, request: Request, entities: tuple[str, ...], reference: str | None = None) -> Address:
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


def reference(request: Request, entity: Entity, key: Value) -> Response:
    """The reference to one row."""
    body = {"@odata.context": f"{request.root}$metadata#$ref", "@odata.id": _url(request, entity, key)}
    return Response(200, msgspec.json.encode(body), {"Content-Type": JSON})


def references(request: Request, entity: Entity, page: Page, next_url: str) -> Response:
    """The references to the rows of a page that has their keys; `next_url` is empty on the last one."""
    primary = entity.table.column[entity.table.primary_key]
    keys = [typed(msgspec.json.decode(row)[primary.name], primary) for row in page.rows]
    links = [{"@odata.id": _url(request, entity, key)} for key in keys]
    body: dict[str, object] = {"@odata.context": f"{request.root}$metadata#Collection($ref)", "value": links}
    if next_url:
        body["@odata.nextLink"] = next_url
    return Response(200, msgspec.json.encode(body), {"Content-Type": JSON})


def _url(request: Request, entity: Entity, key: Value) -> str:
    return key_url(request.root, entity, (entity.table.primary_key,), (key,))
