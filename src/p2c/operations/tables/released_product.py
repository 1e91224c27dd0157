"""Products released to a company: what it sells, in which units and at which price."""

from __future__ import annotations

from decimal import Decimal

from p2c.edm.declare import boolean, instant
from p2c.edm.entity import Reference, Table
from p2c.operations.enums import ECO_RES_FIELD_SERVICE_PRODUCT_TYPE, ECO_RES_PRODUCT_TYPE
from p2c.operations.tables.column import NEEDED, RECORD_ID, flag, member, number, record_id, string
from p2c.text import N_

RELEASED_PRODUCT = Table(
    name="released_product",
    columns=(
        record_id(),
        string("dataAreaId", 4, N_("Company"), required=NEEDED),
        string("ItemNumber", 20, N_("Item number"), required=NEEDED),
        string("ProductNumber", 70, N_("Product number"), required=NEEDED),
        member("ProductType", N_("Product type"), ECO_RES_PRODUCT_TYPE),
        string("SearchName", 20, N_("Search name")),
        string("ProductSearchName", 20, N_("Product search name")),
        string("ProductGroupId", 10, N_("Product group")),
        string("ItemModelGroupId", 10, N_("Item model group")),
        string("StorageDimensionGroupName", 10, N_("Storage dimension group name")),
        string("TrackingDimensionGroupName", 10, N_("Tracking dimension group name")),
        string("InventoryUnitSymbol", 10, N_("Inventory unit symbol")),
        string("SalesUnitSymbol", 10, N_("Sales unit symbol")),
        string("PurchaseUnitSymbol", 10, N_("Purchase unit symbol")),
        string("BOMUnitSymbol", 10, N_("BOM unit symbol")),
        number("SalesPrice", N_("Sales price")),
        number("SalesPriceQuantity", N_("Sales price quantity"), default=Decimal(1)),
        instant("SalesPriceDate", N_("Sales price date")),
        number("PurchasePrice", N_("Purchase price")),
        number("UnitCost", N_("Unit cost")),
        number("UnitCostQuantity", N_("Unit cost quantity"), default=Decimal(1)),
        string("SalesSalesTaxItemGroupCode", 10, N_("Sales sales tax item group code")),
        string("SalesLineDiscountProductGroupCode", 10, N_("Sales line discount product group code")),
        number("SalesOverdeliveryPercentage", N_("Sales overdelivery percentage")),
        number("SalesUnderdeliveryPercentage", N_("Sales underdelivery percentage")),
        flag("IsDeliveredDirectly", N_("Delivered directly")),
        number("NetProductWeight", N_("Net product weight")),
        string("DefaultLedgerDimensionDisplayValue", 500, N_("Default ledger dimension display value")),
        string("ProductLifecycleStateId", 20, N_("Product lifecycle state")),
        string("ProductSizeId", 10, N_("Product size")),
        string("ProductColorId", 10, N_("Product color")),
        string("ProductStyleId", 10, N_("Product style")),
        string("ProductConfigurationId", 50, N_("Product configuration")),
        flag("IsSalesStopped", N_("Sales stopped")),
        flag("IsStockedProduct", N_("Stocked product"), read_only=True),
        member(
            "FieldServiceProductType",
            N_("Field service product type"),
            ECO_RES_FIELD_SERVICE_PRODUCT_TYPE,
            read_only=True,
        ),
        boolean("IsSellable", N_("Sellable"), default=False, read_only=True),
    ),
    primary_key=RECORD_ID,
    ignores_case=True,
    unique=(("dataAreaId", "ItemNumber"), ("dataAreaId", "ProductNumber")),
    indexes=(("ProductNumber",), ("InventoryUnitSymbol",), ("SalesUnitSymbol",)),
    references=(
        Reference("product", "product", on=(("ProductNumber", "ProductNumber"),)),
        Reference("inventory_unit", "unit", on=(("InventoryUnitSymbol", "UnitSymbol"),)),
        Reference("sales_unit", "unit", on=(("SalesUnitSymbol", "UnitSymbol"),)),
        Reference("legal_entity", "legal_entity", on=(("dataAreaId", "dataAreaId"),)),
    ),
)
