"""Saving the setup: companies, currencies, units and their conversions, sites, warehouses."""

from __future__ import annotations

from collections.abc import Sequence

from p2c.database.session import Session
from p2c.edm.change import Change, Problem, ProblemKind, accepted
from p2c.edm.values import Row
from p2c.odata.service.rules import NoRules
from p2c.operations.rules.country import ISO_BY_REGION
from p2c.operations.saving.addresses import AddressColumns, settle_addresses
from p2c.operations.saving.company import settle_company
from p2c.operations.saving.pointers import check_pointers, currency, site, unit
from p2c.operations.saving.sellable import refresh, refresh_sellable, using_units
from p2c.operations.saving.uses import anywhere, in_company, problems_of_use
from p2c.operations.saving.values import COMPANY, number_of, text_of

_PLACE_ADDRESSES = (AddressColumns(prefix="PrimaryAddress", suffix="Id", full="FormattedPrimaryAddress", iso=False),)


class LegalEntityRules(NoRules):
    """A company: its code in lower case is the `dataAreaId` of its rows."""

    def before_save(self, changes: Sequence[Change], session: Session) -> None:
        """Derive `dataAreaId` and the ISO country; check the accounting currency."""
        settle_addresses(changes, (AddressColumns(prefix="Address", iso=False),))
        for change in accepted(changes):
            change.values[COMPANY] = text_of(change, "LegalEntityId").lower()
            region = text_of(change, "AddressCountryRegionId")
            change.values["AddressCountryRegionISOCode"] = ISO_BY_REGION.get(region, "")
        check_pointers(changes, session, (currency("AccountingCurrency"),))

    def after_save(self, changes: Sequence[Change], session: Session) -> None:
        """Products are priced in the accounting currency, so they change with it."""
        companies = [
            text_of(change, COMPANY) for change in changes if not change.is_create and change.sets("AccountingCurrency")
        ]
        refresh(session.rows("released_product", COMPANY, companies), session)

    def before_delete(self, rows: Sequence[Row], session: Session) -> list[Problem | None]:
        """Companies with setup, customers or products stay."""
        uses = (
            anywhere("customer_group", COMPANY, COMPANY, "CustomerGroups"),
            anywhere("site", COMPANY, COMPANY, "OperationalSitesV2"),
            anywhere("customer", COMPANY, COMPANY, "CustomersV2"),
            anywhere("released_product", COMPANY, COMPANY, "ReleasedProductsV2"),
            anywhere("sales_quotation", COMPANY, COMPANY, "SalesQuotationHeaders"),
        )
        return problems_of_use(rows, session, uses)


class CurrencyRules(NoRules):
    """A currency that amounts are kept in."""

    def before_save(self, changes: Sequence[Change], session: Session) -> None:
        """Rounding rules are nought (cents) or more."""
        for change in accepted(changes):
            for column in ("GeneralRoundingRule", "RoundingRuleSalesOrders", "RoundingRulePrices"):
                if number_of(change, column) < 0:
                    _refuse_number(change, column, "send the smallest amount, such as 0.01, or 0 for cents")

    def before_delete(self, rows: Sequence[Row], session: Session) -> list[Problem | None]:
        """Currencies of companies, customers and quotations stay."""
        uses = (
            anywhere("legal_entity", "CurrencyCode", "AccountingCurrency", "LegalEntities"),
            anywhere("customer", "CurrencyCode", "SalesCurrencyCode", "CustomersV2"),
            anywhere("sales_quotation", "CurrencyCode", "CurrencyCode", "SalesQuotationHeaders"),
        )
        return problems_of_use(rows, session, uses)


