"""Joins what users have added to the shipped model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from p2c.edm.customization import CustomColumn, Customization, CustomKey, CustomLink, CustomTable
from p2c.edm.entity import AlternateKey, Entity, LinkEnd, ManyToMany, Model, Table, surrogate
from p2c.edm.property import Choice, Choices, Custom, Property
from p2c.edm.values import EdmType, Value


class Platform(Protocol):
    """What an environment gives every table beside the columns that its users define."""

    def table(self, table: CustomTable, columns: Sequence[Property], keys: Sequence[AlternateKey]) -> Entity:
        """A table with these columns and keys, and what every table has."""

    def companions(self, columns: Sequence[Property], present: Entity) -> tuple[Property, ...]:
        """What must stand beside new columns of a table that is there already."""


def customized(shipped: Model, added: Customization, platform: Platform) -> Model:
    """The shipped model with all that was added."""
    columns: dict[str, list[Property]] = {}
    for column in added.columns:
        target = shipped.entity.get(column.target)
        kind = _key_type(target) if target is not None else TYPES[column.kind]
        columns.setdefault(column.table, []).append(_property(column, kind))
    keys: dict[str, list[AlternateKey]] = {}
    for key in added.keys:
        keys.setdefault(key.table, []).append(_key(key))
    entities = [
        _extended(entity, columns.get(entity.name, []), keys.get(entity.name, []), platform)
        for entity in shipped.entities
    ]
    for table in added.tables:
        made = platform.table(table, columns.get(table.name, []), keys.get(table.name, []))
        facts = Custom(schema_name=table.schema_name, description=table.description)
        entities.append(replace(made, custom=facts))
    known = {entity.name: entity for entity in entities}
    links = tuple(_link(link, known) for link in added.links)
    own = {entity.table.name for entity in shipped.entities}
    others = [table for table in shipped.tables if table.name not in own]
    tables = (*(entity.table for entity in entities), *others, *(link.table for link in links))
    return replace(shipped, entities=tuple(entities), tables=tables, many_to_many=links)


def _extended(entity: Entity, columns: Sequence[Property], keys: Sequence[AlternateKey], platform: Platform) -> Entity:
    """A shipped entity with more columns and keys; without any the same object."""
    if not columns and not keys:
        return entity
    more = (*columns, *platform.companions(columns, entity))
    table = entity.table
    return replace(
        entity,
        properties=(*entity.properties, *more),
        alternate_keys=(*entity.alternate_keys, *keys),
        table=replace(
            table,
            columns=(*table.columns, *more),
            unique=(*table.unique, *(key.properties for key in keys)),
            indexes=(*table.indexes, *((item.name,) for item in more if item.is_lookup)),
        ),
    )


def _property(column: CustomColumn, kind: EdmType) -> Property:
    members = tuple(Choice(option.value, option.label, option.label) for option in column.options)
    default: Value = column.default
    if column.kind == "Boolean":
        default = bool(column.default)
    lookup = bool(column.target)
    return Property(
        name=column.name,
        type=EdmType.DATE if column.behavior == "DateOnly" else kind,
        label=column.label,
        max_length=column.max_length,
        scale=column.scale,
        required=column.required,
        choices=Choices(column.name, members) if members else None,
        targets=(column.target,) if lookup else (),
        navigations=(column.schema_name,) if lookup else (),
        inverses=(column.relationship,) if lookup else (),
        default=default,
        money=column.kind == "Money",
        minimum=column.minimum,
        maximum=column.maximum,
        on_delete=column.on_delete,
        custom=Custom(
            schema_name=column.schema_name,
            description=column.description,
            kind=column.kind,
            format=column.format,
            behavior=column.behavior,
        ),
    )


def _link(link: CustomLink, known: Mapping[str, Entity]) -> ManyToMany:
    ends = (
        LinkEnd(link.first, f"{link.first}id", link.first_navigation),
        LinkEnd(link.second, f"{link.second}id", link.second_navigation),
    )
    columns = tuple(surrogate(end.column, _key_type(known[end.entity])) for end in ends)
    key = surrogate(f"{link.links}id", EdmType.GUID)
    table = Table(
        name=link.links,
        columns=(key, *columns),
        primary_key=key.name,
        unique=((ends[0].column, ends[1].column),),
        indexes=((ends[1].column,),),
    )
    return ManyToMany(link.schema_name, table, *ends)


def _key_type(entity: Entity) -> EdmType:
    return entity.table.column[entity.table.primary_key].type


def _key(key: CustomKey) -> AlternateKey:
    return AlternateKey(key.schema_name, key.columns, label=key.label, custom=Custom(schema_name=key.schema_name))


TYPES: dict[str, EdmType] = {
    "String": EdmType.STRING,
    "Memo": EdmType.STRING,
    "Integer": EdmType.INT32,
    "BigInt": EdmType.INT64,
    "Decimal": EdmType.DECIMAL,
    "Double": EdmType.DOUBLE,
    "Money": EdmType.DECIMAL,
    "DateTime": EdmType.DATETIME,
    "Boolean": EdmType.BOOLEAN,
    "Picklist": EdmType.INT32,
    "Lookup": EdmType.GUID,
}
"""The kinds of columns that can be added, and the types of their values."""
