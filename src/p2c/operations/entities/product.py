"""Data entities over products: the shared master, what a company released and may sell, and its stock."""

from __future__ import annotations

from p2c.edm.entity import Relation
from p2c.operations.entities.build import over
from p2c.operations.tables.product import PRODUCT
from p2c.operations.tables.released_product import RELEASED_PRODUCT
from p2c.operations.tables.warehouse_on_hand import WAREHOUSE_ON_HAND
from p2c.text import N_

_SAME_ITEM = (("dataAreaId", "dataAreaId"), ("ItemNumber", "ItemNumber"))

PRODUCTS_V2 = over(
    PRODUCT,
    name="ProductV2",
    set_name="ProductsV2",
    label=N_("Products V2"),
    key=("ProductNumber",),
    name_property="ProductName",
)

# IsSalesStopped stands in the default order settings in the real service; here it is a field of ours.
RELEASED_PRODUCTS_V2 = over(
    RELEASED_PRODUCT,
    name="ReleasedProductV2",
    set_name="ReleasedProductsV2",
    label=N_("Released products V2"),
    key=("dataAreaId", "ItemNumber"),
    without=(
        "IsSellable",
        "IsStockedProduct",
        "FieldServiceProductType",
        "ProductSizeId",
        "ProductColorId",
        "ProductStyleId",
        "ProductConfigurationId",
    ),
    relations=(
        Relation("ProductV2", "ProductV2", on=(("ProductNumber", "ProductNumber"),)),
        Relation(
            "ReleasedDistinctProductCDS", "CDSReleasedDistinctProduct", on=_SAME_ITEM, partner="ReleasedProductV2"
        ),
    ),
)

_THROUGH = {
    "ProductName": ("product", "ProductName"),
    "ProductDescription": ("product", "ProductDescription"),
    "SalesUnitDecimalPrecision": ("sales_unit", "DecimalPrecision"),
    "InventoryUnitDecimalPrecision": ("inventory_unit", "DecimalPrecision"),
    "CurrencyCode": ("legal_entity", "AccountingCurrency"),
}

SELLABLE_RELEASED_PRODUCTS = over(
    RELEASED_PRODUCT,
    name="SellableReleasedProduct",
    set_name="SellableReleasedProducts",
    label=N_("Sellable released products"),
    key=("dataAreaId", "ProductNumber"),
    fields=(
        "dataAreaId",
        "ProductNumber",
        "ProductType",
        "SalesUnitSymbol",
        "InventoryUnitSymbol",
        "SalesPrice",
        "UnitCost",
        "IsStockedProduct",
        "IsSalesStopped",
        "FieldServiceProductType",
    ),
    through=_THROUGH,
    where={"IsSellable": True},
    writable=False,
    name_property="ProductName",
)

CDS_RELEASED_DISTINCT_PRODUCTS = over(
    RELEASED_PRODUCT,
    name="CDSReleasedDistinctProduct",
    set_name="CDSReleasedDistinctProducts",
    label=N_("CDS released distinct products"),
    key=("dataAreaId", "ProductNumber"),
    fields=(
        "dataAreaId",
        "ProductNumber",
        "ItemNumber",
        "ProductType",
        "ProductSizeId",
        "ProductColorId",
        "ProductStyleId",
        "ProductConfigurationId",
        "SalesUnitSymbol",
        "InventoryUnitSymbol",
        "SalesPrice",
        "UnitCost",
        "IsStockedProduct",
        "FieldServiceProductType",
    ),
    through={**_THROUGH, "IsCatchWeightProduct": ("product", "IsCatchWeightProduct")},
    writable=False,
    name_property="ProductName",
    relations=(
        Relation("ReleasedProductV2", "ReleasedProductV2", on=_SAME_ITEM, partner="ReleasedDistinctProductCDS"),
    ),
)

# Read only in the real service, where journals put stock in; there are none here, so it is written directly.
WAREHOUSES_ON_HAND_V2 = over(
    WAREHOUSE_ON_HAND,
    name="WarehouseOnHandV2",
    set_name="WarehousesOnHandV2",
    label=N_("Inventory on-hand by warehouse V2"),
    key=(
        "dataAreaId",
        "ItemNumber",
        "ProductColorId",
        "ProductConfigurationId",
        "ProductSizeId",
        "ProductStyleId",
        "ProductVersionId",
        "InventorySiteId",
        "InventoryWarehouseId",
    ),
    without=("ProductNumber",),
    through={"ProductName": ("product", "ProductName")},
    name_property="ItemNumber",
)
