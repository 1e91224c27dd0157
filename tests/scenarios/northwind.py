"""Northwind, a real trading company's data: reads its files and enters them as its people would.

Customers and orders go into Sales and products into Operations, all through the public APIs.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

from tests.lab import Company, Lab, guid, reference
from tests.lab.company import BASE_UNIT, SITE, WAREHOUSE, currency, price_list, unit, unit_group
from tests.lab.reach import Json

FOLDER = Path(__file__).parents[2].parent / "shared" / "data" / "northwind"
COMPANY = Company("nwnd", "ORG001", "Northwind Traders", "USD")
DIRECT_COMPANY = Company("nwdi", "ORG002", "Northwind Traders Direct", "USD")
STATE_CODES = {"Nueva Esparta": "NE", "Isle of Wight": "IOW"}
"""Regions that are too long for Operations, which keeps a code of at most 10 characters there."""

_CENT = Decimal("0.01")
_VARIANT = (
    "ProductColorId",
    "ProductConfigurationId",
    "ProductSizeId",
    "ProductStyleId",
    "ProductVersionId",
)
CsvRow: TypeAlias = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an order; `number` counts from 1 within the order."""

    order: str
    number: int
    product: str
    price: Decimal
    quantity: Decimal
    share: Decimal

    @property
    def discount(self) -> Decimal:
        """The discount of the whole line, to the cent."""
        return (self.price * self.quantity * self.share).quantize(_CENT, ROUND_HALF_UP)

    @property
    def amount(self) -> Decimal:
        """What the line costs."""
        return self.price * self.quantity - self.discount


@dataclass(frozen=True)
class Northwind:
    """The files, read; all texts as they stand there."""

    folder: Path = field(default=FOLDER)

    @cached_property
    def customers(self) -> list[CsvRow]:
        """91 customers."""
        return self._read("customers")

    @cached_property
    def products(self) -> list[CsvRow]:
        """77 products."""
        return self._read("products")

    @cached_property
    def orders(self) -> list[CsvRow]:
        """830 orders."""
        return self._read("orders")

    @cached_property
    def lines(self) -> list[Line]:
        """2,155 lines of the orders."""
        counted: dict[str, int] = {}
        found = []
        for row in self._read("order_details"):
            order = row["OrderID"]
            counted[order] = counted.get(order, 0) + 1
            price, quantity, share = (Decimal(row[name]) for name in ("UnitPrice", "Quantity", "Discount"))
            found.append(Line(order, counted[order], row["ProductID"], price, quantity, share))
        return found

    @cached_property
    def discontinued(self) -> set[str]:
        """Products that are not sold any more."""
        return {row["ProductID"] for row in self.products if row["Discontinued"] == "1"}

    @cached_property
    def held_back(self) -> set[str]:
        """Orders with a product that is not sold any more: they stay in Sales."""
        return {line.order for line in self.lines if line.product in self.discontinued}

    def _read(self, name: str) -> list[CsvRow]:
        with (self.folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))


def enter_products(lab: Lab, data: Northwind, *companies: Company) -> None:
    """Products with their stock, released to companies; the discontinued ones are at the end of their life."""
    masters: list[Json] = [
        {
            "ProductNumber": row["ProductID"],
            "ProductName": row["ProductName"],
            "ProductDescription": row["QuantityPerUnit"],
            "ProductSearchName": row["ProductID"],
            "ProductType": "Item",
            "ProductSubType": "Product",
            "StorageDimensionGroupName": "SiteWH",
            "TrackingDimensionGroupName": "None",
        }
        for row in data.products
    ]
    releases: list[Json] = [
        {
            "dataAreaId": company.legal_entity,
            "ItemNumber": row["ProductID"],
            "ProductNumber": row["ProductID"],
            "ProductType": "Item",
            "ProductGroupId": row["CategoryID"],
            "ItemModelGroupId": "FIFO",
            "StorageDimensionGroupName": "SiteWH",
            "TrackingDimensionGroupName": "None",
            "InventoryUnitSymbol": "ea",
            "SalesUnitSymbol": "ea",
            "PurchaseUnitSymbol": "ea",
            "SalesPrice": Decimal(row["UnitPrice"]),
            "ProductLifecycleStateId": "Obsolete" if row["Discontinued"] == "1" else "",
        }
        for company in companies
        for row in data.products
    ]
    stock: list[Json] = [
        {
            "dataAreaId": company.legal_entity,
            "ItemNumber": row["ProductID"],
            **dict.fromkeys(_VARIANT, ""),
            "InventorySiteId": SITE,
            "InventoryWarehouseId": WAREHOUSE,
            "OnHandQuantity": Decimal(row["UnitsInStock"]),
        }
        for company in companies
        for row in data.products
    ]
    lab.load("operations", "ProductsV2", masters)
    lab.load("operations", "ReleasedProductsV2", releases)
    lab.load("operations", "WarehousesOnHandV2", stock)


