"""Data entities of the setup: companies, currencies, units, sites, warehouses, customer groups."""

from __future__ import annotations

from p2c.operations.entities.build import over
from p2c.operations.tables.currency import CURRENCY
from p2c.operations.tables.customer import CUSTOMER_GROUP
from p2c.operations.tables.legal_entity import LEGAL_ENTITY
from p2c.operations.tables.site import SITE, WAREHOUSE
from p2c.operations.tables.unit import UNIT, UNIT_CONVERSION
from p2c.text import N_

# AccountingCurrency stands on the ledger in the real service; here it is a field of ours on the company.
LEGAL_ENTITIES = over(
    LEGAL_ENTITY,
    name="LegalEntity",
    set_name="LegalEntities",
    label=N_("Legal entities"),
    key=("LegalEntityId",),
    without=("dataAreaId",),
    name_property="Name",
)

CURRENCIES = over(
    CURRENCY,
    name="Currency",
    set_name="Currencies",
    label=N_("Currencies"),
    key=("CurrencyCode",),
    name_property="Name",
)

UNITS_OF_MEASURE = over(
    UNIT,
    name="UnitOfMeasure",
    set_name="UnitsOfMeasure",
    label=N_("Units"),
    key=("UnitSymbol",),
)

UNIT_OF_MEASURE_CONVERSIONS = over(
    UNIT_CONVERSION,
    name="UnitOfMeasureConversion",
    set_name="UnitOfMeasureConversions",
    label=N_("Unit conversions"),
    key=("FromUnitSymbol", "ToUnitSymbol"),
)

OPERATIONAL_SITES = over(
    SITE,
    name="OperationalSiteV2",
    set_name="OperationalSitesV2",
    label=N_("Sites (V2)"),
    key=("dataAreaId", "SiteId"),
    name_property="SiteName",
)

WAREHOUSES = over(
    WAREHOUSE,
    name="Warehouse",
    set_name="Warehouses",
    label=N_("Warehouses"),
    key=("dataAreaId", "WarehouseId"),
    name_property="WarehouseName",
)

CUSTOMER_GROUPS = over(
    CUSTOMER_GROUP,
    name="CustomerGroup",
    set_name="CustomerGroups",
    label=N_("Customer groups"),
    key=("dataAreaId", "CustomerGroupId"),
)
