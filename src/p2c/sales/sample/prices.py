"""Currencies, units and price lists, and the few products that are kept in Sales alone."""

from __future__ import annotations

from decimal import Decimal

from p2c.sales.sample.identity import guid, reference
from p2c.sample_catalogue import in_currency
from p2c.sample_companies import COMPANIES, CZECH, HUNGARIAN, SWEDISH
from p2c.sample_rows import SampleSet

UNIT_GROUP = "Default Unit"
BASE_UNIT = "Each"
UNKNOWN_CURRENCY = "QQQ"
"""A currency that somebody made up in Sales; nobody else knows it."""

_CURRENCIES = (
    ("EUR", "Euro", "€", 2, Decimal(1)),
    *((company.currency, name, symbol, company.decimals, company.rate) for company, name, symbol in (
        (CZECH, "Česká koruna", "Kč"),
        (HUNGARIAN, "Magyar forint", "Ft"),
        (SWEDISH, "Svensk krona", "kr"),
    )),
    (UNKNOWN_CURRENCY, "Quiz queen", "¤", 2, Decimal(2)),
)  # fmt: skip

PRICE_LISTS = {"CZK": "CZK Ceník", "EUR": "EUR Standard", "HUF": "HUF Árlista", "SEK": "SEK Prislista"}
ACTIVE_PRICE_LIST = {"statecode": 0, "statuscode": 100001}

_OTHER_UNITS = (
    ("Piece", 1),
    ("Pound", 1),
    ("Kilogram", 1),
    ("Gram", 1),
    ("Ounce", 1),
    ("Box", 12),
    ("Dozen", 12),
    ("Pair", 2),
    ("Pallet", 480),
    ("Hour", 1),
    ("Day", 1),
    ("Gallon", 1),
    ("Litre", 1),
    ("Meter", 1),
    ("Feet", 1),
)

UNIT_NAMES = {
    "ea": "Each", "pcs": "Piece", "lb": "Pound", "kg": "Kilogram", "g": "Gram", "oz": "Ounce",
    "box": "Box", "dz": "Dozen", "pr": "Pair", "pl": "Pallet", "hr": "Hour", "day": "Day",
    "gal": "Gallon", "l": "Litre", "m": "Meter", "ft": "Feet",
}  # fmt: skip
"""Unit of Sales by the symbol that the catalogue has."""


OWN_PRODUCT = "SALES-0001"
"""A product that is kept in Sales alone; Operations does not know it."""

_OWN_PRODUCTS = (
    (OWN_PRODUCT, "Školení prodejců na míru", Decimal("120.00")),
    ("SALES-0002", "Prioritní doručení do druhého dne", Decimal("18.00")),
    ("SALES-0003", "Dárkové balení s věnováním", Decimal("3.50")),
)


def currencies(seed: int) -> SampleSet:
    """The currencies."""
    return SampleSet("transactioncurrencies", ("transactioncurrencyid",), _currencies(seed))


def prices(seed: int) -> list[SampleSet]:
    """Units, price lists and the products of Sales, in load order; the base unit comes before the others."""
    base, others = _units(seed)
    return [
        SampleSet("uomschedules", ("uomscheduleid",), [_unit_group(seed)]),
        SampleSet("uoms", ("uomid",), base),
        SampleSet("uoms", ("uomid",), others),
        SampleSet("pricelevels", ("pricelevelid",), _price_lists(seed)),
        SampleSet("products", ("productid",), _own_products(seed)),
        SampleSet("productpricelevels", ("productpricelevelid",), _own_prices(seed)),
    ]


def currency(seed: int, code: str) -> str:
    """A reference to a currency."""
    return reference("transactioncurrencies", guid(seed, "transactioncurrency", code))


def price_list(seed: int, code: str) -> str:
    """A reference to the price list of a currency."""
    return reference("pricelevels", guid(seed, "pricelevel", code))


def unit(seed: int, name: str) -> str:
    """A reference to a unit by its name in Sales."""
    return reference("uoms", guid(seed, "uom", name))


def _currencies(seed: int) -> list[dict[str, object]]:
    return [
        {
            "transactioncurrencyid": guid(seed, "transactioncurrency", code),
            "isocurrencycode": code,
            "currencyname": name,
            "currencysymbol": symbol,
            "currencyprecision": decimals,
            "exchangerate": rate,
        }
        for code, name, symbol, decimals, rate in _CURRENCIES
    ]


def _unit_group(seed: int) -> dict[str, object]:
    # Without baseuomname: the service would make the base unit itself, under an id unknown to the sample.
    return {
        "uomscheduleid": guid(seed, "uomschedule", UNIT_GROUP),
        "name": UNIT_GROUP,
    }


def _unit(seed: int, name: str, quantity: int) -> dict[str, object]:
    return {
        "uomid": guid(seed, "uom", name),
        "name": name,
        "uomscheduleid@odata.bind": reference("uomschedules", guid(seed, "uomschedule", UNIT_GROUP)),
        "quantity": Decimal(quantity),
    }


def _units(seed: int) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    base = {**_unit(seed, BASE_UNIT, 1), "isschedulebaseuom": True}
    others = [
        {**_unit(seed, name, quantity), "baseuom@odata.bind": unit(seed, BASE_UNIT)} for name, quantity in _OTHER_UNITS
    ]
    return [base], others


def _price_lists(seed: int) -> list[dict[str, object]]:
    return [
        {
            "pricelevelid": guid(seed, "pricelevel", code),
            "name": name,
            **ACTIVE_PRICE_LIST,
            "transactioncurrencyid@odata.bind": currency(seed, code),
        }
        for code, name in PRICE_LISTS.items()
    ]


def _own_products(seed: int) -> list[dict[str, object]]:
    return [
        {
            "productid": guid(seed, "product", number),
            "productnumber": number,
            "name": name,
            "producttypecode": 3,
            "quantitydecimal": 0,
            "isstockitem": False,
            "msdynce_ismaintainedexternally": False,
            "defaultuomid@odata.bind": unit(seed, BASE_UNIT),
            "defaultuomscheduleid@odata.bind": reference("uomschedules", guid(seed, "uomschedule", UNIT_GROUP)),
            "transactioncurrencyid@odata.bind": currency(seed, "EUR"),
        }
        for number, name, _euros in _OWN_PRODUCTS
    ]


def _own_prices(seed: int) -> list[dict[str, object]]:
    in_euros = [(number, "EUR", euros) for number, _name, euros in _OWN_PRODUCTS]
    in_others = [
        (number, company.currency, in_currency(euros, company))
        for number, _name, euros in _OWN_PRODUCTS
        for company in COMPANIES
    ]
    return [
        {
            "productpricelevelid": guid(seed, "productpricelevel", f"{number}/{code}"),
            "productid@odata.bind": reference("products", guid(seed, "product", number)),
            "pricelevelid@odata.bind": price_list(seed, code),
            "uomid@odata.bind": unit(seed, BASE_UNIT),
            "amount": amount,
        }
        for number, code, amount in (*in_euros, *in_others)
    ]
