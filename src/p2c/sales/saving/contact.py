"""Rules of contacts: number, full name, address, and the flags that decide where a contact goes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from p2c.database.session import Session
from p2c.edm.change import Change
from p2c.edm.values import Value
from p2c.sales.rules.contact import full_name, is_company_an_account
from p2c.sales.rules.numbers import CONTACT_NUMBERS
from p2c.sales.saving.account import refuse_own_parent
from p2c.sales.saving.addresses import fill_composites
from p2c.sales.saving.facts import Facts
from p2c.sales.saving.numbering import fill_configured_numbers
from p2c.sales.saving.platform import PlatformRules

ACTIVE_CUSTOMER = "msdynce_isactivecustomer"
COMPANY_IS_ACCOUNT = "msdynce_iscompanyanaccount"
_NAMES = frozenset({"firstname", "lastname"})
_COMPANY = frozenset({"parentcustomerid", "parentcustomerid_type", COMPANY_IS_ACCOUNT})


class ContactRules(PlatformRules):
    """Completes contacts."""

    def __init__(self) -> None:
        super().__init__("contact")

    def check(self, changes: Sequence[Change], facts: Facts) -> None:
        """Refuse a contact that is its own company."""
        refuse_own_parent(changes, "parentcustomerid")

    def complete(self, changes: Sequence[Change], facts: Facts) -> None:
        """Fill number, full name, composite address and flags."""
        fill_configured_numbers(changes, "msdynce_contactnumber", CONTACT_NUMBERS, self.table, facts.session)
        fill_composites(changes, "address1")
        for change in changes:
            if change.is_create or not change.values.keys().isdisjoint(_NAMES):
                change.values["fullname"] = full_name(change.get("firstname"), change.get("lastname"))
            if change.is_create or not change.values.keys().isdisjoint(("parentcustomerid", COMPANY_IS_ACCOUNT)):
                parent, kind = change.get("parentcustomerid"), change.get("parentcustomerid_type")
                change.values[COMPANY_IS_ACCOUNT] = is_company_an_account(parent, kind)
        _keep_active_customers(changes, facts.session)


def _keep_active_customers(changes: Sequence[Change], session: Session) -> None:
    """A contact with a quote stays an active customer, whatever a client writes."""
    cleared = [
        change
        for change in changes
        if change.old(ACTIVE_CUSTOMER) is True and change.values.get(ACTIVE_CUSTOMER, True) is not True
    ]
    if not cleared:
        return
    quoted = session.rows("quote", "customerid", [change.key for change in cleared], ("customerid",))
    buyers = {row["customerid"] for row in quoted}
    for change in cleared:
        change.values[ACTIVE_CUSTOMER] = change.key in buyers


def mark_active_customers(contacts: Iterable[Value], session: Session) -> None:
    """Note that contacts have a quote; those noted already are left alone."""
    rows = session.rows("contact", "contactid", contacts, ("contactid", ACTIVE_CUSTOMER))
    session.update(
        "contact",
        [{"contactid": row["contactid"], ACTIVE_CUSTOMER: True} for row in rows if row[ACTIVE_CUSTOMER] is not True],
    )
