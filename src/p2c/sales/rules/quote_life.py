"""The life of a quote: Draft, Active, Won or Closed; what each state allows, and what a revision copies."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from enum import IntEnum
from uuid import UUID

from p2c.edm.change import Problem, ProblemKind
from p2c.edm.values import Row, Value
from p2c.sales.rules.status import STATUS_CODE_ERROR


class QuoteState(IntEnum):
    """States of a quote; only drafts are edited, won and closed quotes never change again."""

    DRAFT = 0
    ACTIVE = 1
    WON = 2
    CLOSED = 3


class QuoteStatus(IntEnum):
    """Status reasons of a quote."""

    DRAFT = 1
    IN_PROGRESS = 2
    OPEN = 3
    WON = 4
    LOST = 5
    CANCELED = 6
    REVISED = 7


STATE_OF_STATUS: Mapping[QuoteStatus, QuoteState] = {
    QuoteStatus.DRAFT: QuoteState.DRAFT,
    QuoteStatus.IN_PROGRESS: QuoteState.ACTIVE,
    QuoteStatus.OPEN: QuoteState.ACTIVE,
    QuoteStatus.WON: QuoteState.WON,
    QuoteStatus.LOST: QuoteState.CLOSED,
    QuoteStatus.CANCELED: QuoteState.CLOSED,
    QuoteStatus.REVISED: QuoteState.CLOSED,
}
WRITE_MOVES: Mapping[QuoteState, frozenset[QuoteState]] = {
    QuoteState.DRAFT: frozenset({QuoteState.ACTIVE}),
    QuoteState.ACTIVE: frozenset(),
    QuoteState.WON: frozenset(),
    QuoteState.CLOSED: frozenset(),
}
"""Moves that an ordinary update of statecode makes."""

ACTION_MOVES: Mapping[QuoteState, frozenset[QuoteState]] = {
    QuoteState.DRAFT: frozenset(),
    QuoteState.ACTIVE: frozenset({QuoteState.WON, QuoteState.CLOSED}),
    QuoteState.WON: frozenset(),
    QuoteState.CLOSED: frozenset(),
}
"""Moves that WinQuote, CloseQuote and ReviseQuote make."""

REVISABLE = frozenset({QuoteState.ACTIVE, QuoteState.CLOSED})
OPEN_WHEN_ACTIVE = frozenset({"ownerid", "ownerid_type", "statecode", "statuscode"})
"""Columns that a quote which is no draft still takes: it changes hands, and moves are judged on their own."""

READ_ONLY_ERROR = "0x8004022e"
NOT_IN_DRAFT_ERROR = "0x80100003"
MISSING_PRICE_LIST_ERROR = "0x80043b12"
OPEN_REVISION_ERROR = "0x80048d00"

_NOT_COPIED = frozenset(
    {
        "closedon",
        "createdby",
        "createdon",
        "createdonbehalfby",
        "importsequencenumber",
        "modifiedby",
        "modifiedon",
        "modifiedonbehalfby",
        "quotedetailid",
        "quoteid",
        "revisionnumber",
        "statecode",
        "statuscode",
        "versionnumber",
    }
)


def refuse_first_state(state: int) -> Problem | None:
    """Refuse a new quote that is no draft."""
    if state == QuoteState.DRAFT:
        return None
    return Problem(
        ProblemKind.RULE,
        "A new quote starts as a draft (statecode 0); create it, add its lines, then set statecode 1.",
        field="statecode",
        value=state,
        code=STATUS_CODE_ERROR,
    )


def refuse_edit(number: Value, state: int, columns: Iterable[str]) -> Problem | None:
    """Refuse to change columns of a quote that is no draft any more."""
    if state == QuoteState.DRAFT:
        return None
    closed = sorted(set(columns) - OPEN_WHEN_ACTIVE)
    return _read_only(number, state, closed[0], closed[0]) if closed else None


def refuse_line_edit(number: Value, state: int) -> Problem | None:
    """Refuse to add, change or delete lines of a quote that is no draft any more."""
    return None if state == QuoteState.DRAFT else _read_only(number, state, "its lines", "quoteid")


def _read_only(number: Value, state: int, what: str, field: str) -> Problem:
    return Problem(
        ProblemKind.READ_ONLY,
        f"Quote {number} is {QuoteState(state).name.lower()}, {what} cannot be changed; "
        "revise the quote (ReviseQuote) and change the new draft.",
        field=field,
        code=READ_ONLY_ERROR,
    )


def refuse_delete(number: Value, state: int) -> Problem | None:
    """Refuse to delete a quote that is no draft any more."""
    if state == QuoteState.DRAFT:
        return None
    return Problem(
        ProblemKind.READ_ONLY,
        f"Quote {number} is {QuoteState(state).name.lower()} and cannot be deleted; only drafts can, "
        "an active quote is closed (CloseQuote).",
        field="statecode",
        value=state,
        code=READ_ONLY_ERROR,
    )


def refuse_write_move(number: Value, before: tuple[int, int], after: tuple[int, int]) -> Problem | None:
    """Refuse an update of (state, status) that the quote's life does not know."""
    if before == after:
        return None
    old, new = QuoteState(before[0]), QuoteState(after[0])
    if old is new and old is QuoteState.ACTIVE:
        return None
    if new in WRITE_MOVES[old]:
        return None
    return _refused_move(number, old, new)


