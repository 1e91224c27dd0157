"""People who work for a customer, and the decision roles that they may have."""

from __future__ import annotations

from p2c.edm.entity import Table
from p2c.operations.enums import (
    DIR_PERSON_MARITAL_STATUS,
    GENDER,
    MONTHS_OF_YEAR,
    SMM_CONTACT_PERSON_CDS_ASSOCIATED_CONTACT_TYPE,
)
from p2c.operations.tables.column import NEEDED, RECORD_ID, count, flag, member, record_id, string
from p2c.text import N_

DECISION_ROLE = Table(
    name="decision_role",
    columns=(
        record_id(),
        string("DecisionRoleCode", 20, N_("Decision role"), required=NEEDED),
        string("Description", 60, N_("Description")),
    ),
    primary_key=RECORD_ID,
    ignores_case=True,
    unique=(("DecisionRoleCode",),),
)


CONTACT_PERSON = Table(
    name="contact_person",
    columns=(
        record_id(),
        string("dataAreaId", 4, N_("Company"), required=NEEDED),
        string("ContactPersonPartyNumber", 40, N_("Contact person party number"), required=NEEDED),
        member(
            "AssociatedContactType",
            N_("Associated contact type"),
            SMM_CONTACT_PERSON_CDS_ASSOCIATED_CONTACT_TYPE,
        ),
        string("AssociatedContactNumber", 20, N_("Associated contact number")),
        string("ContactPersonId", 20, N_("Contact person")),
        string("ContactPersonPartyType", 20, N_("Contact person party type")),
        string("FirstName", 25, N_("First name"), required=NEEDED),
        string("MiddleName", 25, N_("Middle name")),
        string("LastName", 25, N_("Last name"), required=NEEDED),
        member("Gender", N_("Gender"), GENDER),
        member("MaritalStatus", N_("Marital status"), DIR_PERSON_MARITAL_STATUS),
        string("SpouseName", 60, N_("Spouse name")),
        string("GovernmentIdentificationNumber", 60, N_("Government identification number")),
        string("EmploymentDepartment", 60, N_("Employment department")),
        string("EmploymentProfession", 60, N_("Employment profession")),
        string("DecisionMakingRoleCode", 20, N_("Decision making role code")),
        string("PrimaryEmailAddress", 255, N_("Primary email address")),
        string("PrimaryPhoneNumber", 255, N_("Primary phone number")),
        string("PrimaryFaxNumber", 255, N_("Primary fax number")),
        string("PrimaryURL", 255, N_("Primary URL")),
        string("PrimaryTwitter", 255, N_("Primary Twitter")),
        string("PrimaryFacebook", 255, N_("Primary Facebook")),
        string("PrimaryLinkedIn", 255, N_("Primary LinkedIn")),
        string("PrimaryAddressDescription", 60, N_("Primary address description")),
        string("PrimaryAddressLocationRoles", 255, N_("Primary address location roles")),
        string("PrimaryAddressStreet", 250, N_("Primary address street")),
        string("PrimaryAddressStreetNumber", 20, N_("Primary address street number")),
        string("PrimaryAddressCity", 60, N_("Primary address city")),
        string("PrimaryAddressStateId", 10, N_("Primary address state")),
        string("PrimaryAddressZipCode", 10, N_("Primary address ZIP code")),
        string("PrimaryAddressCountyId", 10, N_("Primary address county")),
        string("PrimaryAddressCountryRegionId", 10, N_("Primary address country/region")),
        string("PrimaryAddressCountryRegionISOCode", 2, N_("Primary address country/region ISO code")),
        count("BirthDay", N_("Birth day")),
        member("BirthMonth", N_("Birth month"), MONTHS_OF_YEAR),
        count("BirthYear", N_("Birth year")),
        flag("IsReceivingDirectMail", N_("Receiving direct mail")),
        flag("IsInactive", N_("Inactive")),
        string("Notes", None, N_("Notes")),
        string("ContactPersonResponsiblePersonnelNumber", 25, N_("Contact person responsible personnel number")),
        flag("IsContactPersonExternallyMaintained", N_("Contact person externally maintained")),
        string("AssociatedPartyNumber", 40, N_("Associated party number")),
    ),
    primary_key=RECORD_ID,
    ignores_case=True,
    unique=(
        ("dataAreaId", "ContactPersonPartyNumber", "AssociatedPartyNumber"),
        ("dataAreaId", "ContactPersonPartyNumber", "AssociatedContactType", "AssociatedContactNumber"),
    ),
    indexes=(("dataAreaId", "AssociatedContactNumber"),),
)
