"""Accounts and contacts of the three business units, with the companies they belong to."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from random import Random

from p2c.sales.sample.identity import guid, reference
from p2c.sales.sample.places import COUNTRIES, Place
from p2c.sales.sample.prices import currency
from p2c.sales.sample.setup import SELLERS, Seller, owner
from p2c.sales.sample.wrong import wrong_accounts, wrong_contacts
from p2c.sample_catalogue import in_currency
from p2c.sample_companies import COMPANIES, CZECH, HUNGARIAN, SWEDISH, SampleCompany
from p2c.sample_rows import SampleSet

ACCOUNTS = 318
CONTACTS = 630
SHARED_ACCOUNT_NUMBER = "ACC-00500-SDILEN"
"""The number of one Czech and one Hungarian account; the service's own numbers start at 01000."""

_MARKETS = {
    CZECH: ("cs_CZ", "cs_CZ", "cs_CZ", "lt_LT"),
    HUNGARIAN: ("hu_HU", "hu_HU", "hu_HU", "cs_CZ"),
    SWEDISH: ("sv_SE", "sv_SE", "et_EE", "lt_LT"),
}
_JOBS = ("Purchasing manager", "Owner", "Chief accountant", "Warehouse manager", "Managing director", "Chef")
_DEPARTMENTS = ("Purchasing", "Finance", "Logistics", "Management")
_EURO_EVERY, _PARENT_EVERY, _CREDIT_EVERY, _DELIVERY_ADDRESS_EVERY = 8, 10, 4, 5
_NO_COMPANY, _COMPANY_IS_CONTACT, _COMPANY_CYCLE = 0, 1, 20
_PARENT_DISTANCE = len(COMPANIES) * 10
"""How far back the parent of an account stands: a whole number of rounds, so in the same company."""


@dataclass(frozen=True, slots=True)
class Customer:
    """A row that quotes may be made out to."""

    entity: str
    id: str
    company: SampleCompany
    seller: Seller
    name: str
    row: dict[str, object]


def master_customers(seed: int) -> list[SampleSet]:
    """Accounts, then contacts; rows that belong to another row of the same table come in a later set."""
    accounts, contacts = customers(seed)
    account_rows = [account.row for account in accounts] + wrong_accounts(seed)
    contact_rows = [contact.row for contact in contacts] + wrong_contacts(seed)
    sets: list[SampleSet] = []
    for entity_set, key, rows, parent in (
        ("accounts", "accountid", account_rows, "parentaccountid@odata.bind"),
        ("contacts", "contactid", contact_rows, "parentcustomerid_contact@odata.bind"),
    ):
        sets.append(SampleSet(entity_set, (key,), [row for row in rows if parent not in row]))
        sets.append(SampleSet(entity_set, (key,), [row for row in rows if parent in row]))
    return sets


def customers(seed: int) -> tuple[list[Customer], list[Customer]]:
    """Accounts and contacts, without those that are wrong on purpose."""
    places = {locale: Place(country, seed) for locale, country in COUNTRIES.items()}
    accounts = _accounts(seed, places)
    return accounts, _contacts(seed, places, accounts)


def _accounts(seed: int, places: dict[str, Place]) -> list[Customer]:
    random = Random(f"accounts/{seed}")
    accounts: list[Customer] = []
    for position in range(ACCOUNTS):
        company = COMPANIES[position % len(COMPANIES)]
        row = _account(seed, position, company, places, random)
        if position >= _PARENT_DISTANCE and position % _PARENT_EVERY == 0:
            parent = accounts[position - _PARENT_DISTANCE]
            if "parentaccountid@odata.bind" not in parent.row:
                row["parentaccountid@odata.bind"] = reference("accounts", parent.id)
        seller = _seller(company, position)
        accounts.append(Customer("account", str(row["accountid"]), company, seller, str(row["name"]), row))
    for company in (CZECH, HUNGARIAN):
        _first_of(accounts, company).row["accountnumber"] = SHARED_ACCOUNT_NUMBER
    return accounts


def _first_of(customers: list[Customer], company: SampleCompany) -> Customer:
    return next(customer for customer in customers if customer.company is company)


def _seller(company: SampleCompany, position: int) -> Seller:
    sellers = [seller for seller in SELLERS if seller.company is company]
    return sellers[position // len(COMPANIES) % len(sellers)]


def _account(
    seed: int, position: int, company: SampleCompany, places: dict[str, Place], random: Random
) -> dict[str, object]:
    place = places[_MARKETS[company][position // len(COMPANIES) % 4]]
    name = place.company()
    row: dict[str, object] = {
        "accountid": guid(seed, "account", position),
        "name": name,
        "customertypecode": 3,
        "emailaddress1": f"info@{_slug(name)}.example",
        "telephone1": place.phone(),
        "websiteurl": f"https://{_slug(name)}.example",
        "numberofemployees": random.randint(2, 900),
        **place.address("address1"),
        "transactioncurrencyid@odata.bind": currency(seed, "EUR" if position % _EURO_EVERY == 0 else company.currency),
        "ownerid@odata.bind": owner(seed, _seller(company, position)),
    }
    if position % _CREDIT_EVERY == 0:
        row["creditlimit"] = in_currency(Decimal(random.randint(10, 200) * 100), company)
    if position % _DELIVERY_ADDRESS_EVERY == 0:
        row.update(place.address("address2"))
    return row


def _contacts(seed: int, places: dict[str, Place], accounts: list[Customer]) -> list[Customer]:
    random = Random(f"contacts/{seed}")
    contacts: list[Customer] = []
    for position in range(CONTACTS):
        account = accounts[(position * 7 + position // len(accounts)) % len(accounts)]
        locale = _MARKETS[account.company][position % 4]
        row = _contact(seed, position, account.company, places[locale], random)
        row["ownerid@odata.bind"] = owner(seed, account.seller)
        if position % _COMPANY_CYCLE == _COMPANY_IS_CONTACT and position > CONTACTS // 3:
            colleagues = [item for item in contacts if item.company is account.company and _has_account(item)]
            row["parentcustomerid_contact@odata.bind"] = reference("contacts", random.choice(colleagues).id)
        elif position % _COMPANY_CYCLE != _NO_COMPANY:
            row["parentcustomerid_account@odata.bind"] = reference("accounts", account.id)
        name = f"{row['firstname']} {row['lastname']}"
        contacts.append(Customer("contact", str(row["contactid"]), account.company, account.seller, name, row))
    return contacts


def _has_account(contact: Customer) -> bool:
    return "parentcustomerid_account@odata.bind" in contact.row


def _contact(seed: int, position: int, company: SampleCompany, place: Place, random: Random) -> dict[str, object]:
    first_name, last_name, gender = place.person()
    row: dict[str, object] = {
        "contactid": guid(seed, "contact", position),
        "firstname": first_name,
        "lastname": last_name,
        "jobtitle": random.choice(_JOBS),
        "department": random.choice(_DEPARTMENTS),
        "accountrolecode": random.choice((1, 2, 3)),
        "emailaddress1": f"{_slug(first_name)}.{_slug(last_name)}@post.example",
        "telephone1": place.phone(),
        "mobilephone": place.phone(),
        "familystatuscode": random.choice((1, 2, 3, 4)),
        "birthdate": f"{random.randint(1955, 2002)}-{random.randint(1, 12):02d}-{random.randint(1, 28):02d}",
        "donotemail": position % 11 == 0,
        **place.address("address1"),
        "transactioncurrencyid@odata.bind": currency(seed, company.currency),
    }
    if gender is not None:
        row["gendercode"] = gender
    return row


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
