"""Two sides are compared row by row: what is the same is silent, and no change goes unnoticed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2c.integrator.engine.comparing import FieldRule, key_of
from p2c.integrator.reconcile.finding import Difference, Finding, Kind
from p2c.integrator.reconcile.merge import DestinationRow, Merge, SourceRow, encode, no_key
from p2c.integrator.reconcile.spill import SortedSpill

FIELDS = ("Name", "City", "Limit")
RULES = tuple(FieldRule(name) for name in FIELDS)


@dataclass(frozen=True, slots=True)
class Pair:
    """A row on both sides: its key and values."""

    key: str
    values: tuple[str | None, ...]
    company: str = "czmf"


def compared(source: Sequence[tuple[str, SourceRow]], there: Sequence[Pair], *, merges: bool = False) -> list[Finding]:
    """All findings; the sorter holds only a few rows, so that several parts are merged."""
    with SortedSpill(memory=600) as ours, SortedSpill(memory=600) as theirs:
        for key, row in source:
            ours.add(key_of([key]) if key else no_key(row.source_id), encode(row))
        for pair in there:
            theirs.add(key_of([pair.key]), encode(DestinationRow(pair.company, pair.key, list(pair.values))))
        return list(Merge(RULES, merges).findings(ours, theirs))


def mapped(pair: Pair) -> tuple[str, SourceRow]:
    """The source row that becomes the pair."""
    return pair.key, SourceRow(pair.company, pair.key, f"id-{pair.key}", list(pair.values))


def another(pair: Pair) -> tuple[str, SourceRow]:
    """A second source row that becomes the pair."""
    key, row = mapped(pair)
    row.source_id = "another"
    return key, row


def kinds(findings: Sequence[Finding]) -> Counter[Kind]:
    return Counter(finding.kind for finding in findings)


VALUES = st.tuples(*(st.none() | st.text(min_size=1, max_size=5) for _ in FIELDS))
PAIRS = st.lists(
    st.builds(Pair, st.integers(0, 10_000).map(str), VALUES), unique_by=lambda pair: pair.key, min_size=1, max_size=40
)


@given(PAIRS, st.randoms())
def test_a_side_agrees_with_itself_in_whatever_order_it_is_read(pairs: list[Pair], random: st.DataObject) -> None:
    shuffled = sorted(pairs, key=lambda _: random.random())  # type: ignore[attr-defined]
    assert kinds(compared([mapped(pair) for pair in pairs], shuffled)) == {Kind.EQUAL: len(pairs)}


@given(PAIRS, st.data())
def test_any_changed_value_is_found_and_nothing_else(pairs: list[Pair], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(pairs) - 1))
    field = data.draw(st.integers(0, len(FIELDS) - 1))
    before = pairs[place].values
    other = data.draw((st.none() | st.text(min_size=1, max_size=5)).filter(lambda value: value != before[field]))
    after = (*before[:field], other, *before[field + 1 :])
    there = [*pairs[:place], replace(pairs[place], values=after), *pairs[place + 1 :]]

    findings = compared([mapped(pair) for pair in pairs], there)

    assert kinds(findings) == Counter({Kind.EQUAL: len(pairs) - 1, Kind.DIFFERENT: 1}) - Counter()
    (wrong,) = [finding for finding in findings if finding.kind is Kind.DIFFERENT]
    assert (wrong.key, wrong.source_id) == (pairs[place].key, f"id-{pairs[place].key}")
    assert wrong.differences == (Difference(FIELDS[field], before[field], other),)


@given(PAIRS, st.data())
def test_any_row_that_is_gone_is_missing_and_any_that_came_is_extra(pairs: list[Pair], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(pairs) - 1))
    fewer = [*pairs[:place], *pairs[place + 1 :]]

    missing = [item for item in compared([mapped(pair) for pair in pairs], fewer) if item.kind is not Kind.EQUAL]
    extra = [item for item in compared([mapped(pair) for pair in fewer], pairs) if item.kind is not Kind.EQUAL]

    assert [(item.kind, item.key) for item in missing] == [(Kind.MISSING, pairs[place].key)]
    assert [(item.kind, item.key) for item in extra] == [(Kind.EXTRA, pairs[place].key)]


ONE = Pair("A-1", ("Novák", "Brno", "10"))
OTHER = Pair("A-1", ("Dvořák", "Praha", "10"))


def test_keys_are_the_same_in_upper_and_lower_case() -> None:
    assert kinds(compared([mapped(ONE)], [replace(ONE, key="a-1")])) == {Kind.EQUAL: 1}


def test_of_two_source_rows_with_one_key_the_one_that_is_there_is_equal_and_the_other_a_duplicate() -> None:
    findings = compared([another(OTHER), mapped(ONE)], [ONE])

    assert [(item.kind, item.code) for item in findings] == [(Kind.EQUAL, ""), (Kind.REJECTED, "DUPLICATE-KEY")]


def test_two_source_rows_with_one_key_that_nobody_has_are_one_missing_row() -> None:
    assert kinds(compared([another(OTHER), mapped(ONE)], [])) == {Kind.MISSING: 1, Kind.REJECTED: 1}


def test_where_companies_become_one_row_it_may_be_that_of_any_company() -> None:
    rows = [mapped(ONE), another(replace(OTHER, company="semf"))]

    assert kinds(compared(rows, [OTHER], merges=True)) == {Kind.EQUAL: 2}
    third = replace(ONE, values=("Svoboda", "Brno", "10"))
    assert kinds(compared(rows, [third], merges=True)) == {Kind.DIFFERENT: 2}


def held_back(**why: object) -> SourceRow:
    return SourceRow("czmf", "A-1", "id-1", None, **why)  # type: ignore[arg-type]


@pytest.mark.parametrize(("there", "listed"), [([], False), ([ONE], True)])
def test_a_row_that_is_kept_back_is_told_only_when_the_destination_has_it(there: list[Pair], listed: bool) -> None:
    (finding,) = compared([("A-1", held_back(skipped=True, reason="inactive"))], there)

    assert (finding.kind, finding.reason, finding.listed) == (Kind.SKIPPED, "inactive", listed)


@pytest.mark.parametrize("there", [[], [ONE]])
def test_a_row_that_the_map_refuses_is_told_with_its_code_and_is_never_extra(there: list[Pair]) -> None:
    (finding,) = compared([("A-1", held_back(code="BAD-CHOICE", field="country", value="Atlantis"))], there)

    assert (finding.kind, finding.code, finding.field, finding.value) == (
        Kind.REJECTED,
        "BAD-CHOICE",
        "country",
        "Atlantis",
    )
    assert finding.listed


def test_a_row_that_came_twice_while_it_changed_is_no_duplicate() -> None:
    assert kinds(compared([mapped(ONE), mapped(ONE)], [ONE])) == {Kind.EQUAL: 1}
    assert kinds(compared([], [ONE, ONE])) == {Kind.EXTRA: 1}


def test_rows_without_a_key_are_all_told() -> None:
    rows = [("", held_back(code="KEY-MISSING")), ("", held_back(code="KEY-MISSING"))]

    assert kinds(compared(rows, [])) == {Kind.REJECTED: 2}


def test_a_destination_row_that_the_leg_does_not_write_is_none_of_its_business() -> None:
    foreign = encode(DestinationRow("czmf", "P-1", ["Eva", None, None], covered=False))

    assert list(Merge(RULES).findings([], [(b"p-1", foreign)])) == []
    skipped = encode(held_back(skipped=True))
    (finding,) = Merge(RULES).findings([(b"p-1", skipped)], [(b"p-1", foreign)])
    assert not finding.listed
