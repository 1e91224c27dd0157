"""Packages as the connector builds them, and the files that it reads refused rows from."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from p2c.edm.values import Row, Value
from p2c.odata.client.data_management.calls import LAST_LOOK, pauses
from p2c.odata.client.data_management.catalogue import PackagedEntity
from p2c.odata.client.data_management.outgoing import build_package, carries
from p2c.odata.client.data_management.refused import identity, refused_rows
from p2c.odata.client.environment import Upsert
from p2c.odata.client.fno_values import file_text
from p2c.odata.packages.archive import Archive
from p2c.odata.packages.errors import PackageError
from p2c.odata.packages.formats import SourceFormat, read_rows
from p2c.odata.packages.manifest import check_header, read_manifest
from p2c.operations.entities.customer import CUSTOMERS_V2

PACKAGED = PackagedEntity("Customers V2", "CustCustomerV2Entity")


def customer(account: str, **values: Value) -> Upsert:
    """A customer to be."""
    return Upsert({"dataAreaId": "cz", "CustomerAccount": account}, values, {}, exists=False)


def content(package: bytes) -> list[dict[str, str]]:
    """The rows of a package's file."""
    with Archive(io.BytesIO(package)).open("Customers V2.xml") as stream:
        return [dict(row.values) for row in read_rows(stream, SourceFormat.XML_ELEMENT)]


def test_a_package_describes_itself_and_maps_every_column_that_is_sent() -> None:
    rows = [customer("1", OrganizationName="A"), customer("2", CreditLimit=Decimal("1.50"))]
    package = build_package("p2c Customers V2", PACKAGED, CUSTOMERS_V2, rows)
    archive = zipfile.ZipFile(io.BytesIO(package))
    check_header(archive.read("PackageHeader.xml"))
    manifest = read_manifest(archive.read("Manifest.xml"))
    (entity,) = manifest.entities

    assert (manifest.project, entity.name, entity.target) == ("p2c Customers V2", "Customers V2", PACKAGED.target)
    assert (entity.file, entity.source_format) == ("Customers V2.xml", "XML-Element")
    assert {field.field for field in entity.fields} == {"CUSTOMERACCOUNT", "ORGANIZATIONNAME", "CREDITLIMIT"}
    assert b"<CUSTCUSTOMERV2ENTITY>" in archive.read("Customers V2.xml")


def test_a_row_has_what_it_sends_and_nothing_else() -> None:
    """The company is the job's; what is to be emptied is sent as the product writes it."""
    rows = [customer("1", OrganizationName="a\r\n<b>"), customer("2", SalesMemo=None, CreditLimit=None)]
    package = build_package("p", PACKAGED, CUSTOMERS_V2, rows)

    assert content(package) == [
        {"CUSTOMERACCOUNT": "1", "ORGANIZATIONNAME": "a\r\n<b>"},
        {"CUSTOMERACCOUNT": "2", "SALESMEMO": "", "CREDITLIMIT": "0"},
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("Organization", "Organization"),
        (True, "Yes"),
        (False, "No"),
        (-7, "-7"),
        (Decimal("1E+3"), "1000"),
        (Decimal("0.10"), "0.10"),
        (date(2024, 2, 29), "2024-02-29"),
        (datetime(2024, 2, 29, 1, 2, 3, tzinfo=UTC), "2024-02-29T01:02:03Z"),
    ],
)
def test_values_are_texts_that_data_management_reads(value: Value, text: str) -> None:
    assert file_text(value) == text


@pytest.mark.parametrize(("text", "held"), [("\x00", False), ("\x1f", False), ("\t\r\nž", True), ("\ufffe", False)])
def test_what_xml_has_no_way_to_write_is_told(text: str, held: bool) -> None:
    assert carries(customer("1", SalesMemo=text)) is held


CSV = "DATAAREAID,CUSTOMERACCOUNT\r\n,Bad-1\r\ncz,BAD-2\r\n"
ELEMENTS = "".join(f"<E><CUSTOMERACCOUNT>{account}</CUSTOMERACCOUNT></E>" for account in ("BAD-1", "bad-2"))
XML = f"<Document>{ELEMENTS}</Document>"


@pytest.mark.parametrize(
    "file", [CSV.encode(), CSV.encode("utf-8-sig"), CSV.encode("utf-16"), XML.encode(), XML.encode("utf-8-sig")]
)
def test_refused_rows_are_known_by_their_keys_whatever_the_file_is_like(file: bytes) -> None:
    keys: list[Row] = [{"dataAreaId": "cz", "CustomerAccount": account} for account in ("BAD-1", "bad-2")]
    assert refused_rows(CUSTOMERS_V2, file) == {identity(CUSTOMERS_V2, key) for key in keys}


def test_a_file_that_is_none_of_these_is_told() -> None:
    with pytest.raises(PackageError):
        refused_rows(CUSTOMERS_V2, b"PK\x03\x04\xff\xff")


def test_looks_come_later_and_later_up_to_a_bound() -> None:
    found = list(pauses(200))
    assert found == sorted(found)
    assert found[-1] == LAST_LOOK
    assert 200 <= sum(found) < 200 + LAST_LOOK
