"""Operational sites and their warehouses."""

from __future__ import annotations

from p2c.edm.entity import Table
from p2c.operations.enums import INVENT_LOCATION_TYPE, TIMEZONE
from p2c.operations.tables.column import NEEDED, RECORD_ID, flag, member, record_id, string
from p2c.text import N_

SITE = Table(
    name="site",
    columns=(
        record_id(),
        string("dataAreaId", 4, N_("Company"), required=NEEDED),
        string("SiteId", 10, N_("Site"), required=NEEDED),
        string("SiteName", 60, N_("Site name"), required=NEEDED),
        member("SiteTimezone", N_("Site timezone"), TIMEZONE, default="GMT_COORDINATEDUNIVERSALTIME"),
        flag("IsReceivingWarehouseOverrideAllowed", N_("Receiving warehouse override allowed")),
        string("PrimaryAddressStreet", 250, N_("Primary address street")),
        string("PrimaryAddressCity", 60, N_("Primary address city")),
        string("PrimaryAddressStateId", 10, N_("Primary address state")),
        string("PrimaryAddressZipCode", 10, N_("Primary address ZIP code")),
        string("PrimaryAddressCountryRegionId", 10, N_("Primary address country/region")),
        string("FormattedPrimaryAddress", None, N_("Formatted primary address"), read_only=True),
    ),
    primary_key=RECORD_ID,
    ignores_case=True,
    unique=(("dataAreaId", "SiteId"),),
)


WAREHOUSE = Table(
    name="warehouse",
    columns=(
        record_id(),
        string("dataAreaId", 4, N_("Company"), required=NEEDED),
        string("WarehouseId", 10, N_("Warehouse"), required=NEEDED),
        string("WarehouseName", 60, N_("Warehouse name"), required=NEEDED),
        string("OperationalSiteId", 10, N_("Operational site"), required=NEEDED),
        member("WarehouseType", N_("Warehouse type"), INVENT_LOCATION_TYPE),
        string("QuarantineWarehouseId", 10, N_("Quarantine warehouse")),
        string("TransitWarehouseId", 10, N_("Transit warehouse")),
        flag("IsRetailStoreWarehouse", N_("Retail store warehouse")),
        flag(
            "AreAdvancedWarehouseManagementProcessesEnabled",
            N_("Advanced warehouse management processes enabled"),
        ),
        string("PrimaryAddressStreet", 250, N_("Primary address street")),
        string("PrimaryAddressCity", 60, N_("Primary address city")),
        string("PrimaryAddressStateId", 10, N_("Primary address state")),
        string("PrimaryAddressZipCode", 10, N_("Primary address ZIP code")),
        string("PrimaryAddressCountryRegionId", 10, N_("Primary address country/region")),
        string("FormattedPrimaryAddress", None, N_("Formatted primary address"), read_only=True),
    ),
    primary_key=RECORD_ID,
    ignores_case=True,
    unique=(("dataAreaId", "WarehouseId"),),
    indexes=(("dataAreaId", "OperationalSiteId"),),
)
