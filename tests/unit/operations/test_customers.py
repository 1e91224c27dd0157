"""Customers, contact persons and stock are saved by the rules."""

from __future__ import annotations

from decimal import Decimal

import pytest

from p2c.edm.change import ProblemKind
from p2c.edm.values import Row
from tests.unit.operations.memory import Operations, a_company, a_customer, own


@pytest.fixture
def operations() -> Operations:
    return a_company()


def a_contact(**values: str) -> Row:
    contact = own(ContactPersonPartyNumber="CON-1", FirstName="Jana", LastName="Nováková")
    return {**contact, **values}


@pytest.mark.parametrize(
    ("values", "field", "kind"),
    [
        ({"CustomerGroupId": "99"}, "CustomerGroupId", ProblemKind.LOOKUP_MISSING),
        ({"SalesCurrencyCode": "XXX"}, "SalesCurrencyCode", ProblemKind.LOOKUP_MISSING),
        ({"SiteId": "9"}, "SiteId", ProblemKind.LOOKUP_MISSING),
        ({"WarehouseId": "99"}, "WarehouseId", ProblemKind.LOOKUP_MISSING),
        ({"WarehouseId": "24"}, "WarehouseId", ProblemKind.RULE),
        ({"InvoiceAccount": "ACC-9"}, "InvoiceAccount", ProblemKind.LOOKUP_MISSING),
        ({"dataAreaId": "zz"}, "dataAreaId", ProblemKind.LOOKUP_MISSING),
        ({"PartyType": "Robot"}, "PartyType", ProblemKind.BAD_CHOICE),
        ({"OrganizationName": ""}, "OrganizationName", ProblemKind.REQUIRED),
        ({"PartyType": "Person", "PersonFirstName": "Jan"}, "PersonLastName", ProblemKind.REQUIRED),
        ({"AddressCountryRegionISOCode": "XX"}, "AddressCountryRegionISOCode", ProblemKind.RULE),
        ({"CreditLimit": Decimal(-1)}, "CreditLimit", ProblemKind.OUT_OF_RANGE),
    ],
)
def test_a_wrong_value_refuses_its_own_row_only(
    operations: Operations, values: Row, field: str, kind: ProblemKind
) -> None:
    """The error names the field; the good row beside it is saved."""
    wrong, good = operations.create(
        "customer", {**a_customer(CustomerAccount="ACC-2"), **values}, a_customer(CustomerAccount="ACC-3")
    )
    assert wrong is not None
    assert (wrong.field, wrong.kind) == (field, kind)
    assert field in wrong.message
    assert good is None
    assert not operations.every("customer", {"CustomerAccount": "ACC-2"})


def test_a_customer_is_completed(operations: Operations) -> None:
    """Company in lower case, search name, party number, both country codes, the address in full."""
    operations.create(
        "customer",
        a_customer(
            dataAreaId="P2CZ",
            CustomerAccount="ACC-2",
            AddressStreet="Dlouhá 7",
            AddressCity="Praha",
            AddressCountryRegionISOCode="CZ",
            CreditLimit=Decimal("10.005"),
        ),
    )
    customer = operations.one("customer", own(CustomerAccount="ACC-2"))
    assert customer["NameAlias"] == "Žluťoučký kůň s.r.o."
    assert customer["PartyNumber"] == "ACC-2"
    assert customer["AddressCountryRegionId"] == "CZE"
    assert customer["FullPrimaryAddress"] == "Dlouhá 7\nPraha\nCZE"
    assert customer["CreditLimit"] == Decimal("10.01")


def test_the_credit_limit_is_rounded_to_the_currency(operations: Operations) -> None:
    """Forints have no cents."""
    operations.create(
        "customer", a_customer(CustomerAccount="ACC-2", SalesCurrencyCode="HUF", CreditLimit=Decimal("10.5"))
    )
    assert operations.one("customer", own(CustomerAccount="ACC-2"))["CreditLimit"] == 11


def test_the_customer_who_pays_may_come_with_the_same_request(operations: Operations) -> None:
    """Order within the batch does not matter."""
    assert operations.create(
        "customer",
        a_customer(CustomerAccount="ACC-2", InvoiceAccount="ACC-3"),
        a_customer(CustomerAccount="ACC-3"),
    ) == [None, None]
    problem = operations.delete("customer", own(CustomerAccount="ACC-3"))
    assert problem is not None
    assert "'ACC-2'" in problem.message


def test_a_thousand_customers_take_as_many_queries_as_one(operations: Operations) -> None:
    """No query a row."""
    counts = []
    for batch in (1, 1000):
        before = operations.session.queries
        operations.create("customer", *(a_customer(CustomerAccount=f"{batch}-{number}") for number in range(batch)))
        counts.append(operations.session.queries - before)
    assert counts[0] == counts[1]


def test_a_contact_person_is_tied_to_its_customer_by_party_number(operations: Operations) -> None:
    """The first version of the entity names the party; the account is written beside it."""
    assert operations.create("contact_person", a_contact(AssociatedPartyNumber="ACC-1")) == [None]
    assert operations.one("contact_person", {})["AssociatedContactNumber"] == "ACC-1"


