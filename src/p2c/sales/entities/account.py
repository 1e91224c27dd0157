"""Account: a company that buys, may buy or is otherwise worth knowing."""

from __future__ import annotations

from p2c.edm.declare import choice, lookup, money, text, whole
from p2c.edm.entity import AlternateKey, Ownership
from p2c.edm.property import Required
from p2c.sales.entities.address import main_address, second_address
from p2c.sales.entities.build import sales_table
from p2c.sales.entities.choicesets import (
    DEFAULT_VALUE,
    INDUSTRY,
    PAYMENT_TERMS,
    PREFERRED_CONTACT_METHOD,
    active_or_inactive,
    contact_refusal,
    yes_no,
)
from p2c.text import N_

CUSTOMER_TYPE = {
    1: N_("Competitor"),
    2: N_("Consultant"),
    3: N_("Customer"),
    4: N_("Investor"),
    5: N_("Partner"),
    6: N_("Influencer"),
    7: N_("Press"),
    8: N_("Prospect"),
    9: N_("Reseller"),
    10: N_("Supplier"),
    11: N_("Vendor"),
    12: N_("Other"),
}
OWNERSHIP = {1: N_("Public"), 2: N_("Private"), 3: N_("Subsidiary"), 4: N_("Other")}
CATEGORY = {1: N_("Preferred Customer"), 2: N_("Standard")}

ACCOUNT = sales_table(
    "account",
    "accounts",
    N_("Account"),
    N_("Accounts"),
    text("name", 160, N_("Account Name"), required=Required.BUSINESS),
    text("accountnumber", 20, N_("Account Number"), required=Required.RECOMMENDED),
    choice("customertypecode", N_("Relationship Type"), CUSTOMER_TYPE),
    lookup("primarycontactid", N_("Primary Contact"), "contact", inverses=("account_primary_contact",)),
    lookup("parentaccountid", N_("Parent Account"), "account", inverses=("account_parent_account",)),
    lookup("defaultpricelevelid", N_("Price List"), "pricelevel", inverses=("price_level_accounts",)),
    text("emailaddress1", 100, N_("Email")),
    text("telephone1", 50, N_("Main Phone")),
    text("telephone2", 50, N_("Other Phone")),
    text("fax", 50, N_("Fax")),
    text("websiteurl", 200, N_("Website")),
    text("description", 2000, N_("Description")),
    whole("numberofemployees", N_("Number of Employees")),
    money("revenue", N_("Annual Revenue")),
    money("creditlimit", N_("Credit Limit")),
    yes_no("creditonhold", N_("Credit Hold")),
    choice("industrycode", N_("Industry"), INDUSTRY),
    choice("ownershipcode", N_("Ownership"), OWNERSHIP),
    choice("accountcategorycode", N_("Category"), CATEGORY),
    choice("accountclassificationcode", N_("Classification"), DEFAULT_VALUE, default=1),
    choice("accountratingcode", N_("Account Rating"), DEFAULT_VALUE, default=1),
    choice("businesstypecode", N_("Business Type"), DEFAULT_VALUE, default=1),
    choice("customersizecode", N_("Customer Size"), DEFAULT_VALUE, default=1),
    choice("paymenttermscode", N_("Payment Terms"), PAYMENT_TERMS),
    choice("shippingmethodcode", N_("Shipping Method"), DEFAULT_VALUE, default=1),
    choice("preferredcontactmethodcode", N_("Preferred Method of Contact"), PREFERRED_CONTACT_METHOD, default=1),
    contact_refusal("donotemail", N_("Do not allow Emails")),
    contact_refusal("donotphone", N_("Do not allow Phone Calls")),
    contact_refusal("donotfax", N_("Do not allow Faxes")),
    contact_refusal("donotpostalmail", N_("Do not allow Mails")),
    text("sic", 20, N_("SIC Code")),
    text("tickersymbol", 10, N_("Ticker Symbol")),
    text("stockexchange", 20, N_("Stock Exchange")),
    *main_address(),
    *second_address(name_length=200),
    *active_or_inactive(),
    lookup(
        "transactioncurrencyid",
        N_("Currency"),
        "transactioncurrency",
        inverses=("transactioncurrency_account",),
    ),
    whole("importsequencenumber", N_("Import Sequence Number")),
    name_property="name",
    ownership=Ownership.USER,
    owners=("business_unit_accounts", "user_accounts", "team_accounts"),
    keys=(AlternateKey("msdynce_AccountNumber", ("accountnumber",), within=("owningbusinessunit",)),),
)
