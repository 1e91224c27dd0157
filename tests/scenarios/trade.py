"""Rows of an ordinary trading day, as people and Operations enter them; `changed` replaces or adds values."""

from __future__ import annotations

from decimal import Decimal

from tests.lab import Company, Lab, guid, reference
from tests.lab.company import BASE_UNIT, currency, price_list, unit, unit_group
from tests.lab.reach import Json


def account(company: Company, number: str, **changed: object) -> Json:
    """An account in Sales; its GUID is `guid("account", legal entity, number)`."""
    return {
        "accountid": guid("account", company.legal_entity, number),
        "accountnumber": number,
        "name": f"Account {number}",
        "address1_line1": "Křížová 18",
        "address1_city": "Brno",
        "address1_postalcode": "603 00",
        "address1_country": "Česko",
        "transactioncurrencyid@odata.bind": currency(company.currency),
        "ownerid@odata.bind": company.seller,
        **changed,
    }


def contact(company: Company, name: str, of: str = "", **changed: object) -> Json:
    """A contact in Sales, of the account with number `of`; its GUID is `guid("contact", name)`."""
    parent: Json = (
        {"parentcustomerid_account@odata.bind": reference("accounts", guid("account", company.legal_entity, of))}
        if of
        else {}
    )
    return {
        "contactid": guid("contact", name),
        "firstname": "Žofie",
        "lastname": name,
        "address1_country": "Česko",
        "transactioncurrencyid@odata.bind": currency(company.currency),
        "ownerid@odata.bind": company.seller,
        **parent,
        **changed,
    }


def release(lab: Lab, company: Company, number: str, price: str, **changed: object) -> None:
    """A sellable product in Operations, released to a company at a price."""
    lab.load(
        "operations",
        "ProductsV2",
        [
            {
                "ProductNumber": number,
                "ProductName": f"Product {number}",
                "ProductSearchName": number,
                "ProductType": "Item",
                "ProductSubType": "Product",
                "StorageDimensionGroupName": "SiteWH",
                "TrackingDimensionGroupName": "None",
            }
        ],
    )
    released: Json = {
        "dataAreaId": company.legal_entity,
        "ItemNumber": number,
        "ProductNumber": number,
        "ProductGroupId": "ALL",
        "ItemModelGroupId": "FIFO",
        "InventoryUnitSymbol": "ea",
        "SalesUnitSymbol": "ea",
        "PurchaseUnitSymbol": "ea",
        "SalesPrice": Decimal(price),
        **changed,
    }
    lab.load("operations", "ReleasedProductsV2", [released])


def quote(company: Company, number: str, customer: str, **changed: object) -> Json:
    """A draft for a customer (`/accounts(…)` or `/contacts(…)`); its GUID is `guid("quote", number)`."""
    entity = "account" if customer.startswith("/accounts") else "contact"
    return {
        "quoteid": guid("quote", number),
        "quotenumber": number,
        "name": f"Quote {number}",
        f"customerid_{entity}@odata.bind": customer,
        "pricelevelid@odata.bind": price_list(company.currency),
        "transactioncurrencyid@odata.bind": currency(company.currency),
        "ownerid@odata.bind": company.seller,
        "requestdeliveryby": "2026-12-15",
        "shipto_country": "Česko",
        **changed,
    }


def line(number: str, place: int, product: str, **changed: object) -> Json:
    """Two pieces of a product on a quote at 10.00 each; without a product, a write-in."""
    what: Json = (
        {"productid@odata.bind": f"/products(productnumber='{product}')", "ispriceoverridden": True}
        if product
        else {"isproductoverridden": True, "productdescription": "Made by hand, as agreed"}
    )
    return {
        "quotedetailid": guid("quotedetail", number, place),
        "quoteid@odata.bind": reference("quotes", guid("quote", number)),
        "sequencenumber": place,
        "uomid@odata.bind": unit(BASE_UNIT),
        "quantity": 2,
        "priceperunit": Decimal("10.00"),
        "requestdeliveryby": "2026-12-15",
        "shipto_country": "Česko",
        **what,
        **changed,
    }


def own_product(company: Company, number: str) -> Json:
    """A product that is kept in Sales alone."""
    return {
        "productid": guid("product", number),
        "productnumber": number,
        "name": f"Product {number}",
        "msdynce_ismaintainedexternally": False,
        "quantitydecimal": 0,
        "defaultuomid@odata.bind": unit(BASE_UNIT),
        "defaultuomscheduleid@odata.bind": unit_group(),
        "transactioncurrencyid@odata.bind": currency(company.currency),
    }


def activate(lab: Lab, *numbers: str) -> None:
    """Draft quotes become active."""
    rows: list[Json] = [{"quoteid": guid("quote", number), "statecode": 1, "statuscode": 2} for number in numbers]
    lab.load("sales", "quotes", rows)
