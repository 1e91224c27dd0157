"""Days and points in time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from p2c.edm.declare import day, instant
from p2c.edm.values import Value
from p2c.integrator.mapping.codes import Refused, RejectCode
from tests.unit.integrator.mapping.calls import apply

MIDNIGHT = datetime(2020, 1, 31, tzinfo=UTC)
IN_PRAGUE = datetime(2020, 1, 31, 0, 30, tzinfo=timezone(timedelta(hours=1)))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (date(2020, 1, 31), MIDNIGHT),
        ("2020-01-31", MIDNIGHT),
        ("2020-01-31T00:00:00Z", MIDNIGHT),
        (MIDNIGHT, MIDNIGHT),
        (None, None),
        ("", None),
    ],
)
def test_a_day_becomes_its_midnight_in_utc(value: Value, expected: Value) -> None:
    assert apply("date", value, to="instant") == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (MIDNIGHT, date(2020, 1, 31)),
        (IN_PRAGUE, date(2020, 1, 30)),
        ("2020-01-31", date(2020, 1, 31)),
        (None, None),
    ],
)
def test_a_point_in_time_becomes_its_day_in_utc(value: Value, expected: Value) -> None:
    result = apply("date", value, to="date")
    assert result == expected
    assert not isinstance(result, datetime)


@pytest.mark.parametrize("value", [date(1900, 1, 1), datetime(1900, 1, 1, 12, tzinfo=UTC), "1900-01-01"])
def test_the_first_of_january_1900_means_no_date(value: Value) -> None:
    """Finance and Operations has no null dates."""
    assert apply("date", value, to="date") is None


def test_without_argument_the_destination_decides() -> None:
    assert apply("date", "2020-01-31", day("effectivefrom", "From")) == date(2020, 1, 31)
    assert apply("date", "2020-01-31", instant("RequestedShippingDate", "Date")) == MIDNIGHT


@pytest.mark.parametrize("value", ["31.1.2020", "2020-02-30", 20200131, True])
def test_what_is_no_date_is_refused(value: Value) -> None:
    with pytest.raises(Refused, match="is not a date") as refused:
        apply("date", value, to="date")
    assert refused.value.code is RejectCode.WRONG_TYPE
    assert refused.value.way_out == "write it as 2020-01-31"
