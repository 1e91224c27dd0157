"""Finds the user of Operations that belongs to an application or a person, and makes it at the first request."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.exc import IntegrityError

from p2c.database.session import Database, Session
from p2c.identity.authenticator import Users
from p2c.identity.principals import Kind, Principal
from p2c.odata.service.access import AccessRefusedError
from p2c.operations.saving.users import user_of
from p2c.operations.tables.system_user import (
    APPLICATION_NAME_LENGTH,
    ENTRA_APPLICATION,
    SYSTEM_USER,
    USER_ID_LENGTH,
    USER_NAME_LENGTH,
)


def operations_users(database: Database) -> Users:
    """
    Looks users up: applications in `SysAADClients`, people by alias.

    Nobody gets here without a role, so who has no user yet gets one, whose company is the first until it is told
    otherwise. A user who is not enabled is refused.
    """

    def find(principal: Principal) -> tuple[UUID | None, UUID | None]:
        try:
            with database.begin() as session:
                enabled = _enabled(principal, session)
        except IntegrityError:
            # Another request of the same principal made it first.
            with database.begin() as session:
                enabled = _enabled(principal, session)
        if not enabled:
            raise AccessRefusedError(403, f"the user of {principal.name} is not enabled; an administrator enables it")
        return None, None

    return find


def _enabled(principal: Principal, session: Session) -> bool:
    found = user_of(principal.login, session)
    if found is not None:
        return found["Enabled"] is not False
    _make(principal, session)
    return True


def _make(principal: Principal, session: Session) -> None:
    user = _free_id(principal.name, session)
    alias = principal.domain_name if principal.kind is Kind.USER else ""
    _insert(
        SYSTEM_USER.name,
        session,
        {
            "UserID": user,
            "UserName": principal.name[:USER_NAME_LENGTH],
            "Alias": alias,
            "Email": alias,
            "Company": "",
            "Enabled": True,
        },
    )
    if principal.kind is Kind.APPLICATION:
        name = principal.name[:APPLICATION_NAME_LENGTH]
        _insert(ENTRA_APPLICATION.name, session, {"AADClientId": principal.login, "Name": name, "UserId": user})


def _insert(table: str, session: Session, row: dict[str, str | bool]) -> None:
    (key,) = session.take(f"{table}:key", 1)
    session.insert(table, [{"RecId": key, **row}])


def _free_id(name: str, session: Session) -> str:
    """The name itself, shortened and numbered where another user has it."""
    places = 100
    wanted = [name[:USER_ID_LENGTH], *(f"{name[: USER_ID_LENGTH - 2]}{number:02}" for number in range(1, places))]
    taken = {str(row["UserID"]).lower() for row in session.rows(SYSTEM_USER.name, "UserID", wanted, ("UserID",))}
    return next((user for user in wanted if user.lower() not in taken), wanted[0])
