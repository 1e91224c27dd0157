"""A compiled leg says what to read and maps rows."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from p2c.edm.values import Row, Value
from p2c.errors import ConfigurationError, RejectedRowError
from p2c.integrator.mapping.compile import CompiledLeg, compile_leg
from p2c.integrator.mapping.parse import parse_template
from p2c.integrator.mapping.related import DestinationLookup, RelatedField, RelatedTarget
from tests.unit.integrator.mapping.environments import ACCOUNT, CUSTOMER, MODELS

TEMPLATE = """\
template: customers
label: Customers
form: direct
version: 1
tasks:
  - task: Customers
    legs:
      - source: {environment: sales, entity: accounts, key: [accountnumber]}
        where:
          - {filter: statecode eq 0, because: inactive accounts stay}
          - {filter: accountnumber ne null, because: the account has no number}
        destination: {environment: operations, entity: CustomersV2, key: [CustomerAccount]}
        fields:
          - {to: CustomerAccount, from: customerid.Account(accountnumber).Contact(msdynce_contactnumber)}
          - {to: OrganizationName, from: name}
          - {to: AddressCity, from: city}
          - {to: AddressCountryRegionISOCode, from: address1_country, transforms: [country], default: US}
          - {to: OrganizationNumberOfEmployees, from: numberofemployees}
          - {to: SalesCurrencyCode, from: transactioncurrencyid.isocurrencycode}
          - {to: BirthDateTime, from: birthdate, transforms: [date: instant], default: 2020-01-01}
          - {to: IsExternallyMaintained, default: "Yes"}
"""
BACK = """\
template: back
label: Back
form: direct
version: 1
tasks:
  - task: Back
    legs:
      - source: {environment: operations, entity: CustomersV2, key: [CustomerAccount]}
        destination: {environment: sales, entity: accounts, key: [accountnumber]}
        fields:
          - {to: accountnumber, from: CustomerAccount}
          - {to: name, from: OrganizationName}
          - {to: transactioncurrencyid.isocurrencycode, from: SalesCurrencyCode}
