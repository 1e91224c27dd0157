"""Contact: a person, usually of an account."""

from __future__ import annotations

from p2c.commondata.entities.build import (
    address,
    hub_entity,
    identifier,
    link,
    organization_scope,
    person_name,
    scoped_key,
)
from p2c.commondata.entities.identities import network_identities
from p2c.commondata.entities.picklists import (
    GENDER,
    MARITAL_STATUS,
    PARTY_TYPE,
    PRIMARY_ACCOUNT_ROLE,
    SOURCE,
    STATUS,
)
from p2c.edm.declare import boolean, day, enum, text
from p2c.text import N_

CONTACT = hub_entity(
    "Contact",
    N_("Contact"),
    N_("Contacts"),
    identifier("ContactId", N_("Contact ID")),
    *organization_scope(),
    enum("PartyType", N_("Party Type"), PARTY_TYPE, default="Person"),
    *person_name("Name", N_("Name")),
    text("FullName", 128, N_("Full Name")),
    text("Generation", 128, N_("Generation")),
    text("PersonInformation", 2048, N_("Person Information")),
    enum("Gender", N_("Gender"), GENDER),
    enum("MaritalStatus", N_("Marital Status"), MARITAL_STATUS),
    day("Birthdate", N_("Birthdate")),
    text("GovernmentIdentifier", 128, N_("Government Identifier")),
    text("Description", 128, N_("Description")),
    enum("Status", N_("Status"), STATUS, default="Active"),
    enum("Source", N_("Source"), SOURCE, default="Default"),
    *link("PrimaryAccount", N_("Primary Account"), "Account"),
    enum("PrimaryAccountRole", N_("Primary Account Role"), PRIMARY_ACCOUNT_ROLE),
    text("Department", 128, N_("Department")),
    text("Profession", 128, N_("Profession")),
    boolean("IsEmailContactAllowed", N_("Is Email Contact Allowed"), default=True),
    boolean("IsPhoneContactAllowed", N_("Is Phone Contact Allowed"), default=True),
    boolean("IsPostalMailAllowed", N_("Is Postal Mail Allowed")),
    text("EmailPrimary", 128, N_("Primary Email")),
    text("EmailAlternate", 128, N_("Alternate Email")),
    text("PhonePrimary", 128, N_("Primary Phone")),
    text("PhoneBusiness", 128, N_("Business Phone")),
    text("PhoneCell", 128, N_("Mobile Phone")),
    text("PhoneHome", 128, N_("Home Phone")),
    text("WebsiteURL", 255, N_("Website")),
    *address("BusinessPostalAddress", N_("Business Address")),
    *address("HomePostalAddress", N_("Home Address")),
    *address("ShippingPostalAddress", N_("Shipping Address")),
    *network_identities(),
    name_property="FullName",
    key=scoped_key("ContactId"),
    unique=("ContactId", "Organization"),
)
