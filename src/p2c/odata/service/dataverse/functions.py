"""Functions that clients call at start: who they are, which version answers, and which organization."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from p2c.database.session import Session
from p2c.edm.entity import Model
from p2c.edm.values import Row
from p2c.odata.service.core import JSON
from p2c.odata.service.languages import LCIDS
from p2c.odata.service.message import Request, Response

Function: TypeAlias = "Callable[[Model, Session, Request], dict[str, object]]"

VERSION = "9.2.0.0"
_NAMESPACE = "Microsoft.Dynamics.CRM."
_NOBODY = UUID(int=0)


def answer_function(name: str, model: Model, session: Session, request: Request) -> Response:
    """The response of one of `FUNCTIONS`."""
    context = f"{request.root}$metadata#{_NAMESPACE}{name}Response"
    body = {"@odata.context": context, **FUNCTIONS[name](model, session, request)}
    return Response(200, msgspec.json.encode(body), {"Content-Type": JSON})


def _who_am_i(model: Model, session: Session, request: Request) -> dict[str, object]:
    user = current_user_row(model, session)
    return {
        "BusinessUnitId": user.get("businessunitid") or _NOBODY,
        "UserId": user.get("systemuserid") or _NOBODY,
        "OrganizationId": _organization(model, session).get("organizationid") or _NOBODY,
    }


def _version(model: Model, session: Session, request: Request) -> dict[str, object]:
    return {"Version": VERSION}


def _current_organization(model: Model, session: Session, request: Request) -> dict[str, object]:
    organization = _organization(model, session)
    parts = urlsplit(request.root)
    base = f"{parts.scheme}://{parts.netloc}/"
    key = organization.get("organizationid") or _NOBODY
    endpoints = {
        "WebApplication": base,
        "OrganizationService": f"{base}XRMServices/2011/Organization.svc",
        "OrganizationDataService": f"{base}XRMServices/2011/OrganizationData.svc",
    }
    name = str(organization.get("name") or model.name)
    detail = {
        "OrganizationId": key,
        "FriendlyName": name,
        "OrganizationVersion": VERSION,
        "OrganizationType": "Customer",
        "EnvironmentId": str(key),
        "DatacenterId": str(_NOBODY),
        "TenantId": str(_NOBODY),
        "Geo": "",
        "UrlName": parts.hostname or "",
        "UniqueName": model.name,
        "State": "Enabled",
        "Endpoints": {
            "Count": len(endpoints),
            "IsReadOnly": False,
            "Keys": list(endpoints),
            "Values": list(endpoints.values()),
        },
    }
    return {"Detail": detail}


def current_user_row(model: Model, session: Session) -> Row:
    """Who the session writes as; without one, the first user. Empty where there are none."""
    if "systemuser" not in model.entity:
        return {}
    columns = ("systemuserid", "businessunitid")
    if session.user is not None:
        users = session.rows("systemuser", "systemuserid", [session.user], columns)
    else:
        users = session.all("systemuser", columns)
    return users[0] if users else {}


def _organization(model: Model, session: Session) -> Row:
    if "organization" not in model.entity:
        return {"organizationid": session.environment_id()}
    rows = session.all("organization", ("organizationid", "name"))
    return rows[0] if rows else {}


def _languages(model: Model, session: Session, request: Request) -> dict[str, object]:
    return {"LocaleIds": sorted(LCIDS.values())}


FUNCTIONS: Mapping[str, Function] = {
    "WhoAmI": _who_am_i,
    "RetrieveVersion": _version,
    "RetrieveCurrentOrganization": _current_organization,
    "RetrieveAvailableLanguages": _languages,
    "RetrieveProvisionedLanguages": _languages,
}
