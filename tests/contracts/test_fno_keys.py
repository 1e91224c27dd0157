"""Keys of Operations in any case: one row has one key, whatever way in is taken, and it keeps its own spelling."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy.exc import IntegrityError

from p2c.odata import batch
from p2c.odata.batch import Part
from tests.contracts.caller import part
from tests.contracts.operations_site import Site, csv_file, customer, package

CUSTOMERS = "/data/CustomersV2"


@pytest.fixture(scope="module")
def site(database_url: Callable[[str], str]) -> Iterator[Site]:
    """Operations, shared by the tests of the module."""
    running = Site(database_url("keys"))
    yield running
    running.close()


def address(account: str, company: str = "cz") -> str:
    """The URL of a customer."""
    return f"{CUSTOMERS}(dataAreaId='{company}',CustomerAccount='{account}')"


def add(site: Site, account: str, **values: object) -> int:
    """The status of a create."""
    row = {
        "CustomerAccount": account,
        "PartyType": "Organization",
        "OrganizationName": account,
        "CustomerGroupId": "10",
        "SalesCurrencyCode": "CZK",
        **values,
    }
    return site.send("POST", CUSTOMERS, row).status


def test_a_second_spelling_of_a_key_is_a_double(site: Site) -> None:
    assert [add(site, account) for account in ("Double-1", "DOUBLE-1", "double-1")] == [201, 400, 400]


def test_a_company_has_one_code_in_any_case(site: Site) -> None:
    answer = site.send("POST", "/data/LegalEntities", {"LegalEntityId": "CZ", "Name": "b", "AccountingCurrency": "czk"})
    assert answer.status == 400
    assert "already" in answer.json["error"]["innererror"]["message"]


def test_a_row_is_found_changed_and_deleted_by_any_spelling_and_keeps_its_own(site: Site) -> None:
    assert add(site, "Row-1") == 201
    assert site.send("PATCH", address("ROW-1", "CZ"), {"OrganizationName": "changed"}).status == 204
    row = site.send("GET", address("row-1")).json
    assert (row["CustomerAccount"], row["dataAreaId"], row["OrganizationName"]) == ("Row-1", "cz", "changed")
    assert site.send("DELETE", address("rOW-1")).status == 204
    assert site.send("GET", address("Row-1")).status == 404


def test_pointers_are_stored_as_the_row_they_name_is_spelled(site: Site) -> None:
    assert add(site, "Payer-1") == 201
    assert add(site, "Points-1", InvoiceAccount="PAYER-1", SalesCurrencyCode="czk") == 201
    row = site.send("GET", address("Points-1")).json
    assert (row["InvoiceAccount"], row["SalesCurrencyCode"]) == ("Payer-1", "CZK")


def test_in_a_batch_two_spellings_are_one_row_changed_twice(site: Site) -> None:
    body = batch.write(
        [
            part("POST", "CustomersV2", {"CustomerAccount": "Batch-1", **_NAMED}),
            part("POST", "CustomersV2", {"CustomerAccount": "BATCH-1", **_NAMED}),
            part("PATCH", address("batch-1"), {"KnownAs": "first"}),
            part("PATCH", address("BATCH-1"), {"KnownAs": "second"}),
        ],
        "b",
        "c",
    )
    answer = site.send("POST", "/data/$batch", body, content_type="multipart/mixed; boundary=b")
    items = batch.parse(answer.body, answer.headers["content-type"])
    assert [item.start for item in items if isinstance(item, Part)] == ["201", "400", "204", "204"]
    assert site.send("GET", address("Batch-1")).json["KnownAs"] == "second"


def test_a_package_updates_the_row_that_it_spells_in_another_way(site: Site) -> None:
    """Also when both spellings stand in one file: the later line counts."""
    assert add(site, "Package-1") == 201
    rows = [customer("PACKAGE-1", ORGANIZATIONNAME="first"), customer("package-1", ORGANIZATIONNAME="second")]
    execution = site.import_package(package(csv_file(rows)))
    assert site.status(execution) == "Succeeded"
    found = site.customers("$filter=CustomerAccount eq 'package-1'&$select=CustomerAccount,OrganizationName")
    assert [(row["CustomerAccount"], row["OrganizationName"]) for row in found] == [("Package-1", "second")]


def test_the_database_itself_refuses_a_second_spelling(site: Site) -> None:
    """Two writers at the same moment do not see one another's row; its index does."""
    assert add(site, "Race-1") == 201
    with pytest.raises(IntegrityError), site.operations.service.database.begin() as session:
        (row,) = session.rows("customer", "CustomerAccount", ["RACE-1"])
        other = {**row, "RecId": -1, "CustomerAccount": "RACE-1", "PartyNumber": "other"}
        del other["versionnumber"], other["changed_xid"]
        session.insert("customer", [other])


def test_a_create_without_a_number_answers_with_the_number_that_the_sequence_gave(site: Site) -> None:
    answer = site.send("POST", CUSTOMERS, _NAMED)
    assert (answer.status, answer.json["CustomerAccount"]) == (201, "000001")
    assert answer.headers["location"].endswith("CustomersV2(dataAreaId='cz',CustomerAccount='000001')")


_NAMED = {
    "PartyType": "Organization",
    "OrganizationName": "x",
    "CustomerGroupId": "10",
    "SalesCurrencyCode": "CZK",
}
