"""The sample companies: each is a legal entity, an organization and a business unit at once."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class SampleCompany:
    """
    One company under its name in each service.

    `rate` is how much of `currency` one euro buys, `decimals` how many decimal places its prices have.
    """

    legal_entity: str
    organization: str
    business_unit: str
    currency: str
    locale: str
    rate: Decimal
    decimals: int


CZECH = SampleCompany("czmf", "ORG001", "Moravská obchodní s.r.o.", "CZK", "cs_CZ", Decimal("24.35"), 2)
HUNGARIAN = SampleCompany("humf", "ORG002", "Dunántúli Kereskedőház Kft.", "HUF", "hu_HU", Decimal("386.40"), 0)
SWEDISH = SampleCompany("semf", "ORG003", "Östersjöns Handel AB", "SEK", "sv_SE", Decimal("10.95"), 2)

COMPANIES = (CZECH, HUNGARIAN, SWEDISH)

ORGANIZATION_MAPPING = tuple(
    (company.legal_entity, company.organization, company.business_unit) for company in COMPANIES
)
"""(legal entity, organization, business unit) of each company."""
