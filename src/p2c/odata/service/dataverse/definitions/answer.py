"""Answers requests for metadata: `EntityDefinitions(LogicalName='account')/Attributes` and its like."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from p2c.edm.entity import Model
from p2c.errors import nearest
from p2c.odata.query.options import QueryOptions
from p2c.odata.query.path import Segment
from p2c.odata.service.core import JSON
from p2c.odata.service.dataverse.definitions.catalogue import by_key, catalogue
from p2c.odata.service.dataverse.definitions.definition import NAMESPACE, Definition, Json
from p2c.odata.service.dataverse.definitions.querying import Shelf, found, shown
from p2c.odata.service.faults import RequestError
from p2c.odata.service.languages import SOURCE, caller_language
from p2c.odata.service.message import Request, Response

_UNKNOWN = "0x8006088a"


def answer_metadata(model: Model, request: Request, segments: Sequence[Segment], options: QueryOptions) -> Response:
    """
    What a path that starts with a metadata set leads to.

    Raises:
        RequestError: The path leads nowhere, the method is not GET, or a query option is not for metadata.
    """
    if request.method != "GET":
        message = f"{request.method} on {segments[0].name} is not offered here, nor in a change set; send it alone"
        raise RequestError(501, message, _UNKNOWN)
    place: Shelf | Definition = catalogue(model, caller_language(request.headers)).shelves[segments[0].name]
    place = _picked(place, segments[0])
    for segment in segments[1:]:
        if segment.name == "$count" and isinstance(place, Shelf):
            return Response(200, str(len(found(place, options))).encode(), {"Content-Type": "text/plain"})
        place = _step(place, segment)
    if isinstance(place, Shelf):
        rows = found(place, options)
        return _json({"@odata.context": _context(request, place.name, options), **_count(options, rows), "value": rows})
    name = f"{segments[0].name}/$entity" if len(segments) == 1 else "/".join(item.name for item in segments)
    body = shown(place, options.select, options.expand)
    return _json({"@odata.context": _context(request, name, options), **body})


def definition_at(model: Model, segments: Sequence[Segment]) -> Definition:
    """
    The one definition that a path names, to change what it describes.

    Raises:
        RequestError: It names none (404), or a whole set.
    """
    place: Shelf | Definition = catalogue(model, SOURCE).shelves[segments[0].name]
    place = _picked(place, segments[0])
    for segment in segments[1:]:
        place = _step(place, segment)
    if isinstance(place, Shelf):
        raise RequestError(405, f"{place.name} is a set; name one definition of it by its key")
    return place


def _step(place: Shelf | Definition, segment: Segment) -> Shelf | Definition:
    """One segment further: a cast, or what stands behind a definition."""
    if segment.name.startswith(NAMESPACE):
        return _picked(_cast(place, segment.name.removeprefix(NAMESPACE)), segment)
    if isinstance(place, Shelf) or segment.name not in place.related:
        known = [] if isinstance(place, Shelf) else list(place.related)
        hint = nearest(segment.name, known) if known else "a key or a type is wanted here"
        raise RequestError(404, f"Resource not found for the segment '{segment.name}'; {hint}", _UNKNOWN)
    related = place.related[segment.name]()
    if related is None:
        raise RequestError(404, f"{segment.name} is empty here", _UNKNOWN)
    if isinstance(related, Definition):
        return related
    limit = frozenset[str]()
    if segment.name == "Attributes" and related:
        limit = frozenset.intersection(*(frozenset(item.values) for item in related))
    return _picked(Shelf(segment.name, related, limit=limit), segment)


def _cast(place: Shelf | Definition, kind: str) -> Shelf | Definition:
    """Only what is of the type; the type is then known and not told with each definition."""
    if isinstance(place, Definition):
        if place.kind != kind:
            raise RequestError(404, f"this is a {place.kind or 'plain definition'}, no {kind}", _UNKNOWN)
        return _untyped(place)
    items = [_untyped(item) for item in place.items if item.kind == kind]
    if not items and not kind.endswith("Metadata"):
        raise RequestError(404, f"Resource not found for the segment '{NAMESPACE}{kind}'", _UNKNOWN)
    return Shelf(f"{place.name}/{NAMESPACE}{kind}", items)


def _untyped(item: Definition) -> Definition:
    values = {name: value for name, value in item.values.items() if name != "@odata.type"}
    return Definition(values, item.related, item.kind)


def _picked(place: Shelf | Definition, segment: Segment) -> Shelf | Definition:
    return by_key(place, segment.key) if isinstance(place, Shelf) and segment.key is not None else place


def _context(request: Request, name: str, options: QueryOptions) -> str:
    columns = f"({','.join(options.select)})" if options.select else ""
    return f"{request.root}$metadata#{name}{columns}"


def _count(options: QueryOptions, rows: Sequence[Json]) -> Json:
    return {"@odata.count": len(rows)} if options.count else {}


def _json(body: Json) -> Response:
    return Response(200, msgspec.json.encode(body), {"Content-Type": JSON})
