"""Callers who act for another user: `CallerObjectId` (identity service) and the older `MSCRMCallerID` (user's row)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeAlias
from uuid import UUID

from p2c.database.session import Session
from p2c.edm.entity import Model
from p2c.edm.values import Row
from p2c.odata.service.access import ALL_RIGHTS, NOT_A_MEMBER, Caller, Rights, acting, current_caller
from p2c.odata.service.dataverse.functions import current_user_row
from p2c.odata.service.faults import RequestError

RightsOf: TypeAlias = "Callable[[Row], Rights]"
"""What a user may do, from the user's row (`systemuser`)."""

HEADERS: Mapping[str, str] = {
    "callerobjectid": "azureactivedirectoryobjectid",
    "mscrmcallerid": "systemuserid",
}
"""The columns that users are found by, by header."""

PRIVILEGE = "prvActOnBehalfOfAnotherUser"
_NOT_ALLOWED = "0x8004a110"
_BAD_VALUE = "0x80040203"
_DISABLED = "0x80040225"


def all_rights(user: Row) -> Rights:
    """For environments where nobody is asked who they are."""
    return ALL_RIGHTS


@contextmanager
def impersonating(model: Model, session: Session, headers: Mapping[str, str], rights_of: RightsOf) -> Iterator[None]:
    """
    The block works as the user that a header names, with the rights that the user and the caller both have.

    Raises:
        RequestError: The caller may not act for others, or there is no such user.
    """
    found = next(((name, headers[name]) for name in HEADERS if headers.get(name, "").strip()), None)
    if found is None or "systemuser" not in model.entity:
        yield
        return
    caller = current_caller()
    if caller is not None and not caller.rights.may_act_for_others:
        message = f"{caller.name} may not act on behalf of another user; grant a role with {PRIVILEGE}: Delegate"
        raise RequestError(403, message, _NOT_ALLOWED)
    user = _named_user(session, *found)
    key, unit = (_guid(user[column]) for column in ("systemuserid", "businessunitid"))
    own = current_user_row(model, session).get("systemuserid")
    before = session.user, session.delegate
    session.user, session.delegate = key, None if own == key else _guid(own)
    effective = None
    if caller is not None:
        effective = Caller(caller.id, str(user["fullname"]), caller.rights & rights_of(user), key, unit)
    try:
        with acting(effective):
            yield
    finally:
        session.user, session.delegate = before


def _named_user(session: Session, header: str, text: str) -> Row:
    try:
        key = UUID(text.strip())
    except ValueError as error:
        raise RequestError(400, f"{header} is no GUID: {text[:60]!r}", _BAD_VALUE) from error
    users = session.rows("systemuser", HEADERS[header], [key])
    if not users:
        message = f"the user with {HEADERS[header]} {key} is not a member of the organization"
        raise RequestError(403, message, NOT_A_MEMBER)
    if users[0]["isdisabled"]:
        message = f"the user {users[0]['fullname']} is disabled; enable the user, or act for another"
        raise RequestError(403, message, _DISABLED)
    return users[0]


def _guid(value: object) -> UUID | None:
    return value if isinstance(value, UUID) else None
