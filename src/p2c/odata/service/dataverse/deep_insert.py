"""Reads a new row with others nested in it: one object behind a lookup, a list behind a collection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import msgspec
from msgspec import Raw

from p2c.edm.entity import Entity, Model
from p2c.odata.service.addressing import bind_address
from p2c.odata.service.dataverse.writing import one_write
from p2c.odata.service.faults import RequestError
from p2c.odata.service.message import Request
from p2c.odata.service.writes import Mode, Write
from p2c.odata.source import collections

MAX_LEVELS = 20
_BIND = "@odata.bind"
_fields = msgspec.json.Decoder(dict[str, Raw])
_items = msgspec.json.Decoder(list[Raw])
_texts = msgspec.json.Decoder(list[str])


@dataclass(slots=True)
class Graph:
    """A row to write, with new rows that its lookups will point at (by lookup: their entity and the row) and rows
    that will point at it (their entity, its lookup, the rows)."""

    write: Write
    parents: dict[str, tuple[Entity, Graph]] = field(default_factory=dict)
    children: list[tuple[Entity, str, list[Graph]]] = field(default_factory=list)


def read_graph(model: Model, entity: Entity, request: Request, level: int = 1) -> Graph:
    """
    The row in the body of a POST and what is nested in it.

    Raises:
        RowRefusedError: The body, or a row in it, cannot be read.
        RequestError: A reference names no row, or rows are nested too deep.
    """
    nested = _nested(model, entity, request.body)
    if not nested:
        return Graph(one_write(model, entity, Mode.CREATE, request))
    if level > MAX_LEVELS:
        raise RequestError(400, f"more than {MAX_LEVELS} levels of rows in one another; send several requests")
    plain = {name: raw for name, raw in _fields.decode(request.body).items() if name not in nested}
    graph = Graph(one_write(model, entity, Mode.CREATE, replace(request, body=msgspec.json.encode(plain))))
    children = collections(model, entity)
    for name, raw in nested.items():
        collection = name.removesuffix(_BIND)
        if collection not in children:
            lookup, target_name = entity.navigation[name]
            target = model.entity[target_name]
            graph.parents[lookup.name] = target, _inner(model, target, request, raw, level)
            continue
        child, lookup = children[collection]
        if name.endswith(_BIND):
            rows = [_bound(model, child, number, text, request) for number, text in enumerate(_texts.decode(raw))]
        else:
            rows = [_inner(model, child, request, item, level) for item in _items.decode(raw)]
        graph.children.append((child, lookup.name, rows))
    return graph


def _nested(model: Model, entity: Entity, body: bytes) -> Mapping[str, Raw]:
    """The members of the body that are rows themselves, or lists of references."""
    if b"{" not in body[1:] and b"[" not in body:
        return {}
    try:
        fields = _fields.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        # The reader of rows says better what is wrong.
        return {}
    children = collections(model, entity)
    found: dict[str, Raw] = {}
    for name, raw in fields.items():
        text = bytes(raw)
        single = name in entity.navigation and not entity.navigation[name][0].read_only and text.startswith(b"{")
        if single or (name.removesuffix(_BIND) in children and text.startswith(b"[")):
            found[name] = raw
    return found


def _inner(model: Model, entity: Entity, request: Request, raw: Raw, level: int) -> Graph:
    return read_graph(model, entity, replace(request, body=bytes(raw)), level + 1)


def _bound(model: Model, child: Entity, number: int, reference: str, request: Request) -> Graph:
    """A row that exists already and shall point at the new one."""
    address = bind_address(model, reference, (child.name,), request.root)
    return Graph(Write(number, Mode.UPDATE, {}, address=address))
