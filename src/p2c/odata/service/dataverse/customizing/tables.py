"""New tables, other words for them, and tables that go."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from p2c.edm.customization import Customization, CustomTable
from p2c.edm.entity import Model, Ownership
from p2c.odata.service.dataverse.customizing.bodies import TableBody, text_of
from p2c.odata.service.dataverse.customizing.columns import MAX_COLUMNS, check_currency, read_column
from p2c.odata.service.dataverse.customizing.edition import Edition
from p2c.odata.service.dataverse.customizing.names import (
    MAX_DESCRIPTION,
    MAX_LABEL,
    SET_LENGTH,
    checked_name,
    checked_text,
    collection_name,
    unused,
)
from p2c.odata.service.dataverse.customizing.refusals import (
    NAME_TAKEN,
    SECOND_PRIMARY_COLUMN,
    TOO_MANY_TABLES,
    UNSUPPORTED,
    bad,
    in_use,
    shipped,
)

MAX_TABLES = 500
_OWNERSHIPS = {kind.value: kind for kind in (Ownership.USER, Ownership.ORGANIZATION)}


def add_tables(edition: Edition, bodies: Sequence[TableBody]) -> Customization:
    """
    The customization with these tables and their columns.

    Raises:
        RequestError: A name is taken or not allowed, a table has no name column, or there are too many tables.
    """
    after = edition.customization
    for body in bodies:
        after = _added(edition.model, after, body)
    if len(after.tables) > MAX_TABLES:
        raise bad(f"an environment may have {MAX_TABLES} tables of its own; delete some", TOO_MANY_TABLES)
    return after


def change_table(edition: Edition, name: str, body: TableBody) -> Customization:
    """
    The customization with other labels and another description of a table; other members change nothing.

    Raises:
        RequestError: The table came with the product, or a text is too long.
    """
    table = custom_table(edition, name)
    changed = replace(
        table,
        label=checked_text(text_of(body.display_name, table.label), MAX_LABEL, "the label"),
        plural=checked_text(text_of(body.display_collection_name, table.plural), MAX_LABEL, "the plural"),
        description=checked_text(text_of(body.description, table.description), MAX_DESCRIPTION, "the description"),
    )
    return edition.customization.with_parts(changed)


def remove_table(edition: Edition, name: str) -> Customization:
    """
    The customization without a table, its columns, keys and links.

    Raises:
        RequestError: The table came with the product, or lookups of other tables point at it.
    """
    table = custom_table(edition, name)
    added = edition.customization
    for column in added.columns:
        if column.target == name and column.table != name:
            raise in_use("table", name, f"column '{column.name}' of '{column.table}'")
    keys = [key for key in added.keys if key.table == name]
    links = [link for link in added.links if name in (link.first, link.second)]
    return added.without(table, *added.columns_of(name), *keys, *links)


def custom_table(edition: Edition, name: str) -> CustomTable:
    """
    A table that users have added.

    Raises:
        RequestError: It came with the product.
    """
    found = next((table for table in edition.customization.tables if table.name == name), None)
    if found is None:
        raise shipped("table", name)
    return found


def _added(model: Model, added: Customization, body: TableBody) -> Customization:
    name = checked_name(body.schema_name, "table")
    if body.is_activity:
        raise bad(f"table '{name}': activities are not offered; leave IsActivity out", UNSUPPORTED)
    if body.ownership_type is not None and body.ownership_type not in _OWNERSHIPS:
        raise bad(f"table '{name}': OwnershipType is one of {', '.join(_OWNERSHIPS)}")
    set_name = body.entity_set_name or collection_name(name.lower())
    own = [(table.name, table.set_name) for table in added.tables]
    unused(name, {*model.entity, *model.table, *(table for table, _ in own)}, "table", NAME_TAKEN)
    unused(
        checked_name(set_name, "set", SET_LENGTH), {*model.entity_set, *(other for _, other in own)}, "set", NAME_TAKEN
    )
    label = text_of(body.display_name, name)
    table = CustomTable(
        schema_name=name,
        set_name=set_name,
        label=checked_text(label, MAX_LABEL, "the label"),
        plural=checked_text(text_of(body.display_collection_name, f"{label}s"), MAX_LABEL, "the plural"),
        primary_name=_primary_name(name, body),
        description=checked_text(text_of(body.description), MAX_DESCRIPTION, "the description"),
        ownership=_OWNERSHIPS[body.ownership_type or Ownership.USER.value],
    )
    if len(body.attributes) > MAX_COLUMNS:
        raise bad(f"table '{name}' has {len(body.attributes)} columns, {MAX_COLUMNS} are possible")
    columns = [read_column(table.name, column) for column in body.attributes]
    for column in columns:
        check_currency(model, column)
    names = [column.name for column in columns]
    for place, column in enumerate(columns):
        unused(column.schema_name, set(names[:place]), f"column of '{name}'", NAME_TAKEN)
    return added.with_parts(table, *columns)


def _primary_name(name: str, body: TableBody) -> str:
    """The column that rows are called by: the one that says so."""
    marked = [column for column in body.attributes if column.is_primary_name]
    if not marked and body.primary_name_attribute:
        wanted = body.primary_name_attribute.lower()
        marked = [column for column in body.attributes if column.schema_name.lower() == wanted]
    if len(marked) > 1:
        raise bad(f"table '{name}': two columns have IsPrimaryName; one may", SECOND_PRIMARY_COLUMN)
    if not marked or marked[0].kind != "String":
        raise bad(f"table '{name}' needs a String column with IsPrimaryName")
    return marked[0].schema_name.lower()
