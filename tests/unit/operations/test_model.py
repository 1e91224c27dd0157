"""The published data entities stand on the tables and are named as the real service names them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from p2c.edm.entity import Entity
from p2c.edm.values import EdmType
from p2c.operations.model import MODEL
from p2c.operations.saving import RULES
from p2c.operations.seed import SEED

_SCHEMA = Path(__file__).parents[4] / "shared" / "reference" / "schema" / "fno.json"
# Fields of ours, where the real service keeps the value in an entity that is not published here.
_OURS = {("LegalEntities", "AccountingCurrency"), ("ReleasedProductsV2", "IsSalesStopped")}

# The real service keeps recurring jobs in forms that no entity publishes.
_OUR_ENTITIES = {"RecurringDataJobs", "SystemUsers", "SysAADClients"}

_ENTITIES = pytest.mark.parametrize("entity", MODEL.entities, ids=lambda entity: entity.set_name)


@_ENTITIES
def test_every_property_is_a_column_or_is_reached_through_a_reference(entity: Entity) -> None:
    """No entity publishes what no table keeps, and types agree with the column's."""
    for item in entity.properties:
        if item.path:
            reference, column = item.path
            source = MODEL.table[entity.table.reference[reference].table].column[column]
        else:
            source = entity.table.column[item.storage]
        assert item.type is source.type
        assert item.label


@_ENTITIES
def test_the_natural_key_is_published_and_unique_in_the_table(entity: Entity) -> None:
    """A key addresses one row."""
    assert set(entity.key) <= set(entity.property)
    assert {entity.property[name].storage for name in entity.key} in map(set, entity.table.unique)
    assert set(entity.where) <= set(entity.table.column)


def test_references_and_indexes_name_columns() -> None:
    """A reference pairs a column here with a column there."""
    for table in MODEL.tables:
        for columns in (*table.unique, *table.indexes, (table.primary_key,)):
            assert set(columns) <= set(table.column)
        for reference in table.references:
            for here, there in reference.on:
                assert here in table.column
                assert there in MODEL.table[reference.table].column


def test_every_column_that_is_not_mandatory_has_an_empty_value() -> None:
    """Operations has no nulls; dates alone, and what rules fill, may be open."""
    filled_by_rules = {"RecId", "SalesPrice", "TotalDiscountAmount"}
    for table in MODEL.tables:
        for column in table.columns:
            if column.required.mandatory or column.type is EdmType.DATETIME or column.name in filled_by_rules:
                continue
            assert column.default is not None, f"{table.name}.{column.name}"


def test_the_first_form_of_an_enum_is_a_member_of_it() -> None:
    """Defaults of enums are members."""
    for table in MODEL.tables:
        for column in table.columns:
            if column.type is EdmType.ENUM and column.choices is not None and column.default is not None:
                assert column.default in column.choices.names


def test_rules_and_seeds_are_for_tables_of_the_model() -> None:
    """A misspelt table name would silently have no rules."""
    assert set(RULES) <= set(MODEL.table)
    for table, rows in SEED.items():
        for row in rows:
            assert set(row) == set(MODEL.table[table].column)


@_ENTITIES
def test_names_types_keys_and_enum_members_are_those_of_the_real_service(entity: Entity) -> None:
    """Checked against the real service's metadata where that lies beside the checkout."""
    if not _SCHEMA.exists():
        pytest.skip(f"no metadata to check against: {_SCHEMA} does not exist")
    if entity.set_name in _OUR_ENTITIES:
        pytest.skip("an entity of ours")
    schema = json.loads(_SCHEMA.read_text(encoding="utf-8"))
    real = schema["entities"][entity.set_name]
    assert set(entity.key) == set(real["keys"])
    for item in entity.properties:
        if (entity.set_name, item.name) in _OURS:
            continue
        kind = real["properties"][item.name].rstrip("!")
        if item.type is EdmType.ENUM and item.choices is not None:
            assert kind == f"enum {item.choices.name}"
            assert sorted(item.choices.names) == sorted(schema["enums"][item.choices.name])
        else:
            assert item.type.value == f"Edm.{kind}"
