"""What stands before the first product: companies, currencies, units, sites, warehouses, customer groups."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from p2c.sample_companies import COMPANIES, CZECH, HUNGARIAN, SWEDISH
from p2c.sample_rows import SampleSet


@dataclass(frozen=True, slots=True)
class _Seat:
    """Where a company sits, and its two sites: 1 beside the head office and 2 elsewhere."""

    street: str
    city: str
    zip_code: str
    country: str
    language: str
    time_zone: str
    second_city: str
    second_zip_code: str


_SEATS = {
    CZECH: _Seat(
        "Křížová 18", "Brno", "603 00", "CZE", "cs", "GMTPLUS0100BELGRADE_BRATISLAVA_BUDAPEST",
        "Žďár nad Sázavou", "591 01",
    ),
    HUNGARIAN: _Seat(
        "Széchenyi tér 7.", "Győr", "9022", "HUN", "hu", "GMTPLUS0100BELGRADE_BRATISLAVA_BUDAPEST",
        "Székesfehérvár", "8000",
    ),
    SWEDISH: _Seat(
        "Sjöfartsgatan 3", "Göteborg", "411 21", "SWE", "sv", "GMTPLUS0100_AMSTERDAM_BERLIN_BERN_ROME",
        "Örebro", "702 14",
    ),
}  # fmt: skip

_CURRENCIES = (
    ("CZK", "Česká koruna", "Kč", "0.01"),
    ("EUR", "Euro", "€", "0.01"),
    ("HUF", "Magyar forint", "Ft", "1"),
    ("SEK", "Svensk krona", "kr", "0.01"),
)

_UNITS = (
    ("ea", "Each", "Quantity", "None", 0),
    ("pcs", "Piece", "Quantity", "None", 0),
    ("box", "Box", "Quantity", "None", 0),
    ("dz", "Dozen", "Quantity", "None", 0),
    ("pr", "Pair", "Quantity", "None", 0),
    ("pl", "Pallet", "Quantity", "None", 0),
    ("rl", "Roll", "Quantity", "None", 0),
    ("kg", "Kilogram", "Mass", "Metric", 0),
    ("g", "Gram", "Mass", "Metric", 0),
    ("lb", "Pound", "Mass", "US", 0),
    ("oz", "Ounce", "Mass", "US", 0),
    ("l", "Litre", "LiquidVolume", "Metric", 0),
    ("gal", "Gallon", "LiquidVolume", "US", 0),
    ("m", "Meter", "Length", "Metric", 0),
    ("ft", "Feet", "Length", "US", 0),
    ("hr", "Hour", "Time", "None", 0),
    ("day", "Day", "Time", "None", 0),
)
_BASE_UNITS = frozenset({"ea", "kg", "l", "m", "hr"})

_CONVERSIONS = (
    ("box", "ea", "12"),
    ("dz", "ea", "12"),
    ("pr", "ea", "2"),
    ("pl", "box", "40"),
    ("kg", "g", "1000"),
    ("lb", "kg", "0.45359237"),
    ("oz", "g", "28.349523125"),
    ("gal", "l", "3.785411784"),
    ("ft", "m", "0.3048"),
    ("day", "hr", "8"),
)
"""One of the first unit is so many of the second."""

_CUSTOMER_GROUPS = (("10", "Wholesale customers"), ("20", "Retail customers"), ("30", "Major customers"))
FIRST_SITE, SECOND_SITE = ("1", "13"), ("2", "24")
"""(site, warehouse): the templates send customers to the first of each."""

WAREHOUSES = (FIRST_SITE, SECOND_SITE)


def setup() -> list[SampleSet]:
    """The setup in load order."""
    return [
        SampleSet("Currencies", ("CurrencyCode",), _currencies()),
        SampleSet("LegalEntities", ("LegalEntityId",), _legal_entities()),
        SampleSet("UnitsOfMeasure", ("UnitSymbol",), _units()),
        SampleSet("UnitOfMeasureConversions", ("FromUnitSymbol", "ToUnitSymbol"), _conversions()),
        SampleSet("OperationalSitesV2", ("dataAreaId", "SiteId"), _sites()),
        SampleSet("Warehouses", ("dataAreaId", "WarehouseId"), _warehouses()),
        SampleSet("CustomerGroups", ("dataAreaId", "CustomerGroupId"), _customer_groups()),
    ]


def _currencies() -> list[dict[str, object]]:
    return [
        {
            "CurrencyCode": code,
            "Name": name,
            "Symbol": symbol,
            "GeneralRoundingRule": Decimal(step),
            "RoundingRuleSalesOrders": Decimal(step),
            "RoundingRulePrices": Decimal(step),
        }
        for code, name, symbol, step in _CURRENCIES
    ]


def _legal_entities() -> list[dict[str, object]]:
    return [
        {
            "LegalEntityId": company.legal_entity,
            "CompanyName": company.business_unit,
            "Name": company.business_unit,
            "NameAlias": company.legal_entity.upper(),
            "LanguageId": seat.language,
            "AddressStreet": seat.street,
            "AddressCity": seat.city,
            "AddressZipCode": seat.zip_code,
            "AddressCountryRegionId": seat.country,
            "TimeZone": seat.time_zone,
            "AccountingCurrency": company.currency,
        }
        for company, seat in _SEATS.items()
    ]


def _units() -> list[dict[str, object]]:
    return [
        {
            "UnitSymbol": symbol,
            "UnitDescription": description,
            "UnitClass": unit_class,
            "SystemOfUnits": system,
            "DecimalPrecision": decimals,
            "IsBaseUnit": "Yes" if symbol in _BASE_UNITS else "No",
        }
        for symbol, description, unit_class, system, decimals in _UNITS
    ]


def _conversions() -> list[dict[str, object]]:
    return [
        {"FromUnitSymbol": unit, "ToUnitSymbol": other, "Factor": Decimal(factor)}
        for unit, other, factor in _CONVERSIONS
    ]


def _sites() -> list[dict[str, object]]:
    return [
        {
            "dataAreaId": company.legal_entity,
            "SiteId": site,
            "SiteName": city,
            "SiteTimezone": seat.time_zone,
            "PrimaryAddressCity": city,
            "PrimaryAddressZipCode": zip_code,
            "PrimaryAddressCountryRegionId": seat.country,
        }
        for company, seat in _SEATS.items()
        for site, city, zip_code in _places(seat)
    ]


def _places(seat: _Seat) -> tuple[tuple[str, str, str], ...]:
    return (
        (FIRST_SITE[0], seat.city, seat.zip_code),
        (SECOND_SITE[0], seat.second_city, seat.second_zip_code),
    )


def _warehouses() -> list[dict[str, object]]:
    return [
        {
            "dataAreaId": company.legal_entity,
            "WarehouseId": warehouse,
            "WarehouseName": f"{warehouse} {city}",
            "OperationalSiteId": site,
            "WarehouseType": "Standard",
            "PrimaryAddressCity": city,
            "PrimaryAddressZipCode": zip_code,
            "PrimaryAddressCountryRegionId": seat.country,
        }
        for company, seat in _SEATS.items()
        for (site, warehouse), (_, city, zip_code) in zip(WAREHOUSES, _places(seat), strict=True)
    ]


def _customer_groups() -> list[dict[str, object]]:
    return [
        {"dataAreaId": company.legal_entity, "CustomerGroupId": group, "Description": description}
        for company in COMPANIES
        for group, description in _CUSTOMER_GROUPS
    ]
