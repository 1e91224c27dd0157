"""`$expand` of Operations: rows with equal values, one level deep."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import pytest

from tests.contracts.operations_site import Site

HEADERS, LINES = "CDSSalesQuotationHeaders", "CDSSalesQuotationLines"
ALL = "cross-company=true"
_PRODUCT = {
    "ProductNumber": "P1",
    "ProductName": "Lamp",
    "ProductSearchName": "P1",
    "ProductType": "Service",
    "ProductSubType": "Product",
    "StorageDimensionGroupName": "SiteWH",
    "TrackingDimensionGroupName": "None",
}
_RELEASED = {
    "dataAreaId": "cz",
    "ItemNumber": "I1",
    "ProductNumber": "P1",
    "ProductGroupId": "ALL",
    "ItemModelGroupId": "FIFO",
    "InventoryUnitSymbol": "ea",
    "SalesUnitSymbol": "ea",
    "PurchaseUnitSymbol": "ea",
}


@pytest.fixture(scope="module")
def site(database_url: Callable[[str], str]) -> Iterator[Site]:
    """Two quotations of one customer: Q1 with two lines, Q2 without any."""
    running = Site(database_url("expand"))
    customer = {"CustomerAccount": "C1", "CustomerGroupId": "10", "SalesCurrencyCode": "CZK"}
    due = {"RequestedShippingDate": "2026-12-15T12:00:00Z"}
    quotation = {"dataAreaId": "cz", "RequestingCustomerAccountNumber": "C1", "CurrencyCode": "CZK", **due}
    line = {"dataAreaId": "cz", "SalesQuotationNumber": "Q1", "ProductNumber": "P1", "RequestedSalesQuantity": 2}
    rows: list[tuple[str, dict[str, Any]]] = [
        ("UnitsOfMeasure", {"UnitSymbol": "ea", "UnitClass": "Quantity"}),
        ("ProductsV2", _PRODUCT),
        ("ReleasedProductsV2", _RELEASED),
        ("CustomersV2", {"dataAreaId": "cz", "PartyType": "Organization", "OrganizationName": "C", **customer}),
        (HEADERS, {**quotation, "SalesQuotationNumber": "Q1"}),
        (HEADERS, {**quotation, "SalesQuotationNumber": "Q2"}),
        (LINES, {**line, "LineCreationSequenceNumber": 1, "LineDescription": "first"}),
        (LINES, {**line, "LineCreationSequenceNumber": 2, "LineDescription": "second"}),
    ]
    for entity_set, row in rows:
        answer = running.send("POST", f"/data/{entity_set}?{ALL}", row)
        assert answer.status == 201, answer.body
    yield running
    running.close()


def read(site: Site, query: str) -> Any:
    """The answer to a query below `/data/` of all companies."""
    separator = "&" if "?" in query else "?"
    answer = site.send("GET", f"/data/{quote(query, safe='$=&?/')}{separator}{ALL}")
    assert answer.status == 200, answer.body
    return answer.json


def test_the_lines_of_quotations_come_along(site: Site) -> None:
    nested = f"$select=SalesQuotationNumber&$expand={LINES}($select=LineDescription;$orderby=LineDescription desc)"
    rows = read(site, f"{HEADERS}?$orderby=SalesQuotationNumber&{nested}")["value"]
    told = {row["SalesQuotationNumber"]: [line["LineDescription"] for line in row[LINES]] for row in rows}
    assert told == {"Q1": ["second", "first"], "Q2": []}
    assert set(rows[0]) == {"@odata.etag", "SalesQuotationNumber", LINES}


def test_a_line_brings_its_quotation(site: Site) -> None:
    rows = read(site, f"{LINES}?$expand=CDSSalesQuotationHeader($select=RequestingCustomerAccountNumber)")["value"]
    assert [row["CDSSalesQuotationHeader"]["RequestingCustomerAccountNumber"] for row in rows] == ["C1", "C1"]


def test_one_row_is_expanded_as_a_set_is(site: Site) -> None:
    row = read(site, f"{HEADERS}(dataAreaId='cz',SalesQuotationNumber='Q1')?$expand={LINES}($top=1)")
    assert [line["LineCreationSequenceNumber"] for line in row[LINES]] == [1]


def test_products_and_what_companies_released_of_them_lead_to_each_other(site: Site) -> None:
    (released,) = read(site, "ReleasedProductsV2?$expand=ProductV2,ReleasedDistinctProductCDS")["value"]
    assert released["ProductV2"]["ProductName"] == "Lamp"
    assert released["ReleasedDistinctProductCDS"]["ProductName"] == "Lamp"
    (distinct,) = read(site, "CDSReleasedDistinctProducts?$expand=ReleasedProductV2")["value"]
    assert distinct["ReleasedProductV2"]["ItemNumber"] == "I1"


@pytest.mark.parametrize(
    ("expand", "told"),
    [
        ("CDSSalesQuotationLine", "no navigation property 'CDSSalesQuotationLine'"),
        (f"{LINES}($expand=CDSSalesQuotationHeader)", "one level deep"),
        (f"{LINES}/$ref", "one level deep"),
        (f"{LINES},{LINES}", "once"),
        (f"{LINES}($skip=1)", "$skip and $count"),
        (f"{LINES}($count=true)", "$skip and $count"),
        (f"{LINES}($select=Nothing)", "no property 'Nothing'"),
        (f"{LINES}($filter=LineDescription in ('a'))", "'in'"),
    ],
)
def test_what_is_not_offered_is_refused(site: Site, expand: str, told: str) -> None:
    for address in (HEADERS, f"{HEADERS}(dataAreaId='cz',SalesQuotationNumber='Q1')"):
        answer = site.send("GET", f"/data/{address}?$expand={quote(expand, safe='$=')}&{ALL}")
        assert answer.status == 400, answer.body
        assert told in answer.body.decode()


def test_the_metadata_names_the_values_that_are_equal(site: Site) -> None:
    document = ElementTree.fromstring(site.send("GET", "/data/$metadata").body)
    found = {item.get("Name"): item for item in document.iter() if item.tag.endswith("}NavigationProperty")}
    pairs = [(pair.get("Property"), pair.get("ReferencedProperty")) for pair in found["CDSSalesQuotationHeader"]]
    assert pairs == [("dataAreaId", "dataAreaId"), ("SalesQuotationNumber", "SalesQuotationNumber")]
    assert found[LINES].get("Type") == "Collection(Microsoft.Dynamics.DataEntities.CDSSalesQuotationLine)"
    assert found[LINES].get("Partner") == "CDSSalesQuotationHeader"
    public = site.send("GET", "/metadata/PublicEntities('CDSSalesQuotationHeader')").json["NavigationProperties"]
    assert [(item["Name"], item["RelatedEntity"], item["Cardinality"]) for item in public] == [
        (LINES, "CDSSalesQuotationLine", "Multiple")
    ]
