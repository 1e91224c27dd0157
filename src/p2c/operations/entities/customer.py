"""Data entities over customers and contact persons: each version is a view on the same rows."""

from __future__ import annotations

from p2c.operations.entities.build import over
from p2c.operations.tables.contact_person import CONTACT_PERSON
from p2c.operations.tables.customer import CUSTOMER
from p2c.text import N_

_ONLY_IN_V3 = (
    "AddressStreetNumber",
    "DeliveryAddressStreetNumber",
    "InvoiceAddressStreetNumber",
    "AddressPostbox",
    "CollectionLetterCode",
    "InvoicePostingType",
    "AllowOnAccount",
)

CUSTOMERS_V2 = over(
    CUSTOMER,
    name="CustomerV2",
    set_name="CustomersV2",
    label=N_("Customers V2"),
    key=("dataAreaId", "CustomerAccount"),
    without=_ONLY_IN_V3,
    name_property="NameAlias",
)

CUSTOMERS_V3 = over(
    CUSTOMER,
    name="CustomerV3",
    set_name="CustomersV3",
    label=N_("Customers V3"),
    key=("dataAreaId", "CustomerAccount"),
    name_property="NameAlias",
)

CDS_CONTACT_PERSONS = over(
    CONTACT_PERSON,
    name="CDSContactPerson",
    set_name="CDSContactPersons",
    label=N_("CDS Contacts"),
    key=("dataAreaId", "ContactPersonPartyNumber", "AssociatedPartyNumber"),
    without=("AssociatedContactType", "AssociatedContactNumber", "ContactPersonId"),
    mandatory=("AssociatedPartyNumber",),
    name_property="LastName",
)

CDS_CONTACT_PERSONS_V2 = over(
    CONTACT_PERSON,
    name="CDSContactPersonV2",
    set_name="CDSContactPersonsV2",
    label=N_("CDS Contacts V2"),
    key=("dataAreaId", "ContactPersonPartyNumber", "AssociatedContactType", "AssociatedContactNumber"),
    without=("AssociatedPartyNumber",),
    mandatory=("AssociatedContactType", "AssociatedContactNumber"),
    name_property="LastName",
)
