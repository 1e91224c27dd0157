"""Reads JSON bodies into values of an entity's properties; typed Structs do the checking."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Generic, TypeVar, cast
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from p2c.edm.change import Problem, ProblemKind
from p2c.edm.entity import Entity
from p2c.edm.property import Property
from p2c.edm.values import INT32_RANGE, INT64_RANGE, EdmType, Row
from p2c.errors import nearest

_BIND = "@odata.bind"
_ANNOTATION = "@odata."
_ANNOTATIONS = ("type", "id", "etag")
_KEPT = (Decimal, UUID, date, datetime)
"""Types of values that stay as they are."""
_PLACE = re.compile(r"`\$(?:\.Targets)?(?:\[(?P<index>\d+)\])?(?:\.(?P<field>[^`\[]+))?`")
_UNKNOWN = re.compile(r"unknown field `(?P<field>[^`]+)`")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_UNREADABLE = (msgspec.MsgspecError, RecursionError, UnicodeDecodeError)
_any_decoder = msgspec.json.Decoder(float_hook=Decimal)
_Row = TypeVar("_Row", bound=Struct)


class PayloadError(ValueError):
    """A body that cannot be read. `index` is the row's place in a list of targets."""

    def __init__(self, problem: Problem, index: int = 0) -> None:
        self.problem = problem
        self.index = index
        super().__init__(problem.message)


@dataclass(frozen=True, slots=True)
class Payload:
    """One row as the client sent it: values by property name, references by lookup, and its annotations.

    `binds` hold the reference text and the entities that the navigation property may lead to; None clears
    the lookup.
    """

    values: Row
    binds: Mapping[str, tuple[str, tuple[str, ...]] | None]
    type: str = ""
    id: str = ""
    etag: str = ""


class _Targets(Struct, Generic[_Row]):
    Targets: list[_Row]


