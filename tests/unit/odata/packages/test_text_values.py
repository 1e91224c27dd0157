"""Texts of data files become values of a property's type, or a problem that names the field."""

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
from p2c.odata.packages.text_values import read_values, value_of

HOLD = enum("Hold", "Hold", members("Hold", "No", "Invoice", "All"))
_PROPERTIES = (
    text("Name", 5, "Name"),
    whole("Count", "Count"),
    whole("Big", "Big", big=True),
    decimal("Price", "Price"),
    instant("At", "At"),
    day("On", "On"),
    guid("Id", "Id"),
    boolean("Active", "Active"),
    HOLD,
)


@pytest.mark.parametrize(
    ("item", "sent", "value"),
    [
        (_PROPERTIES[0], " a ", " a "),
        (_PROPERTIES[0], "", ""),
        (_PROPERTIES[1], " -7 ", -7),
        (_PROPERTIES[1], "", None),
        (_PROPERTIES[3], "12.50", Decimal("12.50")),
        (_PROPERTIES[3], "1e2", Decimal(100)),
        (_PROPERTIES[4], "2024-05-06T07:08:09Z", datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)),
        (_PROPERTIES[4], "2024-05-06 07:08:09", datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)),
        (_PROPERTIES[4], "2024-05-06T07:08:09+02:00", datetime(2024, 5, 6, 5, 8, 9, tzinfo=UTC)),
        (_PROPERTIES[4], "1900-01-01 00:00:00", None),
        (_PROPERTIES[5], "2024-05-06", date(2024, 5, 6)),
        (_PROPERTIES[6], "{6F9619FF-8B86-D011-B42D-00C04FC964FF}", UUID("6f9619ff-8b86-d011-b42d-00c04fc964ff")),
        (_PROPERTIES[7], "Yes", True),
        (_PROPERTIES[7], "0", False),
        (HOLD, "Invoice", "Invoice"),
        (HOLD, "invoice", "Invoice"),
        (HOLD, "2", "All"),
    ],
)
def test_a_text_that_fits_is_a_value(item: Property, sent: str, value: Value) -> None:
    assert value_of(item, sent) == value


@pytest.mark.parametrize(
    ("item", "sent", "reason"),
    [
        (_PROPERTIES[0], "abcdef", "Name 'abcdef' has 6 characters, 5 fit"),
        (_PROPERTIES[0], "a\0", "cannot be stored"),
        (_PROPERTIES[1], "1.5", "Count '1.5' is not a whole number"),
        (_PROPERTIES[1], "2147483648", "is not a whole number"),
        (_PROPERTIES[3], "1,5", "is not a number with a point"),
        (_PROPERTIES[3], "NaN", "is not a number"),
        (_PROPERTIES[3], "1e99", "is not a number"),
        (_PROPERTIES[4], "06/05/2024", "At '06/05/2024' is not a moment"),
        (_PROPERTIES[5], "2024-02-30", "is not a date"),
        (_PROPERTIES[6], "x", "is not a GUID"),
        (_PROPERTIES[7], "maybe", "is not Yes or No"),
        (HOLD, "Some", "is no member of Hold; it knows No, Invoice, All"),
    ],
)
def test_a_text_that_does_not_fit_is_named(item: Property, sent: str, reason: str) -> None:
    with pytest.raises(ValueError) as caught:
        value_of(item, sent)
    assert reason in str(caught.value)


@given(st.sampled_from(_PROPERTIES), st.text(max_size=40))
def test_any_text_is_a_value_or_a_problem(item: Property, sent: str) -> None:
    values, problem = read_values({"F": item}, {"F": sent})
    assert (item.name in values) is (problem is None)
    assert problem is None or problem.field == item.name


def test_read_only_fields_are_left_out_and_the_first_problem_counts() -> None:
    fields = {"A": text("A", 1, "A", read_only=True), "B": text("B", 1, "B"), "C": text("C", 1, "C")}
    values, problem = read_values(fields, {"A": "too long", "B": "bb", "C": "cc"})
    assert values == {}
    assert problem is not None
    assert problem.field == "B"
