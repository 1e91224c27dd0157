"""When projects run by themselves: intervals, cron, changes of the clocks, and what pauses a project."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2c.errors import ConfigurationError
from p2c.integrator.outcome import Counts
from p2c.integrator.schedule import (
    Cron,
    Ending,
    Every,
    PauseRules,
    Recurrence,
    Schedule,
    Unit,
    from_words,
    parse_every,
    parse_start,
    reason_to_pause,
)

PRAGUE = "Europe/Prague"
ZONES = ("UTC", PRAGUE, "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia")

zones = st.sampled_from(ZONES)
EARLIEST, LATEST = parse_start("2005-01-01 00:00"), parse_start("2035-01-01 00:00")
walls = st.datetimes(EARLIEST, LATEST).map(lambda wall: wall.replace(second=0, microsecond=0))
moments = st.datetimes(EARLIEST, LATEST).map(lambda moment: moment.replace(tzinfo=UTC))
intervals = st.builds(Every, st.integers(1, 400), st.sampled_from(Unit), walls, zones)
crons = st.builds(
    Cron,
    st.sampled_from(
        ("* * * * *", "*/7 * * * *", "30 2 * * *", "0 6 * * 1-5", "15 */4 * * *", "0 0 29 2 *", "59 23 L * *")
    ),
    zones,
)
recurrences: st.SearchStrategy[Recurrence] = st.one_of(intervals, crons)


def prague(text: str) -> datetime:
    """A time on the wall in Prague, as a moment."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(PRAGUE)).astimezone(UTC)


def every(text: str, start: str, timezone: str = PRAGUE) -> Every:
    """An interval as people write it."""
    return Every(*parse_every(text), parse_start(start), timezone)


def times(recurrence: Recurrence, after: datetime, count: int) -> list[datetime]:
    """The next times."""
    found = [recurrence.after(after)]
    while len(found) < count:
        found.append(recurrence.after(found[-1]))
    return found


@given(recurrences, moments)
def test_the_next_time_is_later_and_nothing_lies_between(recurrence: Recurrence, moment: datetime) -> None:
    """From any moment up to the next time, the next time is the same one."""
    following = recurrence.after(moment)
    assert following > moment
    assert recurrence.after(following - timedelta(microseconds=1)) == following
    assert recurrence.after(moment + (following - moment) / 2) == following


@given(intervals)
def test_an_interval_begins_at_its_start(interval: Every) -> None:
    first = interval.after(datetime(2000, 1, 1, tzinfo=UTC))
    there = first.astimezone(ZoneInfo(interval.timezone)).replace(tzinfo=None)
    # Later only where the clocks jump over the start.
    assert timedelta(0) <= there - interval.start <= timedelta(days=1)


@given(st.integers(1, 400), st.sampled_from([Unit.MINUTES, Unit.HOURS]), walls, zones, moments)
def test_minutes_and_hours_keep_their_distance(
    number: int, unit: Unit, start: datetime, timezone: str, moment: datetime
) -> None:
    interval = Every(number, unit, start, timezone)
    assert unit.elapsed is not None
    first, second = times(interval, max(moment, interval.after(datetime(2000, 1, 1, tzinfo=UTC))), 2)
    assert second - first == number * unit.elapsed


@given(st.integers(1, 40), st.sampled_from([Unit.DAYS, Unit.WEEKS, Unit.MONTHS]), walls, moments)
def test_days_weeks_and_months_keep_the_time_on_the_wall(
    number: int, unit: Unit, start: datetime, moment: datetime
) -> None:
    """In Prague, at noon: no change of the clocks touches noon."""
    start = start.replace(hour=12, minute=0)
    following = Every(number, unit, start, PRAGUE).after(moment).astimezone(ZoneInfo(PRAGUE))
    assert (following.hour, following.minute) == (12, 0)
    days = (following.date() - start.date()).days
    assert unit is Unit.MONTHS or days % (number * (7 if unit is Unit.WEEKS else 1)) == 0


def test_a_day_is_23_or_25_hours_long_when_the_clocks_change() -> None:
    daily = every("1 day", "2026-01-01 06:00")
    assert times(daily, prague("2026-03-28 05:00"), 2) == [prague("2026-03-28 06:00"), prague("2026-03-29 06:00")]
    assert prague("2026-03-29 06:00") - prague("2026-03-28 06:00") == timedelta(hours=23)


@pytest.mark.parametrize("recurrence", [every("day", "2026-01-01 02:30"), Cron("30 2 * * *", PRAGUE)])
def test_a_time_that_the_clocks_jump_over_happens_once_that_day(recurrence: Recurrence) -> None:
    """On 29 March 2026 there is no 2:30 in Prague; an interval comes at 3:30, cron right after the jump."""
    found = times(recurrence, prague("2026-03-28 12:00"), 2)
    days = [time.astimezone(ZoneInfo(PRAGUE)).date().isoformat() for time in found]
    assert days == ["2026-03-29", "2026-03-30"]
    assert found[1] == prague("2026-03-30 02:30")


