"""A real company's year: Northwind's products, customers and orders through the whole process.

What arrives in Operations is compared with what is computed here from the files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import pytest

from p2c.integrator.outcome import Disposition, LegKey, LegRun, Rejection, Run, Status
from tests.lab import Lab, found, guid
from tests.lab.reach import Json
from tests.scenarios.northwind import (
    COMPANY,
    DIRECT_COMPANY,
    FOLDER,
    STATE_CODES,
    Line,
    Northwind,
    enter_customers,
    enter_orders,
    enter_own_products,
    enter_products,
    shorten_regions,
)

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason=f"Northwind's files are not in {FOLDER}")

PROJECTS = ("products", "accounts", "contacts", "contacts-to-customer", "quotes")
DIRECT_PROJECTS = tuple(f"{name}-direct" for name in PROJECTS)
NOT_SOLD = "the quote has a product that Operations does not sell"
COUNTRIES = {
    "Argentina": "AR",
    "Austria": "AT",
    "Belgium": "BE",
    "Brazil": "BR",
    "Canada": "CA",
    "Denmark": "DK",
    "Finland": "FI",
    "France": "FR",
    "Germany": "DE",
    "Ireland": "IE",
    "Italy": "IT",
    "Mexico": "MX",
    "Norway": "NO",
    "Poland": "PL",
    "Portugal": "PT",
    "Spain": "ES",
    "Sweden": "SE",
    "Switzerland": "CH",
    "UK": "GB",
    "USA": "US",
    "Venezuela": "VE",
}


@dataclass(frozen=True, slots=True)
class Flowed:
    """Northwind after its run through the Common Data Service. `first` are the rejections of the first try."""

    lab: Lab
    data: Northwind
    first: list[Rejection]
    run: Run


@pytest.fixture(scope="module")
def flowed(lab: Lab) -> Flowed:
    data = Northwind()
    found(lab, COMPANY, DIRECT_COMPANY)
    lab.companies(COMPANY.mapping)
    enter_products(lab, data, COMPANY, DIRECT_COMPANY)
    enter_own_products(lab, data)
    enter_customers(lab, data)
    lab.run("products", "accounts")
    first = lab.rejected()
    shorten_regions(lab, data)
    enter_orders(lab, data)
    return Flowed(lab, data, first, lab.run(*PROJECTS))


@pytest.fixture(scope="module")
def again(flowed: Flowed) -> Run:
    """A second run of everything."""
    return flowed.lab.run(*PROJECTS)


@pytest.fixture(scope="module")
def direct(flowed: Flowed, again: Run) -> Run:
    """The same rows of Sales straight into another legal entity, after the runs through the hub."""
    mapping = DIRECT_COMPANY.mapping
    flowed.lab.companies(
        type(mapping)(mapping.legal_entity, mapping.organization, COMPANY.business_unit),
    )
    run = flowed.lab.run(*DIRECT_PROJECTS)
    flowed.lab.companies(COMPANY.mapping)
    return run


def test_only_two_regions_are_too_long_for_operations_and_the_rejections_say_so(flowed: Flowed) -> None:
    too_long = {row["CustomerID"] for row in flowed.data.customers if row["Region"] in STATE_CODES}

    assert {rejection.key for rejection in flowed.first} == too_long
    for rejection in flowed.first:
        assert (rejection.code, rejection.field) == ("TEXT-TOO-LONG", "MailingPostalAddress_State")
        assert rejection.value in STATE_CODES
        assert "shorten" in rejection.way_out


def test_everything_passes_once_the_regions_are_shortened(flowed: Flowed) -> None:
    assert flowed.run.status is Status.COMPLETED
    assert flowed.lab.rejected() == []


def test_every_product_that_is_sold_arrives_in_sales_with_its_price(flowed: Flowed) -> None:
    rows = flowed.lab.rows("sales", "products", "msdynce_ismaintainedexternally eq true")
    prices = {
        row["_productid_value"]: row["amount"]
        for row in flowed.lab.rows("sales", "productpricelevels", select="_productid_value,amount")
    }

    assert {row["productnumber"]: (row["name"], prices[row["productid"]], row["price"]) for row in rows} == {
        row["ProductID"]: (row["ProductName"], Decimal(row["UnitPrice"]), Decimal(row["UnitPrice"]))
        for row in flowed.data.products
        if row["ProductID"] not in flowed.data.discontinued
    }


def test_all_customers_arrive_with_their_names_byte_for_byte(flowed: Flowed) -> None:
    assert names(flowed, COMPANY.legal_entity) == {
        row["CustomerID"]: row["CompanyName"] for row in flowed.data.customers
    }


def test_all_21_countries_arrive_as_iso_codes(flowed: Flowed) -> None:
    arrived = {
        row["CustomerAccount"]: row["AddressCountryRegionISOCode"]
        for row in flowed.lab.rows("operations", "CustomersV2", company())
    }

    assert arrived == {row["CustomerID"]: COUNTRIES[row["Country"]] for row in flowed.data.customers}
    assert set(arrived.values()) == set(COUNTRIES.values())


def test_addresses_and_telephones_arrive_as_they_were_entered(flowed: Flowed) -> None:
    fields = ("AddressStreet", "AddressCity", "AddressZipCode", "PrimaryContactPhone", "PrimaryContactFax")
    arrived = {
        row["CustomerAccount"]: tuple(row[name] for name in fields)
        for row in flowed.lab.rows("operations", "CustomersV2", company())
    }

    assert arrived == {
        row["CustomerID"]: tuple(row[name] for name in ("Address", "City", "PostalCode", "Phone", "Fax"))
        for row in flowed.data.customers
    }


def test_all_contact_persons_arrive_beside_their_customers(flowed: Flowed) -> None:
    arrived = {
        row["AssociatedPartyNumber"]: (
            f"{row['FirstName']} {row['LastName']}",
            row["EmploymentProfession"],
            row["PrimaryAddressCountryRegionISOCode"],
        )
        for row in flowed.lab.rows("operations", "CDSContactPersons", company())
    }

    assert arrived == {
        row["CustomerID"]: (row["ContactName"], row["ContactTitle"], COUNTRIES[row["Country"]])
        for row in flowed.data.customers
    }


def test_every_order_without_a_discontinued_product_arrives_with_its_total_to_the_cent(
    flowed: Flowed,
) -> None:
    assert totals(flowed, COMPANY.legal_entity) == expected_totals(flowed.data)


def test_the_totals_are_those_of_the_quotes_in_sales(flowed: Flowed) -> None:
    in_sales = {str(row["quotenumber"]): number(row["totalamount"]) for row in flowed.lab.rows("sales", "quotes")}

    assert in_sales == order_totals(flowed.data.lines)


def test_every_line_arrives_with_product_quantity_price_discount_and_amount(flowed: Flowed) -> None:
    assert lines(flowed, COMPANY.legal_entity) == expected_lines(flowed.data)


def test_customers_names_countries_and_days_stand_on_the_quotations(flowed: Flowed) -> None:
    rows = flowed.lab.rows("operations", "SalesQuotationHeaders", company())

    assert {
        row["SalesQuotationNumber"]: (
            row["RequestingCustomerAccountNumber"],
            row["SalesQuotationName"],
            row["DeliveryAddressStreet"],
            row["DeliveryAddressCountryRegionISOCode"],
            str(row["RequestedShippingDate"])[:10],
            row["CurrencyCode"],
        )
        for row in rows
    } == {
        row["OrderID"]: (
            row["CustomerID"],
            f"{row['ShipName']} {row['OrderID']}",
            row["ShipAddress"],
            COUNTRIES[row["ShipCountry"]],
            row["RequiredDate"],
            "USD",
        )
        for row in flowed.data.orders
        if row["OrderID"] not in flowed.data.held_back
    }


def test_quotes_with_a_discontinued_product_stay_behind_with_that_reason(flowed: Flowed) -> None:
    held_back = flowed.data.held_back
    header, line = leg(flowed.run, "QuoteHeader"), leg(flowed.run, "QuoteLine")
    held_lines = [item for item in flowed.data.lines if item.order in held_back]

    assert dict(header.skipped_because) == {NOT_SOLD: len(held_back)}
    assert dict(line.skipped_because) == {NOT_SOLD: len(held_lines)}
    states = flowed.lab.store.states(LegKey("quotes", "QuoteHeader", 1), [guid("quote", order) for order in held_back])
    assert {(state.key.split(" / ")[0], state.disposition, state.reason) for state in states.values()} == {
        (order, Disposition.SKIPPED, NOT_SOLD) for order in held_back
    }


def test_every_row_of_sales_is_accounted_for(flowed: Flowed) -> None:
    read = {item.task: item.counts.read for item in flowed.run.legs if item.leg == 1}

    # Of the accounts only the corrected ones changed since the first run; the products are compared anew.
    assert read == {
        "Products": 2 * (len(flowed.data.products) - len(flowed.data.discontinued)),
        "Accounts - Account - Customers": len(STATE_CODES),
        "Contacts": len(flowed.data.customers),
        "ContactToCustomer": len(flowed.data.customers),
        "QuoteHeader": 830,
        "QuoteLine": 2155,
    }
    assert all(item.counts.adds_up for item in flowed.run.legs)


def test_a_second_run_writes_nothing(again: Run) -> None:
    assert again.status is Status.COMPLETED
    assert [item.writes for item in again.legs] == [0] * len(again.legs)
    assert (again.counts.created, again.counts.updated, again.counts.rejected) == (0, 0, 0)


def test_the_direct_templates_bring_the_same_customers_lines_and_totals(flowed: Flowed, direct: Run) -> None:
    other = DIRECT_COMPANY.legal_entity

    assert direct.status is Status.COMPLETED
    assert names(flowed, other) == names(flowed, COMPANY.legal_entity)
    assert totals(flowed, other) == expected_totals(flowed.data)
    assert lines(flowed, other) == expected_lines(flowed.data)


def test_the_direct_templates_leave_the_same_quotes_behind(flowed: Flowed, direct: Run) -> None:
    assert dict(leg(direct, "QuoteHeader").skipped_because) == {NOT_SOLD: len(flowed.data.held_back)}


def company(legal_entity: str = COMPANY.legal_entity) -> str:
    return f"dataAreaId eq '{legal_entity}'"


def leg(run: Run, task: str) -> LegRun:
    """The first leg of a task."""
    return next(item for item in run.legs if item.task == task)


def number(value: object) -> Decimal:
    return Decimal(str(value))


def names(flowed: Flowed, legal_entity: str) -> Mapping[object, object]:
    rows = flowed.lab.rows("operations", "CustomersV2", company(legal_entity))
    return {row["CustomerAccount"]: row["OrganizationName"] for row in rows}


def totals(flowed: Flowed, legal_entity: str) -> Mapping[str, Decimal]:
    rows = flowed.lab.rows("operations", "SalesQuotationHeaders", company(legal_entity))
    return {str(row["SalesQuotationNumber"]): number(row["QuotationTotalAmount"]) for row in rows}


def order_totals(lines: list[Line]) -> Mapping[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for line in lines:
        sums[line.order] = sums.get(line.order, Decimal(0)) + line.amount
    return sums


def expected_totals(data: Northwind) -> Mapping[str, Decimal]:
    return order_totals([line for line in data.lines if line.order not in data.held_back])


def lines(flowed: Flowed, legal_entity: str) -> Mapping[tuple[object, object], tuple[object, ...]]:
    rows = flowed.lab.rows("operations", "CDSSalesQuotationLines", company(legal_entity))
    return {(row["SalesQuotationNumber"], row["LineCreationSequenceNumber"]): _line(row) for row in rows}


def _line(row: Json) -> tuple[object, ...]:
    amounts = ("RequestedSalesQuantity", "SalesPrice", "TotalDiscountAmount", "LineAmount")
    return (row["ProductNumber"], *(number(row[name]) for name in amounts))


def expected_lines(data: Northwind) -> Mapping[tuple[object, object], tuple[object, ...]]:
    return {
        (line.order, line.number): (line.product, line.quantity, line.price, line.discount, line.amount)
        for line in data.lines
        if line.order not in data.held_back
    }