"""


def compiled(text: str = TEMPLATE) -> CompiledLeg:
    """The first leg of the template."""
    leg = parse_template(text).tasks[0].legs[0]
    here, there = MODELS[leg.source.environment], MODELS[leg.destination.environment]
    return compile_leg(leg, here.entity_set[leg.source.entity], there.entity_set[leg.destination.entity], here, there)


def an_account(**values: Value) -> Row:
    """A source row that passes unless `values` say otherwise; `number` and `currency` are of other rows."""
    row: Row = {
        "accountnumber": "A1",
        "statecode": 0,
        "name": "Jan Novák",
        "city": "Děčín",
        "address1_country": "Česko",
        "numberofemployees": 7,
        "birthdate": date(1990, 5, 17),
        "customerid": None,
        "customerid.Account(accountnumber).Contact(msdynce_contactnumber)": values.pop("number", "A1"),
        "transactioncurrencyid": None,
        "transactioncurrencyid.isocurrencycode": values.pop("currency", "CZK"),
    }
    return row | values


def test_a_row_is_mapped_field_by_field() -> None:
    assert compiled().map_row(an_account()) == {
        "CustomerAccount": "A1",
        "OrganizationName": "Jan Novák",
        "AddressCity": "Děčín",
        "AddressCountryRegionISOCode": "CZ",
        "OrganizationNumberOfEmployees": 7,
        "SalesCurrencyCode": "CZK",
        "BirthDateTime": datetime(1990, 5, 17, tzinfo=UTC),
        "IsExternallyMaintained": "Yes",
    }


def test_defaults_fill_what_is_blank() -> None:
    mapped = compiled().map_row(an_account(address1_country=None, birthdate=None))
    assert mapped["AddressCountryRegionISOCode"] == "US"
    assert mapped["BirthDateTime"] == datetime(2020, 1, 1, tzinfo=UTC)


def test_only_what_is_needed_is_read() -> None:
    """Mapped fields, the key, the fields of conditions, and the lookups behind related fields."""
    assert set(compiled().select) == {
        "customerid",
        "name",
        "city",
        "address1_country",
        "numberofemployees",
        "transactioncurrencyid",
        "birthdate",
        "accountnumber",
        "statecode",
    }


def test_related_fields_say_how_they_are_reached() -> None:
    assert compiled().related == (
        RelatedField(
            "customerid.Account(accountnumber).Contact(msdynce_contactnumber)",
            "customerid",
            (
                RelatedTarget("account", "accounts", "customerid_account", "accountnumber"),
                RelatedTarget("contact", "contacts", "customerid_contact", "msdynce_contactnumber"),
            ),
        ),
        RelatedField(
            "transactioncurrencyid.isocurrencycode",
            "transactioncurrencyid",
            (
                RelatedTarget(
                    "transactioncurrency", "transactioncurrencies", "transactioncurrencyid", "isocurrencycode"
                ),
            ),
        ),
    )


def test_destination_lookups_name_the_row_to_find() -> None:
    leg = compiled(BACK)
    assert leg.lookups == (
        DestinationLookup(
            "transactioncurrencyid.isocurrencycode",
            "transactioncurrencyid",
            (
                RelatedTarget(
                    "transactioncurrency", "transactioncurrencies", "transactioncurrencyid", "isocurrencycode"
                ),
            ),
            "CURRENCY-UNKNOWN",
        ),
    )
    row: Row = {"CustomerAccount": "A1", "OrganizationName": "Jan", "SalesCurrencyCode": "EUR"}
    assert leg.map_row(row)["transactioncurrencyid.isocurrencycode"] == "EUR"


def test_the_keys_of_both_sides_are_without_the_company() -> None:
    assert (compiled().source_key, compiled().key) == (("accountnumber",), ("CustomerAccount",))


REJECTED = {
    "blank key": (
        {"number": None},
        "KEY-MISSING",
        "customerid.Account(accountnumber).Contact(msdynce_contactnumber)",
    ),
    "blank mandatory field": ({"name": ""}, "REQUIRED-MISSING", "name"),
    "long text": ({"name": "Novák a synové"}, "TEXT-TOO-LONG", "name"),
    "unknown country": ({"address1_country": "Atlantis"}, "COUNTRY-UNKNOWN", "address1_country"),
    "unknown currency": ({"currency": "XYZ"}, "CURRENCY-UNKNOWN", "transactioncurrencyid.isocurrencycode"),
}


@pytest.mark.parametrize(("values", "code", "field"), REJECTED.values(), ids=REJECTED.keys())
def test_a_row_that_cannot_be_mapped_names_code_field_and_way_out(
    values: dict[str, Value], code: str, field: str
) -> None:
    with pytest.raises(RejectedRowError) as rejected:
        compiled().map_row(an_account(**values))
    assert (rejected.value.code, rejected.value.field) == (code, field)
    assert rejected.value.way_out


def test_a_rejection_reads_as_one_sentence() -> None:
    with pytest.raises(RejectedRowError) as rejected:
        compiled().map_row(an_account(name="Novák a synové"))
    assert str(rejected.value) == (
        "name: the text has 14 characters, the destination takes 10 (for OrganizationName); "
        "shorten the text in the source, or add the transform truncate to the field map"
    )
    assert rejected.value.value == "Novák a synové"


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({}, None),
        ({"statecode": 1}, "inactive accounts stay"),
        ({"accountnumber": None}, "the account has no number"),
        ({"statecode": 1, "accountnumber": None}, "inactive accounts stay"),
        ({"statecode": None}, "inactive accounts stay"),
    ],
)
def test_a_row_stays_behind_for_the_first_condition_that_it_misses(
    values: dict[str, Value], reason: str | None
) -> None:
    assert compiled().why_skipped(an_account(**values)) == reason


def test_a_leg_without_conditions_skips_nothing() -> None:
    assert compiled(BACK).why_skipped({}) is None


def test_decimals_lose_their_fraction_in_whole_numbers() -> None:
    text = TEMPLATE.replace("from: numberofemployees", "from: creditlimit")
    mapped = compiled(text).map_row(an_account(creditlimit=Decimal("9.99")))
    assert mapped["OrganizationNumberOfEmployees"] == 9


def test_an_unchecked_template_with_a_bad_default_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="IsExternallyMaintained: 'Maybe' is not one of the values"):
        compiled(TEMPLATE.replace('default: "Yes"', "default: Maybe"))


def test_mapping_does_not_change_the_source_row() -> None:
    row = an_account()
    before = dict(row)
    compiled().map_row(row)
    assert row == before


def test_the_entities_are_those_of_the_leg() -> None:
    assert {item.name for item in ACCOUNT.properties} >= set(compiled().select)
    assert {item.name for item in CUSTOMER.properties} >= set(compiled().fields)
