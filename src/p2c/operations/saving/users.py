"""Users: who works for a caller, and in which company by default."""

from __future__ import annotations

from collections.abc import Sequence

from p2c.database.session import Session
from p2c.edm.change import Change, Problem
from p2c.edm.values import Row
from p2c.odata.service.access import current_caller
from p2c.odata.service.rules import NoRules
from p2c.operations.saving.pointers import Pointer, check_pointers
from p2c.operations.saving.uses import anywhere, problems_of_use
from p2c.operations.saving.values import COMPANY, text_of
from p2c.operations.tables.legal_entity import LEGAL_ENTITY
from p2c.operations.tables.system_user import ENTRA_APPLICATION, SYSTEM_USER

ADMINISTRATOR = "Admin"
"""The user who works where nobody is asked who they are."""
_COMPANY = Pointer("Company", LEGAL_ENTITY.name, COMPANY, "legal entity", "LegalEntities", shared=True)
_USER = Pointer("UserId", SYSTEM_USER.name, "UserID", "user", "SystemUsers", shared=True)


class SystemUserRules(NoRules):
    """A user works in a company that exists."""

    def before_save(self, changes: Sequence[Change], session: Session) -> None:
        """Check the company; one that is left empty is the first."""
        check_pointers(changes, session, (_COMPANY,))

    def before_delete(self, rows: Sequence[Row], session: Session) -> list[Problem | None]:
        """Users that applications act as stay."""
        return problems_of_use(rows, session, (anywhere(ENTRA_APPLICATION.name, "UserID", "UserId", "SysAADClients"),))


class EntraApplicationRules(NoRules):
    """An application acts as a user who exists."""

    def before_save(self, changes: Sequence[Change], session: Session) -> None:
        """Check the user."""
        check_pointers(changes, session, (_USER,))


def user_of(login: str, session: Session) -> Row | None:
    """The user that an application (by its id) acts as, or the person with this alias; "" is the administrator."""
    if not login:
        column, value = "UserID", ADMINISTRATOR
    else:
        applications = session.rows(ENTRA_APPLICATION.name, "AADClientId", [login], ("UserId",))
        column, value = ("UserID", text_of(applications[0], "UserId")) if applications else ("Alias", login)
    users = session.rows(SYSTEM_USER.name, column, [value])
    return users[0] if users else None


def default_company(session: Session) -> str:
    """The company of the caller's user, else the first by code; "" where there is none."""
    caller = current_caller()
    user = user_of(caller.login if caller is not None else "", session)
    if user is not None and text_of(user, "Company"):
        return text_of(user, "Company")
    return min((text_of(row, COMPANY) for row in session.all(LEGAL_ENTITY.name, (COMPANY,))), default="")
