"""Auto-number (msdynce_p2cautonumber): prefix, next number and suffix length of a table's numbers."""

from __future__ import annotations

from p2c.edm.declare import text, whole
from p2c.edm.entity import AlternateKey, Ownership
from p2c.edm.property import Required
from p2c.sales.entities.build import sales_table
from p2c.text import N_

P2CAUTONUMBER = sales_table(
    "msdynce_p2cautonumber",
    "msdynce_p2cautonumbers",
    N_("P2C Auto Number"),
    N_("P2C Auto Numbers"),
    text("msdynce_name", 100, N_("Name")),
    text("msdynce_entityname", 100, N_("Entity Name"), required=Required.BUSINESS),
    text("msdynce_prefix", 3, N_("Prefix"), required=Required.BUSINESS),
    whole("msdynce_numbersequence", N_("Number Sequence"), required=Required.BUSINESS),
    whole("msdynce_suffixlength", N_("Suffix Length"), required=Required.BUSINESS),
    name_property="msdynce_name",
    ownership=Ownership.USER,
    keys=(
        AlternateKey("msdynce_entityname", ("msdynce_entityname",)),
        AlternateKey("msdynce_prefix", ("msdynce_prefix",)),
    ),
)
