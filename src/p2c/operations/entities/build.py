"""How a data entity is published over a table: fields keep the type, length and label of their columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from p2c.edm.entity import Entity, Relation, Table
from p2c.edm.property import Property, Required
from p2c.edm.values import Value
from p2c.operations.tables import TABLES
from p2c.operations.tables.column import RECORD_ID

_TABLE = {table.name: table for table in TABLES}


def over(
    table: Table,
    *,
    name: str,
    set_name: str,
    label: str,
    key: tuple[str, ...],
    fields: tuple[str, ...] = (),
    without: tuple[str, ...] = (),
    renamed: Mapping[str, str] | None = None,
    through: Mapping[str, tuple[str, str]] | None = None,
    mandatory: tuple[str, ...] = (),
    where: Mapping[str, Value] | None = None,
    writable: bool = True,
    name_property: str = "",
    relations: tuple[Relation, ...] = (),
) -> Entity:
    """
    A data entity over `table`.

    Args:
        label: The data management label, which is what people know the entity by.
        key: The natural key that addresses a row.
        fields: Columns to publish; empty means every column but the surrogate key.
        without: Columns to leave out.
        renamed: Public name to column.
        through: Public name to (reference of the table, column of the other table); read only.
        mandatory: Fields that this entity needs although the table can do without.
        where: Column values that limit the rows.
        writable: False for an entity that is export only.
        relations: Navigation properties.

    Raises:
        KeyError: If a name is not a column or reference.
    """
    columns = fields or tuple(name for name in table.column if name not in (RECORD_ID, *without))
    properties = (
        *(_field(table, column, mandatory) for column in columns),
        *(replace(table.column[column], name=public, column=column) for public, column in (renamed or {}).items()),
        *(_reached(table, public, path) for public, path in (through or {}).items()),
    )
    return Entity(
        name=name,
        set_name=set_name,
        label=label,
        plural=label,
        properties=properties,
        key=key,
        table=table,
        name_property=name_property or key[-1],
        where=where or {},
        writable=writable,
        relations=relations,
    )


def _field(table: Table, column: str, mandatory: tuple[str, ...]) -> Property:
    declared = table.column[column]
    return replace(declared, required=Required.SYSTEM, default=None) if column in mandatory else declared


def _reached(table: Table, public: str, path: tuple[str, str]) -> Property:
    reference, column = path
    source = _TABLE[table.reference[reference].table].column[column]
    return replace(source, name=public, path=path, read_only=True, required=Required.NONE, default=None)
