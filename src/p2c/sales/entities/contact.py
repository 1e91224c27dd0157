"""Contact: a person of an account or another contact, or on their own; a customer once quoted to."""

from __future__ import annotations

from p2c.edm.declare import choice, day, lookup, money, text, whole
from p2c.edm.entity import AlternateKey, Ownership
from p2c.edm.property import Required
from p2c.sales.entities.address import main_address, second_address
from p2c.sales.entities.build import sales_table
from p2c.sales.entities.choicesets import (
    DEFAULT_VALUE,
    PAYMENT_TERMS,
    PREFERRED_CONTACT_METHOD,
    active_or_inactive,
    contact_refusal,
    yes_no,
)
from p2c.text import N_

ROLE = {1: N_("Decision Maker"), 2: N_("Employee"), 3: N_("Influencer")}
GENDER = {1: N_("Male"), 2: N_("Female")}
MARITAL_STATUS = {1: N_("Single"), 2: N_("Married"), 3: N_("Divorced"), 4: N_("Widowed")}

CONTACT = sales_table(
    "contact",
    "contacts",
    N_("Contact"),
    N_("Contacts"),
    text("fullname", 160, N_("Full Name"), read_only=True),
    text("salutation", 100, N_("Salutation")),
    text("firstname", 50, N_("First Name"), required=Required.RECOMMENDED),
    text("middlename", 50, N_("Middle Name")),
    text("lastname", 50, N_("Last Name"), required=Required.BUSINESS),
    text("suffix", 10, N_("Suffix")),
    text("jobtitle", 100, N_("Job Title")),
    text("department", 100, N_("Department")),
    lookup(
        "parentcustomerid",
        N_("Company Name"),
        "account",
        "contact",
        inverses=("contact_customer_accounts", "contact_customer_contacts"),
    ),
    choice("accountrolecode", N_("Role"), ROLE),
    text("emailaddress1", 100, N_("Email")),
    text("emailaddress2", 100, N_("Email Address 2")),
    text("telephone1", 50, N_("Business Phone")),
    text("telephone2", 50, N_("Home Phone")),
    text("mobilephone", 50, N_("Mobile Phone")),
    text("fax", 50, N_("Fax")),
    text("websiteurl", 200, N_("Website")),
    choice("gendercode", N_("Gender"), GENDER),
    choice("familystatuscode", N_("Marital Status"), MARITAL_STATUS),
    text("spousesname", 100, N_("Spouse/Partner Name")),
    day("birthdate", N_("Birthday")),
    day("anniversary", N_("Anniversary")),
    text("governmentid", 50, N_("Government")),
    text("description", 2000, N_("Description")),
    money("creditlimit", N_("Credit Limit")),
    yes_no("creditonhold", N_("Credit Hold")),
    choice("customertypecode", N_("Relationship Type"), DEFAULT_VALUE, default=1),
    choice("leadsourcecode", N_("Lead Source"), DEFAULT_VALUE, default=1),
    choice("paymenttermscode", N_("Payment Terms"), PAYMENT_TERMS),
    choice("shippingmethodcode", N_("Shipping Method"), DEFAULT_VALUE, default=1),
    choice("preferredcontactmethodcode", N_("Preferred Method of Contact"), PREFERRED_CONTACT_METHOD, default=1),
    contact_refusal("donotemail", N_("Do not allow Emails")),
    contact_refusal("donotphone", N_("Do not allow Phone Calls")),
    contact_refusal("donotfax", N_("Do not allow Faxes")),
    contact_refusal("donotpostalmail", N_("Do not allow Mails")),
    text("managername", 100, N_("Manager")),
    text("assistantname", 100, N_("Assistant")),
    lookup("defaultpricelevelid", N_("Price List"), "pricelevel", inverses=("price_level_contacts",)),
    *main_address(),
    *second_address(name_length=100),
    *active_or_inactive(),
    lookup(
        "transactioncurrencyid",
        N_("Currency"),
        "transactioncurrency",
        inverses=("transactioncurrency_contact",),
    ),
    whole("importsequencenumber", N_("Import Sequence Number")),
    text("msdynce_contactnumber", 20, N_("Contact Number"), required=Required.RECOMMENDED),
    yes_no("msdynce_isactivecustomer", N_("Is Active Customer")),
    yes_no("msdynce_iscompanyanaccount", N_("Is Company An Account")),
    name_property="fullname",
    ownership=Ownership.USER,
    owners=("business_unit_contacts", "contact_owning_user", "team_contacts"),
    keys=(AlternateKey("msdynce_contactnumber", ("msdynce_contactnumber",), within=("owningbusinessunit",)),),
)
