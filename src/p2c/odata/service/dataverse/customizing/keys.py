"""Alternate keys added to tables and taken away."""

from __future__ import annotations

from p2c.edm.customization import Customization, CustomKey
from p2c.edm.entity import Entity
from p2c.edm.property import Property
from p2c.edm.values import EdmType
from p2c.errors import nearest
from p2c.odata.service.dataverse.customizing.bodies import KeyBody, text_of
from p2c.odata.service.dataverse.customizing.edition import Edition
from p2c.odata.service.dataverse.customizing.names import MAX_LABEL, checked_name, checked_text, unused
from p2c.odata.service.dataverse.customizing.refusals import KEY_COLUMNS_TAKEN, KEY_TAKEN, bad, shipped

MAX_KEYS = 10
MAX_COLUMNS = 16
MAX_CHARACTERS = 450
"""Text in a key: 900 bytes of two each."""
_TYPES = frozenset({EdmType.STRING, EdmType.INT32, EdmType.INT64, EdmType.DECIMAL, EdmType.DATE, EdmType.DATETIME})


def add_key(edition: Edition, table: str, body: KeyBody) -> Customization:
    """
    The customization with a new alternate key.

    Raises:
        RequestError: Its name or its columns are taken, or its columns cannot make a key.
    """
    name = checked_name(body.schema_name, "key")
    entity = edition.model.entity[table]
    unused(name, {key.name for key in entity.alternate_keys}, f"key of '{table}'", KEY_TAKEN)
    columns = tuple(column.lower() if column not in entity.property else column for column in body.key_attributes)
    if not 1 <= len(columns) <= MAX_COLUMNS or len(set(columns)) != len(columns):
        raise bad(f"key '{name}' needs 1 to {MAX_COLUMNS} different columns in KeyAttributes")
    items = [_column(entity, name, column) for column in columns]
    if sum(item.max_length or 0 for item in items if item.type is EdmType.STRING) > MAX_CHARACTERS:
        raise bad(f"key '{name}': its texts may have {MAX_CHARACTERS} characters in all; use shorter columns")
    if any(set(key.properties) == set(columns) for key in entity.alternate_keys):
        raise bad(f"table '{table}' has a key of {', '.join(columns)} already; use that one", KEY_COLUMNS_TAKEN)
    if len(entity.alternate_keys) >= MAX_KEYS:
        raise bad(f"table '{table}' has {MAX_KEYS} keys, more are not possible; delete some")
    label = checked_text(text_of(body.display_name, name), MAX_LABEL, f"the label of '{name}'")
    return edition.customization.with_parts(CustomKey(table=table, schema_name=name, label=label, columns=columns))


def remove_key(edition: Edition, table: str, name: str) -> Customization:
    """
    The customization without a key.

    Raises:
        RequestError: The key came with the product.
    """
    for key in edition.customization.keys:
        if key.table == table and key.name == name.lower():
            return edition.customization.without(key)
    raise shipped("key", f"{table}.{name}")


def _column(entity: Entity, key: str, name: str) -> Property:
    """A column that can be part of a key: text of a known length, a number, a day, a time, a choice, a lookup."""
    item = entity.property.get(name)
    if item is None:
        raise bad(f"key '{key}': '{entity.name}' has no column '{name}'; {nearest(name, entity.property)}")
    endless = item.type is EdmType.STRING and item.max_length is None
    fits = item.type in _TYPES or (item.is_lookup and not item.polymorphic)
    if endless or not fits or item.read_only or item.path:
        raise bad(f"key '{key}': column '{name}' cannot be part of a key; use text, numbers, times, choices or lookups")
    return item
