"""`/metadata` of Finance and Operations: data entities, public entities, enumerations and labels as JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, cast

import msgspec

from p2c.edm.entity import Entity, Model
from p2c.edm.property import Choices
from p2c.edm.values import EdmType
from p2c.odata.query import QueryError, parse_options, parse_path
from p2c.odata.query.evaluate import Row, compile_filter
from p2c.odata.query.options import QueryOptions
from p2c.odata.query.path import NamedKey, Segment, SingleKey
from p2c.odata.service.faults import RequestError
from p2c.odata.service.fno.actions import Actions
from p2c.odata.service.fno.errors import failure_response
from p2c.odata.service.fno.labels import Labels
from p2c.odata.service.fno.metadata_items import DataEntityFacts, data_entity, enumeration, public_entity
from p2c.odata.service.message import Request, Response

Item: TypeAlias = "Mapping[str, object]"
_JSON = "application/json; odata.metadata=minimal"
_LABELS = "Labels"


@dataclass(frozen=True, slots=True)
class _Listing:
    """Items of one kind in the order of their names; `key` names the field that a single one is asked by."""

    key: str
    items: Sequence[Item]

    def one(self, name: str) -> Item | None:
        """The item of that name, in any case of letters when none is written like that."""
        exact = next((item for item in self.items if item[self.key] == name), None)
        lower = name.lower()
        return exact or next((item for item in self.items if str(item[self.key]).lower() == lower), None)


class FnoMetadata:
    """The metadata service of one model; read only, made once."""

    def __init__(
        self, model: Model, facts: Mapping[str, DataEntityFacts], actions: Actions, labels: Labels | None = None
    ) -> None:
        self._labels = labels or Labels(model)
        entities = sorted(model.entities, key=lambda entity: entity.name)
        self._listings: Mapping[str, _Listing] = {
            "DataEntities": _by_name(
                "Name", [data_entity(entity, _facts(facts, entity), self._labels) for entity in entities]
            ),
            "PublicEntities": _by_name(
                "Name",
                [public_entity(entity, actions.of(entity.set_name), self._labels) for entity in entities],
            ),
            "PublicEnumerations": _by_name("Name", [enumeration(choices, self._labels) for choices in _enums(model)]),
        }

    def handle(self, request: Request) -> Response:
        """Answer one GET; errors come back as bodies."""
        try:
            return self._answer(request)
        except RequestError as error:
            return self.failure(error.status, error.message, error.code)
        except QueryError as error:
            return self.failure(400, str(error))

    def failure(self, status: int, message: str, code: str = "") -> Response:
        """The product's body for an error."""
        return failure_response(status, message, code)

    def _answer(self, request: Request) -> Response:
        if request.method != "GET":
            raise RequestError(405, f"{request.method} is not allowed here; metadata is read with GET")
        segments = parse_path(request.path).segments
        if not segments:
            sets = [{"name": name, "kind": "EntitySet", "url": name} for name in (*self._listings, _LABELS)]
            return _json({"@odata.context": f"{request.root}$metadata", "value": sets})
        first, counted = segments[0], len(segments) == 2 and segments[1].name == "$count"
        if len(segments) > 1 and not counted:
            raise _no_route(segments[1].name)
        if first.name == _LABELS:
            return self._label(request, first)
        listing = self._listings.get(first.name)
        if listing is None:
            raise _no_route(first.name)
        if first.key is not None:
            return _one(request, first, listing)
        options = parse_options(request.query)
        rows = _matching(listing.items, options)
        if counted:
            return Response(200, str(len(rows)).encode(), {"Content-Type": "text/plain"})
        return _page(request, first.name, listing, rows, options)

    def _label(self, request: Request, segment: Segment) -> Response:
        options = parse_options(request.query)
        if segment.key is None:
            listing = _by_name("Id", self._labels.all())
            return _page(request, _LABELS, listing, _matching(listing.items, options), options)
        pairs = dict(segment.key.pairs) if isinstance(segment.key, NamedKey) else {"Id": segment.key.value}
        label, language = str(pairs.get("Id", "")), str(pairs.get("Language", "en-US"))
        found = self._labels.find(label, language)
        if found is None:
            raise RequestError(404, f"there is no label '{label}'; labels are named in the entities' LabelId")
        return _json({"@odata.context": f"{request.root}$metadata#Labels/$entity", **found})


def _one(request: Request, segment: Segment, listing: _Listing) -> Response:
    key = segment.key
    name = key.value if isinstance(key, SingleKey) else dict(key.pairs).get(listing.key) if key else ""
    item = listing.one(str(name))
    if item is None:
        raise RequestError(404, f"there is no '{name}' in {segment.name}; list them with a filter on {listing.key}")
    chosen = _selected(item, parse_options(request.query).select)
    return _json({"@odata.context": f"{request.root}$metadata#{segment.name}/$entity", **chosen})


def _page(request: Request, name: str, listing: _Listing, rows: Sequence[Item], options: QueryOptions) -> Response:
    body: dict[str, object] = {"@odata.context": f"{request.root}$metadata#{name}"}
    if options.count:
        body["@odata.count"] = len(rows)
    start = options.skip or 0
    end = start + options.top if options.top is not None else None
    if listing.items:
        _selected(listing.items[0], options.select)
    body["value"] = [_selected(row, options.select) for row in _ordered(rows, options)[start:end]]
    return _json(body)


def _matching(items: Sequence[Item], options: QueryOptions) -> list[Item]:
    if options.filter is None:
        return list(items)
    passes = compile_filter(options.filter, ignore_case=True, wildcards=True)
    return [item for item in items if passes(cast(Row, item))]


def _ordered(rows: Sequence[Item], options: QueryOptions) -> list[Item]:
    ordered = list(rows)
    for step in reversed(options.orderby):
        ordered.sort(key=_text_at(step.path[-1]), reverse=step.descending)
    return ordered


def _text_at(name: str) -> Callable[[Item], str]:
    return lambda item: str(item.get(name, "")).lower()


def _selected(item: Item, names: Sequence[str]) -> Item:
    if not names or "*" in names:
        return item
    unknown = next((name for name in names if name not in item), None)
    if unknown is not None:
        raise RequestError(400, f"there is no field '{unknown}' here; known: {', '.join(item)}")
    return {name: item[name] for name in names}


def _by_name(key: str, items: Sequence[Item]) -> _Listing:
    return _Listing(key, sorted(items, key=lambda item: str(item[key])))


def _facts(facts: Mapping[str, DataEntityFacts], entity: Entity) -> DataEntityFacts:
    return facts.get(entity.set_name) or DataEntityFacts(f"{entity.name}Entity")


def _enums(model: Model) -> list[Choices]:
    return list(
        {
            item.choices.name: item.choices
            for entity in model.entities
            for item in entity.properties
            if item.type is EdmType.ENUM and item.choices is not None
        }.values()
    )


def _no_route(name: str) -> RequestError:
    return RequestError(404, f"No HTTP resource was found that matches '{name}'", "route")


def _json(body: object) -> Response:
    return Response(200, msgspec.json.encode(body), {"Content-Type": _JSON, "OData-Version": "4.0"})
