"""Organization: a company of ours, the scope of accounts, contacts, products and quotations."""

from __future__ import annotations

from p2c.commondata.entities.build import address, hub_entity, identifier, link
from p2c.commondata.entities.identities import company_identities
from p2c.commondata.entities.picklists import (
    INDUSTRY_CODE,
    ORGANIZATION_STATUS,
    ORGANIZATION_TYPE,
    PARTY_TYPE,
    SOURCE,
)
from p2c.edm.declare import boolean, enum, text
from p2c.text import N_

ORGANIZATION = hub_entity(
    "Organization",
    N_("Organization"),
    N_("Organizations"),
    identifier("OrganizationId", N_("Organization ID")),
    text("OrganizationName", 128, N_("Organization Name")),
    text("FullName", 128, N_("Full Name")),
    text("Description", 128, N_("Description")),
    enum("PartyType", N_("Party Type"), PARTY_TYPE, default="Organization"),
    enum("Type", N_("Type"), ORGANIZATION_TYPE, default="Corporation"),
    enum("Status", N_("Status"), ORGANIZATION_STATUS, default="Active"),
    enum("Source", N_("Source"), SOURCE, default="Default"),
    enum("IndustryCode", N_("Industry"), INDUSTRY_CODE),
    boolean("IsInternal", N_("Is Internal"), default=True),
    boolean("IsEmailContactAllowed", N_("Is Email Contact Allowed"), default=True),
    boolean("IsPhoneContactAllowed", N_("Is Phone Contact Allowed"), default=True),
    *link("ParentOrganization", N_("Parent Organization"), "Organization"),
    *link("PrimaryContact", N_("Primary Contact"), "Contact"),
    text("EmailPrimary", 128, N_("Primary Email")),
    text("EmailAlternate", 128, N_("Alternate Email")),
    text("PhonePrimary", 128, N_("Primary Phone")),
    text("Phone01", 128, N_("Phone 1")),
    text("Phone02", 128, N_("Phone 2")),
    text("Phone03", 128, N_("Phone 3")),
    text("WebsiteURL", 255, N_("Website")),
    *address("MailingPostalAddress", N_("Mailing Address")),
    *address("ShippingPostalAddress", N_("Shipping Address")),
    *address("OtherPostalAddress", N_("Other Address")),
    *company_identities(),
    name_property="FullName",
    key=("OrganizationId",),
    unique=("OrganizationId",),
)
