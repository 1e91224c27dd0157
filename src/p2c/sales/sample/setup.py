"""Who sells: the organization, its business units (each makes its default team) and two sellers in each."""

from __future__ import annotations

from dataclasses import dataclass

from p2c.sales.sample.identity import guid, reference
from p2c.sales.sample.prices import currencies, currency, prices
from p2c.sample_companies import COMPANIES, CZECH, HUNGARIAN, SWEDISH, SampleCompany
from p2c.sample_rows import SampleSet

GROUP_NAME = "Prospect to Cash Trading Group"


@dataclass(frozen=True, slots=True)
class Seller:
    """Somebody who owns customers and quotes of one business unit."""

    company: SampleCompany
    first_name: str
    last_name: str
    login: str

    @property
    def domain_name(self) -> str:
        """The user name."""
        return f"{self.login}@p2c.example"


SELLERS = (
    Seller(CZECH, "Jiřina", "Dvořáčková", "jirina.dvorackova"),
    Seller(CZECH, "Vojtěch", "Šťastný", "vojtech.stastny"),
    Seller(HUNGARIAN, "Zsófia", "Győrffy", "zsofia.gyorffy"),
    Seller(HUNGARIAN, "Ádám", "Szűcs", "adam.szucs"),
    Seller(SWEDISH, "Åsa", "Lindström", "asa.lindstrom"),
    Seller(SWEDISH, "Björn", "Sjögren", "bjorn.sjogren"),
)


def setup(seed: int) -> list[SampleSet]:
    """The setup in load order; the root business unit comes before those that belong to it."""
    root, branches = _business_units(seed)
    return [
        currencies(seed),
        SampleSet("organizations", ("organizationid",), [_organization(seed)]),
        SampleSet("businessunits", ("businessunitid",), root),
        SampleSet("businessunits", ("businessunitid",), branches),
        SampleSet("systemusers", ("systemuserid",), [_user(seed, seller) for seller in SELLERS]),
        *prices(seed),
    ]


def owner(seed: int, seller: Seller) -> str:
    """A reference to a seller."""
    return reference("systemusers", guid(seed, "systemuser", seller.domain_name))


def _business_unit(seed: int, name: str) -> str:
    return reference("businessunits", guid(seed, "businessunit", name))


def _organization(seed: int) -> dict[str, object]:
    return {
        "organizationid": guid(seed, "organization", GROUP_NAME),
        "name": GROUP_NAME,
        "basecurrencyid@odata.bind": currency(seed, "EUR"),
        "discountcalculationmethod": 0,
        "oobpricecalculationenabled": True,
        "createproductswithoutparentinactivestate": True,
    }


def _business_units(seed: int) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    root: dict[str, object] = {
        "businessunitid": guid(seed, "businessunit", GROUP_NAME),
        "name": GROUP_NAME,
        "transactioncurrencyid@odata.bind": currency(seed, "EUR"),
    }
    branches: list[dict[str, object]] = [
        {
            "businessunitid": guid(seed, "businessunit", company.business_unit),
            "name": company.business_unit,
            "divisionname": company.legal_entity,
            "parentbusinessunitid@odata.bind": _business_unit(seed, GROUP_NAME),
            "transactioncurrencyid@odata.bind": currency(seed, company.currency),
        }
        for company in COMPANIES
    ]
    return [root], branches


def _user(seed: int, seller: Seller) -> dict[str, object]:
    return {
        "systemuserid": guid(seed, "systemuser", seller.domain_name),
        "domainname": seller.domain_name,
        "firstname": seller.first_name,
        "lastname": seller.last_name,
        "internalemailaddress": seller.domain_name,
        "businessunitid@odata.bind": _business_unit(seed, seller.company.business_unit),
    }
