"""Cells become values of the field's type, or are refused with the reason."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2c.edm.declare import boolean, day, decimal, enum, guid, instant, members, text, whole
from p2c.edm.property import Property
from p2c.edm.values import Value
from p2c.integrator.mapping.codes import Refused, RejectCode
from p2c.wiring.loading.text import text_reader

NAME = text("name", 5, "Name")
AMOUNT = decimal("amount", "Amount", scale=2)
COUNT = whole("count", "Count")
DAY = day("day", "Day")
TIME = instant("time", "Time")
FLAG = boolean("flag", "Flag")
KIND = enum("kind", "Kind", members("Kind", "Good", "Service"))


@pytest.mark.parametrize(
    ("item", "cell", "value"),
    [
        (NAME, " Žluť", " Žluť"),
        (AMOUNT, "12.50", Decimal("12.50")),
        (AMOUNT, " 1e2 ", Decimal(100)),
        (COUNT, "-3", -3),
        (COUNT, "3.0", 3),
        (DAY, "1996-07-04", date(1996, 7, 4)),
        (DAY, "1996-07-04 00:00:00.000", date(1996, 7, 4)),
        (TIME, "1996-07-04", datetime(1996, 7, 4, tzinfo=UTC)),
        (TIME, "1996-07-04T10:00:00+02:00", datetime(1996, 7, 4, 8, tzinfo=UTC)),
        (FLAG, "Yes", True),
        (FLAG, "0", False),
        (KIND, "Service", "Service"),
        (guid("id", "Id"), "00000000-0000-0000-0000-000000000001", UUID(int=1)),
    ],
)
def test_text_becomes_a_value_of_the_type(item: Property, cell: str, value: Value) -> None:
    """Text keeps its blanks; all else may have some around it."""
    assert text_reader(item)(cell) == value


@pytest.mark.parametrize(
    ("item", "cell", "code"),
    [
        (NAME, "longer", RejectCode.TEXT_TOO_LONG),
        (AMOUNT, "1,5", RejectCode.WRONG_TYPE),
        (AMOUNT, "NaN", RejectCode.WRONG_TYPE),
        (AMOUNT, "Infinity", RejectCode.WRONG_TYPE),
        (COUNT, "3.5", RejectCode.WRONG_TYPE),
        (COUNT, "1e999999", RejectCode.WRONG_TYPE),
        (COUNT, "99999999999", RejectCode.WRONG_TYPE),
        (DAY, "04.07.1996", RejectCode.WRONG_TYPE),
        (DAY, "1996-07-04 10:00", RejectCode.WRONG_TYPE),
        (FLAG, "perhaps", RejectCode.WRONG_TYPE),
        (KIND, "Sevice", RejectCode.BAD_CHOICE),
    ],
)
def test_text_that_is_no_such_value_is_refused(item: Property, cell: str, code: RejectCode) -> None:
    """The code is one of the documented list."""
    with pytest.raises(Refused) as refused:
        text_reader(item)(cell)
    assert refused.value.code is code


@pytest.mark.parametrize("item", [NAME, AMOUNT, COUNT, DAY, TIME, FLAG, KIND])
def test_an_empty_cell_is_no_value(item: Property) -> None:
    """Whatever the type."""
    assert text_reader(item)("") is None


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=2))
def test_every_amount_comes_back_exactly(amount: Decimal) -> None:
    """Money never passes through a float."""
    assert text_reader(AMOUNT)(str(amount)) == amount


@given(st.text())
def test_any_text_is_a_value_or_a_refusal(cell: str) -> None:
    """No other error escapes."""
    for item in (NAME, AMOUNT, COUNT, DAY, TIME, FLAG, KIND):
        try:
            text_reader(item)(cell)
        except Refused as refused:
            assert refused.what
