"""Totals of quotations: Operations' own, computed once a batch from the stored lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal

from p2c.database.session import Session
from p2c.edm.change import Change
from p2c.edm.values import Row, Value
from p2c.operations.rules.quotation import LineMoney, LineTotals, QuotationTotals, quotation_totals
from p2c.operations.rules.rounding import CENTS, Rounding
from p2c.operations.saving.currencies import sales_rounding
from p2c.operations.saving.pointers import Key
from p2c.operations.saving.values import COMPANY, number_of, text_of

QUOTATION_KEY = (COMPANY, "SalesQuotationNumber")
_LINE_COLUMNS = (
    "RecId",
    *QUOTATION_KEY,
    "RequestedSalesQuantity",
    "SalesPrice",
    "SalesPriceQuantity",
    "LineDiscountAmount",
    "LineDiscountPercentage",
    "MultilineDiscountAmount",
    "MultilineDiscountPercentage",
    "FixedPriceCharges",
    "LineAmount",
    "TotalTaxAmount",
)
_NOUGHT = Decimal(0)
NO_TOTALS = QuotationTotals(amount=_NOUGHT, discount=_NOUGHT, all_discounts=_NOUGHT, charges=_NOUGHT, tax=_NOUGHT)


def total_columns(totals: QuotationTotals) -> Row:
    """The header's columns that carry the totals."""
    return {
        "TotalDiscountAmount": totals.discount,
        "QuotationTotalAmount": totals.amount,
        "QuotationTotalDiscountAmount": totals.all_discounts,
        "QuotationTotalChargesAmount": totals.charges,
        "QuotationTotalTaxAmount": totals.tax,
        "AreTotalsCalculated": "Yes",
    }


def money_of(line: Change | Row) -> LineMoney:
    """The quantities, prices and discounts of a line."""
    return LineMoney(
        quantity=number_of(line, "RequestedSalesQuantity"),
        price=number_of(line, "SalesPrice"),
        price_quantity=number_of(line, "SalesPriceQuantity"),
        discount=number_of(line, "LineDiscountAmount"),
        discount_percentage=number_of(line, "LineDiscountPercentage"),
        multiline_discount=number_of(line, "MultilineDiscountAmount"),
        multiline_percentage=number_of(line, "MultilineDiscountPercentage"),
        charges=number_of(line, "FixedPriceCharges"),
    )


def refresh_totals(keys: Iterable[Key], session: Session, *, less: Collection[Value] = ()) -> None:
    """
    Sum the lines of the quotations anew and write the totals that differ.

    The headers stay locked until the transaction ends, so that of two batches of lines of one quotation the
    later one sums what both wrote. `less` are the RecIds of lines that are about to go.
    """
    wanted = set(keys)
    found = session.match("sales_quotation", QUOTATION_KEY, wanted, columns_out=("RecId",))
    headers = session.rows("sales_quotation", "RecId", [row["RecId"] for row in found], lock=True)
    lines = _lines(wanted, session, less)
    roundings = sales_rounding(session, (text_of(header, "CurrencyCode") for header in headers))
    changed: list[Row] = []
    for header in headers:
        rounding = roundings.get(text_of(header, "CurrencyCode"), CENTS)
        totals = total_columns(_totals(header, lines[_key(header)], rounding))
        if any(header[column] != value for column, value in totals.items()):
            changed.append({"RecId": header["RecId"], **totals})
    session.update("sales_quotation", changed)


def _lines(keys: Collection[Key], session: Session, less: Collection[Value]) -> defaultdict[Key, list[Row]]:
    lines: defaultdict[Key, list[Row]] = defaultdict(list)
    for line in session.match("sales_quotation_line", QUOTATION_KEY, keys, columns_out=_LINE_COLUMNS):
        if line["RecId"] not in less:
            lines[_key(line)].append(line)
    return lines


def _totals(header: Row, lines: Sequence[Row], rounding: Rounding) -> QuotationTotals:
    return quotation_totals(map(_line_totals, lines), number_of(header, "TotalDiscountPercentage"), rounding)


def _line_totals(line: Row) -> LineTotals:
    money, net = money_of(line), number_of(line, "LineAmount")
    return LineTotals(
        net=net,
        discount=money.gross + money.real_charges - net,
        charges=money.real_charges,
        tax=number_of(line, "TotalTaxAmount"),
    )


def _key(row: Row) -> Key:
    return tuple(row[column] for column in QUOTATION_KEY)
