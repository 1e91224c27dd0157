"""`BulkDelete`: rows that queries name are deleted, at once; the real service does it later, in a job."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from p2c.database.session import Session
from p2c.edm.entity import Entity, Model
from p2c.edm.keys import new_guid
from p2c.edm.values import Value
from p2c.errors import nearest
from p2c.odata.query.ast import Expression
from p2c.odata.query.options import QueryOptions
from p2c.odata.service.core import JSON
from p2c.odata.service.dataverse.fetch.conditions import combined, condition
from p2c.odata.service.dialect import DATAVERSE
from p2c.odata.service.faults import RequestError
from p2c.odata.service.message import Request, Response
from p2c.odata.service.reading import Reader
from p2c.odata.service.saving import Saver
from p2c.odata.sql_values import typed

NAME = "BulkDelete"
_BAD = "0x80048d19"


class _Value(Struct, rename={"value": "Value"}):
    value: str | int | float | bool | None = None


class _Condition(Struct, rename="pascal"):
    attribute_name: str
    operator: str
    values: list[_Value] = []


class _Filter(Struct, rename="pascal"):
    filter_operator: str = "And"
    conditions: list[_Condition] = []
    filters: list[_Filter] = []


class _Query(Struct, rename="pascal"):
    entity_name: str
    criteria: _Filter | None = None


class _Job(Struct, rename="pascal"):
    query_set: list[_Query]


def bulk_delete(model: Model, session: Session, saver: Saver, request: Request) -> Response:
    """
    Delete what the queries find and answer with the id of the job. Rows that may not go stay, as in the job.

    Raises:
        RequestError: The body cannot be read, or a query has no conditions: it would empty a table.
        QueryError: A condition names no column, or a value does not fit.
    """
    try:
        job = msgspec.json.decode(request.body, type=_Job)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise RequestError(400, f"the body is no bulk delete: send JobName and QuerySet ({error})", _BAD) from error
    for query in job.query_set:
        entity = model.entity.get(query.entity_name)
        if entity is None:
            hint = nearest(query.entity_name, model.entity)
            raise RequestError(400, f"there is no entity '{query.entity_name}'; {hint}", "0x80041102")
        if query.criteria is None or not (query.criteria.conditions or query.criteria.filters):
            raise RequestError(400, f"the query of {entity.name} has no conditions; name the rows to delete", _BAD)
        keys = _found(model, session, entity, _tree(entity, query.criteria))
        saver.delete(entity, keys)
    context = f"{request.root}$metadata#Microsoft.Dynamics.CRM.{NAME}Response"
    body = {"@odata.context": context, "JobId": new_guid(session.now)}
    return Response(200, msgspec.json.encode(body), {"Content-Type": JSON})


def _found(model: Model, session: Session, entity: Entity, expression: Expression) -> list[Value]:
    """The keys of all rows that meet the conditions, read in pages."""
    reader = Reader(model, session, DATAVERSE)
    options = QueryOptions(filter=expression, select=(entity.table.primary_key,))
    primary = entity.table.column[entity.table.primary_key]
    keys: list[Value] = []
    page = reader.page(entity, options, size=DATAVERSE.page_size)
    while True:
        keys.extend(typed(msgspec.json.decode(row)[primary.name], primary) for row in page.rows)
        if page.following is None:
            return keys
        page = reader.page(entity, options, size=DATAVERSE.page_size, token=page.following)


def _tree(entity: Entity, item: _Filter) -> Expression:
    parts = [
        condition(entity, "", one.attribute_name, one.operator, [_text(value) for value in one.values])
        for one in item.conditions
    ]
    parts.extend(_tree(entity, inner) for inner in item.filters)
    return combined(item.filter_operator.lower() != "or", parts)


def _text(value: _Value) -> str:
    plain = value.value
    return str(plain).lower() if isinstance(plain, bool) else str(plain)
