"""The definitions of one model in one language, found by the names and ids that URLs use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from p2c.edm.entity import Model
from p2c.errors import nearest
from p2c.odata.query.path import Key, SingleKey
from p2c.odata.service.dataverse.definitions.definition import NAMESPACE, Definition, Words
from p2c.odata.service.dataverse.definitions.entities import entity_definition
from p2c.odata.service.dataverse.definitions.messages import message_filters, messages
from p2c.odata.service.dataverse.definitions.option_sets import global_option_set, shared_choices
from p2c.odata.service.dataverse.definitions.querying import Shelf
from p2c.odata.service.dataverse.definitions.relationships import many_to_many, relationships
from p2c.odata.service.faults import RequestError

_MISSING = "0x80040217"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The sets of the metadata by name."""

    shelves: Mapping[str, Shelf]


@lru_cache(maxsize=32)
def catalogue(model: Model, language: str) -> Catalogue:
    """The metadata sets of a model, with labels for callers of a language; made once."""
    words = Words(language)
    sets: Mapping[str, Sequence[Definition]] = {
        "EntityDefinitions": [entity_definition(model, entity, words) for entity in model.entities],
        "RelationshipDefinitions": [_typed(item) for item in (*relationships(model), *many_to_many(model))],
        "GlobalOptionSetDefinitions": [global_option_set(item, words) for item in shared_choices(model)],
    }
    shelves = {name: Shelf(name, items) for name, items in sets.items()}
    shelves["sdkmessages"] = Shelf("sdkmessages", messages(), "sdkmessageid")
    shelves["sdkmessagefilters"] = Shelf("sdkmessagefilters", message_filters(model), "sdkmessagefilterid")
    return Catalogue(shelves)


def _typed(item: Definition) -> Definition:
    """The definition telling its type: its set is of a base type, so clients cannot know it from the set."""
    return Definition({"@odata.type": f"#{NAMESPACE}{item.kind}", **item.values}, item.related, item.kind)


METADATA_SETS = (
    "EntityDefinitions",
    "RelationshipDefinitions",
    "GlobalOptionSetDefinitions",
    "sdkmessages",
    "sdkmessagefilters",
)


def by_key(shelf: Shelf, key: Key) -> Definition:
    """
    The definition that a key in a URL names: its id bare, or a property such as `LogicalName`, `Name`.

    Raises:
        RequestError: There is none (404).
    """
    pairs = ((shelf.key, key.value),) if isinstance(key, SingleKey) else key.pairs
    for item in shelf.items:
        if all(str(item.values.get(name, "")).lower() == str(value).lower() for name, value in pairs):
            return item
    shown = ", ".join(str(value) for _, value in pairs)
    known = [str(item.values[pairs[0][0]]) for item in shelf.items if pairs[0][0] in item.values]
    hint = nearest(shown, known) if known and pairs[0][0] != shelf.key else "list the set to see what there is"
    raise RequestError(404, f"{shelf.name} has nothing called '{shown}'; {hint}", _MISSING)
