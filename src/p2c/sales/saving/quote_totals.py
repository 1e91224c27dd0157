"""Totals and flags of quotes, recomputed from their lines once for each touched quote."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import fields

from p2c.database.session import Session
from p2c.edm.change import Change
from p2c.edm.values import Row, Value
from p2c.sales.rules.externally_maintained import FLAG, externally_maintained_only
from p2c.sales.rules.price_list_item import PricingError
from p2c.sales.rules.pricing import HeaderPrice, HeaderTotals, LineTotal, header_totals, manual_discount
from p2c.sales.rules.typed import ZERO, amount
from p2c.sales.saving.currency import CURRENCY, RATE, fill_base_amounts
from p2c.sales.saving.facts import Facts

HEADER_FLAG = "msdynce_hasexternallymaintainedproductsonly"
LINE_FLAG = "msdynce_quotehasexternalmaintainedproductsonly"
HEADER_PRICE = ("discountamount", "discountpercentage", "freightamount")
TOTALS = tuple(field.name for field in fields(HeaderTotals))
_ERROR = "pricingerrorcode"
_HEADER_COLUMNS = ("quoteid", CURRENCY, RATE, *HEADER_PRICE, *TOTALS, _ERROR, HEADER_FLAG)
_LINE_COLUMNS = (
    "quotedetailid",
    "quoteid",
    "productid",
    "quantity",
    "manualdiscountamount",
    "tax",
    "extendedamount",
    _ERROR,
    LINE_FLAG,
)


def lines_by_quote(quotes: Iterable[Value], session: Session) -> dict[Value, list[Row]]:
    """The lines of quotes with what totals and flags depend on."""
    lines: dict[Value, list[Row]] = defaultdict(list)
    for row in session.rows("quotedetail", "quoteid", quotes, _LINE_COLUMNS):
        lines[row["quoteid"]].append(row)
    return lines


def totals(get: Callable[[str], Value], lines: Iterable[Row], facts: Facts) -> Row:
    """The total columns of a quote; `get` gives the header's values."""
    precision = facts.precision(get(CURRENCY))
    header = HeaderPrice(*(amount(get(column)) or ZERO for column in HEADER_PRICE))
    found = header_totals(header, [_line_total(line, facts, precision) for line in lines], precision)
    return {name: getattr(found, name) for name in TOTALS}


def _line_total(line: Row, facts: Facts, precision: int) -> LineTotal:
    discount = manual_discount(
        amount(line["quantity"]) or ZERO,
        amount(line["manualdiscountamount"]) or ZERO,
        facts.organization.discount_method,
        precision,
    )
    return LineTotal(amount(line["extendedamount"]) or ZERO, amount(line["tax"]) or ZERO, discount)


def refresh_quotes(quotes: Collection[Value], session: Session, without: Collection[Value] = ()) -> None:
    """
    Bring totals, pricing error and flag of quotes up to date, and the flag's copies on their lines.

    Args:
        without: Lines that are about to be deleted.
    """
    facts = Facts("quote", session)
    headers = session.rows("quote", "quoteid", quotes, _HEADER_COLUMNS)
    lines = {
        quote: [line for line in found if line["quotedetailid"] not in without]
        for quote, found in lines_by_quote(quotes, session).items()
    }
    external = _externally_maintained((line for found in lines.values() for line in found), session)
    changes: list[Change] = []
    copies: list[Row] = []
    for number, header in enumerate(headers):
        own = lines.get(header["quoteid"], [])
        only = externally_maintained_only(external.get(line["productid"]) for line in own)
        derived = _derived(header, own, only, facts)
        changed = {name: value for name, value in derived.items() if header[name] != value}
        if changed:
            changes.append(Change(number, header["quoteid"], changed, header))
        copies.extend(
            {"quotedetailid": line["quotedetailid"], LINE_FLAG: only} for line in own if line[LINE_FLAG] is not only
        )
    fill_base_amounts(changes, facts)
    session.update("quote", [{**change.values, "quoteid": change.key} for change in changes])
    session.update("quotedetail", copies)


def _derived(header: Row, lines: list[Row], only: bool, facts: Facts) -> Row:
    derived: Row = {HEADER_FLAG: only}
    if facts.organization.system_pricing:
        failed = any(line[_ERROR] not in (None, PricingError.NONE) for line in lines)
        derived[_ERROR] = int(PricingError.DETAIL_ERROR if failed else PricingError.NONE)
        derived |= totals(header.get, lines, facts)
    return derived


def _externally_maintained(lines: Iterable[Row], session: Session) -> dict[Value, Value]:
    """The flag of each product sold."""
    products = {line["productid"] for line in lines}
    return {row["productid"]: row[FLAG] for row in session.rows("product", "productid", products, ("productid", FLAG))}
