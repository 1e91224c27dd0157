"""The companies; every company row carries the lower-case code as `dataAreaId`."""

from __future__ import annotations

from p2c.edm.entity import Table
from p2c.operations.enums import TIMEZONE
from p2c.operations.tables.column import NEEDED, RECORD_ID, member, record_id, string
from p2c.text import N_

LEGAL_ENTITY = Table(
    name="legal_entity",
    columns=(
        record_id(),
        string("LegalEntityId", 4, N_("Legal entity"), required=NEEDED),
        string("CompanyName", 100, N_("Company name")),
        string("Name", 100, N_("Name"), required=NEEDED),
        string("NameAlias", 20, N_("Name alias")),
        string("PartyNumber", 40, N_("Party number")),
        string("LanguageId", 7, N_("Language")),
        string("AddressStreet", 250, N_("Address street")),
        string("AddressCity", 60, N_("Address city")),
        string("AddressState", 10, N_("Address state")),
        string("AddressZipCode", 10, N_("Address ZIP code")),
        string("AddressCountryRegionId", 10, N_("Address country/region")),
        string("AddressCountryRegionISOCode", 2, N_("Address country/region ISO code"), read_only=True),
        string("PrimaryContactEmail", 255, N_("Primary contact email")),
        string("PrimaryContactPhone", 255, N_("Primary contact phone")),
        string("PrimaryContactURL", 255, N_("Primary contact URL")),
        member("TimeZone", N_("Time zone"), TIMEZONE, default="GMT_COORDINATEDUNIVERSALTIME"),
        string("dataAreaId", 4, N_("Company"), read_only=True),
        string("AccountingCurrency", 3, N_("Accounting currency"), required=NEEDED),
    ),
    primary_key=RECORD_ID,
    ignores_case=True,
    unique=(("LegalEntityId",), ("dataAreaId",)),
)
