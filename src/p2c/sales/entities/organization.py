"""Organization: the one row of switches and number formats that holds for all of Sales."""

from __future__ import annotations

from p2c.edm.declare import choice, lookup, text, whole
from p2c.edm.property import Required
from p2c.sales.entities.build import sales_table
from p2c.sales.entities.choicesets import yes_no
from p2c.text import N_

LINE_ITEM, PER_UNIT = 0, 1
DISCOUNT_METHOD = {LINE_ITEM: N_("Line item"), PER_UNIT: N_("Per unit")}
ENGLISH_US = 1033

ORGANIZATION = sales_table(
    "organization",
    "organizations",
    N_("Organization"),
    N_("Organizations"),
    text("name", 160, N_("Organization Name"), required=Required.SYSTEM),
    lookup("basecurrencyid", N_("Currency"), "transactioncurrency", inverses=("basecurrency_organization",)),
    whole("languagecode", N_("Language"), default=ENGLISH_US),
    whole("localeid", N_("Locale"), default=ENGLISH_US),
    choice("discountcalculationmethod", N_("Discount calculation method"), DISCOUNT_METHOD, default=LINE_ITEM),
    yes_no("oobpricecalculationenabled", N_("Use system pricing calculation"), default=True),
    yes_no("issopintegrationenabled", N_("Is Sales Order Integration Enabled"), default=True),
    yes_no(
        "createproductswithoutparentinactivestate",
        N_("Create products in active state by default when no parent product family"),
    ),
    whole("pricingdecimalprecision", N_("Pricing Decimal Precision"), default=2),
    text("quoteprefix", 20, N_("Quote Prefix"), default="QUO"),
    text("orderprefix", 20, N_("Order Prefix"), default="ORD"),
    text("invoiceprefix", 20, N_("Invoice Prefix"), default="INV"),
    whole("uniquespecifierlength", N_("Unique String Length"), default=6),
    whole("currentquotenumber", N_("Current Quote Number"), default=1000),
    whole("expirechangetrackingindays", N_("Days to Expire Change Tracking Deltas"), default=7),
    name_property="name",
)
