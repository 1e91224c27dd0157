"""Who works in Sales: users (systemuser), their teams and the business units they belong to."""

from __future__ import annotations

from p2c.edm.declare import choice, guid, lookup, text
from p2c.edm.entity import AlternateKey, Ownership
from p2c.edm.property import Required
from p2c.sales.entities.build import sales_table
from p2c.sales.entities.choicesets import yes_no
from p2c.text import N_

ACCESS_MODE = {
    0: N_("Read-Write"),
    1: N_("Administrative"),
    2: N_("Read"),
    3: N_("Support User"),
    4: N_("Non-interactive"),
    5: N_("Delegated Admin"),
}
LICENSE_TYPE = {
    0: N_("Professional"),
    1: N_("Administrative"),
    2: N_("Basic"),
    3: N_("Device Professional"),
    4: N_("Device Basic"),
    5: N_("Essential"),
    6: N_("Device Essential"),
    7: N_("Enterprise"),
    8: N_("Device Enterprise"),
    9: N_("Sales"),
    10: N_("Service"),
    11: N_("Field Service"),
    12: N_("Project Service"),
}
TEAM_TYPE = {0: N_("Owner"), 1: N_("Access")}

SYSTEMUSER = sales_table(
    "systemuser",
    "systemusers",
    N_("User"),
    N_("Users"),
    text("domainname", 1024, N_("User Name"), required=Required.SYSTEM),
    text("fullname", 200, N_("Full Name"), read_only=True),
    text("firstname", 64, N_("First Name"), required=Required.BUSINESS),
    text("lastname", 64, N_("Last Name"), required=Required.BUSINESS),
    text("internalemailaddress", 100, N_("Primary Email")),
    text("title", 128, N_("Title")),
    text("jobtitle", 100, N_("Job Title")),
    lookup(
        "businessunitid",
        N_("Business Unit"),
        "businessunit",
        required=Required.SYSTEM,
        inverses=("business_unit_system_users",),
    ),
    lookup("parentsystemuserid", N_("Manager"), "systemuser", inverses=("user_parent_user",)),
    yes_no("isdisabled", N_("Is Disabled")),
    yes_no("isintegrationuser", N_("Integration user mode")),
    choice("accessmode", N_("Access Mode"), ACCESS_MODE, default=0),
    choice("caltype", N_("License Type"), LICENSE_TYPE, default=0),
    guid("azureactivedirectoryobjectid", N_("Azure AD Object ID")),
    guid("applicationid", N_("Application ID")),
    text("address1_telephone1", 64, N_("Main Phone")),
    text("mobilephone", 64, N_("Mobile Phone")),
    lookup(
        "transactioncurrencyid", N_("Currency"), "transactioncurrency", inverses=("TransactionCurrency_SystemUser",)
    ),
    name_property="fullname",
    ownership=Ownership.BUSINESS,
    keys=(AlternateKey("domainname", ("domainname",)),),
)

TEAM = sales_table(
    "team",
    "teams",
    N_("Team"),
    N_("Teams"),
    text("name", 160, N_("Team Name"), required=Required.SYSTEM),
    choice("teamtype", N_("Team Type"), TEAM_TYPE, default=0),
    lookup(
        "businessunitid",
        N_("Business Unit"),
        "businessunit",
        required=Required.SYSTEM,
        inverses=("business_unit_teams",),
    ),
    # The platform makes whoever creates the team its administrator.
    lookup(
        "administratorid",
        N_("Administrator"),
        "systemuser",
        required=Required.RECOMMENDED,
        inverses=("lk_teambase_administratorid",),
    ),
    yes_no("isdefault", N_("Is Default")),
    text("emailaddress", 100, N_("Email")),
    text("description", 2000, N_("Description")),
    lookup("transactioncurrencyid", N_("Currency"), "transactioncurrency", inverses=("TransactionCurrency_Team",)),
    name_property="name",
    ownership=Ownership.BUSINESS,
    keys=(AlternateKey("name_businessunitid", ("name", "businessunitid")),),
)

BUSINESSUNIT = sales_table(
    "businessunit",
    "businessunits",
    N_("Business Unit"),
    N_("Business Units"),
    text("name", 160, N_("Name"), required=Required.SYSTEM),
    # Every business unit but the root has a parent.
    lookup(
        "parentbusinessunitid",
        N_("Parent Business"),
        "businessunit",
        required=Required.RECOMMENDED,
        inverses=("business_unit_parent_business_unit",),
    ),
    text("divisionname", 100, N_("Division")),
    text("costcenter", 100, N_("Cost Center")),
    text("emailaddress", 100, N_("Email")),
    text("websiteurl", 200, N_("Website")),
    yes_no("isdisabled", N_("Is Disabled")),
    text("disabledreason", 500, N_("Disable Reason")),
    lookup(
        "transactioncurrencyid", N_("Currency"), "transactioncurrency", inverses=("TransactionCurrency_BusinessUnit",)
    ),
    name_property="name",
    ownership=Ownership.BUSINESS,
    keys=(AlternateKey("name", ("name",)),),
)
