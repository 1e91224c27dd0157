"""Both sides change a row between two runs: whose value stays, field by field, is for the task to say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from p2c.errors import ConfigurationError
from p2c.integrator.mapping.template import OnConflict
from p2c.integrator.outcome import Change, LegKey, Rejection, RejectionStatus, Run, Status, Verdict
from p2c.integrator.personal import MASKED
from p2c.integrator.planning import Action
from tests.lab import Company, Lab, found, guid
from tests.scenarios.trade import account

CZECH = Company("czmf", "ORG001", "Moravská obchodní", "CZK")


@pytest.fixture(scope="module")
def founded(lab: Lab) -> Lab:
    found(lab, CZECH)
    lab.run("products", "accounts")
    return lab


@pytest.fixture
def settled(founded: Lab) -> Iterator[Lab]:
    """The projects are as they were afterwards."""
    before = founded.store.projects()
    yield founded
    founded.store.save_projects(before)


def let(lab: Lab, project: str, policy: OnConflict) -> None:
    known = lab.store.project(project)
    lab.store.save_projects([replace(known, tasks=tuple(replace(task, on_conflict=policy) for task in known.tasks))])


def enter(lab: Lab, number: str, **values: object) -> None:
    row = account(CZECH, number, fax="1", telephone1="1", description="1")
    lab.load("sales", "accounts", [{**row, **values}])
    lab.run("accounts")


def in_sales(lab: Lab, number: str, **values: object) -> None:
    lab.load("sales", "accounts", [{"accountid": guid("account", "czmf", number), **values}])


def in_operations(lab: Lab, number: str, **values: object) -> None:
    address = f"CustomersV2(dataAreaId='czmf',CustomerAccount='{number}')?cross-company=true"
    assert lab.send("operations", "PATCH", address, values).status == 204


def customer(lab: Lab, number: str) -> tuple[object, object, object]:
    """Fax, telephone and memo."""
    row = lab.row("operations", "CustomersV2", f"CustomerAccount eq '{number}'")
    return row["PrimaryContactFax"], row["PrimaryContactPhone"], row["SalesMemo"]


def retry(lab: Lab, row: Rejection, winner: OnConflict) -> Run:
    return lab.run(row.project, only={LegKey(row.project, row.task, row.leg): [row.source_id]}, winner=winner)


def test_the_source_wins_unless_the_task_says_otherwise(settled: Lab) -> None:
    enter(settled, "C-SOURCE")
    in_operations(settled, "C-SOURCE", PrimaryContactFax="by hand", SalesMemo="by hand")
    in_sales(settled, "C-SOURCE", fax="2")
    settled.run("accounts")

    assert customer(settled, "C-SOURCE") == ("2", "1", "1")


@pytest.mark.parametrize("policy", [OnConflict.DESTINATION, OnConflict.ASK])
def test_fields_that_only_one_side_has_changed_are_no_conflict(settled: Lab, policy: OnConflict) -> None:
    number = f"C-ONE-{policy.value}"
    let(settled, "accounts", policy)
    enter(settled, number)
    in_operations(settled, number, SalesMemo="by hand")
    in_sales(settled, number, fax="2")
    run = settled.run("accounts")

    assert run.status is Status.COMPLETED
    assert customer(settled, number) == ("2", "1", "by hand")


def test_the_destination_wins_the_fields_that_both_have_changed(settled: Lab) -> None:
    let(settled, "accounts", OnConflict.DESTINATION)
    enter(settled, "C-DEST")
    in_operations(settled, "C-DEST", PrimaryContactFax="by hand")
    in_sales(settled, "C-DEST", fax="2", telephone1="2")
    first = settled.run("accounts")
    in_sales(settled, "C-DEST", telephone1="3")
    settled.run("accounts")

    assert first.status is Status.COMPLETED
    assert customer(settled, "C-DEST") == ("by hand", "3", "1")


def test_where_nothing_is_left_to_send_the_row_counts_as_unchanged(settled: Lab) -> None:
    let(settled, "accounts", OnConflict.DESTINATION)
    enter(settled, "C-EMPTY")
    in_operations(settled, "C-EMPTY", PrimaryContactFax="by hand")
    in_sales(settled, "C-EMPTY", fax="2")
    run = settled.run("accounts")

    assert (run.legs[1].counts.unchanged, run.legs[1].writes) == (1, 0)
    assert customer(settled, "C-EMPTY")[0] == "by hand"


def test_the_same_change_on_both_sides_is_no_conflict(settled: Lab) -> None:
    let(settled, "accounts", OnConflict.ASK)
    enter(settled, "C-SAME")
    in_operations(settled, "C-SAME", PrimaryContactFax="2")
    in_sales(settled, "C-SAME", fax="2")

    assert settled.run("accounts").status is Status.COMPLETED


@pytest.mark.parametrize(("winner", "fax"), [(OnConflict.SOURCE, "2"), (OnConflict.DESTINATION, "by hand")])
def test_a_person_is_asked_and_decides(settled: Lab, winner: OnConflict, fax: str) -> None:
    number = f"C-ASK-{winner.value}"
    let(settled, "accounts", OnConflict.ASK)
    enter(settled, number)
    in_operations(settled, number, PrimaryContactFax="by hand")
    in_sales(settled, number, fax="2", telephone1="2")
    asked, again = settled.run("accounts"), settled.run("accounts")
    (waiting,) = [row for row in settled.rejected("accounts") if row.key == number]
    before = customer(settled, number)
    settled.store.decide([waiting.id], Verdict(winner.value), by="jana", why="asked the customer")
    decided = retry(settled, waiting, winner)
    (closed,) = settled.store.rejections(status=RejectionStatus.CLOSED, ids=[waiting.id])

    assert asked.status is again.status is Status.WARNING
    assert (waiting.code, waiting.leg, waiting.attempts) == ("BOTH-CHANGED", 2, 2)
    assert "PrimaryContactFax" in waiting.reason
    assert waiting.changes == (Change("PrimaryContactFax", "by hand", "2", "PhoneFax"),)
    assert MASKED.rejection(waiting).changes == (Change("PrimaryContactFax", "b… (7)", "2… (1)", "PhoneFax"),)
    assert before == ("by hand", "1", "1")
    assert decided.status is Status.COMPLETED
    assert customer(settled, number) == (fax, "2", "1")
    assert (closed.decided_by, closed.why) == ("jana", "asked the customer")
    assert settled.run("accounts").counts.read == 0


def test_a_decision_that_did_not_hold_is_not_the_last_word(settled: Lab) -> None:
    """The row is rejected again: it waits for another decision, and the first one stays in its history."""
    let(settled, "accounts", OnConflict.ASK)
    enter(settled, "C-AGAIN")
    in_operations(settled, "C-AGAIN", PrimaryContactFax="by hand")
    in_sales(settled, "C-AGAIN", fax="2")
    settled.run("accounts")
    (waiting,) = [row for row in settled.rejected("accounts") if row.key == "C-AGAIN"]
    settled.store.decide([waiting.id], Verdict.SOURCE, by="jana", why="")
    settled.run("accounts")
    (again,) = [row for row in settled.rejected("accounts") if row.key == "C-AGAIN"]
    retry(settled, again, OnConflict.SOURCE)

    assert (again.id, again.decided_by) == (waiting.id, "")
    assert [item.verdict for item in settled.store.decisions([waiting.id])[waiting.id]] == [Verdict.SOURCE]


def test_a_row_that_was_asked_for_passes_when_one_side_gives_in(settled: Lab) -> None:
    let(settled, "accounts", OnConflict.ASK)
    enter(settled, "C-GIVES")
    in_operations(settled, "C-GIVES", PrimaryContactFax="by hand")
    in_sales(settled, "C-GIVES", fax="2")
    settled.run("accounts")
    in_operations(settled, "C-GIVES", PrimaryContactFax="1")
    run = settled.run("accounts")

    assert run.status is Status.COMPLETED
    assert customer(settled, "C-GIVES")[0] == "2"


def test_what_both_sides_had_is_remembered_when_the_source_takes_its_change_back(settled: Lab) -> None:
    let(settled, "accounts", OnConflict.ASK)
    enter(settled, "C-BACK")
    in_operations(settled, "C-BACK", PrimaryContactFax="by hand")
    in_sales(settled, "C-BACK", fax="2")
    settled.run("accounts")
    in_sales(settled, "C-BACK", fax="1")
    taken_back = settled.run("accounts")
    in_sales(settled, "C-BACK", fax="3")
    asked = settled.run("accounts")

    assert taken_back.status is Status.COMPLETED
    assert asked.legs[1].counts.rejected == 1
    assert customer(settled, "C-BACK")[0] == "by hand"
    (waiting,) = [row for row in settled.rejected("accounts") if row.key == "C-BACK"]
    retry(settled, waiting, OnConflict.SOURCE)


def test_a_decision_holds_for_the_rows_that_it_names_and_no_others(settled: Lab) -> None:
    """Trying a row of the first leg again runs the second leg, where other rows wait for a decision of their own."""
    let(settled, "accounts", OnConflict.ASK)
    enter(settled, "C-NAMED")
    enter(settled, "C-OTHER")
    in_hub = "Accounts(Organization_OrganizationId='ORG001',AccountId='C-NAMED')"
    assert settled.send("commondata", "PATCH", in_hub, {"PhoneFax": "by hand"}).status == 204
    in_operations(settled, "C-OTHER", PrimaryContactFax="by hand")
    in_sales(settled, "C-NAMED", fax="2")
    in_sales(settled, "C-OTHER", fax="2")
    settled.run("accounts")
    waiting = {row.key: row for row in settled.rejected("accounts")}
    retry(settled, waiting["C-NAMED"], OnConflict.SOURCE)

    assert (waiting["C-NAMED"].leg, waiting["C-OTHER"].leg) == (1, 2)
    assert customer(settled, "C-OTHER")[0] == "by hand"
    assert [row.key for row in settled.rejected("accounts")] == ["C-OTHER"]
    retry(settled, waiting["C-OTHER"], OnConflict.DESTINATION)


def test_a_destination_row_that_is_gone_comes_again(settled: Lab) -> None:
    let(settled, "accounts", OnConflict.DESTINATION)
    enter(settled, "C-GONE")
    settled.send("operations", "DELETE", "CustomersV2(dataAreaId='czmf',CustomerAccount='C-GONE')?cross-company=true")
    in_sales(settled, "C-GONE", fax="2")
    settled.run("accounts")

    assert customer(settled, "C-GONE") == ("2", "1", "1")


def test_newest_needs_both_sides_to_say_when_rows_were_changed(settled: Lab) -> None:
    let(settled, "accounts", OnConflict.NEWEST)
    with pytest.raises(ConfigurationError, match="does not say when a row was changed"):
        settled.run("accounts")


def test_a_plan_tells_both_values_of_a_conflict(settled: Lab, tmp_path: Path) -> None:
    let(settled, "accounts", OnConflict.ASK)
    enter(settled, "C-BOTH")
    in_operations(settled, "C-BOTH", SalesMemo="by hand")
    in_sales(settled, "C-BOTH", description="2")
    plan = settled.plan(tmp_path / "plan", "accounts")
    in_operations(settled, "C-BOTH", SalesMemo="1")
    settled.run("accounts")

    (row,) = [row for row in plan.rows() if row.leg == 1 and row.key == "C-BOTH"]
    assert (row.action, row.code) == (Action.REJECT, "BOTH-CHANGED")
    assert [(change.field, change.old, change.new) for change in row.changes] == [("SalesMemo", "by hand", "2")]


def test_a_plan_knows_of_conflicts(settled: Lab, tmp_path: Path) -> None:
    let(settled, "accounts", OnConflict.ASK)
    enter(settled, "C-PLAN")
    in_operations(settled, "C-PLAN", PrimaryContactFax="by hand")
    in_sales(settled, "C-PLAN", fax="2")
    settled.run("accounts")
    let(settled, "accounts", OnConflict.DESTINATION)
    in_sales(settled, "C-PLAN", telephone1="2")
    plan = settled.plan(tmp_path / "plan", "accounts")

    (row,) = [row for row in plan.rows() if row.leg == 1 and row.key == "C-PLAN"]
    assert row.action is Action.UPDATE
    assert [change.field for change in row.changes] == ["PrimaryContactPhone"]


@pytest.mark.parametrize(("later", "fax"), [("sales", "2"), ("commondata", "by hand")])
def test_the_side_that_has_changed_last_wins(settled: Lab, later: str, fax: str) -> None:
    """Both ends of the leg tell when a row was changed: Sales and the Common Data Service."""
    known = settled.store.project("accounts")
    (task,) = known.tasks
    settled.store.save_projects(
        [replace(known, tasks=(replace(task, legs=task.legs[:1], on_conflict=OnConflict.NEWEST),))]
    )
    number = f"C-NEWEST-{later}"
    enter(settled, number)
    in_hub = f"Accounts(Organization_OrganizationId='ORG001',AccountId='{number}')"
    assert settled.send("commondata", "PATCH", in_hub, {"PhoneFax": "by hand"}).status == 204
    in_sales(settled, number, fax="2", telephone1="2")
    if later == "commondata":
        with psycopg.connect(settled.databases["commondata"]) as connection:
            later_there = 'UPDATE "Account" SET "ModifiedDateTime" = "ModifiedDateTime" + interval \'1 hour\''
            connection.execute(f'{later_there} WHERE "AccountId" = %s', [number])
    run = settled.run("accounts")

    assert run.status is Status.COMPLETED
    row = settled.row("commondata", "Accounts", f"AccountId eq '{number}'")
    assert (row["PhoneFax"], row["PhonePrimary"]) == (fax, "2")
