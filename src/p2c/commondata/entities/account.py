"""Account: who is sold to, a company or, when a contact has become a customer, a person."""

from __future__ import annotations

from p2c.commondata.entities.build import (
    address,
    currency,
    hub_entity,
    identifier,
    link,
    organization_scope,
    person_name,
    scoped_key,
)
from p2c.commondata.entities.identities import company_identities
from p2c.commondata.entities.picklists import (
    ACCOUNT_STATUS,
    CURRENCY_CODE,
    FREIGHT_TERMS,
    GENDER,
    INDUSTRY_CODE,
    MARITAL_STATUS,
    PARTY_TYPE,
    PAYMENT_TERMS,
    SHIPPING_METHOD,
    SOURCE,
)
from p2c.edm.declare import boolean, day, enum, text, whole
from p2c.text import N_

ACCOUNT = hub_entity(
    "Account",
    N_("Account"),
    N_("Accounts"),
    identifier("AccountId", N_("Account ID")),
    *organization_scope(),
    enum("PartyType", N_("Party Type"), PARTY_TYPE, default="Organization"),
    text("OrganizationName", 128, N_("Organization Name")),
    text("FullName", 128, N_("Full Name")),
    *person_name("PersonName", N_("Person Name")),
    text("PersonInformation", 2048, N_("Person Information")),
    enum("Gender", N_("Gender"), GENDER),
    enum("MaritalStatus", N_("Marital Status"), MARITAL_STATUS),
    day("Birthdate", N_("Birthdate")),
    text("Description", 128, N_("Description")),
    enum("Status", N_("Status"), ACCOUNT_STATUS, default="Active"),
    enum("Source", N_("Source"), SOURCE, default="Default"),
    *link("ParentAccount", N_("Parent Account"), "Account"),
    *link("PrimaryContact", N_("Primary Contact"), "Contact"),
    enum("IndustryCode", N_("Industry"), INDUSTRY_CODE),
    whole("EmployeeCount", N_("Employee Count")),
    *currency("CreditLimitAmount", N_("Credit Limit Amount")),
    enum("SalesCurrencyCode", N_("Sales Currency Code"), CURRENCY_CODE),
    enum("PaymentTerms", N_("Payment Terms"), PAYMENT_TERMS),
    enum("FreightTerms", N_("Freight Terms"), FREIGHT_TERMS),
    enum("ShippingMethod", N_("Shipping Method"), SHIPPING_METHOD),
    boolean("IsEmailContactAllowed", N_("Is Email Contact Allowed"), default=True),
    boolean("IsPhoneContactAllowed", N_("Is Phone Contact Allowed"), default=True),
    text("EmailPrimary", 128, N_("Primary Email")),
    text("EmailAlternate", 128, N_("Alternate Email")),
    text("PhonePrimary", 128, N_("Primary Phone")),
    text("Phone01", 128, N_("Phone 1")),
    text("Phone02", 128, N_("Phone 2")),
    text("Phone03", 128, N_("Phone 3")),
    text("PhoneFax", 128, N_("Fax")),
    text("WebsiteURL", 255, N_("Website")),
    *address("MailingPostalAddress", N_("Mailing Address")),
    *address("ShippingPostalAddress", N_("Shipping Address")),
    *address("OtherPostalAddress", N_("Other Address")),
    *company_identities(),
    name_property="FullName",
    key=scoped_key("AccountId"),
    unique=("AccountId", "Organization"),
)
