"""Product: what a quote line names; most come from Operations and are maintained there."""

from __future__ import annotations

from p2c.edm.declare import choice, day, decimal, lookup, money, status, text, whole
from p2c.edm.entity import AlternateKey
from p2c.edm.property import Required
from p2c.sales.entities.build import sales_table
from p2c.sales.entities.choicesets import yes_no
from p2c.text import N_

QUANTITY_SCALE = 5

STRUCTURE = {1: N_("Product"), 2: N_("Product Family"), 3: N_("Product Bundle")}
TYPE = {1: N_("Sales Inventory"), 2: N_("Miscellaneous Charges"), 3: N_("Services"), 4: N_("Flat Fees")}
STATE = {0: N_("Active"), 1: N_("Retired"), 2: N_("Draft"), 3: N_("Under Revision")}
STATUS = {
    1: (0, N_("Active")),
    2: (1, N_("Retired")),
    0: (2, N_("Draft")),
    3: (3, N_("Under Revision")),
}
DRAFT_STATE, DRAFT_STATUS = 2, 0

PRODUCT = sales_table(
    "product",
    "products",
    N_("Product"),
    N_("Products"),
    text("name", 100, N_("Name"), required=Required.BUSINESS),
    text("productnumber", 100, N_("Product ID"), required=Required.SYSTEM),
    text("description", 2000, N_("Description")),
    choice("productstructure", N_("Product Structure"), STRUCTURE, default=1),
    choice("producttypecode", N_("Product Type"), TYPE, default=1),
    lookup(
        "defaultuomid",
        N_("Default Unit"),
        "uom",
        required=Required.BUSINESS,
        inverses=("unit_of_measurement_products",),
    ),
    lookup(
        "defaultuomscheduleid",
        N_("Unit Group"),
        "uomschedule",
        required=Required.BUSINESS,
        inverses=("unit_of_measurement_schedule_products",),
    ),
    whole("quantitydecimal", N_("Decimals Supported"), required=Required.BUSINESS),
    lookup(
        "pricelevelid",
        N_("Default Price List"),
        "pricelevel",
        required=Required.RECOMMENDED,
        inverses=("price_level_products",),
    ),
    money("price", N_("List Price")),
    money("currentcost", N_("Current Cost")),
    money("standardcost", N_("Standard Cost")),
    yes_no("isstockitem", N_("Stock Item")),
    yes_no("iskit", N_("Is Kit")),
    decimal("quantityonhand", N_("Quantity On Hand"), scale=QUANTITY_SCALE),
    decimal("stockvolume", N_("Stock Volume"), scale=QUANTITY_SCALE),
    decimal("stockweight", N_("Stock Weight"), scale=QUANTITY_SCALE),
    text("size", 200, N_("Size")),
    text("suppliername", 100, N_("Supplier Name")),
    text("vendorid", 100, N_("Vendor ID")),
    text("vendorname", 100, N_("Vendor")),
    text("vendorpartnumber", 100, N_("Vendor Part Number")),
    lookup("parentproductid", N_("Parent"), "product", inverses=("product_parent_product",)),
    text("producturl", 255, N_("URL")),
    day("validfromdate", N_("Valid From")),
    day("validtodate", N_("Valid To")),
    choice("statecode", N_("Status"), STATE, default=DRAFT_STATE),
    status("statuscode", N_("Status Reason"), STATUS, default=DRAFT_STATUS),
    lookup("organizationid", N_("Organization"), "organization", inverses=("organization_products",), read_only=True),
    lookup(
        "transactioncurrencyid",
        N_("Currency"),
        "transactioncurrency",
        inverses=("transactioncurrency_product",),
    ),
    yes_no("msdynce_ismaintainedexternally", N_("Is Maintained Externally")),
    name_property="name",
    keys=(AlternateKey("productnumber", ("productnumber",)),),
)
