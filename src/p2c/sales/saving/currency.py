"""Currency of a row: its default, its exchange rate, rounding of amounts and their base currency twins."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from p2c.edm.change import Change, ProblemKind
from p2c.edm.entity import Table
from p2c.sales.rules.money import in_base_currency, precision_of, rounded
from p2c.sales.rules.typed import amount
from p2c.sales.saving.facts import Facts

CURRENCY = "transactioncurrencyid"
RATE = "exchangerate"


def fill_currency(changes: Sequence[Change], facts: Facts) -> None:
    """Give rows with amounts a currency, the organization's base currency by default, and its rate."""
    columns = facts.table.column
    if CURRENCY not in columns or RATE not in columns or facts.table.primary_key == CURRENCY:
        return
    for change in changes:
        if change.is_create or CURRENCY in change.values:
            if change.get(CURRENCY) is None:
                change.values[CURRENCY] = facts.organization.base_currency
            if change.is_create or change.sets(CURRENCY):
                _fill_rate(change, facts)


def _fill_rate(change: Change, facts: Facts) -> None:
    currency = change.get(CURRENCY)
    known = facts.currencies.get(currency) if isinstance(currency, UUID) else None
    if known is not None:
        if change.values.get(RATE) is None or not change.is_create:
            change.values[RATE] = known.exchange_rate
    elif currency is not None:
        change.refuse(
            ProblemKind.LOOKUP_MISSING,
            f"Currency {currency} does not exist; set {CURRENCY} to a row of transactioncurrencies.",
            field=CURRENCY,
            value=currency,
        )


def round_amounts(changes: Sequence[Change], facts: Facts) -> None:
    """Round the amounts written: unit prices to the pricing precision, others to the currency."""
    columns = frozenset(money_columns(facts.table))
    for change in changes:
        amounts = columns & change.values.keys()
        if not amounts:
            continue
        currency = facts.precision(change.get(CURRENCY))
        for column in amounts:
            value = change.values[column]
            if isinstance(value, Decimal):
                places = precision_of(column, currency, facts.organization.pricing_precision)
                change.values[column] = rounded(value, places)


def fill_base_amounts(changes: Sequence[Change], facts: Facts) -> None:
    """Set the `_base` twin of each amount that changes, or of all when the exchange rate does."""
    known = frozenset(money_columns(facts.table))
    places: dict[str, int] = {}
    for change in changes:
        every = not change.is_create and change.sets(RATE)
        columns = known if every else known & change.values.keys()
        rate = amount(change.get(RATE)) if columns else None
        if rate is None or rate == 0:
            continue
        places = places or _base_precisions(facts)
        for column in columns:
            value = amount(change.get(column))
            change.values[f"{column}_base"] = None if value is None else in_base_currency(value, rate, places[column])


def _base_precisions(facts: Facts) -> dict[str, int]:
    """Decimal places of each amount in the base currency."""
    organization = facts.organization
    base = facts.precision(organization.base_currency)
    return {column: precision_of(column, base, organization.pricing_precision) for column in money_columns(facts.table)}


def money_columns(table: Table) -> tuple[str, ...]:
    """The columns of a table that hold amounts in the row's currency."""
    return tuple(column.storage for column in table.columns if column.money)
