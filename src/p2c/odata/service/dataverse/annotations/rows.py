"""Puts annotations into the JSON of rows; the values themselves are passed on as the database wrote them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import msgspec
from msgspec import Raw

from p2c.edm.entity import Entity, Model
from p2c.edm.property import Property
from p2c.edm.values import EdmType
from p2c.odata.query.ast import Expand
from p2c.odata.service.dataverse.annotations.facts import CURRENCY_LOOKUP, Facts
from p2c.odata.service.dataverse.annotations.json_texts import (
    amount_json,
    choice_json,
    day_json,
    member_json,
    moment_json,
    number_json,
    plain,
    text_json,
)
from p2c.odata.service.dataverse.annotations.wanted import ATTRIBUTE, FORMATTED, LOOKUP_NAME, NAVIGATION, Wanted
from p2c.odata.service.projection import wire_name
from p2c.odata.source import collection_targets
from p2c.text import translator

Note: TypeAlias = "Callable[[bytes, _Row], bytes | None]"
"""What is told of a value, as JSON text: the value as JSON, and its row, in; None where there is nothing to tell."""

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


@dataclass(frozen=True, slots=True)
class _Step:
    """How one member of a row is written: its name and colon, the annotations that depend on the value (name and
    colon, what to tell), and those that do not."""

    member: bytes
    notes: Sequence[tuple[bytes, Note]] = ()
    constant: bytes = b""


class Annotator:
    """Annotates rows of one model for one caller."""

    def __init__(self, model: Model, facts: Facts, wanted: Wanted, language: str) -> None:
        self._model = model
        self._facts = facts
        self._wanted = wanted
        self._language = language
        self._plans: dict[str, dict[str, _Step]] = {}

    def annotated(
        self,
        entity: Entity,
        rows: Sequence[str],
        expands: Sequence[Expand] = (),
        shown: Mapping[str, Property] | None = None,
    ) -> list[str]:
        """
        The rows, JSON objects as text, with the wanted annotations before the properties they are of.

        Args:
            shown: The property behind each member that shows one, where rows do not have the entity's own.
        """
        if shown is not None:
            self._plans[entity.name] = {name: self._step(item, name) for name, item in shown.items()}
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
        return collection_targets(self._model, entity)[navigation]

    def _pointed(self, row: _Row) -> Iterator[tuple[str, str]]:
        """The rows that a row's lookups point at, as (entity, key)."""
        for item in row.entity.lookups:
            raw = row.values.get(wire_name(item), _NULL)
            target = _target_name(item, row)
            if raw != _NULL and target is not None:
                yield target, plain(raw)

    def _written(self, row: _Row) -> bytes:
        plan = self._plan_of(row.entity)
        parts: list[bytes] = []
        for name, raw in row.values.items():
            step = plan.get(name)
            if step is None:
                if name.startswith(TYPE_MARK):
                    continue
                step = plan[name] = _Step(member_json(name))
            if row.inner and name in row.inner:
                raw = self._nested(row.inner[name])
            elif raw != _NULL:
                for prefix, note in step.notes:
                    text = note(raw, row)
                    if text is not None:
                        parts.append(prefix + text)
                if step.constant:
                    parts.append(step.constant)
            parts.append(step.member + raw)
        return b"{" + b",".join(parts) + b"}"

    def _nested(self, inner: _Row | list[_Row]) -> bytes:
        if isinstance(inner, list):
            return b"[" + b",".join(self._written(item) for item in inner) + b"]"
        return self._written(inner)

    def _plan_of(self, entity: Entity) -> dict[str, _Step]:
        """What to write for each property of an entity, made once."""
        found = self._plans.get(entity.name)
        if found is None:
            found = {wire_name(item): self._step(item, wire_name(item)) for item in entity.properties}
            self._plans[entity.name] = found
        return found

    def _step(self, item: Property, name: str) -> _Step:
        notes: list[tuple[bytes, Note]] = []
        constant: list[bytes] = []
        text = self._text(item)
        if text is not None and FORMATTED in self._wanted:
            notes.append((member_json(f"{name}@{FORMATTED}"), text))
        for kind, told in ((NAVIGATION, _navigation), (LOOKUP_NAME, _target_text)) if item.is_lookup else ():
            member = member_json(f"{name}@{kind}")
            if kind in self._wanted and item.polymorphic:
                notes.append((member, partial(told, item)))
            elif kind in self._wanted:
                constant.append(member + text_json(item.navigations[0] if kind == NAVIGATION else item.targets[0]))
        if name != wire_name(item) and ATTRIBUTE in self._wanted:
            constant.append(member_json(f"{name}@{ATTRIBUTE}") + text_json(item.name))
        return _Step(member_json(name), notes, b",".join(constant))

    def _text(self, item: Property) -> Note | None:
        """How a property is shown to people; None for texts and ids, which are shown as they are."""
        language = self._language
        if item.is_lookup:
            if not item.polymorphic:
                target = item.targets[0]
                return lambda raw, row: self._facts.name(target, plain(raw))
            return lambda raw, row: self._facts.name(_target_name(item, row) or "", plain(raw))
        if item.choices is not None:
            translate = translator(language)
            labels = {
                choice_json(item, member.value, member.name): text_json(translate(member.label))
                for member in item.choices.members
            }
            return lambda raw, row: labels.get(raw)
        if item.money or item.name.endswith(_BASE):
            return partial(self._money, item)
        match item.type:
            case EdmType.INT32 | EdmType.INT64:
                return lambda raw, row: number_json(raw, 0, language)
            case EdmType.DECIMAL | EdmType.DOUBLE:
                return lambda raw, row: number_json(raw, item.scale or 2, language)
            case EdmType.DATETIME:
                return lambda raw, row: moment_json(raw, language)
            case EdmType.DATE:
                return lambda raw, row: day_json(raw, language)
        return None

    def _money(self, item: Property, raw: bytes, row: _Row) -> bytes:
        currency = self._facts.currency(_currency(row) if item.money else None)
        if currency is None:
            return number_json(raw, 2, self._language)
        return amount_json(raw, currency.symbol, currency.precision, self._language)


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
    return plain(raw) if raw != _NULL else None


def _navigation(item: Property, raw: bytes, row: _Row) -> bytes | None:
    target = _target_name(item, row)
    return text_json(item.navigations[item.targets.index(target)]) if target in item.targets else None


def _target_text(item: Property, raw: bytes, row: _Row) -> bytes | None:
    target = _target_name(item, row)
    return text_json(target) if target is not None else None


def _currency(row: _Row) -> str | None:
    raw = row.values.get(f"_{CURRENCY_LOOKUP}_value", _NULL)
    return plain(raw) if raw != _NULL else None
