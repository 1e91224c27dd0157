"""Conflicts are found by field; whose value stays follows from the policy alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2c.edm.values import Row
from p2c.integrator.engine.comparing import FieldRule
from p2c.integrator.engine.settling import AS_IT_IS, Settlement, remembered, settle
from p2c.integrator.mapping.template import OnConflict

RULES = (FieldRule("name"), FieldRule("fax"), FieldRule("limit", number=True))
EARLY = datetime(2026, 11, 20, 8, tzinfo=UTC)
LATE = EARLY + timedelta(minutes=1)
BEFORE: Row = {"name": "A", "fax": "1", "limit": 5}
VALUES = st.fixed_dictionaries(
    {"name": st.sampled_from(["A", "B", None]), "fax": st.sampled_from(["1", "2", ""]), "limit": st.integers(5, 7)}
)
POLICIES = st.sampled_from([OnConflict.DESTINATION, OnConflict.NEWEST, OnConflict.ASK])


def settled(policy: OnConflict, mapped: Row, found: Row, kept: bytes | None = None, later: bool = True) -> Settlement:
    times = (LATE, EARLY) if later else (EARLY, LATE)
    return settle(RULES, policy, mapped, found, remembered(RULES, BEFORE, BEFORE) if kept is None else kept, times)


@given(VALUES, VALUES, POLICIES, st.booleans())
def test_a_field_that_the_source_has_not_changed_is_never_sent(
    mapped: Row, found: Row, policy: OnConflict, later: bool
) -> None:
    result = settled(policy, mapped, found, later=later)
    untouched = {name for name in BEFORE if mapped[name] == BEFORE[name]}
    assert result.error is not None or untouched <= result.left_out


@given(VALUES, VALUES, POLICIES, st.booleans())
def test_a_field_that_only_the_source_has_changed_is_always_sent(
    mapped: Row, found: Row, policy: OnConflict, later: bool
) -> None:
    result = settled(policy, mapped, found, later=later)
    alone = {name for name in BEFORE if mapped[name] != BEFORE[name] and found[name] == BEFORE[name]}
    assert not alone & result.left_out


@given(VALUES, VALUES)
def test_people_are_asked_exactly_where_the_destination_would_win(mapped: Row, found: Row) -> None:
    kept = settled(OnConflict.DESTINATION, mapped, found).kept
    assert (settled(OnConflict.ASK, mapped, found).error is not None) == bool(kept)


@given(VALUES, VALUES, POLICIES)
def test_without_a_memory_everything_is_sent(mapped: Row, found: Row, policy: OnConflict) -> None:
    assert settled(policy, mapped, found, b"") == AS_IT_IS
    assert settled(policy, mapped, found, remembered(RULES[:2], BEFORE, BEFORE)) == AS_IT_IS


@pytest.mark.parametrize(("later", "kept"), [(True, ()), (False, ("fax",))])
def test_the_side_that_was_changed_last_wins(later: bool, kept: tuple[str, ...]) -> None:
    result = settled(OnConflict.NEWEST, {**BEFORE, "fax": "2"}, {**BEFORE, "fax": "3"}, later=later)
    assert result.kept == kept


def test_what_the_destination_made_of_a_value_is_no_change_of_its_own() -> None:
    """It may round, trim or fill; only what differs from that later was changed there."""
    made: Row = {**BEFORE, "name": "A, made longer"}
    result = settled(OnConflict.ASK, {**BEFORE, "name": "B"}, made, remembered(RULES, BEFORE, made))
    assert result == Settlement(frozenset({"fax", "limit"}))


@given(VALUES, VALUES, POLICIES)
def test_a_field_whose_values_went_by_themselves_is_always_sent(mapped: Row, found: Row, policy: OnConflict) -> None:
    kept = remembered(RULES, BEFORE, BEFORE)
    every = settle(RULES, policy, mapped, found, kept, (LATE, EARLY), lost=frozenset(BEFORE))
    assert every == AS_IT_IS
    one = settle(RULES, policy, mapped, found, kept, (LATE, EARLY), lost={"fax"})
    assert "fax" not in one.left_out
