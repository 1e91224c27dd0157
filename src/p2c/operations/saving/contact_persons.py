"""Saving contact persons: each belongs to a customer, named by party number or by account."""

from __future__ import annotations

from collections.abc import Sequence

from p2c.database.session import Session
from p2c.edm.change import Change, ProblemKind, accepted
from p2c.odata.service.rules import NoRules
from p2c.operations.enums import MONTHS_OF_YEAR
from p2c.operations.rules.party import PERSON, birthday_exists
from p2c.operations.saving.addresses import AddressColumns, settle_addresses
from p2c.operations.saving.company import settle_company
from p2c.operations.saving.pointers import Pointer, customer, found
from p2c.operations.saving.values import number_of, text_of

_ADDRESSES = (AddressColumns(prefix="PrimaryAddress", suffix="Id"),)
_BY_ACCOUNT = customer("AssociatedContactNumber")
_BY_PARTY = Pointer("AssociatedPartyNumber", "customer", "PartyNumber", "customer with the party number", "CustomersV2")
_CUSTOMER = "Customer"
_ROLE_COLUMN = "DecisionMakingRoleCode"
_BIRTHDAY = ("BirthDay", "BirthMonth", "BirthYear")
_MONTHS = MONTHS_OF_YEAR.names


class ContactPersonRules(NoRules):
    """A contact person works for a customer of the same company."""

    def before_save(self, changes: Sequence[Change], session: Session) -> None:
        """Find the customer and write down both of its names; check role, country and birthday."""
        settle_company(changes, session)
        for change in accepted(changes):
            _complete(change)
        settle_addresses(changes, _ADDRESSES)
        _associate(changes, session, _BY_ACCOUNT, other="PartyNumber", fills="AssociatedPartyNumber")
        _associate(changes, session, _BY_PARTY, other="CustomerAccount", fills="AssociatedContactNumber")
        _check_roles(changes, session)


def _complete(change: Change) -> None:
    if text_of(change, "AssociatedContactType") != _CUSTOMER:
        change.refuse(
            ProblemKind.RULE,
            f"AssociatedContactType {text_of(change, 'AssociatedContactType')!r} is not kept here; send {_CUSTOMER}",
            field="AssociatedContactType",
            value=text_of(change, "AssociatedContactType"),
        )
    if not text_of(change, "ContactPersonPartyType"):
        change.values["ContactPersonPartyType"] = PERSON
    if not text_of(change, "ContactPersonId"):
        change.values["ContactPersonId"] = text_of(change, "ContactPersonPartyNumber")[:20]
    if any(change.sets(column) for column in _BIRTHDAY):
        month = _MONTHS.index(text_of(change, "BirthMonth") or "None")
        day, year = int(number_of(change, "BirthDay")), int(number_of(change, "BirthYear"))
        if not birthday_exists(day, month, year):
            change.refuse(
                ProblemKind.OUT_OF_RANGE,
                f"BirthDay {day} of month {month}, year {year} is no date; send 0 for what is not known",
                field="BirthDay",
                value=day,
            )


def _associate(changes: Sequence[Change], session: Session, pointer: Pointer, *, other: str, fills: str) -> None:
    """Check the customer that `pointer` names and write its `other` name to the column `fills`."""
    # A name that this save has filled in itself equals the customer's and needs no second look.
    naming = [
        change
        for change in accepted(changes)
        if text_of(change, pointer.column)
        and change.sets(pointer.column)
        and (change.is_create or not change.sets(fills))
        and not (change.is_create and text_of(change, fills))
    ]
    known = found(session, pointer.table, pointer.columns, map(pointer.key, naming), (other,))
    for change in naming:
        row = known.get(pointer.key(change))
        if row is None:
            pointer.refuse(change)
        else:
            pointer.spell(change, row)
            change.values[fills] = row[other]


def _check_roles(changes: Sequence[Change], session: Session) -> None:
    setting = [change for change in accepted(changes) if change.sets(_ROLE_COLUMN) and text_of(change, _ROLE_COLUMN)]
    if not setting:
        return
    roles = sorted(text_of(row, "DecisionRoleCode") for row in session.all("decision_role"))
    for change in setting:
        code = text_of(change, _ROLE_COLUMN)
        if code not in roles:
            change.refuse(
                ProblemKind.LOOKUP_MISSING,
                f"{_ROLE_COLUMN} {code!r} is not set up; send one of {', '.join(roles)} or leave it empty",
                field=_ROLE_COLUMN,
                value=code,
            )
