"""The company of a row: fields that the organization mapping fills, and that no field map may name."""

from __future__ import annotations

COMPANY_FIELDS = ("dataAreaId", "Organization_OrganizationId")
"""The company of a row itself, in Operations and in the Common Data Service."""

_LOOKUP_COMPANY = "_Organization_OrganizationId"


def is_company_field(name: str) -> bool:
    """Whether the field holds the company of the row, or of a row that one of its lookups points at."""
    return name in COMPANY_FIELDS or name == "Organization" or name.endswith(_LOOKUP_COMPANY)
