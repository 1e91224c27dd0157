"""Currency (transactioncurrency): ISO code, decimals and the rate from the organization's base currency."""

from __future__ import annotations

from p2c.edm.declare import decimal, lookup, text, whole
from p2c.edm.entity import AlternateKey
from p2c.edm.property import Required
from p2c.sales.entities.build import sales_table
from p2c.sales.entities.choicesets import active_or_inactive
from p2c.text import N_

TRANSACTIONCURRENCY = sales_table(
    "transactioncurrency",
    "transactioncurrencies",
    N_("Currency"),
    N_("Currencies"),
    text("currencyname", 100, N_("Currency Name"), required=Required.SYSTEM),
    text("isocurrencycode", 5, N_("Currency Code"), required=Required.SYSTEM),
    text("currencysymbol", 10, N_("Currency Symbol"), required=Required.SYSTEM),
    whole("currencyprecision", N_("Currency Precision"), default=2),
    # Elsewhere the rate is copied to a row by the platform; here is where it comes from.
    decimal("exchangerate", N_("Exchange Rate"), required=Required.SYSTEM),
    *active_or_inactive(),
    lookup(
        "organizationid",
        N_("Organization"),
        "organization",
        inverses=("organization_transactioncurrencies",),
        read_only=True,
    ),
    name_property="currencyname",
    keys=(AlternateKey("isocurrencycode", ("isocurrencycode",)),),
)
