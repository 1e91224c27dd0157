"""Columns added to tables, changed, and taken away; relationships come and go with their lookups."""

from __future__ import annotations

from p2c.edm.customization import CustomColumn, Customization
from p2c.edm.entity import Entity
from p2c.edm.property import OnDelete
from p2c.errors import nearest
from p2c.odata.service.dataverse.customizing.bodies import ColumnBody, RelationshipBody
from p2c.odata.service.dataverse.customizing.columns import (
    MAX_COLUMNS,
    check_currency,
    options_body,
    read_column,
    read_lookup,
)
from p2c.odata.service.dataverse.customizing.edition import Edition
from p2c.odata.service.dataverse.customizing.names import RELATIONSHIP_LENGTH, checked_name, unused
from p2c.odata.service.dataverse.customizing.refusals import (
    COLUMN_TAKEN,
    MISSING,
    PRIMARY_COLUMN,
    RELATIONSHIP_TAKEN,
    bad,
    in_use,
    shipped,
)
from p2c.odata.source import collection_targets

_CASCADES = {behavior.value: behavior for behavior in OnDelete}


def add_column(edition: Edition, table: str, body: ColumnBody) -> Customization:
    """
    The customization with a new column.

    Raises:
        RequestError: Its name is taken, or its definition is not allowed.
    """
    if body.is_primary_name:
        raise bad(f"table '{table}' has its name column already; leave IsPrimaryName out")
    column = read_column(table, body)
    check_currency(edition.model, column)
    _check_free(edition, edition.model.entity[table], column)
    return edition.customization.with_parts(column)


def change_column(edition: Edition, table: str, name: str, body: ColumnBody) -> Customization:
    """
    The customization with a column defined anew; its name and type stay, and its options where none are given.

    Raises:
        RequestError: The column came with the product, or its definition is not allowed.
    """
    column = custom_column(edition, table, name)
    body.schema_name = column.schema_name
    if body.kind not in ("", column.kind):
        raise bad(f"column '{name}' is a {column.kind} and stays one; add a new column for a {body.kind}")
    body.odata_type, body.attribute_type = "", column.kind
    if body.option_set is None and column.options:
        body.option_set = options_body(column)
    if column.kind == "Lookup":
        changed = read_lookup(
            table, body, target=column.target, relationship=column.relationship, on_delete=column.on_delete
        )
    else:
        changed = read_column(table, body)
    return edition.customization.with_parts(changed)


def remove_column(edition: Edition, table: str, name: str) -> Customization:
    """
    The customization without a column.

    Raises:
        RequestError: The column came with the product, rows are called by it, or a key needs it.
    """
    column = custom_column(edition, table, name)
    entity = edition.model.entity[table]
    if name == entity.name_property:
        raise bad(f"rows of '{table}' are called by '{name}'; it cannot be deleted", PRIMARY_COLUMN)
    for key in entity.alternate_keys:
        if name in key.properties:
            raise in_use("column", name, f"key '{key.name}'")
    return edition.customization.without(column)


def add_relationship(edition: Edition, body: RelationshipBody) -> Customization:
    """
    The customization with a new one-to-many relationship and its lookup.

    Raises:
        RequestError: A name is taken or not allowed, or a table does not exist.
    """
    if body.kind != "OneToMany" or body.lookup is None:
        raise bad("a relationship is a OneToManyRelationshipMetadata with its Lookup")
    name = checked_name(body.schema_name, "relationship", RELATIONSHIP_LENGTH)
    target = existing_table(edition, body.referenced_entity)
    table = existing_table(edition, body.referencing_entity)
    if body.cascade_configuration.delete not in _CASCADES:
        raise bad(f"relationship '{name}': CascadeConfiguration.Delete is one of {', '.join(_CASCADES)}")
    lookup = read_lookup(
        table.name,
        body.lookup,
        target=target.name,
        relationship=name,
        on_delete=_CASCADES[body.cascade_configuration.delete],
    )
    taken = {*relationship_names(edition), *target.property, *target.navigation}
    unused(name, taken, "relationship", RELATIONSHIP_TAKEN)
    _check_free(edition, table, lookup)
    return edition.customization.with_parts(lookup)


def remove_relationship(edition: Edition, name: str) -> Customization:
    """
    The customization without a relationship, and without its lookup or its links.

    Raises:
        RequestError: The relationship came with the product, or a key needs its lookup.
    """
    for column in edition.customization.columns:
        if column.relationship == name:
            return remove_column(edition, column.table, column.name)
    for link in edition.customization.links:
        if link.schema_name == name:
            return edition.customization.without(link)
    raise shipped("relationship", name)


def custom_column(edition: Edition, table: str, name: str) -> CustomColumn:
    """
    A column that users have added.

    Raises:
        RequestError: It came with the product.
    """
    for column in edition.customization.columns_of(table):
        if column.name == name:
            return column
    raise shipped("column", f"{table}.{name}")


def relationship_names(edition: Edition) -> set[str]:
    """What relationships are called."""
    inverses = {inverse for entity in edition.model.entities for item in entity.lookups for inverse in item.inverses}
    return inverses | {link.name for link in edition.model.many_to_many}


def existing_table(edition: Edition, name: str) -> Entity:
    """
    The table with a logical name, in any case of letters.

    Raises:
        RequestError: There is none.
    """
    known = {entity.name.lower(): entity for entity in edition.model.entities}
    entity = known.get(name.lower())
    if entity is None:
        raise bad(f"there is no table '{name}'; {nearest(name, edition.model.entity)}", MISSING)
    return entity


def _check_free(edition: Edition, entity: Entity, column: CustomColumn) -> None:
    """A table has room for the column, and nothing of the column's names."""
    collections = collection_targets(edition.model, entity)
    unused(
        column.schema_name,
        {*entity.property, *entity.navigation, *collections},
        f"column of '{entity.name}'",
        COLUMN_TAKEN,
    )
    if len(entity.properties) >= MAX_COLUMNS:
        raise bad(f"table '{entity.name}' has {MAX_COLUMNS} columns, more do not fit; delete some")
