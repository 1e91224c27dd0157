"""`RetrieveMetadataChanges`: tables and typed columns by a query in JSON, as schema caches read them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import unquote

import msgspec
from msgspec import Struct, field

from p2c.edm.entity import Model
from p2c.odata.query import parse_options
from p2c.odata.service.core import JSON
from p2c.odata.service.dataverse.definitions.catalogue import catalogue
from p2c.odata.service.dataverse.definitions.definition import ID, NAMESPACE, Definition, Json
from p2c.odata.service.dataverse.definitions.querying import shown
from p2c.odata.service.faults import RequestError
from p2c.odata.service.languages import caller_language
from p2c.odata.service.message import Request, Response

_CALL = re.compile(r"/?RetrieveMetadataChanges\(Query=(?P<query>.*)\)/?", re.DOTALL)
_BEHIND = {
    "Attributes": "attributes",
    "Keys": "keys",
    "OneToManyRelationships": "relationships",
    "ManyToOneRelationships": "relationships",
    "ManyToManyRelationships": "relationships",
}
"""What stands behind a table, and the part of the query that says which of it."""


class Wanted(Struct, rename={"value": "Value"}):
    """A typed value of a condition."""

    value: str | int | bool | list[str] | None = None


class Condition(Struct, rename="pascal"):
    """One condition; only the equality of a property is a question that clients ask."""

    property_name: str
    condition_operator: str
    value: Wanted


class Criteria(Struct, rename="pascal"):
    """Conditions that all hold, or one of them."""

    conditions: list[Condition] = []
    filter_operator: str = "And"


class Properties(Struct, rename="pascal"):
    """Which properties to tell."""

    all_properties: bool = False
    property_names: list[str] = []


class Part(Struct, rename="pascal"):
    """Which definitions to tell, and what of them."""

    properties: Properties = field(default_factory=Properties)
    criteria: Criteria = field(default_factory=Criteria)


class Query(Part, rename="pascal"):
    """An `EntityQueryExpression`."""

    attribute_query: Part = field(default_factory=Part)
    key_query: Part = field(default_factory=Part)
    relationship_query: Part = field(default_factory=Part)


def asked_changes(request: Request) -> str | None:
    """The query, JSON, of a call of this function, in the path or as a parameter alias; None for other requests.

    Braces and quotation marks are no part of a path, so that paths with such a query are read here.
    """
    found = _CALL.fullmatch(unquote(request.path))
    if found is None or request.method != "GET":
        return None
    text = found["query"]
    return parse_options(request.query).aliases.get(text, "") if text.startswith("@") else text


def metadata_changes(model: Model, request: Request, text: str) -> Response:
    """
    The tables that a query asks for. Definitions never change while a service runs: all is always told.

    Raises:
        RequestError: The query cannot be read.
    """
    try:
        query = msgspec.json.decode(text or "{}", type=Query)
    except msgspec.MsgspecError as error:
        raise RequestError(400, f"Query is no EntityQueryExpression ({error})", "0x80040203") from error
    shelf = catalogue(model, caller_language(request.headers)).shelves["EntityDefinitions"]
    tables = [_table(item, query) for item in _matching(shelf.items, query.criteria)]
    body = {
        "@odata.context": f"{request.root}$metadata#{NAMESPACE}RetrieveMetadataChangesResponse",
        "ServerVersionStamp": "1!01/01/2024 00:00:00",
        "DeletedMetadata": {"Count": 0, "IsReadOnly": False, "Keys": [], "Values": []},
        "EntityMetadata": tables,
    }
    return Response(200, msgspec.json.encode(body), {"Content-Type": JSON})


def _table(item: Definition, query: Query) -> Json:
    names = query.properties.property_names
    body = shown(item, () if query.properties.all_properties else (*names, ID), ())
    parts = {
        "attributes": query.attribute_query,
        "keys": query.key_query,
        "relationships": query.relationship_query,
    }
    for name, part in _BEHIND.items():
        related = item.related[name]()
        if (query.properties.all_properties or name in names) and isinstance(related, Sequence):
            body[name] = [_column(column, parts[part]) for column in _matching(related, parts[part].criteria)]
    return body


def _column(item: Definition, part: Part) -> Json:
    names = part.properties.property_names
    body = shown(item, () if part.properties.all_properties else (*names, ID), ())
    for name in names:
        related = item.related[name]() if name in item.related else None
        if isinstance(related, Definition):
            body[name] = shown(related, (), ())
    return body


def _matching(items: Sequence[Definition], criteria: Criteria) -> list[Definition]:
    if not criteria.conditions:
        return list(items)
    every = all if criteria.filter_operator.lower() == "and" else any
    return [item for item in items if every(_holds(item, condition) for condition in criteria.conditions)]


def _holds(item: Definition, condition: Condition) -> bool:
    value = item.values.get(condition.property_name)
    plain = str(value["Value"] if isinstance(value, dict) and "Value" in value else value).lower()
    wanted = condition.value.value
    among = [_plain(one) for one in (wanted if isinstance(wanted, list) else [wanted])]
    match condition.condition_operator:
        case "Equals" | "In":
            return plain in among
        case "NotEquals" | "NotIn":
            return plain not in among
    message = f"'{condition.condition_operator}' is not offered; use Equals, NotEquals, In or NotIn"
    raise RequestError(501, message, "0x8006088a")


def _plain(value: str | int | bool | None) -> str:
    return str(value).lower()
