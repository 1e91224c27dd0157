"""Keys in URLs: read into the row that they name, and written for the rows that an answer names."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from p2c.edm.entity import Entity, Model
from p2c.edm.values import Value
from p2c.errors import nearest
from p2c.odata.query import key_segment, parse_reference, quote_path
from p2c.odata.query.ast import EnumLiteral
from p2c.odata.query.path import Key, SingleKey
from p2c.odata.service.faults import RequestError
from p2c.odata.service.writes import Address
from p2c.odata.source import member_property
from p2c.odata.sql_values import typed

_NO_KEY = "0x8006088f"
_BAD_PAYLOAD = "0x80048d19"


def row_address(entity: Entity, key: Key) -> Address:
    """
    The row that a key in a URL names; values are brought to the types of the key properties.

    Raises:
        RequestError: The names are no key of the entity.
        QueryError: A value is not of its property's type.
    """
    if isinstance(key, SingleKey):
        match, places = _key_named(entity, None)
        values: tuple[object, ...] = (key.value,)
    else:
        names, values = zip(*key.pairs, strict=True)
        match, places = _key_named(entity, names)
    return Address(
        entity.name,
        match,
        tuple([_key_value(entity, name, values[place]) for name, place in zip(match, places, strict=True)]),
    )


@lru_cache(maxsize=1024)
def _key_named(entity: Entity, given: tuple[str, ...] | None) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """
    The key that these names are, None for the entity's own, and the place among them of each of its parts.

    Raises:
        RequestError: The names are no key of the entity.
    """
    names = entity.key if given is None else tuple(_key_property(entity, name) for name in given)
    match = entity.keys.get(frozenset(names))
    if match is None or len(match) != (1 if given is None else len(names)):
        known_keys = " or ".join(f"({', '.join(item)})" for item in entity.keys.values())
        raise RequestError(400, f"({', '.join(names)}) is no key of {entity.name}; it has {known_keys}", _NO_KEY)
    return match, tuple(names.index(name) for name in match)


@lru_cache(maxsize=256)
def bind_address(model: Model, reference: str, entities: tuple[str, ...], root: str) -> Address:
    """
    The row that an `@odata.bind` or `@odata.id` names.

    References repeat: the rows of a bulk name the same currency, owner and price list. Those read last are kept.

    Raises:
        RequestError: It names no set, no key, or a row of an entity that is not wanted here.
    """
    segment = parse_reference(reference, root or None).segments[0]
    found = model.entity_set.get(segment.name)
    if found is None:
        hint = nearest(segment.name, model.entity_set)
        raise RequestError(400, f"'{reference}' names no entity set; {hint}", _BAD_PAYLOAD)
    if found.name not in entities:
        wanted = " or ".join(entities)
        raise RequestError(400, f"'{reference}' is a {found.name}, a {wanted} is wanted", _BAD_PAYLOAD)
    if segment.key is None:
        raise RequestError(400, f"'{reference}' has no key; write {found.set_name}(<key>)", _BAD_PAYLOAD)
    return row_address(found, segment.key)


def key_url(root: str, entity: Entity, names: Sequence[str], values: Sequence[Value]) -> str:
    """The absolute URL of a row; a lone surrogate key stands without its name."""
    if tuple(names) == (entity.table.primary_key,):
        pairs: list[tuple[str, Value]] = [("", values[0])]
    else:
        pairs = [
            (f"_{name}_value" if entity.property[name].is_lookup else name, value)
            for name, value in zip(names, values, strict=True)
        ]
    return root + quote_path(f"{entity.set_name}{key_segment(pairs)}")


def is_plain_key(entity: Entity, address: Address) -> bool:
    """Whether the address is the surrogate key."""
    return address.names == (entity.table.primary_key,)


def _key_property(entity: Entity, name: str) -> str:
    item = member_property(entity, name) or entity.property.get(name)
    if item is None:
        hint = nearest(name, entity.property)
        raise RequestError(400, f"{entity.name} has no key property '{name}'; {hint}", _NO_KEY)
    return item.name


def _key_value(entity: Entity, name: str, value: object) -> Value:
    plain = value.member if isinstance(value, EnumLiteral) else value
    if name == entity.company_property and isinstance(plain, str):
        return plain.lower()
    return typed(plain, entity.property.get(name) or entity.table.column[name])  # type: ignore[arg-type]
