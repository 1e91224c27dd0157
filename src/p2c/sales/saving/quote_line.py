"""Rules of quote lines: product or write-in, unit, numbers, copies of the header, amounts and totals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from p2c.database.session import Session
from p2c.edm.change import Change, Problem, ProblemKind, accepted
from p2c.edm.values import Row, Value
from p2c.sales.rules.externally_maintained import FLAG
from p2c.sales.rules.product import ProductState
from p2c.sales.rules.quote_life import QuoteState, refuse_line_edit
from p2c.sales.rules.quote_line import (
    SoldProduct,
    duplicate_sequence,
    is_write_in,
    numbers_after,
    refuse_product,
    refuse_quantity,
    refuse_unit,
)
from p2c.sales.rules.typed import amount, key, whole, words
from p2c.sales.saving.addresses import fill_composites
from p2c.sales.saving.currency import CURRENCY, RATE
from p2c.sales.saving.facts import Facts
from p2c.sales.saving.platform import PlatformRules
from p2c.sales.saving.quote import LINE_COPIES
from p2c.sales.saving.quote_line_pricing import price_lines
from p2c.sales.saving.quote_totals import HEADER_FLAG, LINE_FLAG, refresh_quotes

Products = dict[Value, SoldProduct]
_PRODUCT_COLUMNS = (
    "productid",
    "productnumber",
    "statecode",
    "defaultuomscheduleid",
    "defaultuomid",
    "quantitydecimal",
    FLAG,
)
_NUMBERS = ("sequencenumber", "lineitemnumber")


class QuoteLineRules(PlatformRules):
    """Completes quote lines, prices them and keeps their quotes' totals true."""

    def __init__(self) -> None:
        super().__init__("quotedetail")

    def complete(self, changes: Sequence[Change], facts: Facts) -> None:
        """Judge what is sold, number the lines and copy what they repeat of their quote."""
        session = facts.session
        quotes = _locked_quotes({change.get("quoteid") for change in changes}, session)
        for change in changes:
            _judge_quote(change, quotes)
        good = accepted(changes)
        products = _products({change.get("productid") for change in good}, session)
        _fill_product_and_unit(good, products, session)
        good = accepted(good)
        _fill_numbers(good, session)
        for change in accepted(good):
            _copy_header(change, quotes[change.get("quoteid")], products)

    def calculate(self, changes: Sequence[Change], facts: Facts) -> None:
        """Price the lines by the system pricing rules."""
        price_lines(changes, facts)

    def follow_up(self, changes: Sequence[Change], facts: Facts) -> None:
        """Recompute each touched quote once."""
        refresh_quotes({change.get("quoteid") for change in changes}, facts.session)

    def before_delete(self, rows: Sequence[Row], session: Session) -> list[Problem | None]:
        """Lines of drafts are deleted; their quotes are recomputed without them."""
        quotes = _locked_quotes({row["quoteid"] for row in rows}, session)
        verdicts = [_refuse_line_of(quotes.get(row["quoteid"])) for row in rows]
        gone = [row for row, verdict in zip(rows, verdicts, strict=True) if verdict is None]
        refresh_quotes({row["quoteid"] for row in gone}, session, without={row["quotedetailid"] for row in gone})
        return verdicts


def _locked_quotes(quotes: set[Value], session: Session) -> dict[Value, Row]:
    """The quotes, locked: lines written at the same time get numbers and totals one after the other."""
    return {row["quoteid"]: row for row in session.rows("quote", "quoteid", quotes, lock=True)}


def _refuse_line_of(quote: Row | None) -> Problem | None:
    if quote is None:
        return None
    return refuse_line_edit(quote["quotenumber"], whole(quote["statecode"]) or QuoteState.DRAFT)


def _judge_quote(change: Change, quotes: Mapping[Value, Row]) -> None:
    quote = quotes.get(change.get("quoteid"))
    if quote is None:
        change.refuse(
            ProblemKind.LOOKUP_MISSING,
            f"Quote {change.get('quoteid')} does not exist; create it before its lines.",
            field="quoteid",
            value=change.get("quoteid"),
        )
    elif not change.is_create and change.sets("quoteid"):
        change.refuse(
            ProblemKind.READ_ONLY,
            "A line stays in its quote; delete it and create it in the other quote.",
            field="quoteid",
            value=change.get("quoteid"),
        )
    else:
        change.problem = change.problem or _refuse_line_of(quote)


