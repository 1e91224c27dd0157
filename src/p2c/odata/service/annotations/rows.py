"""Puts annotations into the JSON of rows; the values themselves are passed on as the database wrote them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import TypeAlias

import msgspec
from msgspec import Raw

from p2c.edm.entity import Entity, Model
from p2c.edm.property import Property
from p2c.edm.values import EdmType
from p2c.odata.query.ast import Expand
from p2c.odata.service.annotations.facts import CURRENCY_LOOKUP, Facts
from p2c.odata.service.annotations.formats import day_text, moment_text, money_text, number_text
from p2c.odata.service.annotations.wanted import FORMATTED, LOOKUP_NAME, NAVIGATION, Wanted
from p2c.odata.service.projection import collections, wire_name
from p2c.text import translator

Note: TypeAlias = "Callable[[bytes, _Row], str | None]"

TYPE_MARK = "~"
"""Columns that start so are for the annotations and are not shown: `~customerid` has a lookup's target."""

_NULL = b"null"
_BASE = "_base"
_fields = msgspec.json.Decoder(dict[str, Raw])
_items = msgspec.json.Decoder(list[dict[str, Raw]])


@dataclass(frozen=True, slots=True)
class _Row:
    """The values of one row as JSON text, and its expanded rows by navigation property."""

    values: Mapping[str, bytes]
    inner: Mapping[str, _Row | list[_Row]]
    entity: Entity


