"""The shared product master: what a product is, whichever company sells it."""

from __future__ import annotations

from p2c.edm.entity import Table
from p2c.operations.enums import ECO_RES_PRODUCT_SUBTYPE, ECO_RES_PRODUCT_TYPE
from p2c.operations.tables.column import NEEDED, RECORD_ID, flag, member, record_id, string
from p2c.text import N_

PRODUCT = Table(
    name="product",
    columns=(
        record_id(),
        string("ProductNumber", 70, N_("Product number"), required=NEEDED),
        string("ProductName", 60, N_("Product name")),
        string("ProductDescription", 1000, N_("Product description")),
        string("ProductSearchName", 20, N_("Product search name")),
        member("ProductType", N_("Product type"), ECO_RES_PRODUCT_TYPE),
        member("ProductSubType", N_("Product subtype"), ECO_RES_PRODUCT_SUBTYPE),
        string("StorageDimensionGroupName", 10, N_("Storage dimension group name")),
        string("TrackingDimensionGroupName", 10, N_("Tracking dimension group name")),
        string("HarmonizedSystemCode", 20, N_("Harmonized system code")),
        flag("IsCatchWeightProduct", N_("Catch weight product")),
    ),
    primary_key=RECORD_ID,
    ignores_case=True,
    unique=(("ProductNumber",),),
)
