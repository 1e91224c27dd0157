"""What the platform does for every table: defaults of ownership, state, currency and authorship."""

from __future__ import annotations

from collections.abc import Sequence

from p2c.database.session import Session
from p2c.edm.change import Change, Problem, accepted
from p2c.edm.entity import Table
from p2c.edm.values import Row
from p2c.errors import StopError
from p2c.sales.rules.status import StatusSet
from p2c.sales.rules.typed import whole
from p2c.sales.saving.currency import fill_base_amounts, fill_currency, round_amounts
from p2c.sales.saving.deleting import delete_related
from p2c.sales.saving.facts import Facts
from p2c.sales.saving.ownership import fill_owners

STATE = "statecode"
STATUS = "statuscode"


class PlatformRules:
    """Rules of a table; tables with rules of their own override the four hooks that do nothing here."""

    def __init__(self, table: str) -> None:
        self.table = table

    def check(self, changes: Sequence[Change], facts: Facts) -> None:
        """Refuse what may not be written at all; sees only what the client wrote."""

    def complete(self, changes: Sequence[Change], facts: Facts) -> None:
        """Fill what follows from other rows; state and status are settled, the currency is not yet."""

    def calculate(self, changes: Sequence[Change], facts: Facts) -> None:
        """Work out amounts; the currency is settled and amounts are rounded to it."""

    def follow_up(self, changes: Sequence[Change], facts: Facts) -> None:
        """Write to other rows after the batch was stored."""

    def before_save(self, changes: Sequence[Change], session: Session) -> None:
        """Complete and refuse the rows of a batch."""
        facts = Facts(self.table, session)
        self.check(changes, facts)
        settle_status(accepted(changes), facts.table)
        self.complete(accepted(changes), facts)
        good = accepted(changes)
        fill_owners(good, facts)
        fill_currency(good, facts)
        good = accepted(good)
        round_amounts(good, facts)
        self.calculate(good, facts)
        good = accepted(good)
        fill_base_amounts(good, facts)
        _sign(good, facts)

    def after_save(self, changes: Sequence[Change], session: Session) -> None:
        """Follow-up writes for the rows that were stored."""
        if changes:
            self.follow_up(changes, Facts(self.table, session))

    def write(self, changes: Sequence[Change], session: Session) -> None:
        """
        Store rows that another rule makes, completed like those that clients write.

        Raises:
            StopError: A row was refused; whoever makes rows makes sound ones.
        """
        self.before_save(changes, session)
        for change in changes:
            if change.problem is not None:
                raise StopError(change.problem.message, where=self.table)
        primary = session.storage.definitions[self.table].primary_key
        created = [change for change in changes if change.is_create]
        session.insert(self.table, [{**change.values, primary: change.key} for change in created])
        updated = [change for change in changes if not change.is_create]
        session.update(self.table, [{**change.values, primary: change.key} for change in updated])

    def before_delete(self, rows: Sequence[Row], session: Session) -> list[Problem | None]:
        """Refuse rows in use, and clear or delete what points at the others."""
        return delete_related(self.table, rows, [None] * len(rows), session)


def settle_status(changes: Sequence[Change], table: Table) -> None:
    """Make statecode and statuscode agree; either alone settles the other."""
    if STATUS not in table.column:
        return
    known = status_set(table)
    default = (known.initial_state, whole(table.column[STATUS].default))
    for change in changes:
        if not change.is_create and STATE not in change.values and STATUS not in change.values:
            continue
        state, status = whole(change.values.get(STATE)), whole(change.values.get(STATUS))
        if change.is_create:
            # Defaults are filled in before rules run: a value that equals its default says nothing.
            state = None if state == default[0] else state
            status = None if status == default[1] else status
        settled = known.settle(state, status, _stored_status(change))
        if isinstance(settled, Problem):
            change.problem = change.problem or settled
        else:
            change.values[STATE], change.values[STATUS] = settled


def _stored_status(change: Change) -> tuple[int, int] | None:
    state, status = whole(change.old(STATE)), whole(change.old(STATUS))
    return (state, status) if state is not None and status is not None else None


def status_set(table: Table) -> StatusSet:
    """The status reasons of a table, the column's default first."""
    column = table.column[STATUS]
    members = column.choices.members if column.choices is not None else ()
    reasons = [(member.state, member.value) for member in members if member.state is not None]
    reasons.sort(key=lambda reason: reason[1] != column.default)
    return StatusSet(whole(table.column[STATE].default) or 0, tuple(reasons))


def signature(facts: Facts, *, is_create: bool) -> Row:
    """Who writes a row, and who does it in that user's name."""
    signed: Row = {"modifiedby": facts.default_user, "modifiedonbehalfby": facts.session.delegate}
    if is_create:
        signed |= {"createdby": facts.default_user, "createdonbehalfby": facts.session.delegate}
    return signed


def _sign(changes: Sequence[Change], facts: Facts) -> None:
    """Note who created and changed each row, and the organization that it belongs to."""
    columns = facts.table.column
    signed = "modifiedby" in columns
    organization = "organizationid" in columns and facts.table.primary_key != "organizationid"
    for change in changes:
        if change.is_create and organization:
            change.values["organizationid"] = facts.organization.id
        if signed:
            change.values.update(signature(facts, is_create=change.is_create))
