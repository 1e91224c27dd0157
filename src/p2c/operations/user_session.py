"""The service that clients call first: as which user, in which company, they work."""

from __future__ import annotations

from collections.abc import Mapping

from p2c.database.session import Session
from p2c.odata.service.access import current_caller
from p2c.odata.service.fno.services import Operation
from p2c.operations.saving.users import ADMINISTRATOR, default_company, user_of
from p2c.operations.saving.values import COMPANY, text_of
from p2c.operations.tables.legal_entity import LEGAL_ENTITY

_LANGUAGE = "en-US"


def _session_info(session: Session) -> Mapping[str, object]:
    caller = current_caller()
    user = user_of(caller.login if caller is not None else "", session) or {}
    company = default_company(session)
    entities = session.rows(LEGAL_ENTITY.name, COMPANY, [company], ("LanguageId",))
    language = text_of(entities[0], "LanguageId") if entities else ""
    return {
        "AOSLocaleName": _LANGUAGE,
        "AXLanguage": language or _LANGUAGE,
        "Company": company,
        "IsSysAdmin": caller is None or caller.rights.administrator,
        "UserId": text_of(user, "UserID") or ADMINISTRATOR,
    }


GET_USER_SESSION_INFO = Operation(("UserSessionService", "AifUserSessionService", "GetUserSessionInfo"), _session_info)