class UnitRules(NoRules):
    """A unit of measure."""

    def before_save(self, changes: Sequence[Change], session: Session) -> None:
        """Decimal places are nought or more."""
        for change in accepted(changes):
            if number_of(change, "DecimalPrecision") < 0:
                _refuse_number(change, "DecimalPrecision", "send the number of decimal places, 0 or more")

    def after_save(self, changes: Sequence[Change], session: Session) -> None:
        """Products show the precision of their units."""
        symbols = [
            text_of(change, "UnitSymbol") for change in changes if change.is_create or change.sets("DecimalPrecision")
        ]
        refresh(using_units(symbols, session), session)

    def before_delete(self, rows: Sequence[Row], session: Session) -> list[Problem | None]:
        """Units of products, conversions and quotation lines stay."""
        uses = (
            anywhere("released_product", "UnitSymbol", "InventoryUnitSymbol", "ReleasedProductsV2"),
            anywhere("released_product", "UnitSymbol", "SalesUnitSymbol", "ReleasedProductsV2"),
            anywhere("released_product", "UnitSymbol", "PurchaseUnitSymbol", "ReleasedProductsV2"),
            anywhere("released_product", "UnitSymbol", "BOMUnitSymbol", "ReleasedProductsV2"),
            anywhere("unit_conversion", "UnitSymbol", "FromUnitSymbol", "UnitOfMeasureConversions"),
            anywhere("unit_conversion", "UnitSymbol", "ToUnitSymbol", "UnitOfMeasureConversions"),
            anywhere("sales_quotation_line", "UnitSymbol", "SalesUnitSymbol", "CDSSalesQuotationLines"),
        )
        return problems_of_use(rows, session, uses)


class UnitConversionRules(NoRules):
    """How quantities go from one unit to another."""

    def before_save(self, changes: Sequence[Change], session: Session) -> None:
        """Both units exist and the factor is a number that can be divided by."""
        check_pointers(changes, session, (unit("FromUnitSymbol"), unit("ToUnitSymbol")))
        for change in accepted(changes):
            for column in ("Factor", "Numerator", "Denominator"):
                if number_of(change, column) <= 0:
                    _refuse_number(change, column, "send a number above 0")

    def after_save(self, changes: Sequence[Change], session: Session) -> None:
        """Products may turn sellable."""
        refresh_sellable(using_units(_symbols(changes), session), session)

    def before_delete(self, rows: Sequence[Row], session: Session) -> list[Problem | None]:
        """Always allowed; products that needed the conversion are sellable no more."""
        going = frozenset((text_of(row, "FromUnitSymbol"), text_of(row, "ToUnitSymbol")) for row in rows)
        refresh_sellable(using_units(_symbols(rows), session), session, less=going)
        return [None] * len(rows)


class SiteRules(NoRules):
    """A site of a company."""

    def before_save(self, changes: Sequence[Change], session: Session) -> None:
        """Check company and country; format the address."""
        settle_company(changes, session)
        settle_addresses(changes, _PLACE_ADDRESSES)

    def before_delete(self, rows: Sequence[Row], session: Session) -> list[Problem | None]:
        """Sites with warehouses, stock, customers or quotations stay."""
        uses = (
            in_company("warehouse", "SiteId", "OperationalSiteId", "Warehouses"),
            in_company("warehouse_on_hand", "SiteId", "InventorySiteId", "WarehousesOnHandV2"),
            in_company("customer", "SiteId", "SiteId", "CustomersV2"),
            in_company("sales_quotation", "SiteId", "DefaultShippingSiteId", "SalesQuotationHeaders"),
            in_company("sales_quotation_line", "SiteId", "ShippingSiteId", "CDSSalesQuotationLines"),
        )
        return problems_of_use(rows, session, uses)


class WarehouseRules(NoRules):
    """A warehouse on a site."""

    def before_save(self, changes: Sequence[Change], session: Session) -> None:
        """Check company, site and country; format the address."""
        settle_company(changes, session)
        settle_addresses(changes, _PLACE_ADDRESSES)
        check_pointers(changes, session, (site("OperationalSiteId"),))

    def before_delete(self, rows: Sequence[Row], session: Session) -> list[Problem | None]:
        """Warehouses with stock, customers or quotations stay."""
        uses = (
            in_company("warehouse_on_hand", "WarehouseId", "InventoryWarehouseId", "WarehousesOnHandV2"),
            in_company("customer", "WarehouseId", "WarehouseId", "CustomersV2"),
            in_company("sales_quotation", "WarehouseId", "DefaultShippingWarehouseId", "SalesQuotationHeaders"),
            in_company("sales_quotation_line", "WarehouseId", "ShippingWarehouseId", "CDSSalesQuotationLines"),
        )
        return problems_of_use(rows, session, uses)


def _symbols(sources: Sequence[Change] | Sequence[Row]) -> list[str]:
    return [text_of(source, column) for source in sources for column in ("FromUnitSymbol", "ToUnitSymbol")]


def _refuse_number(change: Change, column: str, way_out: str) -> None:
    value = number_of(change, column)
    change.refuse(ProblemKind.OUT_OF_RANGE, f"{column} {value} is out of range; {way_out}", field=column, value=value)
