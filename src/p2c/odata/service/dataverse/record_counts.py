"""`RetrieveTotalRecordCount`: how many rows tables have; the real service tells a count of the last day."""

from __future__ import annotations

import re
from urllib.parse import unquote

import msgspec
from sqlalchemy import func, select

from p2c.database.session import Session
from p2c.edm.entity import Entity, Model
from p2c.errors import nearest
from p2c.odata.query import parse_options
from p2c.odata.service.core import JSON
from p2c.odata.service.faults import RequestError
from p2c.odata.service.message import Request, Response
from p2c.odata.source import EntitySource

_CALL = re.compile(r"/?RetrieveTotalRecordCount\(EntityNames=(?P<names>.{1,10000})\)/?", re.DOTALL)
_NAMESPACE = "Microsoft.Dynamics.CRM."


def asked_counts(request: Request) -> str | None:
    """The names in a call of the function, as JSON or with apostrophes; None for another request."""
    found = _CALL.fullmatch(unquote(request.path))
    if found is None or request.method != "GET":
        return None
    names = found["names"]
    return parse_options(request.query).aliases.get(names, names)


def record_counts(model: Model, session: Session, request: Request, text: str) -> Response:
    """
    The counts by table name.

    Raises:
        RequestError: The text is no list of tables, or the caller may not read one.
    """
    try:
        names = msgspec.json.decode(text.replace("'", '"'), type=list[str])
    except msgspec.MsgspecError as error:
        raise RequestError(400, f"EntityNames is no list such as ['account'] ({error})", "0x80060888") from error
    counts = {name: _count(session, model, _entity(model, name)) for name in dict.fromkeys(names)}
    collection = {
        "Count": len(counts),
        "IsReadOnly": False,
        "Keys": list(counts),
        "Values": list(counts.values()),
    }
    context = f"{request.root}$metadata#{_NAMESPACE}RetrieveTotalRecordCountResponse"
    body = {"@odata.context": context, "EntityRecordCountCollection": collection}
    return Response(200, msgspec.json.encode(body), {"Content-Type": JSON})


def _entity(model: Model, name: str) -> Entity:
    entity = model.entity.get(name)
    if entity is None:
        raise RequestError(400, f"there is no entity '{name}'; {nearest(name, model.entity)}", "0x80041102")
    return entity


def _count(session: Session, model: Model, entity: Entity) -> int:
    source = EntitySource(model, session.storage, entity)
    query = select(func.count()).select_from(source.table).where(*source.limits)
    return int(session.connection.execute(query).scalar_one())
