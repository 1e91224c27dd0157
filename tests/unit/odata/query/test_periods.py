"""Query functions of time name spans that fit together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2c.odata.query.periods import COUNTED, MAX_UNITS, NAMED, counted_span, is_counted, named_span

NOW = datetime(2026, 11, 20, 10, 30, 15, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(1800, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
COUNTS = st.integers(1, 100)


def at(text: str) -> datetime:
    """A moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        ("Today", "2026-11-20", "2026-11-21"),
        ("Yesterday", "2026-11-19", "2026-11-20"),
        ("Tomorrow", "2026-11-21", "2026-11-22"),
        ("Last7Days", "2026-11-13", "2026-11-21"),
        ("Next7Days", "2026-11-20", "2026-11-28"),
        ("LastWeek", "2026-11-08", "2026-11-15"),
        ("ThisWeek", "2026-11-15", "2026-11-22"),
        ("NextWeek", "2026-11-22", "2026-11-29"),
        ("LastMonth", "2026-10-01", "2026-11-01"),
        ("ThisMonth", "2026-11-01", "2026-12-01"),
        ("NextMonth", "2026-12-01", "2027-01-01"),
        ("LastYear", "2025-01-01", "2026-01-01"),
        ("ThisYear", "2026-01-01", "2027-01-01"),
        ("NextYear", "2027-01-01", "2028-01-01"),
    ],
)
def test_named_spans_are_whole_days(name: str, start: str, end: str) -> None:
    span = named_span(name, NOW)
    assert span is not None
    assert (span.start, span.end) == (at(start), at(end))


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        ("LastXHours", "2026-11-20T08:00", None),
        ("LastXDays", "2026-11-18", None),
        ("LastXWeeks", "2026-11-06", None),
        ("LastXMonths", "2026-09-20", None),
        ("LastXYears", "2024-11-20", None),
        ("NextXHours", None, "2026-11-20T13:00"),
        ("NextXDays", None, "2026-11-23"),
        ("NextXWeeks", None, "2026-12-05"),
        ("NextXMonths", None, "2027-01-21"),
        ("NextXYears", None, "2028-11-21"),
    ],
)
def test_two_units_back_or_ahead_reach_from_or_to_now(name: str, start: str | None, end: str | None) -> None:
    span = counted_span(name, 2, NOW)
    assert (span.start, span.end) == (at(start) if start else NOW, at(end) if end else NOW)


def test_the_same_day_of_a_shorter_month_is_its_last() -> None:
    assert counted_span("OlderThanXMonths", 1, at("2026-03-31T12:00")).end == at("2026-02-28")


@given(st.sampled_from(NAMED), MOMENTS)
def test_last_this_and_next_follow_one_another(name: str, now: datetime) -> None:
    span = named_span(name, now)
    assert span is not None
    assert span.start is not None
    assert span.end is not None
    assert span.start < span.end
    following = named_span(name.replace("This", "Next"), now)
    if name.startswith("This") and following is not None:
        assert following.start == span.end


@given(st.sampled_from(COUNTED), COUNTS, MOMENTS)
def test_more_units_reach_further(name: str, count: int, now: datetime) -> None:
    less, more = counted_span(name, count, now), counted_span(name, count + 1, now)
    if name.startswith("Next"):
        assert less.end is not None
        assert more.end is not None
        assert now == less.start
        assert now < less.end < more.end
    else:
        edge, further = (less.start, more.start) if name.startswith("Last") else (less.end, more.end)
        assert edge is not None
        assert further is not None
        assert further < edge <= now
        assert now - edge >= timedelta(0)


@pytest.mark.parametrize("count", [0, -1, MAX_UNITS + 1, MAX_UNITS])
def test_what_is_no_count_or_leaves_the_calendar_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match=r"no number|beyond"):
        counted_span("NextXYears", count, NOW)


def test_only_last_next_and_older_than_take_a_count() -> None:
    assert all(is_counted(name) for name in COUNTED)
    assert not any(is_counted(name) for name in ("LastXMinutes", "Today", "LastXFiscalYears", "OlderThanX"))
