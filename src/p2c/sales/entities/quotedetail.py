"""Quote product (quotedetail): one line of a quote, for a product or written in."""

from __future__ import annotations

from p2c.edm.declare import boolean, choice, day, decimal, guid, lookup, money, text, whole
from p2c.edm.entity import Ownership
from p2c.edm.property import Required
from p2c.sales.entities.address import ship_to
from p2c.sales.entities.build import sales_table
from p2c.sales.entities.choicesets import FREIGHT_TERMS, PRICING_ERROR, QUOTE_STATE, yes_no
from p2c.text import N_

QUANTITY_SCALE = 5

PRODUCT_TYPE = {
    1: N_("Product"),
    2: N_("Bundle"),
    3: N_("Required Bundle Product"),
    4: N_("Optional Bundle Product"),
    5: N_("Project-based Service"),
}
NOT_CONFIGURED = 2
PROPERTY_CONFIGURATION = {0: N_("Edit"), 1: N_("Rectify"), NOT_CONFIGURED: N_("Not Configured")}

QUOTEDETAIL = sales_table(
    "quotedetail",
    "quotedetails",
    N_("Quote Product"),
    N_("Quote Products"),
    lookup("quoteid", N_("Quote"), "quote", required=Required.SYSTEM, inverses=("quote_details",)),
    lookup("productid", N_("Existing Product"), "product", inverses=("product_quote_details",)),
    text("productdescription", 500, N_("Write-In Product")),
    boolean(
        "isproductoverridden",
        N_("Select Product"),
        false=N_("Existing"),
        true=N_("Write In"),
        default=False,
    ),
    lookup("uomid", N_("Unit"), "uom", inverses=("unit_of_measurement_quote_details",)),
    decimal("quantity", N_("Quantity"), scale=QUANTITY_SCALE, required=Required.BUSINESS),
    boolean(
        "ispriceoverridden",
        N_("Pricing"),
        false=N_("Use Default"),
        true=N_("Override Price"),
        default=False,
    ),
    money("priceperunit", N_("Price Per Unit")),
    money("baseamount", N_("Amount"), read_only=True),
    money("volumediscountamount", N_("Volume Discount")),
    money("manualdiscountamount", N_("Manual Discount")),
    money("tax", N_("Tax")),
    money("extendedamount", N_("Extended Amount"), read_only=True),
    text("description", 2000, N_("Description")),
    whole("lineitemnumber", N_("Line Item Number")),
    whole("sequencenumber", N_("Sequence Number")),
    choice("producttypecode", N_("Product Type"), PRODUCT_TYPE, default=1),
    choice(
        "propertyconfigurationstatus",
        N_("Property Configuration"),
        PROPERTY_CONFIGURATION,
        default=NOT_CONFIGURED,
    ),
    choice("pricingerrorcode", N_("Pricing Error"), PRICING_ERROR, default=0),
    guid("parentbundleid", N_("Parent Bundle")),
    guid("productassociationid", N_("Bundle Item Association")),
    lookup("salesrepid", N_("Salesperson"), "systemuser", inverses=("system_user_quotedetail",)),
    boolean("willcall", N_("Ship To"), false=N_("Ship"), true=N_("Will Call"), default=False),
    day("requestdeliveryby", N_("Requested Delivery Date")),
    choice("quotestatecode", N_("Quote Status"), QUOTE_STATE, default=0, read_only=True),
    *ship_to(FREIGHT_TERMS),
    guid("shipto_addressid", N_("Ship To Address ID")),
    lookup(
        "transactioncurrencyid",
        N_("Currency"),
        "transactioncurrency",
        inverses=("transactioncurrency_quotedetail",),
    ),
    yes_no(
        "msdynce_quotehasexternalmaintainedproductsonly",
        N_("Quote Has External Maintained Products Only"),
    ),
    yes_no("msdynce_ismaintainedexternally", N_("Is Maintained Externally")),
    whole("msdynce_quoterevisionnumber", N_("Quote Revision Number")),
    name_property="productdescription",
    ownership=Ownership.PARENT,
    owners=("", "user_quotedetail", "team_quotedetail"),
)
