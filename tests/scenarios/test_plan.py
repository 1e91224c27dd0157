"""A plan says what a run would do and writes nothing; a run of the plan does that and no more."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from p2c.errors import ConfigurationError
from p2c.integrator.mapping.template import FieldMap, OnDelete
from p2c.integrator.outcome import Status
from p2c.integrator.planning import Action, Plan, PlannedRow, read_plan
from tests.lab import Company, Lab, found, guid
from tests.lab.reach import Json
from tests.scenarios.trade import account, activate, line, quote, release

CZECH = Company("czmf", "ORG001", "Moravská obchodní", "CZK")
SWEDISH = Company("semf", "ORG002", "Östersjöns Handel", "SEK")
PROJECTS = ("products", "accounts", "contacts", "quotes")


@pytest.fixture(scope="module")
def founded(lab: Lab) -> Lab:
    found(lab, CZECH, SWEDISH)
    return lab


@pytest.fixture
def settled(founded: Lab) -> Lab:
    """Everything that was entered so far has been delivered."""
    founded.run(*PROJECTS)
    return founded


def rows(plan: Plan, leg: int = 0) -> dict[str, PlannedRow]:
    return {row.key: row for row in plan.rows() if row.leg == leg}


def changes(row: PlannedRow) -> dict[str, tuple[object, object]]:
    return {change.field: (change.old, change.new) for change in row.changes}


def key_of(number: str) -> Json:
    return {"accountid": guid("account", "czmf", number)}


def customers(lab: Lab, prefix: str) -> list[Json]:
    return lab.rows("operations", "CustomersV2", f"CustomerAccount eq '{prefix}*'")


def test_new_changed_and_bad_rows_are_planned_on_both_legs_and_nothing_is_written(settled: Lab, tmp_path: Path) -> None:
    settled.load("sales", "accounts", [account(CZECH, "P-OLD", fax="1")])
    settled.run("accounts")
    settled.load("sales", "accounts", [{**key_of("P-OLD"), "fax": "2", "telephone1": "+420 3"}])
    settled.load("sales", "accounts", [account(CZECH, "P-NEW"), account(CZECH, "P-BAD", address1_country="Atlantis")])
    before = settled.store.runs(1)[0].id
    plan = settled.plan(tmp_path / "plan", "accounts")

    first, second = rows(plan, 0), rows(plan, 1)
    assert {key: row.action for key, row in first.items()} == {
        "P-OLD": Action.UPDATE,
        "P-NEW": Action.CREATE,
        "P-BAD": Action.REJECT,
    }
    assert changes(first["P-OLD"]) == {"PhoneFax": ("1", "2"), "PhonePrimary": (None, "+420 3")}
    assert (first["P-BAD"].code, first["P-BAD"].field) == ("COUNTRY-UNKNOWN", "address1_country")
    assert {key: row.action for key, row in second.items()} == {"P-OLD": Action.UPDATE, "P-NEW": Action.CREATE}
    assert changes(second["P-OLD"]) == {"PrimaryContactFax": ("1", "2"), "PrimaryContactPhone": (None, "+420 3")}
    assert dict(changes(second["P-NEW"]))["OrganizationName"] == (None, "Account P-NEW")
    assert plan.counts.adds_up
    assert [customer["PrimaryContactFax"] for customer in customers(settled, "P-")] == ["1"]
    assert settled.store.runs(1)[0].id == before
    assert settled.rejected() == []
    settled.load("sales", "accounts", [{**key_of("P-BAD"), "address1_country": "Česko"}])


def test_a_run_of_the_plan_does_what_it_says_on_both_legs(settled: Lab, tmp_path: Path) -> None:
    names = [f"DO-{number}" for number in range(3)]
    settled.load("sales", "accounts", [account(CZECH, name) for name in names])
    plan = settled.plan(tmp_path / "plan", "accounts")
    run = settled.run("accounts", plan=plan)

    assert run.status is Status.COMPLETED
    assert [leg.counts.created for leg in run.legs] == [3, 3]
    assert [leg.counts for leg in run.legs] == [leg.counts for leg in plan.legs]
    assert len(customers(settled, "DO-")) == 3
    assert settled.run("accounts").counts.read == 0


def test_a_row_that_was_not_planned_is_left_for_the_next_run(settled: Lab, tmp_path: Path) -> None:
    settled.load("sales", "accounts", [account(CZECH, "LATE-1")])
    plan = settled.plan(tmp_path / "plan", "accounts")
    settled.load("sales", "accounts", [account(CZECH, "LATE-2")])
    run = settled.run("accounts", plan=plan)
    after = settled.run("accounts")

    assert run.legs[0].skipped_because == {"not in the plan: left for a later run": 1}
    assert (run.legs[0].counts.created, after.legs[0].counts.created) == (1, 1)
    assert len(customers(settled, "LATE-")) == 2


def test_a_row_that_changed_on_either_side_since_is_refused(settled: Lab, tmp_path: Path) -> None:
    settled.load("sales", "accounts", [account(CZECH, name, fax="1") for name in ("SRC", "DST", "SAME")])
    settled.run("accounts")
    settled.load("sales", "accounts", [{**key_of(name), "fax": "2"} for name in ("SRC", "DST", "SAME")])
    plan = settled.plan(tmp_path / "plan", "accounts")
    settled.load("sales", "accounts", [{**key_of("SRC"), "fax": "3"}])
    address = "CustomersV2(dataAreaId='czmf',CustomerAccount='DST')?cross-company=true"
    settled.send("operations", "PATCH", address, {"PrimaryContactFax": "by hand"})
    run = settled.run("accounts", plan=plan)

    waiting = {(row.key, row.leg): (row.code, row.reason) for row in settled.rejected("accounts")}
    assert waiting == {
        ("SRC", 1): ("PLAN-OUTDATED", "the source row has changed since the plan was made"),
        ("DST", 2): ("PLAN-OUTDATED", "the destination row has changed since the plan was made"),
    }
    assert "1 planned row was not met" in run.error
    faxes = {row["CustomerAccount"]: row["PrimaryContactFax"] for row in customers(settled, "")}
    assert (faxes["SRC"], faxes["DST"], faxes["SAME"]) == ("1", "by hand", "2")
    settled.run("accounts")
    assert settled.rejected("accounts") == []


def test_carrying_a_plan_out_twice_does_nothing_twice(settled: Lab, tmp_path: Path) -> None:
    settled.load("sales", "accounts", [account(CZECH, "TWICE-1")])
    plan = settled.plan(tmp_path / "plan", "accounts")
    settled.run("accounts", plan=plan)
    again = settled.run("accounts", plan=plan)

    assert again.status is Status.COMPLETED
    assert [leg.writes for leg in again.legs] == [0, 0]


def test_a_plan_of_another_map_is_refused_before_anything_runs(settled: Lab, tmp_path: Path) -> None:
    settled.load("sales", "accounts", [account(CZECH, "REMAPPED")])
    plan = settled.plan(tmp_path / "plan", "accounts")
    before = settled.store.project("accounts")
    (task,) = before.tasks
    leg = replace(task.legs[0], fields=(*task.legs[0].fields, FieldMap("TaxIdentificationNumber", default="1")))
    settled.store.save_projects([replace(before, tasks=(replace(task, legs=(leg, *task.legs[1:])),))])
    try:
        with pytest.raises(ConfigurationError, match="changed since the plan was made"):
            settled.run("accounts", plan=plan)
    finally:
        settled.store.save_projects([before])
    assert customers(settled, "REMAPPED") == []


def test_projects_that_need_one_another_are_planned_together(settled: Lab, tmp_path: Path) -> None:
    """A quote for a customer and of a product that only the plan would bring is no rejected row."""
    release(settled, CZECH, "PL-100", "20.00")
    settled.run("products")
    settled.load("sales", "accounts", [account(CZECH, "CHAIN")])
    settled.load("sales", "quotes", [quote(CZECH, "Q-CHAIN", f"/accounts({key_of('CHAIN')['accountid']})")])
    settled.load("sales", "quotedetails", [line("Q-CHAIN", 1, "PL-100")])
    activate(settled, "Q-CHAIN")
    plan = settled.plan(tmp_path / "plan", "accounts", "quotes")
    run = settled.run("accounts", "quotes", plan=plan)

    assert plan.counts.rejected == 0
    assert {leg.destination for leg in plan.legs if leg.counts.created} == {
        leg.destination for leg in run.legs if leg.counts.created
    }
    assert run.status is Status.COMPLETED
    assert settled.row("operations", "SalesQuotationHeaders", "SalesQuotationNumber eq 'Q-CHAIN'")
    (quoted,) = settled.rows("operations", "CDSSalesQuotationLines", "SalesQuotationNumber eq 'Q-CHAIN'")
    assert quoted["RequestedSalesQuantity"] == Decimal(2)


def test_removals_are_planned_and_only_those_are_done(settled: Lab, tmp_path: Path) -> None:
    before = settled.store.project("accounts")
    settled.store.save_projects(
        [replace(before, tasks=tuple(replace(task, on_delete=OnDelete.DELETE) for task in before.tasks))]
    )
    settled.load("sales", "accounts", [account(CZECH, name) for name in ("OUT-1", "OUT-2")])
    settled.run("accounts")
    settled.send("sales", "DELETE", f"accounts({key_of('OUT-1')['accountid']})")
    plan = settled.plan(tmp_path / "plan", "accounts")
    settled.send("sales", "DELETE", f"accounts({key_of('OUT-2')['accountid']})")
    settled.run("accounts", plan=plan)
    hub = {str(row["AccountId"]) for row in settled.rows("commondata", "Accounts", "startswith(AccountId,'OUT-')")}
    left = customers(settled, "OUT-")
    settled.run("accounts")
    settled.store.save_projects([before])

    assert {key: row.action for key, row in rows(plan).items()} == {"OUT-1": Action.REMOVE}
    assert {key: row.action for key, row in rows(plan, 1).items()} == {"OUT-1": Action.REMOVE}
    assert hub == {"OUT-2"}
    assert [row["CustomerAccount"] for row in left] == ["OUT-2"]
    assert customers(settled, "OUT-") == []


def test_a_full_plan_counts_rows_that_are_the_same_and_those_that_are_gone(settled: Lab, tmp_path: Path) -> None:
    settled.load("sales", "accounts", [account(CZECH, "FULL-1"), account(CZECH, "FULL-2")])
    settled.run("accounts")
    settled.send("sales", "DELETE", f"accounts({key_of('FULL-2')['accountid']})")
    plan = settled.plan(tmp_path / "plan", "accounts", all_data=True)

    first = plan.legs[0].counts
    assert (first.created, first.updated, first.deleted) == (0, 0, 1)
    assert first.unchanged == first.read - first.skipped


@pytest.mark.parametrize("text", ["", "no plan at all\n", '{"plan":1}\n'])
def test_a_file_that_is_no_whole_plan_is_refused(text: str, tmp_path: Path) -> None:
    file = tmp_path / "plan"
    file.write_text(text)
    with pytest.raises(ConfigurationError, match="no plan, or it was not written to its end"):
        read_plan(file)
