"""Rules of the tables of the Common Data Service, hung on the service by table name."""

from __future__ import annotations

from collections.abc import Mapping

from p2c.commondata.model import MODEL
from p2c.commondata.saving.rules import HubRules, QuotationLineRules, QuotationRules
from p2c.odata.service.rules import TableRules

_OWN = {"Quotation": QuotationRules, "QuotationLine": QuotationLineRules}

RULES: Mapping[str, TableRules] = {table.name: _OWN.get(table.name, HubRules)(table.name) for table in MODEL.tables}
"""Every table has the hub's rules: numbers for rows without one, and no row deleted while others point at it."""
