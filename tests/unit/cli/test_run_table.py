"""The table of a run: legs under their tasks, totals, why rows were skipped, how it ended."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from p2c.cli.tables import show_rejections, show_run
from p2c.integrator.outcome import CarriedParts, Counts, LegRun, Rejection, Run, Status


def a_leg(number: int, counts: Counts, **values: object) -> LegRun:
    """A leg of the accounts task."""
    return LegRun(
        id=number,
        run=7,
        project="accounts",
        task="Accounts",
        leg=number,
        source="sales.accounts" if number == 1 else "commondata.Accounts",
        destination="commondata.Accounts" if number == 1 else "operations.CustomersV2",
        status=Status.COMPLETED,
        counts=counts,
        seconds=1.25,
        **values,  # type: ignore[arg-type]
    )


def a_run(*legs: LegRun, status: Status = Status.COMPLETED, error: str = "") -> Run:
    """A run of these legs."""
    return Run(
        id=7,
        projects=("accounts",),
        started_at=datetime(2026, 11, 20, tzinfo=UTC),
        started_by="somebody",
        all_data=False,
        status=status,
        error=error,
        legs=legs,
    )


def test_legs_stand_under_their_task_and_add_up(capsys: pytest.CaptureFixture[str]) -> None:
    """Numbers are written as people do, the totals stand last."""
    first = a_leg(1, Counts(read=1500, created=1499, skipped=1), skipped_because={"inactive": 1}, writes=1499)
    show_run(a_run(first, a_leg(2, Counts(read=1499, unchanged=1499))))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["Read", "Created", "Updated", "Unchanged", "Skipped", "Rejected", "Sec."]
    assert lines[1] == "accounts: Accounts"
    assert lines[2].split()[3:] == ["1,500", "1,499", "0", "0", "1", "0", "1.2"]
    assert lines[3].strip() == "1 skipped: inactive"
    assert lines[5].split() == ["Total", "2,999", "1,499", "0", "1,499", "1", "0", "2.5"]
    assert lines[6] == "Run 7: all delivered; 1,499 rows were sent."


def test_rows_that_are_gone_have_a_column_where_a_leg_has_some(capsys: pytest.CaptureFixture[str]) -> None:
    """And none where there are none."""
    show_run(a_run(a_leg(1, Counts(read=1, created=1)), a_leg(2, Counts(deleted=1498))))
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[0][-2:] == ["Deleted", "Sec."]
    assert [line[-2] for line in lines[2:5]] == ["0", "1,498", "1,498"]


def test_one_of_a_kind_is_told_as_one(capsys: pytest.CaptureFixture[str]) -> None:
    """Numbers decide the grammar."""
    carried = (CarriedParts("north:7", 1, 1), CarriedParts("south:8", 1, 2))
    show_run(a_run(a_leg(1, Counts(), requests=1, carried_by=carried)), costs=True)
    told = capsys.readouterr().out
    assert "1 request, 0 tried again" in told
    assert "north:7 1 (1 row), south:8 1 (2 rows)" in told


def test_a_divided_leg_says_who_carried_its_parts(capsys: pytest.CaptureFixture[str]) -> None:
    """With the rest of what it took."""
    carried = (CarriedParts("north:7", 2, 90000), CarriedParts("south:8", 1, 45000), CarriedParts("", 1, 0))
    leg = a_leg(1, Counts(read=135000, created=135000), carried_by=carried)
    show_run(a_run(leg), costs=True)
    told = "divided into 4 parts: north:7 2 (90,000 rows), south:8 1 (45,000 rows), nobody 1 (0 rows)"
    assert told in [line.strip() for line in capsys.readouterr().out.splitlines()]


def test_a_run_that_failed_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    """Under its table."""
    show_run(a_run(a_leg(1, Counts()), status=Status.ERROR, error="Sales does not answer"))
    assert capsys.readouterr().out.splitlines()[-2:] == [
        "Run 7: ended by an error; 0 rows were sent.",
        "  Sales does not answer",
    ]


def test_a_rejected_row_is_told_with_code_field_value_reason_and_way_out(capsys: pytest.CaptureFixture[str]) -> None:
    """All that is needed to mend it."""
    row = Rejection(
        project="accounts",
        task="Accounts",
        leg=1,
        source_id="1",
        key="ACC-1",
        company="czmf",
        code="COUNTRY-UNKNOWN",
        field="address1_country",
        value="Atlantis",
        reason="no such country",
        way_out="correct it",
        payload={},
        id=3,
    )
    show_rejections([row])
    shown = capsys.readouterr().out
    for part in ("ACC-1 (czmf)", "COUNTRY-UNKNOWN", "address1_country", "Atlantis", "no such country", "correct it"):
        assert part in shown


def test_without_rejected_rows_that_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """An empty table would leave doubts."""
    show_rejections([])
    assert capsys.readouterr().out == "No rejected rows.\n"