def enter_own_products(lab: Lab, data: Northwind) -> None:
    """The discontinued products once more: sellers keep them in Sales by hand, with a price."""
    rows = [row for row in data.products if row["Discontinued"] == "1"]
    products: list[Json] = [
        {
            "productid": guid("product", row["ProductID"]),
            "productnumber": row["ProductID"],
            "name": row["ProductName"],
            "msdynce_ismaintainedexternally": False,
            "quantitydecimal": 0,
            "defaultuomid@odata.bind": unit(BASE_UNIT),
            "defaultuomscheduleid@odata.bind": unit_group(),
            "transactioncurrencyid@odata.bind": currency(COMPANY.currency),
        }
        for row in rows
    ]
    prices: list[Json] = [
        {
            "productpricelevelid": guid("price", row["ProductID"]),
            "productid@odata.bind": reference("products", guid("product", row["ProductID"])),
            "pricelevelid@odata.bind": price_list(COMPANY.currency),
            "uomid@odata.bind": unit(BASE_UNIT),
            "amount": Decimal(row["UnitPrice"]),
        }
        for row in rows
    ]
    lab.load("sales", "products", products)
    lab.load("sales", "productpricelevels", prices)


def enter_customers(lab: Lab, data: Northwind) -> None:
    """Customers as accounts, as they stand in the file; the contact person of each as a contact."""
    accounts: list[Json] = [
        {
            "accountid": guid("account", row["CustomerID"]),
            "accountnumber": row["CustomerID"],
            "name": row["CompanyName"],
            "address1_line1": row["Address"],
            "address1_city": row["City"],
            "address1_stateorprovince": row["Region"] or None,
            "address1_postalcode": row["PostalCode"] or None,
            "address1_country": row["Country"],
            "telephone1": row["Phone"],
            "fax": row["Fax"] or None,
            "transactioncurrencyid@odata.bind": currency(COMPANY.currency),
            "ownerid@odata.bind": COMPANY.seller,
        }
        for row in data.customers
    ]
    contacts: list[Json] = []
    for row in data.customers:
        first, _, last = row["ContactName"].partition(" ")
        contacts.append(
            {
                "contactid": guid("contact", row["CustomerID"]),
                "firstname": first,
                "lastname": last,
                "jobtitle": row["ContactTitle"],
                "telephone1": row["Phone"],
                "address1_city": row["City"],
                "address1_country": row["Country"],
                "parentcustomerid_account@odata.bind": reference("accounts", guid("account", row["CustomerID"])),
                "ownerid@odata.bind": COMPANY.seller,
            }
        )
    lab.load("sales", "accounts", accounts)
    lab.load("sales", "contacts", contacts)


def shorten_regions(lab: Lab, data: Northwind) -> None:
    """Give the accounts whose region is too long its code."""
    rows: list[Json] = [
        {
            "accountid": guid("account", row["CustomerID"]),
            "address1_stateorprovince": STATE_CODES[row["Region"]],
        }
        for row in data.customers
        if row["Region"] in STATE_CODES
    ]
    lab.load("sales", "accounts", rows)


def enter_orders(lab: Lab, data: Northwind) -> None:
    """Orders as quotes with their lines, then activated."""
    address = {row["OrderID"]: _shipping(row) for row in data.orders}
    quotes: list[Json] = [
        {
            "quoteid": guid("quote", row["OrderID"]),
            "quotenumber": row["OrderID"],
            "name": f"{row['ShipName']} {row['OrderID']}",
            "customerid_account@odata.bind": reference("accounts", guid("account", row["CustomerID"])),
            "pricelevelid@odata.bind": price_list(COMPANY.currency),
            "transactioncurrencyid@odata.bind": currency(COMPANY.currency),
            "ownerid@odata.bind": COMPANY.seller,
            "effectivefrom": row["OrderDate"],
            "requestdeliveryby": row["RequiredDate"],
            **address[row["OrderID"]],
        }
        for row in data.orders
    ]
    required = {row["OrderID"]: row["RequiredDate"] for row in data.orders}
    lines: list[Json] = [
        {
            "quotedetailid": guid("quotedetail", line.order, line.number),
            "quoteid@odata.bind": reference("quotes", guid("quote", line.order)),
            "sequencenumber": line.number,
            "productid@odata.bind": f"/products(productnumber='{line.product}')",
            "uomid@odata.bind": unit(BASE_UNIT),
            "quantity": line.quantity,
            "ispriceoverridden": True,
            "priceperunit": line.price,
            "manualdiscountamount": line.discount,
            "requestdeliveryby": required[line.order],
            **address[line.order],
        }
        for line in data.lines
    ]
    lab.load("sales", "quotes", quotes)
    lab.load("sales", "quotedetails", lines)
    lab.load(
        "sales",
        "quotes",
        [{"quoteid": row["quoteid"], "statecode": 1, "statuscode": 2} for row in quotes],
    )


def _shipping(row: CsvRow) -> Json:
    region = row["ShipRegion"]
    return {
        "shipto_line1": row["ShipAddress"],
        "shipto_city": row["ShipCity"],
        "shipto_stateorprovince": STATE_CODES.get(region, region) or None,
        "shipto_postalcode": row["ShipPostalCode"] or None,
        "shipto_country": row["ShipCountry"],
    }