@pytest.mark.parametrize("recurrence", [every("day", "2026-01-01 02:30"), Cron("30 2 * * *", PRAGUE)])
def test_a_time_that_the_clocks_show_twice_happens_once(recurrence: Recurrence) -> None:
    """On 25 October 2026 Prague has 2:30 twice."""
    assert times(recurrence, prague("2026-10-24 12:00"), 2) == [
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        prague("2026-10-26 02:30"),
    ]


def test_every_hour_runs_in_both_of_the_hours_that_are_shown_twice() -> None:
    hourly = Cron("0 * * * *", PRAGUE)
    found = times(hourly, datetime(2026, 10, 24, 23, 30, tzinfo=UTC), 3)
    assert found == [datetime(2026, 10, 25, hour, tzinfo=UTC) for hour in (0, 1, 2)]


def test_the_31st_is_the_last_day_of_shorter_months() -> None:
    monthly = every("month", "2027-01-31 06:00", "UTC")
    assert [f"{time:%m-%d}" for time in times(monthly, datetime(2027, 1, 1, tzinfo=UTC), 4)] == [
        "01-31",
        "02-28",
        "03-31",
        "04-30",
    ]


@pytest.mark.parametrize(
    ("text", "number", "unit"),
    [
        ("5m", 5, Unit.MINUTES),
        ("1 minute", 1, Unit.MINUTES),
        ("2 Hours", 2, Unit.HOURS),
        ("day", 1, Unit.DAYS),
        ("2w", 2, Unit.WEEKS),
        ("3mo", 3, Unit.MONTHS),
    ],
)
def test_intervals_are_read_as_people_write_them(text: str, number: int, unit: Unit) -> None:
    assert parse_every(text) == (number, unit)


@pytest.mark.parametrize("text", ["", "5", "m5", "-5m", "5 years", "1.5h", "9999999m"])
def test_what_is_no_interval_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="is no interval"):
        parse_every(text)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"every": "0 minutes", "start": "2026-01-01 06:00"}, "out of bounds"),
        ({"every": "10001 minutes", "start": "2026-01-01 06:00"}, "out of bounds"),
        ({"every": "5 minutes"}, "needs a start"),
        ({"every": "5 minutes", "start": "soon"}, "is no time"),
        ({"every": "5 minutes", "start": "2026-01-01T06:00+01:00"}, "zone of its own"),
        ({"every": "5 minutes", "cron": "* * * * *"}, "either every or cron"),
        ({"timezone": PRAGUE}, "either every or cron"),
        ({"cron": "* * * * *", "start": "2026-01-01 06:00"}, "cron has no start"),
        ({"cron": "61 * * * *"}, "no cron expression"),
        ({"cron": "* * * * * *"}, "five fields"),
        ({"cron": "0 0 30 2 *"}, "no cron expression"),
        ({"cron": "* * * * *", "timezone": "Europe/Praha"}, "did you mean 'Europe/Prague'"),
        ({"cron": "* * * * *", "timezone": "../../etc/passwd"}, "no time zone"),
        ({"cron": "* * * * *", "pause_after_errors": 0}, "0 errors"),
        ({"cron": "* * * * *", "pause_above_rejected": True}, "whole number"),
        ({"cron": "* * * * *", "pause_above_percent": Decimal("100.1")}, "no share"),
    ],
)
def test_a_wrong_schedule_says_what_is_wrong(words: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        from_words(words)


bounds = st.one_of(st.none(), st.integers(1, 100))
rules = st.builds(PauseRules, bounds, bounds, st.one_of(st.none(), st.decimals(0, 100, places=2)))


@given(st.builds(Schedule, recurrences, rules))
def test_a_schedule_is_read_back_as_it_was_written(schedule: Schedule) -> None:
    assert from_words(schedule.words()) == schedule


def an_ending(read: int = 0, rejected: int = 0, errors: int = 0) -> Ending:
    """How a run ended."""
    return Ending(7, Counts(read=read, created=read - rejected, rejected=rejected), errors)


@pytest.mark.parametrize(
    ("pause", "ending", "reason"),
    [
        (PauseRules(errors=3), an_ending(errors=2), ""),
        (PauseRules(errors=3), an_ending(errors=3), "3 runs in a row ended by an error, the last one is run 7"),
        (PauseRules(rejected=10), an_ending(100, 10), ""),
        (PauseRules(rejected=10), an_ending(100, 11), "run 7 rejected 11 rows, more than 10"),
        (PauseRules(rejected=0), an_ending(100, 1), "run 7 rejected 1 rows, more than 0"),
        (PauseRules(rejected_percent=Decimal("2.5")), an_ending(1000, 25), ""),
        (
            PauseRules(rejected_percent=Decimal("2.5")),
            an_ending(1000, 26),
            "run 7 rejected 26 of 1000 rows, more than 2.5 %",
        ),
        (PauseRules(rejected_percent=Decimal(0)), an_ending(0, 0), ""),
        (PauseRules(), an_ending(10, 10, 99), ""),
    ],
)
def test_a_project_is_paused_beyond_its_bounds_only(pause: PauseRules, ending: Ending, reason: str) -> None:
    assert reason_to_pause(pause, ending) == reason
