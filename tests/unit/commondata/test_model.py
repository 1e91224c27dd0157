"""The Common Data Service model holds together: links, keys, composites and picklists."""

from __future__ import annotations

import pytest
from babel import Locale

from p2c.commondata.entities import picklists
from p2c.commondata.entities.build import address, currency, link, person_name, quantity
from p2c.commondata.model import MODEL
from p2c.edm.entity import Entity
from p2c.edm.property import Choices, Property
from p2c.edm.values import EdmType

IDENTIFIER_BYTES = 63
CLDR_ONLY = frozenset(["AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"])
"""Two-letter codes that CLDR names although they are no countries of ISO 3166."""

every_entity = pytest.mark.parametrize("entity", MODEL.entities, ids=lambda entity: entity.name)
every_picklist = pytest.mark.parametrize(
    "picklist",
    [value for value in vars(picklists).values() if isinstance(value, Choices)],
    ids=lambda picklist: picklist.name,
)


@every_entity
def test_property_names_are_unique(entity: Entity) -> None:
    names = [item.name for item in entity.properties]
    assert len(names) == len(set(names))


@every_entity
def test_every_lookup_points_at_a_published_entity(entity: Entity) -> None:
    for item in entity.lookups:
        assert item.type is EdmType.INT64
        assert item.navigations == (item.name,)
        assert set(item.targets) <= MODEL.entity.keys()


@every_entity
def test_keys_name_properties_and_unique_names_columns(entity: Entity) -> None:
    assert entity.key == ("RecordId",)
    assert entity.name_property in entity.property
    assert {name for key in entity.alternate_keys for name in key.properties} <= entity.property.keys()
    assert {name for names in entity.table.unique for name in names} <= entity.table.column.keys()
    assert {name for names in entity.table.indexes for name in names} <= entity.table.column.keys()


@every_entity
def test_every_published_path_ends_in_a_column_of_its_shape(entity: Entity) -> None:
    for item in entity.properties:
        if item.path:
            last = end_of(entity, item)
            assert (item.type, item.max_length) == (last.type, last.max_length), item.name
            assert item.name == "_".join(item.path)


def end_of(entity: Entity, item: Property) -> Property:
    """The column that a path property reaches."""
    *steps, column = item.path
    for step in steps:
        (target,) = entity.property[step].targets
        entity = MODEL.entity[target]
    return entity.property[column]


@every_entity
def test_the_whole_key_of_a_linked_row_is_published(entity: Entity) -> None:
    for item in entity.lookups:
        (key,) = MODEL.entity[item.targets[0]].alternate_keys
        assert {f"{item.name}_{name}" for name in key.properties} <= entity.property.keys()


@every_entity
def test_defaults_are_members_of_their_picklists(entity: Entity) -> None:
    for item in entity.properties:
        if item.type is EdmType.ENUM and item.default is not None:
            assert item.choices is not None
            assert item.default in item.choices.names, item.name


@every_entity
def test_every_property_has_a_label(entity: Entity) -> None:
    assert entity.label
    assert entity.plural
    assert not [item.name for item in entity.properties if not item.label]


@every_entity
def test_identifiers_fit_the_database(entity: Entity) -> None:
    for name in (entity.table.name, *(item.name for item in entity.properties)):
        assert len(name.encode()) <= IDENTIFIER_BYTES, name


@every_entity
def test_the_table_keeps_every_property_but_the_paths(entity: Entity) -> None:
    assert entity.table.column.keys() == {item.name for item in entity.properties if not item.path}


def test_entity_sets_are_plurals() -> None:
    assert set(MODEL.entity_set) == {
        "Organizations",
        "Accounts",
        "Contacts",
        "Products",
        "Quotations",
        "QuotationLines",
    }


def test_identifiers_are_unique_inside_an_organization() -> None:
    (key,) = MODEL.entity["Account"].alternate_keys
    assert key.properties == ("AccountId", "Organization_OrganizationId")
    assert MODEL.table["Account"].unique == (("AccountId", "Organization"),)


def test_a_line_is_keyed_by_its_quotation_and_sequence() -> None:
    (key,) = MODEL.entity["QuotationLine"].alternate_keys
    assert key.properties == (
        "Quotation_QuotationId",
        "Quotation_Organization_OrganizationId",
        "Sequence",
    )
    assert MODEL.table["QuotationLine"].unique == (("Quotation", "Sequence"),)


@pytest.mark.parametrize(
    ("composite", "names"),
    [
        (
            address("Home", "Home"),
            [
                "Home_AddressLine1",
                "Home_AddressLine2",
                "Home_City",
                "Home_State",
                "Home_PostalCode",
                "Home_Country",
            ],
        ),
        (currency("Total", "Total"), ["Total", "Total_CurrencyCode"]),
        (quantity("Quantity", "Quantity"), ["Quantity", "Quantity_UOM"]),
        (person_name("Name", "Name"), ["Name_GivenName", "Name_MiddleName", "Name_Surname"]),
        (
            link("Organization", "Organization", "Organization"),
            ["Organization", "Organization_OrganizationId"],
        ),
        (
            link("Primary", "Primary", "Contact"),
            ["Primary", "Primary_ContactId", "Primary_Organization_OrganizationId"],
        ),
    ],
    ids=["address", "currency", "quantity", "person name", "link", "scoped link"],
)
def test_a_composite_is_flat_properties(composite: tuple[Property, ...], names: list[str]) -> None:
    assert [item.name for item in composite] == names


@every_picklist
def test_picklist_members_are_distinct(picklist: Choices) -> None:
    assert len(picklist.names) == len(set(picklist.names))
    assert list(picklist.by_value) == list(range(len(picklist.members)))


def test_countries_are_those_that_the_locale_data_names() -> None:
    codes = (str(code) for code in Locale("en").territories)
    named = {code for code in codes if len(code) == 2 and code.isalpha()}
    assert set(picklists.COUNTRY_CODE.names) == named - CLDR_ONLY