class PayloadReader:
    """Decodes rows of one entity. Read-only properties are accepted and left out, as the real services do."""

    def __init__(self, entity: Entity) -> None:
        self._entity = entity
        readable = [item for item in entity.properties if not item.is_lookup]
        fields: list[tuple[str, object, object]] = [(item.name, _field_type(item), UNSET) for item in readable]
        rename: dict[str, str] = {}
        self._navigations: dict[str, tuple[Property, tuple[str, ...]]] = {}
        for name, (lookup, _) in entity.navigation.items():
            if not lookup.read_only:
                attribute = f"bind__{name}"
                fields.append((attribute, str | UnsetType | None, UNSET))
                rename[attribute] = f"{name}{_BIND}"
                self._navigations[rename[attribute]] = (lookup, lookup.reached_by(name))
                cleared = f"clear__{name}"
                fields.append((cleared, UnsetType | None, UNSET))
                rename[cleared] = name
                self._navigations[name] = (lookup, lookup.reached_by(name))
        for attribute in _ANNOTATIONS:
            fields.append((f"odata__{attribute}", str | UnsetType | None, UNSET))
            rename[f"odata__{attribute}"] = f"@odata.{attribute}"
        self._type: type[Struct] = msgspec.defstruct(
            f"{entity.name}_row",
            cast(list[tuple[str, type, object]], fields),
            rename=rename,
            forbid_unknown_fields=True,
        )
        key = entity.table.primary_key
        keeps_key = entity.table.column[key].type is EdmType.GUID
        dropped = [item.name for item in readable if item.read_only and not (keeps_key and item.name == key)]
        # What is no value of a property, in the order of the fields, with the place of each.
        apart = [*dropped, *self._navigations, *(f"{_ANNOTATION}{name}" for name in _ANNOTATIONS)]
        fields_in_order = [item.encode_name for item in msgspec.structs.fields(self._type)]
        self._apart = {name: fields_in_order.index(name) for name in apart}
        self._one = msgspec.json.Decoder(self._type)
        self._many = msgspec.json.Decoder(_Targets[self._type])  # type: ignore[name-defined]
        self._dates = {item.name for item in readable if item.type is EdmType.DATE}
        self._instants = {item.name for item in readable if item.type is EdmType.DATETIME}

    def one(self, body: bytes) -> Payload:
        """The row in a body. PayloadError when it is malformed or does not fit the entity."""
        try:
            row = self._one.decode(body)
        except _UNREADABLE as error:
            row = self._tolerant(_parsed(body), error)
        return self._payload(row)

    def many(self, body: bytes) -> list[Payload]:
        """The rows of `{"Targets": [...]}`. PayloadError names the first that does not fit."""
        try:
            rows: Sequence[Struct] = self._many.decode(body).Targets
        except _UNREADABLE as error:
            parsed = _parsed(body)
            targets = parsed.get("Targets") if isinstance(parsed, dict) else None
            if not isinstance(targets, list):
                message = 'the body needs a list "Targets"'
                raise PayloadError(Problem(ProblemKind.REQUIRED, message, field="Targets")) from error
            rows = [self._tolerant(target, error, index) for index, target in enumerate(targets)]
        return [self._payload(row) for row in rows]

    def from_object(self, item: object, index: int = 0) -> Payload:
        """The row in an already parsed JSON object (numbers with a point as Decimal)."""
        return self._payload(self._tolerant(item, msgspec.ValidationError("expected an object"), index))

    def _payload(self, row: Struct) -> Payload:
        binds: dict[str, tuple[str, tuple[str, ...]] | None] = {}
        annotations: dict[str, str] = {}
        # By the names of the wire, without what the client left out; an entity has hundreds of properties.
        values: Row = msgspec.to_builtins(row, builtin_types=_KEPT)
        for name in sorted(values.keys() & self._apart.keys(), key=self._apart.__getitem__):
            value = values.pop(name)
            if name in self._navigations:
                lookup, targets = self._navigations[name]
                if value is not None or lookup.name not in binds:
                    binds[lookup.name] = None if value is None else (str(value), targets)
            elif name.startswith(_ANNOTATION):
                annotations[name.removeprefix(_ANNOTATION)] = str(value or "")
        return Payload(
            values, binds, annotations.get("type", ""), annotations.get("id", ""), annotations.get("etag", "")
        )

    def _tolerant(self, item: object, error: Exception, index: int = 0) -> Struct:
        """Decode again what the strict decoder refused: without foreign annotations, with dates in other forms."""
        if not isinstance(item, dict):
            raise PayloadError(Problem(ProblemKind.WRONG_TYPE, f"the row is no JSON object ({error})"), index)
        known = {field.encode_name for field in msgspec.structs.fields(self._type)}
        plain: dict[str, object] = {}
        for name, value in item.items():
            if "@" in name and name not in known and not name.endswith(_BIND):
                continue
            plain[name] = self._dated(name, value)
        try:
            return msgspec.convert(plain, self._type)
        except msgspec.ValidationError as again:
            raise PayloadError(self._problem(str(again), plain), index) from again

    def _dated(self, name: str, value: object) -> object:
        if name in self._dates and isinstance(value, str) and len(value) > 10 and _DATE.match(value):
            return value[:10]
        if name in self._instants and isinstance(value, str):
            if _DATE.fullmatch(value):
                return f"{value}T00:00:00Z"
            if "T" in value and not value.endswith("Z") and "+" not in value and value.count("-") == 2:
                return f"{value}Z"
        return value

    def _problem(self, text: str, item: Mapping[str, object]) -> Problem:
        unknown = _UNKNOWN.search(text)
        if unknown is not None:
            field = unknown["field"].removesuffix(_BIND)
            is_bind = unknown["field"].endswith(_BIND)
            known = list(self._entity.navigation) if is_bind else list(self._entity.property)
            word = "navigation property" if is_bind else "property"
            return Problem(
                ProblemKind.UNKNOWN_FIELD,
                f"{self._entity.name} has no {word} '{field}'; {nearest(field, known)}",
                field=field,
            )
        place = _PLACE.search(text)
        field = place["field"] if place is not None and place["field"] else ""
        value = item.get(field)
        shown = str(value)[:80]
        reason = text.split(" - at ")[0]
        if "of length <=" in text:
            length = self._entity.property[field].max_length
            return Problem(
                ProblemKind.TOO_LONG,
                f"'{field}' takes {length} characters, the value has {len(str(value))}; shorten it",
                field=field,
                value=shown,
            )
        kind = ProblemKind.OUT_OF_RANGE if "`int` <=" in text or "`int` >=" in text else ProblemKind.WRONG_TYPE
        return Problem(kind, f"'{field}': {reason[0].lower()}{reason[1:]}; send a value of that type", field, shown)


@lru_cache(maxsize=256)
def reader_for(entity: Entity) -> PayloadReader:
    """The reader of an entity, made once."""
    return PayloadReader(entity)


def _parsed(body: bytes) -> object:
    try:
        return _any_decoder.decode(body)
    except _UNREADABLE as error:
        message = f"the body is no valid JSON ({error}); mend it"
        raise PayloadError(Problem(ProblemKind.WRONG_TYPE, message)) from error


def _field_type(item: Property) -> object:
    kind: object = item.type.python
    if item.type is EdmType.STRING and item.max_length is not None:
        kind = Annotated[str, Meta(max_length=item.max_length)]
    elif item.type is EdmType.INT32:
        kind = Annotated[int, Meta(ge=INT32_RANGE[0], le=INT32_RANGE[1])]
    elif item.type is EdmType.INT64:
        kind = Annotated[int, Meta(ge=INT64_RANGE[0], le=INT64_RANGE[1])]
    return kind | UnsetType | None
