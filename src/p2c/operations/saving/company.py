"""The company of a row: always written in lower case, always an existing legal entity."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from p2c.database.session import Session
from p2c.edm.change import Change, accepted
from p2c.operations.saving.pointers import Key, Pointer, found
from p2c.operations.saving.values import COMPANY, text_of

_LEGAL_ENTITY = Pointer(COMPANY, "legal_entity", COMPANY, "legal entity", "LegalEntities", shared=True)


def settle_company(changes: Sequence[Change], session: Session) -> None:
    """Lower the case of `dataAreaId` and refuse rows of a company that does not exist."""
    by_company: dict[Key, list[Change]] = defaultdict(list)
    for change in accepted(changes):
        if COMPANY in change.values:
            company = text_of(change, COMPANY).lower()
            change.values[COMPANY] = company
            by_company[company,].append(change)
    known = found(session, "legal_entity", (COMPANY,), by_company)
    for key, group in by_company.items():
        if key not in known:
            for change in group:
                _LEGAL_ENTITY.refuse(change)
