"""Rules of the tables of Sales, hung on the service by table name."""

from __future__ import annotations

from collections.abc import Mapping

from p2c.odata.service.rules import TableRules
from p2c.sales.saving.account import AccountRules
from p2c.sales.saving.contact import ContactRules
from p2c.sales.saving.platform import PlatformRules
from p2c.sales.saving.price_list_item import PriceListItemRules
from p2c.sales.saving.product import ProductRules
from p2c.sales.saving.quote import QuoteRules
from p2c.sales.saving.quote_line import QuoteLineRules
from p2c.sales.saving.reference import (
    BusinessUnitRules,
    CurrencyRules,
    TeamRules,
    UnitGroupRules,
    UnitRules,
    UserRules,
)

RULES: Mapping[str, TableRules] = {
    "account": AccountRules(),
    "businessunit": BusinessUnitRules(),
    "contact": ContactRules(),
    "msdynce_p2cautonumber": PlatformRules("msdynce_p2cautonumber"),
    "organization": PlatformRules("organization"),
    "pricelevel": PlatformRules("pricelevel"),
    "product": ProductRules(PriceListItemRules()),
    "productpricelevel": PriceListItemRules(),
    "quote": QuoteRules(),
    "quoteclose": PlatformRules("quoteclose"),
    "quotedetail": QuoteLineRules(),
    "systemuser": UserRules(),
    "team": TeamRules(),
    "transactioncurrency": CurrencyRules(),
    "uom": UnitRules(),
    "uomschedule": UnitGroupRules(),
}
"""Every table of Sales has rules; a table without rules of its own gets the platform's."""
