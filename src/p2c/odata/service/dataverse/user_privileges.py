"""RetrieveUserPrivileges: what the caller may do, privilege by privilege."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias
from uuid import NAMESPACE_OID, UUID, uuid5

import msgspec

from p2c.database.session import Session
from p2c.edm.entity import Model
from p2c.odata.query.path import Segment, SingleKey
from p2c.odata.service.access import ALL_RIGHTS, Level, Privilege, current_caller, privilege_name
from p2c.odata.service.core import JSON
from p2c.odata.service.dataverse.functions import current_user_row
from p2c.odata.service.faults import RequestError
from p2c.odata.service.message import Request, Response

NAME = "RetrieveUserPrivileges"
_USERS = "systemusers"
_NAMESPACE = "Microsoft.Dynamics.CRM."
_NOBODY = UUID(int=0)
_DEPTHS = {Level.BUSINESS_UNIT: "Local", Level.ORGANIZATION: "Global"}

_Grant: TypeAlias = "dict[str, str | UUID]"


def asks_for_privileges(request: Request, segments: Sequence[Segment]) -> bool:
    """Whether the request is `systemusers(id)/Microsoft.Dynamics.CRM.RetrieveUserPrivileges`."""
    return (
        request.method == "GET"
        and len(segments) == 2
        and segments[0].name == _USERS
        and segments[1].name.removeprefix(_NAMESPACE) == NAME
    )


def answer_privileges(model: Model, session: Session, request: Request, segments: Sequence[Segment]) -> Response:
    """
    The privileges of the caller, who must be the one that the request asks for.

    Raises:
        RequestError: The request asks for somebody else, whose roles this service does not know.
    """
    user = current_user_row(model, session).get("systemuserid") or _NOBODY
    key = segments[0].key
    wanted = str(key.value) if isinstance(key, SingleKey) else ""
    if wanted.lower() != str(user).lower():
        raise RequestError(403, f"only the caller's own privileges can be told; WhoAmI says who that is ({user})")
    context = f"{request.root}$metadata#{_NAMESPACE}{NAME}Response"
    body = {"@odata.context": context, "RolePrivileges": list(_grants(model))}
    return Response(200, msgspec.json.encode(body), {"Content-Type": JSON})


def _grants(model: Model) -> Iterator[_Grant]:
    caller = current_caller()
    rights = caller.rights if caller is not None else ALL_RIGHTS
    unit = (caller.unit if caller is not None else None) or _NOBODY
    for entity in model.entities:
        for privilege in Privilege:
            level = rights.level(entity.table.name, privilege)
            if level is not Level.NONE:
                name = privilege_name(entity, privilege)
                yield {
                    "Depth": _DEPTHS[level],
                    "PrivilegeId": uuid5(NAMESPACE_OID, name),
                    "BusinessUnitId": unit,
                    "PrivilegeName": name,
                }
