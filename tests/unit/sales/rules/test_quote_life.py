"""The life of a quote, as a table of what may follow what."""

from __future__ import annotations

from itertools import product
from uuid import UUID

import pytest

from p2c.edm.change import ProblemKind
from p2c.edm.values import Row
from p2c.sales.rules.quote_life import (
    ACTION_MOVES,
    STATE_OF_STATUS,
    WRITE_MOVES,
    QuoteState,
    QuoteStatus,
    line_of_revision,
    refuse_activation,
    refuse_closing,
    refuse_delete,
    refuse_edit,
    refuse_first_state,
    refuse_line_edit,
    refuse_revision,
    refuse_write_move,
    revision_of,
)

NUMBER = "QUO-01000-BVRCPS"
DEFAULT_STATUS = {QuoteState.DRAFT: 1, QuoteState.ACTIVE: 2, QuoteState.WON: 4, QuoteState.CLOSED: 5}
CUSTOMER, PRICE_LIST = UUID(int=1), UUID(int=2)
AFTER_DRAFT = [state for state in QuoteState if state is not QuoteState.DRAFT]


@pytest.mark.parametrize(("old", "new"), [pair for pair in product(QuoteState, QuoteState) if pair[0] != pair[1]])
def test_a_write_of_statecode_only_activates_drafts(old: QuoteState, new: QuoteState) -> None:
    """Every other move is refused, with a reason."""
    problem = refuse_write_move(NUMBER, (old, DEFAULT_STATUS[old]), (new, DEFAULT_STATUS[new]))
    assert (problem is None) is ((old, new) == (QuoteState.DRAFT, QuoteState.ACTIVE))


def test_won_and_closed_are_ends() -> None:
    """Neither a write nor an action leads out of them."""
    assert not any(moves[end] for moves in (WRITE_MOVES, ACTION_MOVES) for end in (QuoteState.WON, QuoteState.CLOSED))


@pytest.mark.parametrize("state", [QuoteState.WON, QuoteState.CLOSED])
def test_only_drafts_are_activated(state: QuoteState) -> None:
    """The code is the one that the real service gives."""
    problem = refuse_write_move(NUMBER, (state, DEFAULT_STATUS[state]), (QuoteState.ACTIVE, 2))
    assert problem is not None
    assert problem.code == "0x80100003"


def test_an_active_quote_does_not_return_to_draft() -> None:
    """Revising it is the way."""
    problem = refuse_write_move(NUMBER, (QuoteState.ACTIVE, 2), (QuoteState.DRAFT, 1))
    assert problem is not None
    assert "ReviseQuote" in problem.message


def test_an_active_quote_changes_its_status_reason() -> None:
    """In Progress to Open and back."""
    assert refuse_write_move(NUMBER, (QuoteState.ACTIVE, 2), (QuoteState.ACTIVE, 3)) is None


def test_the_status_reason_of_a_closed_quote_is_final() -> None:
    """Lost does not become canceled."""
    assert refuse_write_move(NUMBER, (QuoteState.CLOSED, 5), (QuoteState.CLOSED, 6)) is not None


@pytest.mark.parametrize("state", AFTER_DRAFT)
def test_a_new_quote_is_a_draft(state: QuoteState) -> None:
    """Lines are added before it becomes active."""
    assert refuse_first_state(state) is not None
    assert refuse_first_state(QuoteState.DRAFT) is None


def test_activation_needs_a_customer_and_a_price_list() -> None:
    """Each refusal names the column that is empty."""
    without_customer = refuse_activation(NUMBER, None, PRICE_LIST)
    without_list = refuse_activation(NUMBER, CUSTOMER, None)
    assert without_customer is not None
    assert without_customer.field == "customerid"
    assert without_list is not None
    assert without_list.field == "pricelevelid"
    assert refuse_activation(NUMBER, CUSTOMER, PRICE_LIST) is None


