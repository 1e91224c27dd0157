"""Customers that Sales accepts and the flow refuses, one of each kind, and the list of all such rows."""

from __future__ import annotations

from p2c.sales.sample.identity import guid, reference
from p2c.sales.sample.prices import UNKNOWN_CURRENCY, currency
from p2c.sales.sample.setup import SELLERS, owner
from p2c.sample_rows import WrongRow

SELLER = SELLERS[0]
"""Owns every row that is wrong on purpose, so that they all lie in one company."""

UNKNOWN_COUNTRY = "Obchod na konci světa s.r.o."
LONG_POSTAL_CODE = "Poštovní schránky Ústí a.s."
LONG_CITY = "Llanfairpwllgwyngyll dovoz čaje s.r.o."
FOREIGN_CURRENCY = "Směnárna u Černé věže s.r.o."
NO_COUNTRY = "Bezejmenná pekárna Třeboň"
INACTIVE = "Zaniklé hodinářství Šumperk"

WITHOUT_FIRST_NAME = "Bezejmenný-Kopřiva"
OF_REFUSED_ACCOUNT = "Kapitán-Nemo"
OF_INACTIVE_ACCOUNT = "Hodinář-Šebesta"

WRITE_IN_QUOTE = "Nabídka s volně psaným řádkem"
OWN_PRODUCT_QUOTE = "Nabídka s produktem vedeným jen v Sales"
REFUSED_CUSTOMER_QUOTE = "Nabídka pro odmítnutého zákazníka"
OTHER_COMPANYS_PRODUCT_QUOTE = "Nabídka s produktem jiné společnosti"

WRONG_ON_PURPOSE = (
    WrongRow("account in an unknown country", "accounts", "name", UNKNOWN_COUNTRY, "COUNTRY-UNKNOWN"),
    WrongRow(
        "account whose postal code is longer than the 10 characters of Operations",
        "accounts",
        "name",
        LONG_POSTAL_CODE,
        "TEXT-TOO-LONG",
    ),
    WrongRow(
        "account whose city is longer than the 60 characters of Operations",
        "accounts",
        "name",
        LONG_CITY,
        "TEXT-TOO-LONG",
    ),
    WrongRow(
        "account in a currency that Operations does not have",
        "accounts",
        "name",
        FOREIGN_CURRENCY,
        "CURRENCY-UNKNOWN",
    ),
    WrongRow("account without a country: the template's default applies", "accounts", "name", NO_COUNTRY, ""),
    WrongRow("inactive account: held back by the filter", "accounts", "name", INACTIVE, ""),
    WrongRow(
        "contact without the first name that Operations needs",
        "contacts",
        "lastname",
        WITHOUT_FIRST_NAME,
        "REQUIRED-MISSING",
    ),
    WrongRow(
        "contact of an account that was rejected",
        "contacts",
        "lastname",
        OF_REFUSED_ACCOUNT,
        "LOOKUP-NOT-FOUND",
    ),
    WrongRow(
        "contact of an account that is inactive and stays in Sales",
        "contacts",
        "lastname",
        OF_INACTIVE_ACCOUNT,
        "LOOKUP-NOT-FOUND",
    ),
    WrongRow("quote with a write-in line: held back by the filter", "quotes", "name", WRITE_IN_QUOTE, ""),
    WrongRow(
        "quote with a product kept in Sales alone: held back by the filter",
        "quotes",
        "name",
        OWN_PRODUCT_QUOTE,
        "",
    ),
    WrongRow(
        "quote, with its line, to an account that was rejected",
        "quotes",
        "name",
        REFUSED_CUSTOMER_QUOTE,
        "LOOKUP-NOT-FOUND",
    ),
    WrongRow(
        "quote whose line names a product that only other companies have released; the line is rejected",
        "quotes",
        "name",
        OTHER_COMPANYS_PRODUCT_QUOTE,
        "LOOKUP-NOT-FOUND",
    ),
)


def wrong_accounts(seed: int) -> list[dict[str, object]]:
    """The accounts of the list."""
    return [
        _account(seed, UNKNOWN_COUNTRY, address1_country="Atlantis"),
        _account(seed, LONG_POSTAL_CODE, address1_postalcode="400 01 Ústí 1"),
        _account(
            seed,
            LONG_CITY,
            address1_city="Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch nad Ohří",
        ),
        {
            **_account(seed, FOREIGN_CURRENCY),
            "transactioncurrencyid@odata.bind": currency(seed, UNKNOWN_CURRENCY),
        },
        _account(seed, NO_COUNTRY, address1_country=None),
        _account(seed, INACTIVE, statecode=1, statuscode=2),
    ]


def wrong_contacts(seed: int) -> list[dict[str, object]]:
    """The contacts of the list."""
    return [
        _contact(seed, WITHOUT_FIRST_NAME, None, NO_COUNTRY),
        _contact(seed, OF_REFUSED_ACCOUNT, "Čeněk", UNKNOWN_COUNTRY),
        _contact(seed, OF_INACTIVE_ACCOUNT, "Květoslav", INACTIVE),
    ]


def wrong_account_id(seed: int, name: str) -> str:
    """The primary key of an account of the list."""
    return guid(seed, "account", name)


def _account(seed: int, name: str, **changed: object) -> dict[str, object]:
    return {
        "accountid": wrong_account_id(seed, name),
        "name": name,
        "description": "Wrong on purpose, to show what becomes of such a row.",
        "address1_line1": "Slepá ulička 13",
        "address1_city": "Ústí nad Labem",
        "address1_stateorprovince": "ULK",
        "address1_postalcode": "400 01",
        "address1_country": "Česko",
        "transactioncurrencyid@odata.bind": currency(seed, SELLER.company.currency),
        "ownerid@odata.bind": owner(seed, SELLER),
        **changed,
    }


def _contact(seed: int, last_name: str, first_name: str | None, account: str) -> dict[str, object]:
    row: dict[str, object] = {
        "contactid": guid(seed, "contact", last_name),
        "lastname": last_name,
        "description": "Wrong on purpose, to show what becomes of such a row.",
        "address1_country": "Česko",
        "parentcustomerid_account@odata.bind": reference("accounts", wrong_account_id(seed, account)),
        "transactioncurrencyid@odata.bind": currency(seed, SELLER.company.currency),
        "ownerid@odata.bind": owner(seed, SELLER),
    }
    return row if first_name is None else {**row, "firstname": first_name}
