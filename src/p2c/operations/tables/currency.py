"""Currencies, with the rules that amounts are rounded by; shared by all companies."""

from __future__ import annotations

from p2c.edm.entity import Table
from p2c.operations.enums import ROUND_OFF_TYPE
from p2c.operations.tables.column import NEEDED, RECORD_ID, member, number, record_id, string
from p2c.text import N_

CURRENCY = Table(
    name="currency",
    columns=(
        record_id(),
        string("CurrencyCode", 3, N_("Currency code"), required=NEEDED),
        string("Name", 100, N_("Name"), required=NEEDED),
        string("Symbol", 5, N_("Symbol")),
        number("GeneralRoundingRule", N_("General rounding rule")),
        number("RoundingRuleSalesOrders", N_("Rounding rule sales orders")),
        number("RoundingRulePrices", N_("Rounding rule prices")),
        member("RoundingMethodSalesOrders", N_("Rounding method sales orders"), ROUND_OFF_TYPE),
        member("RoundingMethodPrices", N_("Rounding method prices"), ROUND_OFF_TYPE),
    ),
    primary_key=RECORD_ID,
    ignores_case=True,
    unique=(("CurrencyCode",),),
)
