"""Rules that fetch facts for a batch of rows and let the pure rules decide; one object a table."""

from __future__ import annotations

from collections.abc import Mapping

from p2c.odata.service.rules import TableRules
from p2c.operations.packages.projects import RULES as DATA_PROJECT_RULES
from p2c.operations.saving.contact_persons import ContactPersonRules
from p2c.operations.saving.customers import CustomerGroupRules, CustomerRules
from p2c.operations.saving.products import ProductRules, ReleasedProductRules
from p2c.operations.saving.quotation_lines import SalesQuotationLineRules
from p2c.operations.saving.quotations import SalesQuotationRules
from p2c.operations.saving.setup import (
    CurrencyRules,
    LegalEntityRules,
    SiteRules,
    UnitConversionRules,
    UnitRules,
    WarehouseRules,
)
from p2c.operations.saving.stock import WarehouseOnHandRules
from p2c.operations.saving.users import EntraApplicationRules, SystemUserRules

RULES: Mapping[str, TableRules] = {
    "legal_entity": LegalEntityRules(),
    "currency": CurrencyRules(),
    "unit": UnitRules(),
    "unit_conversion": UnitConversionRules(),
    "site": SiteRules(),
    "warehouse": WarehouseRules(),
    "customer_group": CustomerGroupRules(),
    "customer": CustomerRules(),
    "contact_person": ContactPersonRules(),
    "product": ProductRules(),
    "released_product": ReleasedProductRules(),
    "warehouse_on_hand": WarehouseOnHandRules(),
    "sales_quotation": SalesQuotationRules(),
    "sales_quotation_line": SalesQuotationLineRules(),
    "user_info": SystemUserRules(),
    "entra_application": EntraApplicationRules(),
    **DATA_PROJECT_RULES,
}
