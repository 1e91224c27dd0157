"""Quote: an offer to an account or a contact, its life from Draft to Won or Closed, and its totals."""

from __future__ import annotations

from p2c.edm.declare import boolean, choice, day, decimal, instant, lookup, money, status, text, whole
from p2c.edm.entity import AlternateKey, Ownership
from p2c.edm.property import Required
from p2c.sales.entities.address import bill_to, ship_to
from p2c.sales.entities.build import sales_table
from p2c.sales.entities.choicesets import (
    DEFAULT_VALUE,
    FREIGHT_TERMS,
    PAYMENT_TERMS,
    PRICING_ERROR,
    QUOTE_STATE,
    SHIPPING_METHOD,
    yes_no,
)
from p2c.text import N_

PERCENTAGE_SCALE = 2
DRAFT_STATE, DRAFT_STATUS = 0, 1
STATUS = {
    1: (0, N_("In Progress")),
    2: (1, N_("In Progress")),
    3: (1, N_("Open")),
    4: (2, N_("Won")),
    5: (3, N_("Lost")),
    6: (3, N_("Canceled")),
    7: (3, N_("Revised")),
}

QUOTE = sales_table(
    "quote",
    "quotes",
    N_("Quote"),
    N_("Quotes"),
    text("quotenumber", 100, N_("Quote ID"), required=Required.RECOMMENDED),
    whole("revisionnumber", N_("Revision ID"), default=0),
    text("name", 300, N_("Name"), required=Required.BUSINESS),
    lookup(
        "customerid",
        N_("Potential Customer"),
        "account",
        "contact",
        inverses=("quote_customer_accounts", "quote_customer_contacts"),
    ),
    lookup("accountid", N_("Account"), "account", read_only=True),
    lookup("contactid", N_("Contact"), "contact", read_only=True),
    lookup(
        "pricelevelid",
        N_("Price List"),
        "pricelevel",
        required=Required.BUSINESS,
        inverses=("price_level_quotes",),
    ),
    day("effectivefrom", N_("Effective From")),
    day("effectiveto", N_("Effective To")),
    instant("expireson", N_("Due By")),
    instant("closedon", N_("Closed On")),
    day("requestdeliveryby", N_("Requested Delivery Date")),
    text("emailaddress", 100, N_("Email Address")),
    text("description", 2000, N_("Description")),
    choice("freighttermscode", N_("Freight Terms"), FREIGHT_TERMS),
    choice("paymenttermscode", N_("Payment Terms"), PAYMENT_TERMS),
    choice("shippingmethodcode", N_("Shipping Method"), SHIPPING_METHOD),
    boolean("willcall", N_("Ship To"), false=N_("Ship"), true=N_("Will Call"), default=False),
    choice("pricingerrorcode", N_("Pricing Error"), PRICING_ERROR, default=0),
    decimal("discountpercentage", N_("Quote Discount (%)"), scale=PERCENTAGE_SCALE),
    money("discountamount", N_("Quote Discount Amount")),
    money("freightamount", N_("Freight Amount")),
    money("totallineitemamount", N_("Total Detail Amount"), read_only=True),
    money("totallineitemdiscountamount", N_("Total Line Item Discount Amount"), read_only=True),
    money("totalamountlessfreight", N_("Total Pre-Freight Amount"), read_only=True),
    money("totaldiscountamount", N_("Total Discount Amount"), read_only=True),
    money("totaltax", N_("Total Tax"), read_only=True),
    money("totalamount", N_("Total Amount"), read_only=True),
    *ship_to(DEFAULT_VALUE),
    text("shipto_composite", 1000, N_("Ship To Address"), read_only=True),
    *bill_to(),
    choice("statecode", N_("Status"), QUOTE_STATE, default=DRAFT_STATE),
    status("statuscode", N_("Status Reason"), STATUS, default=DRAFT_STATUS),
    # Taken from the price list when the client does not give it.
    lookup(
        "transactioncurrencyid",
        N_("Currency"),
        "transactioncurrency",
        required=Required.RECOMMENDED,
        inverses=("transactioncurrency_quote",),
    ),
    whole("importsequencenumber", N_("Import Sequence Number")),
    yes_no(
        "msdynce_hasexternallymaintainedproductsonly",
        N_("Has Externally Maintained Products Only"),
        default=True,
    ),
    yes_no("msdynce_ismaintainedexternally", N_("Is Maintained Externally")),
    name_property="name",
    ownership=Ownership.USER,
    owners=("business_unit_quotes", "system_user_quotes", "team_quotes"),
    keys=(AlternateKey("quotenumber_revisionnumber", ("quotenumber", "revisionnumber")),),
    # No client writes them, but the quotes of an account and of a contact are read by them.
    indexes=(("accountid",), ("contactid",)),
)
