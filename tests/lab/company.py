"""Companies ready to trade: what stands in the three services before the first customer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from p2c.integrator.connections import OrganizationMapping
from tests.lab.reach import Json, Reach, guid, reference

UNIT_GROUP = "Default unit"
BASE_UNIT = "Each"
"""Of Sales; "ea" in Operations."""
SITE, WAREHOUSE, CUSTOMER_GROUP = "1", "13", "10"
"""Where the templates' default values send customers."""

_UNITS = (("ea", BASE_UNIT, "Quantity", 1), ("box", "Box", "Quantity", 12), ("kg", "Kilogram", "Mass", 1))
"""Symbol in Operations, name and quantity in Sales, class in Operations."""


@dataclass(frozen=True, slots=True)
class Company:
    """One company under its three names, trading in one currency."""

    legal_entity: str
    organization: str
    business_unit: str
    currency: str

    @property
    def mapping(self) -> OrganizationMapping:
        """Its line of the organization mapping."""
        return OrganizationMapping(self.legal_entity, self.organization, self.business_unit)

    @property
    def seller(self) -> str:
        """A reference to its seller, who owns what should belong to the company (`ownerid@odata.bind`)."""
        return reference("systemusers", guid("systemuser", self.legal_entity))


def currency(code: str) -> str:
    """A reference to a currency of Sales."""
    return f"/transactioncurrencies(isocurrencycode='{code}')"


def price_list(code: str) -> str:
    """A reference to the price list of a currency."""
    return reference("pricelevels", guid("pricelevel", code))


def unit(name: str) -> str:
    """A reference to a unit of Sales by its name."""
    return reference("uoms", guid("uom", name))


def unit_group() -> str:
    """A reference to the unit group of Sales."""
    return reference("uomschedules", guid("uomschedule", UNIT_GROUP))


def found(lab: Reach, *companies: Company) -> None:
    """
    Set up companies in all three services, and the organization mapping between them.

    Each has site 1, warehouse 13 and customer group 10, and a seller; each currency has one price list.
    """
    _operations(lab, companies)
    _commondata(lab, companies)
    _sales(lab, companies)
    lab.companies(*(company.mapping for company in companies))


def _operations(lab: Reach, companies: Sequence[Company]) -> None:
    rows: list[tuple[str, list[Json]]] = [
        ("Currencies", [{"CurrencyCode": c.currency, "Name": c.currency} for c in _one_a_currency(companies)]),
        (
            "UnitsOfMeasure",
            [
                {"UnitSymbol": symbol, "UnitDescription": name, "UnitClass": kind, "DecimalPrecision": 0}
                for symbol, name, kind, _ in _UNITS
            ],
        ),
        (
            "LegalEntities",
            [
                {"LegalEntityId": c.legal_entity, "Name": c.business_unit, "AccountingCurrency": c.currency}
                for c in companies
            ],
        ),
        (
            "OperationalSitesV2",
            [{"dataAreaId": c.legal_entity, "SiteId": SITE, "SiteName": "Main"} for c in companies],
        ),
        (
            "Warehouses",
            [
                {
                    "dataAreaId": c.legal_entity,
                    "WarehouseId": WAREHOUSE,
                    "WarehouseName": "Main",
                    "OperationalSiteId": SITE,
                }
                for c in companies
            ],
        ),
        (
            "CustomerGroups",
            [
                {"dataAreaId": c.legal_entity, "CustomerGroupId": CUSTOMER_GROUP, "Description": "All"}
                for c in companies
            ],
        ),
    ]
    for entity_set, its_rows in rows:
        lab.load("operations", entity_set, its_rows)


def _commondata(lab: Reach, companies: Sequence[Company]) -> None:
    organizations = [
        {
            "OrganizationId": company.organization,
            "OrganizationName": company.business_unit,
            "FullName": company.business_unit,
            "PartyType": "Organization",
            "Type": "Corporation",
            "Status": "Active",
            "Source": "Default",
            "IsInternal": True,
            "IsEmailContactAllowed": True,
            "IsPhoneContactAllowed": True,
        }
        for company in companies
    ]
    lab.load("commondata", "Organizations", organizations, key=("OrganizationId",))


def _sales(lab: Reach, companies: Sequence[Company]) -> None:
    currencies: list[Json] = [
        {
            "isocurrencycode": company.currency,
            "currencyname": company.currency,
            "currencysymbol": company.currency,
            "exchangerate": 1,
        }
        for company in _one_a_currency(companies)
    ]
    (root,) = lab.rows("sales", "businessunits", "_parentbusinessunitid_value eq null")
    (organization,) = lab.rows("sales", "organizations")
    settings: Json = {
        "organizationid": organization["organizationid"],
        # As the process asks for: products that arrive can be sold at once.
        "createproductswithoutparentinactivestate": True,
    }
    rows: list[tuple[str, list[Json]]] = [
        ("organizations", [settings]),
        (
            "businessunits",
            [
                {
                    "businessunitid": guid("businessunit", company.business_unit),
                    "name": company.business_unit,
                    "parentbusinessunitid@odata.bind": reference("businessunits", str(root["businessunitid"])),
                }
                for company in companies
            ],
        ),
        (
            "systemusers",
            [
                {
                    "systemuserid": guid("systemuser", company.legal_entity),
                    "domainname": f"seller@{company.legal_entity}.example",
                    "firstname": "Seller",
                    "lastname": company.business_unit,
                    "businessunitid@odata.bind": reference(
                        "businessunits", guid("businessunit", company.business_unit)
                    ),
                }
                for company in companies
            ],
        ),
        ("uomschedules", [{"uomscheduleid": guid("uomschedule", UNIT_GROUP), "name": UNIT_GROUP}]),
        ("uoms", [{**_unit(BASE_UNIT, 1), "isschedulebaseuom": True}]),
        (
            "uoms",
            [
                {**_unit(name, quantity), "baseuom@odata.bind": unit(BASE_UNIT)}
                for _, name, _, quantity in _UNITS
                if name != BASE_UNIT
            ],
        ),
        (
            "pricelevels",
            [
                {
                    "pricelevelid": guid("pricelevel", company.currency),
                    "name": f"{company.currency} list",
                    "transactioncurrencyid@odata.bind": currency(company.currency),
                }
                for company in _one_a_currency(companies)
            ],
        ),
    ]
    lab.load("sales", "transactioncurrencies", currencies, key=("isocurrencycode",))
    for entity_set, its_rows in rows:
        lab.load("sales", entity_set, its_rows)


def _unit(name: str, quantity: int) -> Json:
    return {
        "uomid": guid("uom", name),
        "name": name,
        "quantity": quantity,
        "uomscheduleid@odata.bind": unit_group(),
    }


def _one_a_currency(companies: Sequence[Company]) -> list[Company]:
    return list({company.currency: company for company in companies}.values())
