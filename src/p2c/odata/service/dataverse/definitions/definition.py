"""A definition: what the metadata says of one table, column, key, relationship or choice set."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias
from uuid import NAMESPACE_URL, UUID, uuid5

from p2c.odata.service.languages import LCIDS, SOURCE
from p2c.text import translator

Json: TypeAlias = "dict[str, object]"
NAMESPACE = "Microsoft.Dynamics.CRM."
ID = "MetadataId"


@dataclass(frozen=True, slots=True)
class Definition:
    """`values` are shown, `related` only when they are expanded; `kind` is the type that a cast names.

    Related definitions are made when they are first asked for.
    """

    values: Json
    related: Mapping[str, Callable[[], Related]] = field(default_factory=dict)
    kind: str = ""


Related: TypeAlias = "Sequence[Definition] | Definition | None"


class Words:
    """Labels in the source language and in one caller's."""

    def __init__(self, language: str) -> None:
        self._translate = translator(language)
        self._codes = [LCIDS[SOURCE]] if language == SOURCE else [LCIDS[SOURCE], LCIDS[language]]

    def label(self, text: str) -> Json:
        """A text with its languages; without a text an empty label."""
        if not text:
            return {"LocalizedLabels": [], "UserLocalizedLabel": None}
        texts = [text, self._translate(text)][: len(self._codes)]
        labels = [_localized(word, code) for word, code in zip(texts, self._codes, strict=True)]
        return {"LocalizedLabels": labels, "UserLocalizedLabel": labels[-1]}


def metadata_id(*names: str) -> UUID:
    """The same GUID at every start for a thing of these names."""
    return uuid5(NAMESPACE_URL, "/".join(("urn:p2c:metadata", *names)))


def relationship_id(schema_name: str) -> UUID:
    """The id of a relationship, whose name is its own in the whole environment."""
    return metadata_id("relationship", schema_name.lower())


def managed(value: object, name: str = "", *, changeable: bool = False) -> Json:
    """A value that solutions may lock."""
    return {"Value": value, "CanBeChanged": changeable, "ManagedPropertyLogicalName": name}


def schema_name(logical_name: str) -> str:
    """A logical name as it was first typed; a customization's keeps its publisher's prefix."""
    return logical_name if "_" in logical_name else logical_name[:1].upper() + logical_name[1:]


def _localized(text: str, code: int) -> Json:
    place = str(metadata_id("label", text, str(code)))
    return {"Label": text, "LanguageCode": code, "IsManaged": True, "MetadataId": place, "HasChanged": None}
