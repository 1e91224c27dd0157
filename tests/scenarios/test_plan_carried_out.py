"""Plans that are carried out after all that may come between: broken runs, other companies, other environments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from p2c.cli.progress import RunBars
from p2c.errors import ConfigurationError, RetryError
from p2c.integrator.mapping.template import OnDelete
from p2c.integrator.outcome import Counts, Status
from p2c.integrator.planning import Action, Plan, PlanBounds, read_plan
from tests.lab import Company, Lab, found, guid
from tests.scenarios.trade import account, activate, line, quote, release

CZECH = Company("czmf", "ORG001", "Moravská obchodní", "CZK")
SWEDISH = Company("semf", "ORG002", "Östersjöns Handel", "SEK")
PROJECTS = ("products", "accounts", "contacts", "quotes")


@pytest.fixture(scope="module")
def founded(lab: Lab) -> Lab:
    found(lab, CZECH, SWEDISH)
    lab.run(*PROJECTS)
    return lab


@pytest.fixture
def deleting(founded: Lab) -> Iterator[Lab]:
    """Deleted accounts are deleted customers."""
    before = founded.store.project("accounts")
    tasks = tuple(replace(task, on_delete=OnDelete.DELETE) for task in before.tasks)
    founded.store.save_projects([replace(before, tasks=tasks)])
    yield founded
    founded.store.save_projects([before])


def written(counts: Counts) -> tuple[int, int, int]:
    return counts.created, counts.updated, counts.rejected


def customers(lab: Lab, prefix: str) -> list[tuple[object, object]]:
    rows = lab.rows("operations", "CustomersV2", f"CustomerAccount eq '{prefix}*'")
    return sorted((str(row["dataAreaId"]), str(row["CustomerAccount"])) for row in rows)


def break_once(lab: Lab, monkeypatch: pytest.MonkeyPatch, leg: int) -> None:
    """The first batch of this leg is written at the destination, and lost before it is recorded."""
    real = lab.store.commit_batch
    broken: list[object] = []

    def commit(leg_run: int, key: object, *args: object, **named: object) -> None:
        if key[2] == leg and not broken:  # type: ignore[index]
            broken.append(key)
            raise RetryError("the process was killed here")
        real(leg_run, key, *args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(lab.store, "commit_batch", commit)


def test_one_number_in_two_companies_is_two_rows_of_the_plan(founded: Lab, tmp_path: Path) -> None:
    founded.load("sales", "accounts", [account(CZECH, "BOTH"), account(SWEDISH, "BOTH")])
    plan = founded.plan(tmp_path / "plan", "accounts")
    run = founded.run("accounts", plan=plan)

    assert sorted((row.leg, row.company) for row in plan.rows()) == [(0, "czmf"), (0, "semf"), (1, "czmf"), (1, "semf")]
    assert run.status is Status.COMPLETED
    assert customers(founded, "BOTH") == [("czmf", "BOTH"), ("semf", "BOTH")]


def test_products_of_two_companies_that_share_a_row_are_planned_and_brought_to_sales(
    founded: Lab, tmp_path: Path
) -> None:
    release(founded, CZECH, "SHARED", "20.00")
    release(founded, SWEDISH, "SHARED", "9.00")
    release(founded, SWEDISH, "ALONE", "5.00")
    plan = founded.plan(tmp_path / "plan", "products")
    run = founded.run("products", plan=plan)

    assert (run.status, run.error) == (Status.COMPLETED, "")
    assert [written(leg.counts) for leg in run.legs] == [written(leg.counts) for leg in plan.legs]
    assert {row["productnumber"] for row in founded.rows("sales", "products")} >= {"SHARED", "ALONE"}
    after = founded.run("products")
    assert sum(leg.counts.created + leg.counts.updated for leg in after.legs) == 0


def test_a_plan_of_all_projects_with_quotes_and_lines_does_all_it_says(founded: Lab, tmp_path: Path) -> None:
    release(founded, CZECH, "LINED", "20.00")
    founded.run("products")
    for company in (CZECH, SWEDISH):
        founded.load("sales", "accounts", [account(company, f"QUOTED-{company.legal_entity}")])
    customer = guid("account", "czmf", "QUOTED-czmf")
    founded.load("sales", "quotes", [quote(CZECH, "Q-LINED", f"/accounts({customer})")])
    founded.load("sales", "quotedetails", [line("Q-LINED", 1, "LINED"), line("Q-LINED", 2, "LINED")])
    activate(founded, "Q-LINED")
    plan = founded.plan(tmp_path / "plan", *PROJECTS)
    run = founded.run(*PROJECTS, plan=plan)

    assert (run.status, run.error) == (Status.COMPLETED, "")
    assert [written(leg.counts) for leg in run.legs] == [written(leg.counts) for leg in plan.legs]
    assert len(founded.rows("operations", "CDSSalesQuotationLines", "SalesQuotationNumber eq 'Q-LINED'")) == 2


@pytest.mark.parametrize("leg", [1, 2])
def test_a_broken_run_of_a_plan_is_carried_out_to_its_end_by_the_next(
    deleting: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, leg: int
) -> None:
    """Also rows that were written and not recorded, and removals that were done already, are as the plan says."""
    numbers = [f"BREAK{leg}-{n}" for n in range(3)]
    deleting.load("sales", "accounts", [account(CZECH, number, fax="1") for number in numbers])
    deleting.run("accounts")
    deleting.load("sales", "accounts", [account(CZECH, numbers[0], fax="2"), account(CZECH, f"BREAK{leg}-9")])
    deleting.send("sales", "DELETE", f"accounts({guid('account', 'czmf', numbers[1])})")
    plan = deleting.plan(tmp_path / "plan", "accounts")
    break_once(deleting, monkeypatch, leg)
    broken, again = deleting.run("accounts", plan=plan), deleting.run("accounts", plan=plan)

    assert broken.status is Status.ERROR
    assert (again.status, again.error) == (Status.COMPLETED, "")
    assert deleting.rejected("accounts") == []
    assert customers(deleting, f"BREAK{leg}") == [("czmf", f"BREAK{leg}-{n}") for n in (0, 2, 9)]
    once_more = deleting.run("accounts", plan=plan)
    assert (once_more.status, [item.writes for item in once_more.legs]) == (Status.COMPLETED, [0, 0])


def test_a_full_plan_names_the_rows_to_remove_and_a_run_of_it_removes_them(deleting: Lab, tmp_path: Path) -> None:
    deleting.load("sales", "accounts", [account(CZECH, "WHOLE-1"), account(CZECH, "WHOLE-2")])
    deleting.run("accounts")
    deleting.send("sales", "DELETE", f"accounts({guid('account', 'czmf', 'WHOLE-1')})")
    plan = deleting.plan(tmp_path / "plan", "accounts", all_data=True)
    run = deleting.run("accounts", plan=plan)

    assert [row.key for row in plan.rows() if row.action is Action.REMOVE and row.leg == 0] == ["WHOLE-1"]
    assert run.status is Status.COMPLETED
    assert customers(deleting, "WHOLE") == [("czmf", "WHOLE-2")]


def test_a_row_that_cannot_be_read_is_told_before_anything_runs(founded: Lab, tmp_path: Path) -> None:
    founded.load("sales", "accounts", [account(CZECH, "GARBLED")])
    founded.plan(tmp_path / "plan", "accounts")
    head, *_, end = (tmp_path / "plan").read_bytes().splitlines(keepends=True)
    (tmp_path / "plan").write_bytes(head + b'{"leg":0,"action":"creat' + b"\n" + end)
    with pytest.raises(ConfigurationError, match="line 2"):
        founded.run("accounts", plan=read_plan(tmp_path / "plan"))
    assert customers(founded, "GARBLED") == []


def test_a_plan_that_does_not_fit_any_more_is_refused_and_the_run_says_so(founded: Lab, tmp_path: Path) -> None:
    """Under the bars that people see."""
    before = founded.store.project("accounts")
    founded.load("sales", "accounts", [account(CZECH, "REFUSED")])
    plan = founded.plan(tmp_path / "plan", "accounts")
    (task, *others) = before.tasks
    first, *rest = task.legs
    shorter = replace(task, legs=(replace(first, fields=first.fields[:-1]), *rest))
    founded.store.save_projects([replace(before, tasks=(shorter, *others))])
    try:
        with RunBars(quiet=True) as bars, pytest.raises(ConfigurationError, match="changed since the plan was made"):
            founded.run("accounts", plan=plan, watcher=bars)
        (run,) = founded.store.runs(1)
        assert "changed since the plan was made" in run.error
        assert customers(founded, "REFUSED") == []
    finally:
        founded.store.save_projects([before])


def test_another_environment_since_is_told_and_nothing_of_it_is_passed_over(lab: Lab, tmp_path: Path) -> None:
    """The plan's checkpoint belongs to the former one: what it does not name would never be read."""
    found(lab, CZECH)
    lab.load("sales", "accounts", [account(CZECH, "FORMER")])
    lab.run("accounts-direct")
    plan: Plan = lab.plan(tmp_path / "plan", "accounts-direct")
    lab.replace("sales")
    found(lab, CZECH)
    lab.load("sales", "accounts", [account(CZECH, "LATTER")])
    for carry_out in (
        lambda: lab.run("accounts-direct", plan=plan),
        lambda: lab.plan(tmp_path / "other", "accounts-direct"),
    ):
        with pytest.raises(ConfigurationError, match="another environment answers"):
            carry_out()
    lab.run("accounts-direct")
    assert ("czmf", "LATTER") in customers(lab, "LATTER")
    assert PlanBounds(lab.plan(tmp_path / "new", "accounts-direct"), lab.store) is not None
