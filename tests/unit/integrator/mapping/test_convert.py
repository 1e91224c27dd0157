"""What the destination field takes, and what it refuses."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from p2c.edm.declare import boolean, choice, day, decimal, enum, guid, instant, members, text, whole
from p2c.edm.property import Property, Required
from p2c.edm.values import EdmType, Value
from p2c.integrator.mapping.codes import Refused, RejectCode
from p2c.integrator.mapping.convert import converter, fits, is_trusted

NAME = text("Name", 5, "Name")
COUNT = whole("Count", "Count")
AMOUNT = decimal("Amount", "Amount", scale=2)
STATE = choice("statecode", "Status", {0: "Active", 1: "Inactive"})
NO_YES = enum("Flag", "Flag", members("NoYes", "No", "Yes"))
CURRENCY = enum("Currency", "Currency", members("CurrencyCode", "CZK", "EUR"))
NOW = datetime(2020, 1, 31, tzinfo=UTC)


@pytest.mark.parametrize(
    ("destination", "value", "expected"),
    [
        (NAME, "Adéla", "Adéla"),
        (NAME, None, None),
        (COUNT, Decimal("2.99"), 2),
        (COUNT, 3, 3),
        (AMOUNT, 3, Decimal(3)),
        (AMOUNT, Decimal("1.005"), Decimal("1.01")),
        (AMOUNT, 0.1, Decimal("0.1")),
        (STATE, 1, 1),
        (NO_YES, "Yes", "Yes"),
        (NO_YES, "", None),
        (Property(name="Rate", type=EdmType.DOUBLE), Decimal("1.5"), 1.5),
        (boolean("Flag", "Flag"), True, True),
        (day("Day", "Day"), date(2020, 1, 31), date(2020, 1, 31)),
        (instant("At", "At"), NOW, NOW),
        (guid("Id", "Id"), UUID(int=1), UUID(int=1)),
    ],
)
def test_values_that_fit_go_in(destination: Property, value: Value, expected: Value) -> None:
    assert converter(destination)(value) == expected


@pytest.mark.parametrize(
    ("destination", "value", "code"),
    [
        (NAME, "Adélka", RejectCode.TEXT_TOO_LONG),
        (NAME, 3, RejectCode.WRONG_TYPE),
        (COUNT, "3", RejectCode.WRONG_TYPE),
        (COUNT, True, RejectCode.WRONG_TYPE),
        (COUNT, 2**31, RejectCode.WRONG_TYPE),
        (AMOUNT, "1.5", RejectCode.WRONG_TYPE),
        (AMOUNT, False, RejectCode.WRONG_TYPE),
        (STATE, 2, RejectCode.BAD_CHOICE),
        (NO_YES, "Maybe", RejectCode.BAD_CHOICE),
        (CURRENCY, "GBP", RejectCode.CURRENCY_UNKNOWN),
        (boolean("Flag", "Flag"), 1, RejectCode.WRONG_TYPE),
        (day("Day", "Day"), NOW, RejectCode.WRONG_TYPE),
        (instant("At", "At"), date(2020, 1, 31), RejectCode.WRONG_TYPE),
        (guid("Id", "Id"), "1", RejectCode.WRONG_TYPE),
    ],
)
def test_values_that_do_not_fit_are_refused_with_a_code(destination: Property, value: Value, code: RejectCode) -> None:
    with pytest.raises(Refused) as refused:
        converter(destination)(value)
    assert refused.value.code is code
    assert refused.value.value == value


@pytest.mark.parametrize(
    ("source", "destination", "possible"),
    [
        (EdmType.INT32, EdmType.DECIMAL, True),
        (EdmType.DECIMAL, EdmType.INT64, True),
        (EdmType.STRING, EdmType.ENUM, True),
        (EdmType.DATE, EdmType.DATE, True),
        (EdmType.DATE, EdmType.DATETIME, False),
        (EdmType.INT32, EdmType.STRING, False),
        (EdmType.BOOLEAN, EdmType.ENUM, False),
    ],
)
def test_types_that_need_a_transform_are_known_beforehand(
    source: EdmType, destination: EdmType, possible: bool
) -> None:
    assert fits(source, destination) is possible


@pytest.mark.parametrize(
    ("source", "destination", "trusted"),
    [
        (text("a", 5, ""), text("b", 5, ""), True),
        (text("a", 6, ""), text("b", 5, ""), False),
        (text("a", None, ""), text("b", 5, ""), False),
        (text("a", 6, ""), text("b", None, ""), True),
        (text("a", 5, ""), text("b", 5, "", required=Required.BUSINESS), False),
        (decimal("a", "", scale=4), decimal("b", "", scale=6), True),
        (decimal("a", "", scale=6), decimal("b", "", scale=4), False),
        (whole("a", ""), STATE, False),
        (STATE, whole("b", ""), True),
        (whole("a", ""), AMOUNT, False),
    ],
)
def test_only_values_that_always_fit_are_copied_unseen(source: Property, destination: Property, trusted: bool) -> None:
    assert is_trusted(source, destination) is trusted
