"""The company of a row: always written in lower case, always an existing legal entity."""

from __future__ import annotations

from collections.abc import Sequence

from p2c.database.session import Session
from p2c.edm.change import Change, accepted
from p2c.operations.saving.pointers import Pointer, found
from p2c.operations.saving.values import COMPANY, text_of

_LEGAL_ENTITY = Pointer(COMPANY, "legal_entity", COMPANY, "legal entity", "LegalEntities", shared=True)


def settle_company(changes: Sequence[Change], session: Session) -> None:
    """Lower the case of `dataAreaId` and refuse rows of a company that does not exist."""
    new = [change for change in accepted(changes) if COMPANY in change.values]
    for change in new:
        change.values[COMPANY] = text_of(change, COMPANY).lower()
    known = found(session, "legal_entity", (COMPANY,), (_LEGAL_ENTITY.key(change) for change in new))
    for change in new:
        if _LEGAL_ENTITY.key(change) not in known:
            _LEGAL_ENTITY.refuse(change)
