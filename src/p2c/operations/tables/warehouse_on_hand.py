"""How much of an item each warehouse has."""

from __future__ import annotations

from p2c.edm.entity import Reference, Table
from p2c.operations.tables.column import NEEDED, RECORD_ID, flag, number, record_id, string
from p2c.text import N_

WAREHOUSE_ON_HAND = Table(
    name="warehouse_on_hand",
    columns=(
        record_id(),
        string("dataAreaId", 4, N_("Company"), required=NEEDED),
        string("ItemNumber", 20, N_("Item number"), required=NEEDED),
        string("ProductColorId", 10, N_("Product color")),
        string("ProductConfigurationId", 50, N_("Product configuration")),
        string("ProductSizeId", 10, N_("Product size")),
        string("ProductStyleId", 10, N_("Product style")),
        string("ProductVersionId", 10, N_("Product version")),
        string("InventorySiteId", 10, N_("Inventory site"), required=NEEDED),
        string("InventoryWarehouseId", 10, N_("Inventory warehouse"), required=NEEDED),
        number("OnHandQuantity", N_("On hand quantity")),
        number("ReservedOnHandQuantity", N_("Reserved on hand quantity")),
        number("AvailableOnHandQuantity", N_("Available on hand quantity"), read_only=True),
        number("OrderedQuantity", N_("Ordered quantity")),
        number("OnOrderQuantity", N_("On order quantity")),
        number("AvailableOrderedQuantity", N_("Available ordered quantity"), read_only=True),
        number("ReservedOrderedQuantity", N_("Reserved ordered quantity")),
        number("TotalAvailableQuantity", N_("Total available quantity"), read_only=True),
        flag("AreWarehouseManagementProcessesUsed", N_("Warehouse management processes used"), read_only=True),
        string("ProductNumber", 70, N_("Product number"), read_only=True),
    ),
    primary_key=RECORD_ID,
    ignores_case=True,
    unique=(
        (
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
    ),
    indexes=(("dataAreaId", "InventorySiteId"), ("dataAreaId", "InventoryWarehouseId")),
    references=(Reference("product", "product", on=(("ProductNumber", "ProductNumber"),)),),
)
