"""`python-odata` builds classes from `$metadata` of both services and writes through them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from odata import ODataService
from odata.exceptions import ODataError

from tests.clients.site import COMPANY, Site


@pytest.fixture
def sales(site: Site) -> Iterator[Any]:
    """Sales with the classes that its metadata describes; rows that are written come back."""
    with site.session("sales") as session:
        session.headers["Prefer"] = "return=representation"
        yield ODataService(site.sales, session=session, reflect_entities=True, quiet_progress=True)


@pytest.fixture
def operations(site: Site) -> Iterator[Any]:
    """Operations with the classes that its metadata describes."""
    with site.session("operations") as session:
        yield ODataService(site.operations, session=session, reflect_entities=True, quiet_progress=True)


def test_an_account_of_a_generated_class_is_created_changed_found_and_deleted(sales: Any, mark: str) -> None:
    account_class = sales.entities["accounts"]
    account = account_class()
    account.name, account.creditlimit = mark, Decimal("12.50")
    sales.save(account)
    account.name = f"{mark} and sons"
    sales.save(account)

    found = sales.query(account_class).filter(account_class.name.startswith(mark)).all()
    assert [(row.accountid, row.name, row.creditlimit) for row in found] == [
        (account.accountid, f"{mark} and sons", Decimal("12.5"))
    ]

    sales.delete(account)
    assert sales.query(account_class).filter(account_class.name.startswith(mark)).first() is None


def test_a_contact_is_bound_to_its_account_and_expanded_again(sales: Any, mark: str) -> None:
    account_class, contact_class = sales.entities["accounts"], sales.entities["contacts"]
    account = account_class()
    account.name = mark
    sales.save(account)
    contact = contact_class()
    contact.lastname, contact.parentcustomerid_account = mark, account
    sales.save(contact)

    query = sales.query(contact_class).filter(contact_class.lastname == mark)
    found = query.expand(contact_class.parentcustomerid_account).one()
    assert found.parentcustomerid_account.name == mark


def test_a_customer_of_a_generated_class_is_created_changed_found_and_deleted(operations: Any, mark: str) -> None:
    group_class, customer_class = operations.entities["CustomerGroups"], operations.entities["CustomersV3"]
    group = group_class()
    group.dataAreaId, group.CustomerGroupId, group.Description = COMPANY, mark, "Retail"
    operations.save(group)
    customer = customer_class()
    customer.dataAreaId, customer.CustomerAccount, customer.CustomerGroupId = COMPANY, mark, mark
    customer.OrganizationName, customer.PartyType, customer.SalesCurrencyCode = "Moravia", "Organization", "USD"
    operations.save(customer)
    customer.OrganizationName = "Bohemia"
    operations.save(customer)

    found = operations.query(customer_class).filter(customer_class.CustomerAccount == mark).one()
    assert (found.dataAreaId, found.OrganizationName, found.PartyType) == (COMPANY, "Bohemia", "Organization")

    operations.delete(customer)
    assert operations.query(customer_class).filter(customer_class.CustomerAccount == mark).first() is None


def test_order_top_and_count_are_understood(operations: Any, mark: str) -> None:
    group_class = operations.entities["CustomerGroups"]
    for number in (2, 3, 1):
        group = group_class()
        group.dataAreaId, group.CustomerGroupId = COMPANY, f"{mark}{number}"
        operations.save(group)
    query = operations.query(group_class).filter(group_class.CustomerGroupId.startswith(mark))
    newest = query.order_by(group_class.CustomerGroupId.desc()).limit(2).all()
    assert [group.CustomerGroupId for group in newest] == [f"{mark}3", f"{mark}2"]


def test_a_refusal_arrives_as_the_client_s_own_error(operations: Any, mark: str) -> None:
    group = operations.entities["CustomerGroups"]()
    group.dataAreaId, group.CustomerGroupId = "none", mark
    with pytest.raises(ODataError, match="LegalEntities"):
        operations.save(group)
