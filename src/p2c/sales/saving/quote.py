"""Rules of quotes: number, customer, currency, life, totals, and what lines repeat of their header."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from p2c.database.session import Session
from p2c.edm.change import Change, Problem, ProblemKind
from p2c.edm.values import Row, Value
from p2c.sales.rules.contact import ACCOUNT, CONTACT
from p2c.sales.rules.numbers import NumberFormat
from p2c.sales.rules.quote_life import (
    QuoteState,
    refuse_activation,
    refuse_delete,
    refuse_edit,
    refuse_first_state,
    refuse_write_move,
)
from p2c.sales.rules.typed import whole
from p2c.sales.saving.addresses import fill_composites
from p2c.sales.saving.contact import mark_active_customers
from p2c.sales.saving.currency import CURRENCY
from p2c.sales.saving.deleting import delete_related
from p2c.sales.saving.facts import Facts
from p2c.sales.saving.numbering import fill_numbers
from p2c.sales.saving.ownership import OWNER_COLUMNS
from p2c.sales.saving.platform import PlatformRules
from p2c.sales.saving.quote_totals import HEADER_FLAG, HEADER_PRICE, lines_by_quote, totals

NUMBER_SEQUENCE = "quote:quotenumber"
CURRENCY_CHANGE_ERROR = "0x8004480e"
LINE_COPIES = {
    "quotestatecode": "statecode",
    "msdynce_quoterevisionnumber": "revisionnumber",
    **{column: column for column in OWNER_COLUMNS},
}
"""Line columns that repeat a column of the header."""


class QuoteRules(PlatformRules):
    """Completes quotes and keeps them to their life."""

    def __init__(self) -> None:
        super().__init__("quote")

    def check(self, changes: Sequence[Change], facts: Facts) -> None:
        """Refuse edits of quotes that are no drafts; the flag is worked out, not written."""
        for change in changes:
            if change.is_create:
                change.values[HEADER_FLAG] = True
                continue
            change.values.pop(HEADER_FLAG, None)
            columns = [column for column in change.values if change.sets(column)]
            problem = refuse_edit(change.old("quotenumber"), _state(change.old("statecode")), columns)
            change.problem = change.problem or problem

    def complete(self, changes: Sequence[Change], facts: Facts) -> None:
        """Number new quotes, settle currency and customer, and judge moves between states."""
        organization = facts.organization
        form = NumberFormat(organization.quote_prefix, organization.suffix_length)
        fill_numbers(changes, "quotenumber", form, NUMBER_SEQUENCE, facts.session)
        fill_composites(changes, "shipto", "billto")
        _fill_currency_of_price_list(changes, facts.session)
        for change in changes:
            if change.is_create and change.values.get("revisionnumber") is None:
                change.values["revisionnumber"] = 0
            if change.is_create or "customerid" in change.values:
                _fill_customer_shadows(change)
            change.problem = change.problem or _judge_move(change)

    def calculate(self, changes: Sequence[Change], facts: Facts) -> None:
        """Work out totals when the header's own amounts change."""
        if not facts.organization.system_pricing:
            return
        touched = [c for c in changes if c.is_create or any(c.sets(name) for name in (CURRENCY, *HEADER_PRICE))]
        stored = lines_by_quote([change.key for change in touched if not change.is_create], facts.session)
        for change in touched:
            change.values.update(totals(change.get, stored.get(change.key, ()), facts))

    def follow_up(self, changes: Sequence[Change], facts: Facts) -> None:
        """Make contacts that buy active customers, and carry the header's columns to the lines."""
        buyers = {
            change.get("customerid")
            for change in changes
            if change.get("customerid_type") == CONTACT and change.sets("customerid")
        }
        mark_active_customers(buyers, facts.session)
        copy_to_lines({change.key: change.get for change in changes if _line_copies_change(change)}, facts.session)

    def before_delete(self, rows: Sequence[Row], session: Session) -> list[Problem | None]:
        """Only drafts are deleted; their lines go with them."""
        verdicts = [refuse_delete(row["quotenumber"], _state(row["statecode"])) for row in rows]
        return delete_related(self.table, rows, verdicts, session)


