"""The hub's few rules: numbers for rows without one, defaults of quotations, and deletes that leave nothing loose."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.lab import Lab

Json = dict[str, object]


@pytest.fixture(scope="module")
def hub(lab: Lab) -> Iterator[Lab]:
    """An organization, an account, a product and a quotation with one line."""
    create(lab, "Organizations", {"OrganizationId": "ORG001", "OrganizationName": "Company"})
    create(lab, "Accounts", an_account(AccountId="A1"))
    create(lab, "Products", a_product("P1", "Čaj"))
    create(lab, "Quotations", a_quotation("Q1"))
    create(lab, "QuotationLines", a_line("Q1", 1))
    yield lab


def create(lab: Lab, entity_set: str, row: Json) -> None:
    """A row that is accepted."""
    answer = lab.send("commondata", "POST", entity_set, row)
    assert answer.status == 204, answer.body


def an_account(**values: object) -> Json:
    """An account of the organization."""
    return {"OrganizationName": "Somebody", "Organization_OrganizationId": "ORG001", **values}


def a_product(number: str, name: str) -> Json:
    """A product of the organization."""
    return {"ProductId": number, "Organization_OrganizationId": "ORG001", "Name": name, "ProductType": "Item"}


def a_quotation(number: str) -> Json:
    """A quotation to account A1."""
    return {
        "QuotationId": number,
        "Organization_OrganizationId": "ORG001",
        "Status": "Active",
        "TotalAmount": 10,
        "Account_AccountId": "A1",
        "Account_Organization_OrganizationId": "ORG001",
    }


def a_line(quotation: str, sequence: int) -> Json:
    """A line with product P1."""
    return {
        "Quotation_QuotationId": quotation,
        "Quotation_Organization_OrganizationId": "ORG001",
        "Sequence": sequence,
        "Product_ProductId": "P1",
        "Product_Organization_OrganizationId": "ORG001",
        "Quantity": 1,
        "UnitPrice": 10,
        "LineAmount": 10,
    }


def test_rows_without_a_number_get_the_next_one(hub: Lab) -> None:
    """Three letters and a running number; a number that is given stays."""
    for name in ("First", "Second"):
        create(hub, "Accounts", an_account(FullName=name))
    numbers = [hub.row("commondata", "Accounts", f"FullName eq '{name}'")["AccountId"] for name in ("First", "Second")]
    assert numbers == ["ACC000001", "ACC000002"]
    assert hub.row("commondata", "Accounts", "AccountId eq 'A1'")["OrganizationName"] == "Somebody"


def test_a_quotation_without_a_date_is_of_today(hub: Lab) -> None:
    """In UTC, as everything in the hub."""
    said = str(hub.row("commondata", "Quotations", "QuotationId eq 'Q1'")["QuotationDate"])
    now = datetime.now(UTC)
    assert said in {now.date().isoformat(), (now - timedelta(days=1)).date().isoformat()}


def test_a_line_without_a_product_name_has_that_of_its_product(hub: Lab) -> None:
    """Byte for byte."""
    (line,) = hub.rows("commondata", "QuotationLines", "Sequence eq 1")
    assert line["ProductName"] == "Čaj"


@pytest.mark.parametrize("address", ["Accounts(AccountId='A1',Organization_OrganizationId='ORG001')"])
def test_a_row_that_others_point_at_is_not_deleted(hub: Lab, address: str) -> None:
    """The message names the row that holds it."""
    answer = hub.send("commondata", "DELETE", address)
    assert answer.status == 405
    assert b"Quotation" in answer.body
    assert hub.row("commondata", "Accounts", "AccountId eq 'A1'")


def test_lines_go_with_their_quotation(hub: Lab) -> None:
    """And then nothing holds the product any more."""
    create(hub, "Products", a_product("P2", "Káva"))
    create(hub, "Quotations", a_quotation("Q2"))
    create(hub, "QuotationLines", {**a_line("Q2", 7), "Product_ProductId": "P2"})
    key = "Organization_OrganizationId='ORG001'"
    assert hub.send("commondata", "DELETE", f"Products(ProductId='P2',{key})").status == 405
    assert hub.send("commondata", "DELETE", f"Quotations(QuotationId='Q2',{key})").status == 204
    assert hub.rows("commondata", "QuotationLines", "Sequence eq 7") == []
    assert hub.send("commondata", "DELETE", f"Products(ProductId='P2',{key})").status == 204