@pytest.mark.parametrize("state", AFTER_DRAFT)
def test_a_quote_that_is_no_draft_is_read_only(state: QuoteState) -> None:
    """Header, lines and the row itself; the code is the one that the real service gives."""
    refusals = (
        refuse_edit(NUMBER, state, ["name"]),
        refuse_line_edit(NUMBER, state),
        refuse_delete(NUMBER, state),
    )
    for problem in refusals:
        assert problem is not None
        assert problem.kind is ProblemKind.READ_ONLY
        assert problem.code == "0x8004022e"


def test_an_active_quote_can_change_hands() -> None:
    """Assigning it is no edit."""
    assert refuse_edit(NUMBER, QuoteState.ACTIVE, ["ownerid", "ownerid_type"]) is None


def test_a_draft_is_open() -> None:
    """For edits, lines and deletes."""
    assert refuse_edit(NUMBER, QuoteState.DRAFT, ["name", "customerid"]) is None
    assert refuse_line_edit(NUMBER, QuoteState.DRAFT) is None
    assert refuse_delete(NUMBER, QuoteState.DRAFT) is None


@pytest.mark.parametrize(("state", "status"), list(product(QuoteState, [QuoteStatus.WON, QuoteStatus.LOST])))
def test_actions_close_active_quotes_only(state: QuoteState, status: QuoteStatus) -> None:
    """Drafts are activated first, ends stay."""
    problem = refuse_closing(NUMBER, state, status, [status])
    assert (problem is None) is (state is QuoteState.ACTIVE)


def test_an_action_takes_only_its_own_statuses() -> None:
    """Winning with the status Lost is refused, and the right one is named."""
    problem = refuse_closing(NUMBER, QuoteState.ACTIVE, QuoteStatus.LOST, [QuoteStatus.WON])
    assert problem is not None
    assert "4 won" in problem.message


@pytest.mark.parametrize(
    ("state", "allowed"),
    [
        (QuoteState.DRAFT, False),
        (QuoteState.ACTIVE, True),
        (QuoteState.WON, False),
        (QuoteState.CLOSED, True),
    ],
)
def test_active_and_closed_quotes_are_revised(state: QuoteState, allowed: bool) -> None:
    """A draft is edited, a won quote became business."""
    assert (refuse_revision(NUMBER, state, []) is None) is allowed


@pytest.mark.parametrize("other", [QuoteState.DRAFT, QuoteState.ACTIVE])
def test_one_revision_is_in_work_at_a_time(other: QuoteState) -> None:
    """Closed revisions do not matter."""
    problem = refuse_revision(NUMBER, QuoteState.CLOSED, [QuoteState.CLOSED, other])
    assert problem is not None
    assert problem.code == "0x80048d00"
    assert refuse_revision(NUMBER, QuoteState.CLOSED, [QuoteState.CLOSED]) is None


def test_a_revision_is_a_draft_with_the_same_number() -> None:
    """Contents are copied; identity, life and authorship are not."""
    old: Row = {
        "quoteid": UUID(int=7),
        "quotenumber": NUMBER,
        "revisionnumber": 0,
        "name": "Nabídka",
        "statecode": 3,
        "statuscode": 7,
        "closedon": "yesterday",
        "createdby": CUSTOMER,
    }
    new = revision_of(old, UUID(int=8), 1, old)
    assert new == {
        "quoteid": UUID(int=8),
        "quotenumber": NUMBER,
        "revisionnumber": 1,
        "name": "Nabídka",
        "statecode": 0,
        "statuscode": 1,
    }


def test_lines_follow_into_the_revision() -> None:
    """With the header's copies of the new draft."""
    old: Row = {"quotedetailid": UUID(int=1), "quoteid": UUID(int=7), "quantity": 3, "quotestatecode": 3}
    new = line_of_revision(old, UUID(int=2), UUID(int=8), 1, old)
    assert new == {
        "quotedetailid": UUID(int=2),
        "quoteid": UUID(int=8),
        "quantity": 3,
        "quotestatecode": 0,
        "msdynce_quoterevisionnumber": 1,
    }


def test_every_status_belongs_to_a_state() -> None:
    """Each state has a status to be in."""
    assert set(STATE_OF_STATUS) == set(QuoteStatus)
    assert set(STATE_OF_STATUS.values()) == set(QuoteState)