def _products(keys: set[Value], session: Session) -> Products:
    return {
        row["productid"]: SoldProduct(
            number=words(row["productnumber"]),
            state=ProductState.DRAFT if (state := whole(row["statecode"])) is None else state,
            unit_group=key(row["defaultuomscheduleid"]),
            default_unit=key(row["defaultuomid"]),
            quantity_decimals=whole(row["quantitydecimal"]) or 0,
            externally_maintained=row[FLAG] is True,
        )
        for row in session.rows("product", "productid", keys, _PRODUCT_COLUMNS)
    }


def _fill_product_and_unit(changes: Sequence[Change], products: Products, session: Session) -> None:
    sold: list[tuple[Change, SoldProduct]] = []
    for change in changes:
        product = _judge_product(change, products)
        change.problem = change.problem or refuse_quantity(amount(change.get("quantity")), product)
        if product is not None and change.problem is None:
            sold.append((change, product))
    _fill_units(sold, session)


def _judge_product(change: Change, products: Products) -> SoldProduct | None:
    """The product that the line sells; None for a write-in and for a refused line."""
    chosen = change.get("productid")
    overridden = change.values.get("isproductoverridden")
    write_in = is_write_in(chosen, change.get("productdescription"), overridden)
    if isinstance(write_in, Problem):
        change.problem = change.problem or write_in
        return None
    change.values["isproductoverridden"] = write_in
    if write_in:
        return None
    product = products.get(chosen)
    if product is None:
        change.refuse(
            ProblemKind.LOOKUP_MISSING,
            f"Product {chosen} does not exist; set productid to one that does.",
            field="productid",
            value=chosen,
        )
    elif change.sets("productid"):
        change.problem = change.problem or refuse_product(product)
    return product


def _fill_units(sold: Sequence[tuple[Change, SoldProduct]], session: Session) -> None:
    touched = [(c, product) for c, product in sold if c.sets("productid") or "uomid" in c.values]
    for change, product in touched:
        if change.values.get("uomid") is None:
            change.values["uomid"] = product.default_unit
    rows = session.rows("uom", "uomid", {change.get("uomid") for change, _ in touched}, ("uomid", "uomscheduleid"))
    groups: dict[UUID, UUID | None] = {
        unit: key(row["uomscheduleid"]) for row in rows if (unit := key(row["uomid"])) is not None
    }
    for change, product in touched:
        change.problem = change.problem or refuse_unit(product, key(change.get("uomid")), groups)


def _fill_numbers(changes: Sequence[Change], session: Session) -> None:
    """Number lines after the last of their quote, and keep sequence numbers unique in it."""
    touched = [c for c in changes if any(c.is_create or c.sets(column) for column in _NUMBERS)]
    quotes = {change.get("quoteid") for change in touched}
    own = {change.key for change in touched}
    taken: dict[tuple[Value, str], dict[int, Value]] = defaultdict(dict)
    for row in session.rows("quotedetail", "quoteid", quotes, ("quotedetailid", "quoteid", *_NUMBERS)):
        for column in _NUMBERS:
            number = whole(row[column])
            if number is not None and row["quotedetailid"] not in own:
                taken[row["quoteid"], column][number] = row["quotedetailid"]
    for change in touched:
        for column in _NUMBERS:
            number = whole(change.get(column))
            if number is None:
                continue
            holder = taken[change.get("quoteid"), column].setdefault(number, change.key)
            if holder != change.key and column == "sequencenumber":
                change.problem = change.problem or duplicate_sequence(change.get("quoteid"), number)
    free = {place: numbers_after(numbers.keys()) for place, numbers in taken.items()}
    for change in accepted(touched):
        for column in _NUMBERS:
            if change.get(column) is None:
                place = change.get("quoteid"), column
                change.values[column] = next(free.setdefault(place, numbers_after(())))


def _copy_header(change: Change, quote: Row, products: Products) -> None:
    """Repeat the header on the line: state, revision, owner, currency, and a first guess of the flag."""
    product = products.get(change.get("productid"))
    copies: Row = {copy: quote.get(column) for copy, column in LINE_COPIES.items()}
    copies |= {CURRENCY: quote[CURRENCY], RATE: quote[RATE]}
    copies[LINE_FLAG] = quote[HEADER_FLAG] is True and product is not None and product.externally_maintained
    for column, value in copies.items():
        if change.is_create or column in change.values:
            change.values[column] = value
    fill_composites([change], "shipto")
