"""Rules of accounts: number, address, and no account above itself."""

from __future__ import annotations

from collections.abc import Sequence

from p2c.edm.change import Change, ProblemKind
from p2c.sales.rules.numbers import ACCOUNT_NUMBERS
from p2c.sales.saving.addresses import fill_composites
from p2c.sales.saving.facts import Facts
from p2c.sales.saving.numbering import fill_configured_numbers
from p2c.sales.saving.platform import PlatformRules


class AccountRules(PlatformRules):
    """Completes accounts."""

    def __init__(self) -> None:
        super().__init__("account")

    def check(self, changes: Sequence[Change], facts: Facts) -> None:
        """Refuse an account that is its own parent."""
        refuse_own_parent(changes, "parentaccountid")

    def complete(self, changes: Sequence[Change], facts: Facts) -> None:
        """Fill number and composite address."""
        fill_configured_numbers(changes, "accountnumber", ACCOUNT_NUMBERS, self.table, facts.session)
        fill_composites(changes, "address1")


def refuse_own_parent(changes: Sequence[Change], column: str) -> None:
    """Refuse rows whose parent lookup points at themselves."""
    for change in changes:
        parent = change.values.get(column)
        if parent is not None and parent == change.key:
            change.refuse(
                ProblemKind.RULE,
                f"A row cannot be its own parent; set {column} to another row or clear it.",
                field=column,
                value=parent,
            )
