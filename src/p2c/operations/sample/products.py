"""The products: shared masters, their releases to the companies with prices, and stock in both sites."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from random import Random

from p2c.operations.sample.setup import WAREHOUSES
from p2c.sample_catalogue import (
    CATALOGUE,
    FLAWED,
    OBSOLETE,
    UNKNOWN_UNIT,
    WITHOUT_CONVERSION,
    WITHOUT_MODEL_GROUP,
    Traded,
)
from p2c.sample_companies import SampleCompany
from p2c.sample_rows import SampleSet, WrongRow

SERVICES = "SERV"
STORAGE_GROUP, TRACKING_GROUP = "SiteWH", "None"
_COST_SHARE = Decimal("0.62")
_DESCRIPTIONS = {
    "FOOD": "Potravina z regionu; skladujte v chladu a suchu.",
    "TOOL": "Nářadí pro dílnu i stavbu, záruka tři roky.",
    "FURN": "Nábytek z masivu, dodává se složený.",
    "HOME": "Vybavení domácnosti, ruční práce.",
    "GARD": "Zahrada: pro profesionály i hobby.",
    "SERV": "Služba účtovaná podle času.",
}

WRONG_ON_PURPOSE = (
    WrongRow(
        "product with a unit that neither Sales nor the Common Data Service knows",
        "ReleasedProductsV2",
        "ProductNumber",
        UNKNOWN_UNIT.number,
        "UNIT-UNKNOWN",
    ),
    WrongRow(
        "product without an item model group: not sellable, so Operations does not offer it",
        "ReleasedProductsV2",
        "ProductNumber",
        WITHOUT_MODEL_GROUP.number,
        "",
    ),
    WrongRow(
        "product at the end of its life: not sellable, so Operations does not offer it",
        "ReleasedProductsV2",
        "ProductNumber",
        OBSOLETE.number,
        "",
    ),
    WrongRow(
        "product whose units do not convert: not sellable, so Operations does not offer it",
        "ReleasedProductsV2",
        "ProductNumber",
        WITHOUT_CONVERSION.number,
        "",
    ),
)


def products(seed: int) -> list[SampleSet]:
    """Masters, releases and stock in load order; the stock is drawn from the seed."""
    everything = (*CATALOGUE, *FLAWED)
    return [
        SampleSet("ProductsV2", ("ProductNumber",), [_master(product) for product in everything]),
        SampleSet(
            "ReleasedProductsV2",
            ("dataAreaId", "ItemNumber"),
            [_release(product, company) for product in everything for company in product.companies],
        ),
        SampleSet("WarehousesOnHandV2", _STOCK_KEY, _stock(seed)),
    ]


def _type(product: Traded) -> str:
    return "Service" if product.group == SERVICES else "Item"


def _master(product: Traded) -> dict[str, object]:
    return {
        "ProductNumber": product.number,
        "ProductName": product.name,
        "ProductDescription": f"{product.name}. {_DESCRIPTIONS[product.group]}",
        "ProductSearchName": product.number,
        "ProductType": _type(product),
        "ProductSubType": "Product",
        "StorageDimensionGroupName": STORAGE_GROUP,
        "TrackingDimensionGroupName": TRACKING_GROUP,
    }


def _release(product: Traded, company: SampleCompany) -> dict[str, object]:
    price = product.price(company)
    return {
        "dataAreaId": company.legal_entity,
        "ItemNumber": product.number,
        "ProductNumber": product.number,
        "ProductType": _type(product),
        "SearchName": product.number,
        "ProductSearchName": product.number,
        "ProductGroupId": product.group,
        "ItemModelGroupId": "" if product is WITHOUT_MODEL_GROUP else "FIFO",
        "StorageDimensionGroupName": STORAGE_GROUP,
        "TrackingDimensionGroupName": TRACKING_GROUP,
        "InventoryUnitSymbol": product.inventory_unit,
        "SalesUnitSymbol": product.sales_unit,
        "PurchaseUnitSymbol": product.inventory_unit,
        "SalesPrice": price,
        "UnitCost": (price * _COST_SHARE).quantize(Decimal(1).scaleb(-company.decimals), ROUND_HALF_UP),
        "ProductLifecycleStateId": "Obsolete" if product is OBSOLETE else "",
        "IsSalesStopped": "Yes" if product is OBSOLETE else "No",
    }


_VARIANT = (
    "ProductColorId",
    "ProductConfigurationId",
    "ProductSizeId",
    "ProductStyleId",
    "ProductVersionId",
)
_STOCK_KEY = ("dataAreaId", "ItemNumber", *_VARIANT, "InventorySiteId", "InventoryWarehouseId")


def _stock(seed: int) -> list[dict[str, object]]:
    random = Random(seed)
    no_variant: dict[str, object] = dict.fromkeys(_VARIANT, "")
    return [
        {
            "dataAreaId": company.legal_entity,
            "ItemNumber": product.number,
            **no_variant,
            "InventorySiteId": site,
            "InventoryWarehouseId": warehouse,
            "OnHandQuantity": Decimal(random.randint(0, 900)),
        }
        for product in CATALOGUE
        if product.group != SERVICES
        for company in product.companies
        for site, warehouse in WAREHOUSES
    ]
