"""Callers who act for another user: `CallerObjectId` (identity service) and the older `MSCRMCallerID` (user's row)."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from p2c.database.session import Session
from p2c.edm.entity import Model
from p2c.odata.service.access import NOT_A_MEMBER, current_caller
from p2c.odata.service.faults import RequestError

HEADERS: Mapping[str, str] = {
    "callerobjectid": "azureactivedirectoryobjectid",
    "mscrmcallerid": "systemuserid",
}
"""The columns that users are found by, by header."""

_NOT_ALLOWED = "0x8004a110"
_BAD_VALUE = "0x80040203"


def impersonate(model: Model, session: Session, headers: Mapping[str, str]) -> None:
    """
    Let the session work as the user that a header names. Only administrators may act for others.

    Raises:
        RequestError: The caller may not, or there is no such user.
    """
    found = next(((name, headers[name]) for name in HEADERS if headers.get(name, "").strip()), None)
    if found is None or "systemuser" not in model.entity:
        return
    name, text = found
    caller = current_caller()
    if caller is not None and not caller.rights.administrator:
        message = f"{caller.name} may not act on behalf of another user; leave the header {name} out"
        raise RequestError(403, message, _NOT_ALLOWED)
    try:
        key = UUID(text.strip())
    except ValueError as error:
        raise RequestError(400, f"{name} is no GUID: {text[:60]!r}", _BAD_VALUE) from error
    users = session.rows("systemuser", HEADERS[name], [key], ("systemuserid",))
    if not users:
        message = f"the user with {HEADERS[name]} {key} is not a member of the organization"
        raise RequestError(403, message, NOT_A_MEMBER)
    user = users[0]["systemuserid"]
    session.user = user if isinstance(user, UUID) else None
