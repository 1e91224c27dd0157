"""How an entity of the Common Data Service is declared: composite fields, links, and what every row has."""

from __future__ import annotations

from decimal import Decimal

from p2c.commondata.entities.picklists import COUNTRY_CODE, CURRENCY_CODE, UNIT_OF_MEASURE
from p2c.edm.declare import decimal, enum, instant, lookup, text, through
from p2c.edm.entity import AlternateKey, Entity, Table
from p2c.edm.property import Property, Required
from p2c.edm.values import EdmType, Value
from p2c.text import N_

NUMBER_SCALE = 6
ZERO = Decimal(0)
TEXT_LENGTH = 128
ORGANIZATION = "Organization"
ORGANIZATION_PATH = (ORGANIZATION, "OrganizationId")


def identifier(name: str, label: str) -> Property:
    """A business key of text: the integration gives it; a row made by hand may leave it to the service."""
    return text(name, TEXT_LENGTH, label, required=Required.RECOMMENDED)


def number(name: str, label: str, *, required: Required = Required.NONE, default: Value = None) -> Property:
    """An exact number with six decimal places."""
    return decimal(name, label, scale=NUMBER_SCALE, required=required, default=default)


def address(name: str, label: str) -> tuple[Property, ...]:
    """A postal address: two lines, city, state, postal code and the country as an ISO 3166 alpha-2 member."""
    return (
        text(f"{name}_AddressLine1", TEXT_LENGTH, f"{label}: {N_('Address Line 1')}"),
        text(f"{name}_AddressLine2", TEXT_LENGTH, f"{label}: {N_('Address Line 2')}"),
        text(f"{name}_City", TEXT_LENGTH, f"{label}: {N_('City')}"),
        text(f"{name}_State", TEXT_LENGTH, f"{label}: {N_('State')}"),
        text(f"{name}_PostalCode", TEXT_LENGTH, f"{label}: {N_('Postal Code')}"),
        enum(f"{name}_Country", f"{label}: {N_('Country')}", COUNTRY_CODE),
    )


def currency(
    name: str, label: str, *, required: Required = Required.NONE, default: Value = None
) -> tuple[Property, ...]:
    """An amount and the code of its currency; `required` and `default` are the amount's."""
    return (
        number(name, label, required=required, default=default),
        enum(f"{name}_CurrencyCode", f"{label}: {N_('Currency Code')}", CURRENCY_CODE),
    )


def quantity(name: str, label: str, *, required: Required = Required.NONE) -> tuple[Property, ...]:
    """A quantity and its unit of measure; `required` is the quantity's."""
    return (
        number(name, label, required=required),
        enum(f"{name}_UOM", f"{label}: {N_('Unit of Measure')}", UNIT_OF_MEASURE),
    )


def person_name(name: str, label: str) -> tuple[Property, ...]:
    """The three parts of a person's name."""
    return (
        text(f"{name}_GivenName", TEXT_LENGTH, f"{label}: {N_('Given Name')}"),
        text(f"{name}_MiddleName", TEXT_LENGTH, f"{label}: {N_('Middle Name')}"),
        text(f"{name}_Surname", TEXT_LENGTH, f"{label}: {N_('Surname')}"),
    )


def link(name: str, label: str, target: str, *, required: Required = Required.NONE) -> tuple[Property, ...]:
    """
    A lookup to `target` and the published properties that name its row by business key.

    The key of every target is its name with `Id`; all but organizations are also scoped by one, so that
    `link("PrimaryContact", …, "Contact")` publishes PrimaryContact_ContactId and
    PrimaryContact_Organization_OrganizationId beside the lookup itself.
    """
    paths = [(f"{target}Id",)] if target == ORGANIZATION else [(f"{target}Id",), ORGANIZATION_PATH]
    return (
        lookup(name, label, target, type=EdmType.INT64, required=required),
        *(
            through("_".join((name, *path)), f"{label}: {path[-1]}", identifier(path[-1], label), name, *path)
            for path in paths
        ),
    )


def organization_scope() -> tuple[Property, ...]:
    """The organization that a row belongs to."""
    return link(ORGANIZATION, N_("Organization"), ORGANIZATION)


def hub_entity(
    name: str,
    label: str,
    plural: str,
    *properties: Property,
    name_property: str,
    key: tuple[str, ...],
    unique: tuple[str, ...],
) -> Entity:
    """
    An entity and its table. The entity set is the name with `s`.

    Adds RecordId, counted by the database, and the times of creation and change. `key` are the published
    properties that integrations match rows by, `unique` the columns that keep the same promise in the table.
    Every lookup column is indexed.
    """
    own = (_record_id(), *properties, *times())
    columns = tuple(item for item in own if not item.path)
    table = Table(
        name=name,
        columns=columns,
        primary_key="RecordId",
        unique=(unique,),
        indexes=tuple((column.name,) for column in columns if column.is_lookup),
    )
    return Entity(
        name=name,
        set_name=f"{name}s",
        label=label,
        plural=plural,
        properties=own,
        key=("RecordId",),
        table=table,
        name_property=name_property,
        alternate_keys=(AlternateKey("_".join((name, "Key")), key),),
    )


def scoped_key(identifier_name: str) -> tuple[str, ...]:
    """The published key of an entity whose identifiers are unique inside an organization."""
    return (identifier_name, "_".join(ORGANIZATION_PATH))


def _record_id() -> Property:
    return Property(name="RecordId", type=EdmType.INT64, label=N_("Record ID"), read_only=True)


def times() -> tuple[Property, ...]:
    """When a row was made and changed."""
    return (
        instant("CreatedDateTime", N_("Created"), read_only=True),
        instant("ModifiedDateTime", N_("Modified"), read_only=True),
    )
