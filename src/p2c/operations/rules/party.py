"""Who a customer or contact person is."""

from __future__ import annotations

import calendar
from dataclasses import dataclass

ORGANIZATION = "Organization"
PERSON = "Person"
PARTY_TYPES = (ORGANIZATION, PERSON)

NAME_ALIAS_LENGTH = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyName:
    """The names of a customer; organizations have one, persons three."""

    party_type: str
    organization: str = ""
    first: str = ""
    middle: str = ""
    last: str = ""

    @property
    def missing(self) -> str:
        """The field that the party type needs and that is empty; "" when all are there."""
        if self.party_type == ORGANIZATION:
            return "" if self.organization else "OrganizationName"
        needed = (("PersonFirstName", self.first), ("PersonLastName", self.last))
        return next((field for field, value in needed if not value), "")

    @property
    def full(self) -> str:
        """The name in one piece."""
        if self.party_type == ORGANIZATION:
            return self.organization
        return " ".join(part for part in (self.first, self.middle, self.last) if part)

    @property
    def alias(self) -> str:
        """The search name that a customer gets when none is given."""
        return self.full[:NAME_ALIAS_LENGTH].rstrip()


def birthday_exists(day: int, month: int, year: int) -> bool:
    """Whether the parts can be a birthday; 0 stands for a part that is not known."""
    if year and not 1 <= year <= 9999:
        return False
    if not month:
        return 0 <= day <= 31
    # A leap year when the year is open, so that 29 February may be born on.
    return 0 <= day <= calendar.monthrange(year or 2000, month)[1]
