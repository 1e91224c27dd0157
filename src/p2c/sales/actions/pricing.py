"""CalculatePrice: prices a draft again, as its price list has it now."""

from __future__ import annotations

from p2c.database.session import Session
from p2c.edm.change import Change
from p2c.sales.actions.parameters import Parameters, entity, identifier, refuse_if
from p2c.sales.actions.quote import locked_quote, state_of
from p2c.sales.rules.quote_life import refuse_line_edit
from p2c.sales.saving.currency import fill_base_amounts
from p2c.sales.saving.facts import Facts
from p2c.sales.saving.quote_line_pricing import price_lines
from p2c.sales.saving.quote_totals import refresh_quotes


def calculate_price(parameters: Parameters, session: Session) -> None:
    """
    Find the prices of a quote's lines again and work out its amounts; nothing where the pricing is done elsewhere.

    Args:
        parameters: Target, a quote with its quoteid.

    Raises:
        ActionRefusedError: The quote does not exist, or is no draft.
    """
    quote = locked_quote(identifier(entity(parameters, "Target"), "quoteid"), session)
    refuse_if(refuse_line_edit(quote["quotenumber"], state_of(quote)))
    facts = Facts("quotedetail", session)
    lines = session.rows("quotedetail", "quoteid", [quote["quoteid"]], lock=True)
    changes = [Change(number, line["quotedetailid"], {}, line) for number, line in enumerate(lines)]
    price_lines(changes, facts, again=True)
    fill_base_amounts(changes, facts)
    session.update("quotedetail", [{**change.values, "quotedetailid": change.key} for change in changes])
    refresh_quotes({quote["quoteid"]}, session)