def _refused_move(number: Value, old: QuoteState, new: QuoteState) -> Problem:
    if new is QuoteState.ACTIVE:
        way_out, code = (
            "only a draft can be activated; revise the quote first (ReviseQuote)",
            NOT_IN_DRAFT_ERROR,
        )
    elif new is QuoteState.DRAFT:
        way_out, code = (
            "an activated quote does not return to draft; revise it (ReviseQuote)",
            READ_ONLY_ERROR,
        )
    elif old is new:
        way_out, code = "its status reason is final", READ_ONLY_ERROR
    else:
        way_out, code = "active quotes are closed by the actions WinQuote and CloseQuote", ""
    kind = ProblemKind.READ_ONLY if code == READ_ONLY_ERROR else ProblemKind.RULE
    return Problem(
        kind,
        f"Quote {number} cannot go from {old.name.lower()} to {new.name.lower()}: {way_out}.",
        field="statecode",
        value=int(new),
        code=code,
    )


def refuse_activation(number: Value, customer: Value, price_list: Value) -> Problem | None:
    """Refuse to activate a quote that lacks a customer or a price list."""
    if customer is None:
        return Problem(
            ProblemKind.REQUIRED,
            f"Quote {number} has no customer and cannot be activated; set customerid.",
            field="customerid",
        )
    if price_list is None:
        return Problem(
            ProblemKind.REQUIRED,
            f"Quote {number} has no price list and cannot be activated; set pricelevelid.",
            field="pricelevelid",
            code=MISSING_PRICE_LIST_ERROR,
        )
    return None


def refuse_closing(number: Value, state: int, status: int, allowed: Collection[QuoteStatus]) -> Problem | None:
    """Refuse an action that closes the quote with `status` (one of `allowed`) when it is not active."""
    if status not in allowed:
        names = ", ".join(f"{item.value} {item.name.lower()}" for item in sorted(allowed))
        return Problem(
            ProblemKind.BAD_STATUS,
            f"Status {status} does not fit this action; give one of: {names}.",
            field="Status",
            value=status,
            code=STATUS_CODE_ERROR,
        )
    if STATE_OF_STATUS[QuoteStatus(status)] in ACTION_MOVES[QuoteState(state)]:
        return None
    hint = "activate it first" if state == QuoteState.DRAFT else "revise it to go on with it"
    return Problem(
        ProblemKind.RULE,
        f"Quote {number} is {QuoteState(state).name.lower()} and cannot be closed; {hint}.",
        field="statecode",
        value=state,
    )


def refuse_revision(number: Value, state: int, other_states: Iterable[int]) -> Problem | None:
    """
    Refuse to revise a draft or a won quote, or one that has another revision in work.

    Args:
        other_states: States of the other revisions with the same quote number.
    """
    if state not in REVISABLE:
        return Problem(
            ProblemKind.RULE,
            f"Quote {number} is {QuoteState(state).name.lower()}; only active and closed quotes are revised.",
            field="statecode",
            value=state,
        )
    if any(other in (QuoteState.DRAFT, QuoteState.ACTIVE) for other in other_states):
        return Problem(
            ProblemKind.RULE,
            f"Quote {number} has another revision that is draft or active; close or delete that one first.",
            field="revisionnumber",
            code=OPEN_REVISION_ERROR,
        )
    return None


def revision_of(quote: Row, new_id: UUID, revision: int, columns: Iterable[str]) -> Row:
    """The next revision of a quote, a draft with the same quote number and contents."""
    copy = {name: quote.get(name) for name in columns if name not in _NOT_COPIED}
    state = {"statecode": int(QuoteState.DRAFT), "statuscode": int(QuoteStatus.DRAFT)}
    return {**copy, **state, "quoteid": new_id, "revisionnumber": revision}


def line_of_revision(line: Row, new_id: UUID, quote_id: UUID, revision: int, columns: Iterable[str]) -> Row:
    """A line of a quote as a line of its next revision."""
    copy = {name: line.get(name) for name in columns if name not in _NOT_COPIED}
    header: Row = {"quotestatecode": int(QuoteState.DRAFT), "msdynce_quoterevisionnumber": revision}
    return {**copy, **header, "quotedetailid": new_id, "quoteid": quote_id}
