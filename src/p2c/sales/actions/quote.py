"""WinQuote, CloseQuote and ReviseQuote: the ways out of an active quote."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from p2c.database.session import Session
from p2c.edm.change import Change, Problem, ProblemKind
from p2c.edm.entity import Table
from p2c.edm.keys import new_guid
from p2c.edm.values import Row
from p2c.sales.actions.parameters import ActionRefusedError, Parameters, entity, identifier, number, refuse_if
from p2c.sales.rules.quote_life import (
    STATE_OF_STATUS,
    QuoteState,
    QuoteStatus,
    line_of_revision,
    refuse_closing,
    refuse_revision,
    revision_of,
)
from p2c.sales.rules.typed import whole, words
from p2c.sales.saving.facts import Facts
from p2c.sales.saving.platform import PlatformRules, signature
from p2c.sales.saving.quote import copy_to_lines

WINNING = frozenset({QuoteStatus.WON})
CLOSING = frozenset({QuoteStatus.LOST, QuoteStatus.CANCELED, QuoteStatus.REVISED})
DEFAULT_STATUS = -1
"""What clients send to get the action's default status."""


def win_quote(parameters: Parameters, session: Session) -> None:
    """
    Set an active quote to Won.

    Args:
        parameters: QuoteClose, a row of quoteclose that names its quoteid; Status, 4 or -1.

    Raises:
        ActionRefusedError: The quote does not exist or is not active, or the status does not fit.
    """
    _close(parameters, WINNING, QuoteStatus.WON, session)


def close_quote(parameters: Parameters, session: Session) -> None:
    """
    Set an active quote to Closed.

    Args:
        parameters: QuoteClose, a row of quoteclose that names its quoteid; Status, 5 lost, 6 canceled,
            7 revised or -1 for lost.

    Raises:
        ActionRefusedError: The quote does not exist or is not active, or the status does not fit.
    """
    _close(parameters, CLOSING, QuoteStatus.LOST, session)


def revise_quote(parameters: Parameters, session: Session) -> Row:
    """
    Copy a quote and its lines to a new draft, one revision higher; an active quote is closed as revised.

    Args:
        parameters: QuoteId. ColumnSet is for the answer and not read here.

    Returns:
        The new quote, as stored.

    Raises:
        ActionRefusedError: The quote does not exist, is a draft or won, or has another revision in work.
    """
    quote = locked_quote(identifier(parameters, "QuoteId"), session)
    revisions = session.rows(
        "quote", "quotenumber", [quote["quotenumber"]], ("quoteid", "statecode", "revisionnumber"), lock=True
    )
    others = [whole(row["statecode"]) or 0 for row in revisions if row["quoteid"] != quote["quoteid"]]
    refuse_if(refuse_revision(quote["quotenumber"], state_of(quote), others))
    if state_of(quote) == QuoteState.ACTIVE:
        _set_closed(quote, QuoteStatus.REVISED, {}, session)
    revision = max(whole(row["revisionnumber"]) or 0 for row in revisions) + 1
    return _copy(quote, revision, session)


def _close(parameters: Parameters, allowed: frozenset[QuoteStatus], default: QuoteStatus, session: Session) -> None:
    activity = entity(parameters, "QuoteClose")
    quote = locked_quote(identifier(activity, "quoteid"), session)
    status = number(parameters, "Status", DEFAULT_STATUS)
    chosen = default if status == DEFAULT_STATUS else status
    refuse_if(refuse_closing(quote["quotenumber"], state_of(quote), chosen, allowed))
    _set_closed(quote, QuoteStatus(chosen), activity, session)


def locked_quote(quote: UUID, session: Session) -> Row:
    """
    The quote, locked until the transaction ends.

    Raises:
        ActionRefusedError: It does not exist.
    """
    rows = session.rows("quote", "quoteid", [quote], lock=True)
    if not rows:
        raise ActionRefusedError(
            Problem(ProblemKind.NOT_FOUND, f"Quote {quote} does not exist.", field="quoteid", value=quote)
        )
    return rows[0]


def state_of(quote: Row) -> int:
    """The state of a stored quote."""
    return whole(quote["statecode"]) or QuoteState.DRAFT


def _set_closed(quote: Row, status: QuoteStatus, activity: Row, session: Session) -> None:
    """Close the quote, tell its lines, and record the closing as an activity."""
    state = STATE_OF_STATUS[status]
    closed: Row = {"statecode": int(state), "statuscode": int(status), "closedon": session.now}
    session.update("quote", [{"quoteid": quote["quoteid"], **closed}])
    copy_to_lines({quote["quoteid"]: {**quote, **closed}.get}, session)
    record: Row = {
        "subject": words(activity.get("subject")) or f"Quote {status.name.lower()}: {quote['quotenumber']}",
        "description": activity.get("description"),
        "quoteid": quote["quoteid"],
        "quotenumber": quote["quotenumber"],
        "revision": quote["revisionnumber"],
        "actualend": activity.get("actualend") or session.now,
    }
    PlatformRules("quoteclose").write([Change(0, new_guid(session.now), record)], session)


def _copy(quote: Row, revision: int, session: Session) -> Row:
    tables = session.storage.definitions
    new_quote = new_guid(session.now)
    copy = revision_of(quote, new_quote, revision, _columns(tables["quote"]))
    lines = session.rows("quotedetail", "quoteid", [quote["quoteid"]])
    columns = _columns(tables["quotedetail"])
    copies = [line_of_revision(line, new_guid(session.now), new_quote, revision, columns) for line in lines]
    signed = signature(Facts("quote", session), is_create=True)
    session.insert("quote", [{**copy, **signed}])
    session.insert("quotedetail", [{**line, **signed} for line in copies])
    return session.rows("quote", "quoteid", [new_quote])[0]


def _columns(table: Table) -> Iterable[str]:
    """Names of the table's columns, with the hidden one beside each polymorphic lookup."""
    for column in table.columns:
        yield column.storage
        if column.polymorphic:
            yield f"{column.storage}_type"
