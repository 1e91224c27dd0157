"""Sample data of the Common Data Service: the organizations, which must exist before anything flows."""

from __future__ import annotations

from p2c.sample_companies import COMPANIES
from p2c.sample_rows import SampleSet


def rows() -> list[SampleSet]:
    """One organization a company."""
    organizations: list[dict[str, object]] = [
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
        for company in COMPANIES
    ]
    return [SampleSet("Organizations", ("OrganizationId",), organizations)]