class Annotator:
    """Annotates rows of one model for one caller."""

    def __init__(self, model: Model, facts: Facts, wanted: Wanted, language: str) -> None:
        self._model = model
        self._facts = facts
        self._wanted = wanted
        self._language = language
        self._notes: dict[str, Mapping[str, Sequence[tuple[str, Note]]]] = {}

    def annotated(self, entity: Entity, rows: Sequence[str], expands: Sequence[Expand] = ()) -> list[str]:
        """The rows, JSON objects as text, with the wanted annotations before the properties they are of."""
        read = [self._read(entity, _fields.decode(row), expands) for row in rows]
        if FORMATTED in self._wanted:
            every = [row for top in read for row in _all(top)]
            self._facts.fetch_names(pair for row in every for pair in self._pointed(row))
            self._facts.fetch_currencies({key for row in every if (key := _currency(row)) is not None})
        return [self._written(row).decode() for row in read]

    def _read(self, entity: Entity, fields: Mapping[str, Raw], expands: Sequence[Expand]) -> _Row:
        inner: dict[str, _Row | list[_Row]] = {}
        for expand in expands:
            raw = bytes(fields.get(expand.navigation, Raw(_NULL)))
            target = self._target(entity, expand.navigation)
            if raw.startswith(b"["):
                inner[expand.navigation] = [self._read(target, item, expand.expand) for item in _items.decode(raw)]
            elif raw != _NULL:
                inner[expand.navigation] = self._read(target, _fields.decode(raw), expand.expand)
        return _Row({name: bytes(raw) for name, raw in fields.items()}, inner, entity)

    def _target(self, entity: Entity, navigation: str) -> Entity:
        if navigation in entity.navigation:
            return self._model.entity[entity.navigation[navigation][1]]
        return collections(self._model, entity)[navigation][0]

    def _pointed(self, row: _Row) -> Iterator[tuple[str, str]]:
        """The rows that a row's lookups point at, as (entity, key)."""
        for item in row.entity.lookups:
            raw = row.values.get(wire_name(item), _NULL)
            target = _target_name(item, row)
            if raw != _NULL and target is not None:
                yield target, _plain(raw)

    def _written(self, row: _Row) -> bytes:
        notes = self._notes_of(row.entity)
        parts: list[bytes] = []
        for name, raw in row.values.items():
            if name.startswith(TYPE_MARK):
                continue
            if raw != _NULL:
                for prefix, note in notes.get(name, ()):
                    text = note(raw, row)
                    if text is not None:
                        parts.append(prefix.encode() + msgspec.json.encode(text))
            inner = row.inner.get(name)
            if isinstance(inner, list):
                raw = b"[" + b",".join(self._written(item) for item in inner) + b"]"
            elif inner is not None:
                raw = self._written(inner)
            parts.append(b'"' + name.encode() + b'":' + raw)
        return b"{" + b",".join(parts) + b"}"

    def _notes_of(self, entity: Entity) -> Mapping[str, Sequence[tuple[str, Note]]]:
        """What to write before each property of an entity, made once."""
        found = self._notes.get(entity.name)
        if found is None:
            found = {}
            for item in entity.properties:
                name = wire_name(item)
                kinds = [(kind, note) for kind, note in self._kinds(item) if kind in self._wanted]
                found[name] = [(f'"{name}@{kind}":', note) for kind, note in kinds]
            self._notes[entity.name] = found
        return found

    def _kinds(self, item: Property) -> Iterator[tuple[str, Note]]:
        text = self._text(item)
        if text is not None:
            yield FORMATTED, text
        if item.is_lookup:
            yield NAVIGATION, partial(_navigation, item)
            yield LOOKUP_NAME, lambda raw, row: _target_name(item, row)

    def _text(self, item: Property) -> Note | None:
        """How a property is shown to people; None for texts and ids, which are shown as they are."""
        language = self._language
        if item.is_lookup:
            return lambda raw, row: self._facts.name(_target_name(item, row) or "", _plain(raw))
        if item.choices is not None:
            translate = translator(language)
            labels = {
                _choice_key(item, member.value, member.name): translate(member.label) for member in item.choices.members
            }
            return lambda raw, row: labels.get(raw)
        if item.money or item.name.endswith(_BASE):
            return partial(self._money, item)
        match item.type:
            case EdmType.INT32 | EdmType.INT64:
                return lambda raw, row: number_text(Decimal(raw.decode()), 0, language)
            case EdmType.DECIMAL | EdmType.DOUBLE:
                return lambda raw, row: number_text(Decimal(raw.decode()), item.scale or 2, language)
            case EdmType.DATETIME:
                return lambda raw, row: moment_text(datetime.fromisoformat(_plain(raw)), language)
            case EdmType.DATE:
                return lambda raw, row: day_text(date.fromisoformat(_plain(raw)), language)
        return None

    def _money(self, item: Property, raw: bytes, row: _Row) -> str:
        amount = Decimal(raw.decode())
        currency = self._facts.currency(_currency(row)) if item.money else self._facts.currency(None)
        if currency is None:
            return number_text(amount, 2, self._language)
        return money_text(amount, currency.symbol, currency.precision, self._language)


def _all(row: _Row) -> Iterable[_Row]:
    yield row
    for inner in row.inner.values():
        for item in inner if isinstance(inner, list) else [inner]:
            yield from _all(item)


def _target_name(item: Property, row: _Row) -> str | None:
    """The entity that a lookup of a row points at."""
    if not item.polymorphic:
        return item.targets[0]
    raw = row.values.get(f"{TYPE_MARK}{item.name}", _NULL)
    return _plain(raw) if raw != _NULL else None


def _navigation(item: Property, raw: bytes, row: _Row) -> str | None:
    target = _target_name(item, row)
    return item.navigations[item.targets.index(target)] if target in item.targets else None


def _currency(row: _Row) -> str | None:
    raw = row.values.get(f"_{CURRENCY_LOOKUP}_value", _NULL)
    return _plain(raw) if raw != _NULL else None


def _choice_key(item: Property, value: int, name: str) -> bytes:
    """A choice as it stands in JSON."""
    if item.type is EdmType.ENUM:
        return msgspec.json.encode(name)
    if item.type is EdmType.BOOLEAN:
        return b"true" if value else b"false"
    return str(value).encode()


def _plain(raw: bytes) -> str:
    """A JSON text of characters that are never escaped: GUIDs, numbers, dates, names of entities."""
    return raw.decode().strip('"')