def copy_to_lines(headers: Mapping[Value, Callable[[str], Value]], session: Session) -> None:
    """Set the header's copies on all lines of quotes; `headers` give a header's value by column."""
    lines = session.rows("quotedetail", "quoteid", headers, ("quotedetailid", "quoteid"))
    updates: list[Row] = []
    for line in lines:
        get = headers[line["quoteid"]]
        copies = {copy: get(column) for copy, column in LINE_COPIES.items()}
        updates.append({"quotedetailid": line["quotedetailid"], **copies})
    session.update("quotedetail", updates)


def _line_copies_change(change: Change) -> bool:
    return not change.is_create and any(change.sets(column) for column in LINE_COPIES.values())


def _state(value: Value) -> int:
    state = whole(value)
    return state if state is not None else QuoteState.DRAFT


def _fill_customer_shadows(change: Change) -> None:
    customer, kind = change.get("customerid"), change.get("customerid_type")
    change.values["accountid"] = customer if kind == ACCOUNT else None
    change.values["contactid"] = customer if kind == CONTACT else None


def _judge_move(change: Change) -> Problem | None:
    number = change.get("quotenumber")
    after = _state(change.get("statecode")), whole(change.get("statuscode")) or 0
    if change.is_create:
        return refuse_first_state(after[0])
    before = _state(change.old("statecode")), whole(change.old("statuscode")) or 0
    problem = refuse_write_move(number, before, after)
    if problem is None and before[0] == QuoteState.DRAFT and after[0] == QuoteState.ACTIVE:
        return refuse_activation(number, change.get("customerid"), change.get("pricelevelid"))
    return problem


def _fill_currency_of_price_list(changes: Sequence[Change], session: Session) -> None:
    """A quote is in the currency of its price list; with lines it keeps the currency that it has."""
    touched = [c for c in changes if c.is_create or c.sets("pricelevelid") or c.sets(CURRENCY)]
    rows = session.rows(
        "pricelevel",
        "pricelevelid",
        {c.get("pricelevelid") for c in touched},
        ("pricelevelid", "name", CURRENCY),
    )
    lists = {row["pricelevelid"]: row for row in rows}
    moved: list[Change] = []
    for change in touched:
        found = lists.get(change.get("pricelevelid"))
        if found is None:
            change.refuse(
                ProblemKind.LOOKUP_MISSING,
                f"Price list {change.get('pricelevelid')} does not exist; set pricelevelid to one that does.",
                field="pricelevelid",
                value=change.get("pricelevelid"),
            )
        elif change.values.get(CURRENCY) is None:
            change.values[CURRENCY] = found[CURRENCY]
        elif change.values[CURRENCY] != found[CURRENCY]:
            change.refuse(
                ProblemKind.RULE,
                f"Price list {found['name']!r} is in another currency than the quote; leave {CURRENCY} out "
                "or choose a price list in that currency.",
                field=CURRENCY,
                value=change.values[CURRENCY],
            )
        if not change.is_create and change.sets(CURRENCY):
            moved.append(change)
    _refuse_with_lines(moved, session)


def _refuse_with_lines(changes: Sequence[Change], session: Session) -> None:
    keys = [change.key for change in changes]
    with_lines = {row["quoteid"] for row in session.rows("quotedetail", "quoteid", keys, ("quoteid",))}
    for change in changes:
        if change.key in with_lines:
            change.refuse(
                ProblemKind.RULE,
                f"Quote {change.get('quotenumber')} has lines in another currency; delete them first.",
                field=CURRENCY,
                value=change.get(CURRENCY),
                code=CURRENCY_CHANGE_ERROR,
            )
