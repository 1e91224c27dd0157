"""The Sales model holds together, and agrees with the public schema where that is at hand."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from p2c.edm.entity import Entity, Ownership
from p2c.edm.property import Property, Required
from p2c.edm.values import EdmType
from p2c.sales.model import MODEL

SCHEMA = Path(__file__).parents[4] / "shared" / "reference" / "schema" / "dataverse.json"
IDENTIFIER_BYTES = 63

OWN_TABLES = frozenset({"msdynce_p2cautonumber"})
"""Tables of the solution, which the platform's schema does not know."""

every_entity = pytest.mark.parametrize("entity", MODEL.entities, ids=lambda entity: entity.name)
every_entity_with_states = pytest.mark.parametrize(
    "entity",
    [entity for entity in MODEL.entities if "statecode" in entity.property],
    ids=lambda entity: entity.name,
)
every_platform_entity = pytest.mark.parametrize(
    "entity",
    [entity for entity in MODEL.entities if entity.name not in OWN_TABLES],
    ids=lambda entity: entity.name,
)


@every_entity
def test_property_names_are_unique(entity: Entity) -> None:
    names = [item.name for item in entity.properties]
    assert len(names) == len(set(names))


@every_entity
def test_every_lookup_points_at_a_published_entity(entity: Entity) -> None:
    missing = {target for item in entity.lookups for target in item.targets} - MODEL.entity.keys()
    assert not missing


@every_entity
def test_keys_name_columns_of_the_table(entity: Entity) -> None:
    named = {*entity.key, entity.table.primary_key, entity.name_property}
    for key in entity.alternate_keys:
        named |= {*key.properties, *key.within}
    for columns in (*entity.table.unique, *entity.table.indexes):
        named |= set(columns)
    assert named <= entity.table.column.keys()


@every_entity
def test_every_alternate_key_is_unique_in_the_table(entity: Entity) -> None:
    for key in entity.alternate_keys:
        assert key.properties + key.within in entity.table.unique


@every_entity
def test_defaults_are_members_of_their_choice_sets(entity: Entity) -> None:
    for item in entity.properties:
        if item.choices is not None and item.default is not None:
            assert item.default in item.choices.by_value, item.name


@every_entity_with_states
def test_a_default_status_reason_belongs_to_the_default_state(entity: Entity) -> None:
    reason = entity.property["statuscode"]
    assert reason.choices is not None
    assert isinstance(reason.default, int)
    states = entity.property["statecode"].choices
    assert states is not None
    assert reason.choices.by_value[reason.default].state == entity.property["statecode"].default
    assert {member.state for member in reason.choices.members} == set(states.by_value)


@every_entity
def test_every_property_and_choice_has_a_label(entity: Entity) -> None:
    assert entity.label
    assert entity.plural
    for item in entity.properties:
        assert item.label, item.name
        assert all(member.label for member in item.choices.members) if item.choices else True, item.name


@every_entity
def test_identifiers_fit_the_database(entity: Entity) -> None:
    for name in (entity.table.name, *(f"{item.name}_type" for item in entity.properties)):
        assert len(name.encode()) <= IDENTIFIER_BYTES, name


@every_entity
def test_what_the_platform_fills_is_not_asked_of_clients(entity: Entity) -> None:
    filled = ("statecode", "statuscode", "organizationid", "ownerid", "revisionnumber", "quotenumber")
    for name in (*filled, "accountnumber", "msdynce_contactnumber", "productstructure"):
        if name in entity.property:
            assert not entity.property[name].required.mandatory, name


@every_entity
def test_money_has_a_twin_in_base_currency(entity: Entity) -> None:
    for item in entity.properties:
        if item.money:
            assert entity.property[f"{item.name}_base"].read_only
            assert "exchangerate" in entity.property


@every_entity
def test_only_rows_with_an_owner_have_ownership_columns(entity: Entity) -> None:
    owned = entity.ownership in (Ownership.USER, Ownership.PARENT)
    assert ("ownerid" in entity.property) == owned
    assert ("owningbusinessunit" in entity.property) == owned


def test_lines_show_the_owner_of_their_quote() -> None:
    line = MODEL.entity["quotedetail"]
    assert line.property["ownerid"].read_only
    assert line.property["owningbusinessunit"].read_only


def test_a_customer_is_an_account_or_a_contact() -> None:
    quote = MODEL.entity["quote"]
    assert quote.navigation["customerid_account"][1] == "account"
    assert quote.navigation["customerid_contact"][1] == "contact"
    contact = MODEL.entity["contact"]
    assert contact.property["parentcustomerid"].navigations == (
        "parentcustomerid_account",
        "parentcustomerid_contact",
    )


def test_customer_numbers_are_unique_inside_a_business_unit() -> None:
    (account_key,) = MODEL.entity["account"].alternate_keys
    (contact_key,) = MODEL.entity["contact"].alternate_keys
    assert account_key.name == "msdynce_AccountNumber"
    assert contact_key.name == "msdynce_contactnumber"
    assert account_key.within == contact_key.within == ("owningbusinessunit",)


def test_a_product_is_born_as_a_draft() -> None:
    product = MODEL.entity["product"]
    assert (product.property["statecode"].default, product.property["statuscode"].default) == (2, 0)


def test_activities_are_keyed_by_activityid() -> None:
    close = MODEL.entity["quoteclose"]
    assert close.key == ("activityid",)
    assert set(close.navigation) >= {"ownerid_quoteclose", "quoteid"}


class Column(msgspec.Struct):
    """One column of the public schema."""

    type: str
    max: int | None = None


class SchemaTable(msgspec.Struct):
    """One table of the public schema."""

    entity_set: str
    attributes: dict[str, Column]


PUBLIC_TYPES = {
    EdmType.BOOLEAN: {"boolean"},
    EdmType.INT32: {"integer", "smallInteger", "language", "listLookup", "listLookupCorrelated"},
    EdmType.INT64: {"bigInteger"},
    EdmType.DECIMAL: {"decimal", "currency", "baseCurrency"},
    EdmType.DATE: {"dateTime"},
    EdmType.DATETIME: {"dateTime"},
    EdmType.GUID: {"entityId", "guid", "lookup"},
}
OTHER_TYPES = frozenset().union(*PUBLIC_TYPES.values())


def fits(item: Property, public: Column) -> bool:
    """Whether a property has the public column's type; texts go by many names there."""
    if item.type is EdmType.STRING:
        return public.type not in OTHER_TYPES
    return public.type in PUBLIC_TYPES[item.type]


@pytest.mark.skipif(not SCHEMA.exists(), reason="the public schema does not lie beside the checkout")
@every_platform_entity
def test_names_types_and_lengths_are_the_public_ones(entity: Entity) -> None:
    tables = msgspec.convert(json.loads(SCHEMA.read_text(encoding="utf-8")), dict[str, SchemaTable])
    public = tables[entity.name]
    assert entity.set_name == public.entity_set
    wrong = [
        f"{item.name}: {item.type.value} {item.max_length}, public {column}"
        for item in entity.properties
        if (column := public.attributes.get(item.name)) is not None
        and not (fits(item, column) and (item.max_length == column.max or column.max is None))
    ]
    unknown = [item.name for item in entity.properties if item.name not in public.attributes]
    assert (wrong, unknown) == ([], [])


def test_required_levels_are_those_of_the_platform() -> None:
    levels = {name: MODEL.entity["product"].property[name].required for name in ("name", "productnumber")}
    assert levels == {"name": Required.BUSINESS, "productnumber": Required.SYSTEM}