def test_a_contact_person_is_tied_to_its_customer_by_account(operations: Operations) -> None:
    """The second version names type and account; the party is written beside it and follows the customer."""
    assert operations.create("contact_person", a_contact(AssociatedContactNumber="ACC-1")) == [None]
    assert operations.one("contact_person", {})["AssociatedPartyNumber"] == "ACC-1"
    operations.change("customer", own(CustomerAccount="ACC-1"), {"PartyNumber": "PARTY-7"})
    assert operations.one("contact_person", {})["AssociatedPartyNumber"] == "PARTY-7"
    problem = operations.delete("customer", own(CustomerAccount="ACC-1"))
    assert problem is not None
    assert problem.kind is ProblemKind.IN_USE


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"AssociatedPartyNumber": "ACC-9"}, "AssociatedPartyNumber"),
        ({"AssociatedContactNumber": "ACC-9"}, "AssociatedContactNumber"),
        ({"AssociatedContactType": "Vendor", "AssociatedContactNumber": "ACC-1"}, "AssociatedContactType"),
        ({"AssociatedContactNumber": "ACC-1", "DecisionMakingRoleCode": "Boss"}, "DecisionMakingRoleCode"),
    ],
)
def test_a_contact_person_of_nobody_or_with_an_unknown_role_is_refused(
    operations: Operations, values: dict[str, str], field: str
) -> None:
    """The field is named."""
    (problem,) = operations.create("contact_person", a_contact(**values))
    assert problem is not None
    assert problem.field == field


@pytest.mark.parametrize("role", ["", "DecisionMaker", "Employee", "Influencer"])
def test_the_roles_that_are_set_up_are_accepted(operations: Operations, role: str) -> None:
    """No role is fine too."""
    contact = a_contact(AssociatedContactNumber="ACC-1", DecisionMakingRoleCode=role)
    assert operations.create("contact_person", contact) == [None]


def test_stock_lies_in_a_warehouse_and_what_is_reserved_is_not_available(operations: Operations) -> None:
    """The warehouse brings its site when none is given."""
    stock = own(
        ItemNumber="P1",
        InventoryWarehouseId="24",
        OnHandQuantity=Decimal(10),
        ReservedOnHandQuantity=Decimal(4),
        OrderedQuantity=Decimal(5),
    )
    assert operations.create("warehouse_on_hand", stock) == [None]
    row = operations.one("warehouse_on_hand", {})
    assert (row["InventorySiteId"], row["ProductNumber"]) == ("2", "P1")
    assert (row["AvailableOnHandQuantity"], row["TotalAvailableQuantity"]) == (6, 11)
    problem = operations.delete("released_product", own(ItemNumber="P1"))
    assert problem is not None
    assert problem.kind is ProblemKind.IN_USE


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"ItemNumber": "P9"}, "ItemNumber"),
        ({"InventorySiteId": "1"}, "InventoryWarehouseId"),
        ({"ReservedOnHandQuantity": Decimal(1)}, "ReservedOnHandQuantity"),
    ],
)
def test_stock_of_nothing_nowhere_is_refused(operations: Operations, values: Row, field: str) -> None:
    """The field is named."""
    (problem,) = operations.create("warehouse_on_hand", {**own(ItemNumber="P1", InventoryWarehouseId="24"), **values})
    assert problem is not None
    assert problem.field == field


def test_a_row_is_named_in_any_case_and_stored_as_it_is_spelled(operations: Operations) -> None:
    """Joins compare exactly, so a name is brought to the spelling of the row that it names."""
    (refused,) = operations.create(
        "customer", a_customer(CustomerAccount="ACC-2", InvoiceAccount="acc-1", SalesCurrencyCode="czk")
    )
    assert refused is None
    customer = operations.one("customer", own(CustomerAccount="ACC-2"))
    assert (customer["InvoiceAccount"], customer["SalesCurrencyCode"]) == ("ACC-1", "CZK")


def test_a_contact_person_names_its_customer_in_any_case(operations: Operations) -> None:
    operations.create("contact_person", a_contact(AssociatedContactType="Customer", AssociatedContactNumber="acc-1"))
    person = operations.one("contact_person", own(ContactPersonPartyNumber="CON-1"))
    assert (person["AssociatedContactNumber"], person["AssociatedPartyNumber"]) == ("ACC-1", "ACC-1")


def test_customers_without_an_account_are_numbered_in_their_company_around_those_that_are_taken(
    operations: Operations,
) -> None:
    operations.create("customer", a_customer(CustomerAccount="000002"))
    without = [a_customer(CustomerAccount="", OrganizationName=name) for name in ("a", "b", "c")]
    assert operations.create("customer", *without) == [None] * 3
    numbers = [operations.one("customer", {"OrganizationName": name})["CustomerAccount"] for name in ("a", "b", "c")]
    assert numbers == ["000001", "000003", "000004"]
    assert operations.one("customer", {"OrganizationName": "a"})["PartyNumber"] == "000001"


def test_thousands_of_taken_numbers_are_passed_in_a_few_steps(operations: Operations) -> None:
    operations.session.insert("customer", [a_customer(RecId=n, CustomerAccount=f"{n:06}") for n in range(1, 5000)])
    before = operations.session.queries
    operations.create("customer", a_customer(CustomerAccount=""))
    assert operations.one("customer", {"CustomerAccount": "005000"})
    assert operations.session.queries - before < 40
