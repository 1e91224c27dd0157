"""Changes: what a row was, is and becomes; and the identifiers of new rows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import RFC_4122

from p2c.edm.change import Change, ProblemKind, accepted
from p2c.edm.keys import new_guid


def test_a_change_sees_new_values_before_stored_ones() -> None:
    change = Change(0, 1, {"a": 2, "b": None}, {"a": 1, "b": 3, "c": 4})
    assert [change.get(name) for name in "abcd"] == [2, None, 4, None]
    assert [change.old(name) for name in "abcd"] == [1, 3, 4, None]


def test_a_change_sets_only_what_differs() -> None:
    change = Change(0, 1, {"a": 1, "b": 2}, {"a": 1, "b": 1})
    assert [change.sets(name) for name in "abc"] == [False, True, False]
    assert Change(0, 1, {"a": None}).sets("a")


def test_the_first_reason_stays_and_refused_changes_are_not_accepted() -> None:
    good, bad = Change(0, 1, {}), Change(1, 2, {})
    bad.refuse(ProblemKind.RULE, "first", field="a")
    bad.refuse(ProblemKind.REQUIRED, "second")
    assert bad.problem is not None
    assert (bad.problem.message, bad.problem.kind) == ("first", ProblemKind.RULE)
    assert accepted([good, bad]) == [good]


def test_new_identifiers_are_guids_of_version_7_that_sort_by_time() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    made = [new_guid(now + timedelta(milliseconds=step)) for step in range(100)]
    assert made == sorted(made)
    assert {(item.version, item.variant) for item in made} == {(7, RFC_4122)}
    assert len({new_guid(now) for _ in range(1000)}) == 1000
