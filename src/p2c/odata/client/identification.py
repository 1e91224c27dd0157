"""What an environment tells of itself and of who calls."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

import msgspec

from p2c.edm.entity import Entity
from p2c.errors import StopError
from p2c.odata.client.dataverse import DataverseEnvironment
from p2c.odata.client.environment import Environment
from p2c.odata.client.fno import FnoEnvironment

DATAVERSE = "Dataverse"
FNO = "Finance and Operations"
_APPLICATION_VERSION = "DataManagementEntities/Microsoft.Dynamics.DataEntities.GetApplicationVersion"
_READ, _CREATE, _WRITE = "Read", "Create", "Write"
_Body = TypeVar("_Body")


@dataclass(frozen=True, slots=True)
class Identification:
    """Product and version, and the caller: id of the user and of the organization, name, roles, privileges by name
    in lower case. What an environment does not tell is empty, or None for roles and privileges."""

    product: str
    version: str = ""
    user: str = ""
    organization: str = ""
    name: str = ""
    roles: tuple[str, ...] | None = None
    privileges: frozenset[str] | None = None

    def lacks(self, entity: Entity, *, writes: bool) -> list[str]:
        """
        Privileges on an entity that the caller has not; none where the environment does not tell.

        A table of which the caller has no privilege at all, not even to read, may have none of its own: lines have the
        rights of what they belong to.
        """
        name = f"{entity.name[:1].upper()}{entity.name[1:]}"
        wanted = [f"prv{kind}{name}" for kind in (_READ, *((_CREATE, _WRITE) if writes else ()))]
        held = self.privileges
        if held is None or wanted[0].lower() not in held:
            return []
        return [privilege for privilege in wanted if privilege.lower() not in held]


class _Version(msgspec.Struct):
    Version: str = ""


class _Text(msgspec.Struct):
    value: str = ""


class _WhoAmI(msgspec.Struct):
    UserId: UUID
    OrganizationId: str = ""


class _Role(msgspec.Struct):
    name: str = ""


class _User(msgspec.Struct):
    fullname: str | None = ""


class _Roles(msgspec.Struct):
    value: list[_Role]


class _Privilege(msgspec.Struct):
    PrivilegeName: str | None = ""


class _Privileges(msgspec.Struct):
    RolePrivileges: list[_Privilege]


async def identify(environment: Environment) -> Identification:
    """
    Ask an environment who it is and who calls.

    Raises:
        StopError: It lets nobody in, or does not say who calls.
        RetryError: It does not answer.
    """
    if isinstance(environment, DataverseEnvironment):
        return await _dataverse(environment)
    if isinstance(environment, FnoEnvironment):
        told = await _optional(environment.call(_APPLICATION_VERSION), _Text)
        return Identification(FNO, told.value if told is not None else "")
    return Identification("")


async def _dataverse(environment: DataverseEnvironment) -> Identification:
    try:
        caller = msgspec.json.decode(await environment.get("WhoAmI"), type=_WhoAmI)
    except msgspec.MsgspecError as error:
        raise StopError(f"the environment does not say who calls ({error})", where=environment.where) from error
    version = await _optional(environment.get("RetrieveVersion()"), _Version)
    row = f"systemusers({caller.UserId})"
    user = await _optional(environment.get(f"{row}?$select=fullname"), _User)
    roles = await _optional(environment.get(f"{row}/systemuserroles_association?$select=name"), _Roles)
    held = await _optional(environment.get(f"{row}/Microsoft.Dynamics.CRM.RetrieveUserPrivileges()"), _Privileges)
    return Identification(
        DATAVERSE,
        version.Version if version is not None else "",
        str(caller.UserId),
        caller.OrganizationId,
        (user.fullname or "") if user is not None else "",
        tuple(sorted(role.name for role in roles.value)) if roles is not None else None,
        frozenset((item.PrivilegeName or "").lower() for item in held.RolePrivileges) if held is not None else None,
    )


async def _optional(asking: Awaitable[bytes], kind: type[_Body]) -> _Body | None:
    """The answer; None where the environment does not know the question, or does not let this caller ask it."""
    try:
        return msgspec.json.decode(await asking, type=kind)
    except (StopError, msgspec.MsgspecError):
        return None
