"""Unit group (uomschedule) and unit (uom): what quantities are counted in."""

from __future__ import annotations

from p2c.edm.declare import decimal, guid, lookup, text
from p2c.edm.entity import AlternateKey
from p2c.edm.property import Required
from p2c.sales.entities.build import sales_table
from p2c.sales.entities.choicesets import active_or_inactive, yes_no
from p2c.text import N_

UOMSCHEDULE = sales_table(
    "uomschedule",
    "uomschedules",
    N_("Unit Group"),
    N_("Unit Groups"),
    text("name", 200, N_("Name"), required=Required.SYSTEM),
    text("baseuomname", 100, N_("Base Unit Name")),
    text("description", 2000, N_("Description")),
    *active_or_inactive(),
    lookup(
        "organizationid", N_("Organization"), "organization", inverses=("organization_uof_schedules",), read_only=True
    ),
    name_property="name",
    keys=(AlternateKey("name", ("name",)),),
)

UOM = sales_table(
    "uom",
    "uoms",
    N_("Unit"),
    N_("Units"),
    text("name", 100, N_("Name"), required=Required.SYSTEM),
    lookup(
        "uomscheduleid",
        N_("Unit Schedule"),
        "uomschedule",
        required=Required.SYSTEM,
        inverses=("unit_of_measure_schedule_conversions",),
    ),
    # The base unit of a group has no other unit below it.
    lookup(
        "baseuom",
        N_("Base Unit"),
        "uom",
        required=Required.RECOMMENDED,
        inverses=("unit_of_measurement_base_unit",),
    ),
    decimal("quantity", N_("Quantity"), required=Required.BUSINESS),
    yes_no("isschedulebaseuom", N_("Is Schedule Base Unit")),
    guid("organizationid", N_("Organization"), read_only=True),
    name_property="name",
    keys=(AlternateKey("name_uomscheduleid", ("name", "uomscheduleid")),),
)
