"""Price list (pricelevel) and price list item (productpricelevel): what a product costs, in one currency."""

from __future__ import annotations

from p2c.edm.declare import choice, day, decimal, lookup, money, text
from p2c.edm.entity import AlternateKey
from p2c.edm.property import Required
from p2c.sales.entities.build import sales_table
from p2c.sales.entities.choicesets import DEFAULT_VALUE, active_or_inactive
from p2c.text import N_

PERCENTAGE_SCALE = 5

CURRENCY_AMOUNT = 1
PRICING_METHOD = {
    CURRENCY_AMOUNT: N_("Currency Amount"),
    2: N_("Percent of List"),
    3: N_("Percent Markup - Current Cost"),
    4: N_("Percent Margin - Current Cost"),
    5: N_("Percent Markup - Standard Cost"),
    6: N_("Percent Margin - Standard Cost"),
}
QUANTITY_SELLING = {1: N_("No Control"), 2: N_("Whole"), 3: N_("Whole and Fractional")}
ROUNDING_POLICY = {1: N_("None"), 2: N_("Up"), 3: N_("Down"), 4: N_("To Nearest")}
ROUNDING_OPTION = {1: N_("Ends in"), 2: N_("Multiple of")}

PRICELEVEL = sales_table(
    "pricelevel",
    "pricelevels",
    N_("Price List"),
    N_("Price Lists"),
    text("name", 100, N_("Name"), required=Required.SYSTEM),
    day("begindate", N_("Start Date")),
    day("enddate", N_("End Date")),
    text("description", 2000, N_("Description")),
    choice("freighttermscode", N_("Freight Terms"), DEFAULT_VALUE, default=1),
    choice("paymentmethodcode", N_("Payment Method"), DEFAULT_VALUE, default=1),
    choice("shippingmethodcode", N_("Shipping Method"), DEFAULT_VALUE, default=1),
    *active_or_inactive(active=100001, inactive=100002),
    lookup(
        "organizationid", N_("Organization"), "organization", inverses=("organization_price_levels",), read_only=True
    ),
    lookup(
        "transactioncurrencyid",
        N_("Currency"),
        "transactioncurrency",
        required=Required.BUSINESS,
        inverses=("transactioncurrency_pricelevel",),
    ),
    decimal("exchangerate", N_("Exchange Rate"), read_only=True),
    name_property="name",
    keys=(AlternateKey("name", ("name",)),),
)

PRODUCTPRICELEVEL = sales_table(
    "productpricelevel",
    "productpricelevels",
    N_("Price List Item"),
    N_("Price List Items"),
    lookup(
        "pricelevelid",
        N_("Price List"),
        "pricelevel",
        required=Required.SYSTEM,
        inverses=("price_level_product_price_levels",),
    ),
    lookup(
        "productid",
        N_("Product"),
        "product",
        required=Required.SYSTEM,
        inverses=("product_price_levels",),
    ),
    text("productnumber", 100, N_("Product ID"), read_only=True),
    lookup(
        "uomid",
        N_("Unit"),
        "uom",
        required=Required.BUSINESS,
        inverses=("unit_of_measurement_product_price_levels",),
    ),
    lookup(
        "uomscheduleid",
        N_("Unit Schedule ID"),
        "uomschedule",
        inverses=("unit_of_measure_schedule_product_price_level",),
    ),
    # The pricing method decides whether an amount or a percentage is needed, so neither is always.
    money("amount", N_("Amount"), required=Required.RECOMMENDED),
    decimal("percentage", N_("Percentage"), scale=PERCENTAGE_SCALE, required=Required.RECOMMENDED),
    choice("pricingmethodcode", N_("Pricing Method"), PRICING_METHOD, default=CURRENCY_AMOUNT),
    choice("quantitysellingcode", N_("Quantity Selling Option"), QUANTITY_SELLING, default=1),
    choice("roundingpolicycode", N_("Rounding Policy"), ROUNDING_POLICY, default=1),
    choice("roundingoptioncode", N_("Rounding Option"), ROUNDING_OPTION, default=1),
    money("roundingoptionamount", N_("Rounding Amount")),
    lookup(
        "transactioncurrencyid",
        N_("Currency"),
        "transactioncurrency",
        inverses=("transactioncurrency_productpricelevel",),
    ),
    name_property="productnumber",
    keys=(AlternateKey("pricelevelid_productid_uomid", ("pricelevelid", "productid", "uomid")),),
)
