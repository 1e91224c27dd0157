"""Values are the same when the destination stores them the same way."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from p2c.edm.values import Value
from p2c.integrator.engine.comparing import FieldRule, key_of, plain
from p2c.integrator.reconcile.finding import differences

TEXT = FieldRule("Name")
AMOUNT = FieldRule("Amount", number=True)
AMOUNT_THERE = FieldRule("Amount", number=True, of_operations=True)
DAY_THERE = FieldRule("Day", of_operations=True)
LOOKUP = FieldRule("Currency", folds=True)
MORNING = datetime(2025, 3, 1, 8, 30, 15, 900, tzinfo=UTC)
NOON = datetime(2025, 3, 1, 12, tzinfo=UTC)


def same(rule: FieldRule, expected: Value, found: Value) -> bool:
    return differences([rule], [plain(expected)], [plain(found)]) == ()


@pytest.mark.parametrize(
    ("rule", "expected", "found"),
    [
        (TEXT, "", None),
        (TEXT, None, ""),
        (AMOUNT, Decimal("12.5"), Decimal("12.5000")),
        (AMOUNT, Decimal("12.34567"), Decimal("12.35")),
        (AMOUNT, Decimal("12.345"), Decimal("12.3450000000")),
        (AMOUNT, 12, Decimal("12.00")),
        (AMOUNT_THERE, None, Decimal(0)),
        (AMOUNT_THERE, Decimal(0), None),
        (DAY_THERE, MORNING, NOON),
        (LOOKUP, "eur", "EUR"),
        (LOOKUP, None, None),
        (FieldRule("At"), MORNING, MORNING.replace(microsecond=0)),
        (FieldRule("Id"), UUID(int=1), UUID(int=1)),
    ],
)
def test_the_same(rule: FieldRule, expected: Value, found: Value) -> None:
    assert same(rule, expected, found)


@pytest.mark.parametrize(
    ("rule", "expected", "found"),
    [
        (TEXT, "Brno", "brno"),
        (TEXT, "Brno", None),
        (AMOUNT, Decimal("12.34"), Decimal("12.3")),
        (AMOUNT, Decimal("12.344"), Decimal("12.340000")),
        (AMOUNT, Decimal("12.5"), Decimal("12.51")),
        (AMOUNT, None, Decimal(0)),
        (AMOUNT, Decimal(0), None),
        (AMOUNT_THERE, None, Decimal("0.01")),
        (DAY_THERE, MORNING, NOON.replace(day=2)),
        (DAY_THERE, NOON, MORNING),
        (FieldRule("At"), MORNING, NOON),
        (FieldRule("Day"), date(2025, 3, 1), date(2025, 3, 2)),
        (LOOKUP, "eur", None),
        (LOOKUP, "eur", "usd"),
        (FieldRule("Active"), True, False),
    ],
)
def test_different(rule: FieldRule, expected: Value, found: Value) -> None:
    assert not same(rule, expected, found)


def test_keys_tell_their_parts_apart() -> None:
    assert key_of(["a", "bc"]) != key_of(["ab", "c"])


def test_keys_are_the_same_however_a_number_is_written() -> None:
    assert key_of([Decimal("10.00")]) == key_of([10]) == key_of([Decimal("1E+1")])
