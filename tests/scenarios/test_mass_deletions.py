"""A source that was emptied does not empty the destination, unless somebody says that this is right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from p2c.edm.values import Row
from p2c.integrator.mapping.template import OnDelete
from p2c.integrator.outcome import Status
from p2c.integrator.planning.plan import Action
from p2c.odata.client.environment import Written
from tests.lab import Company, Lab, found, guid
from tests.scenarios.trade import account

CZECH = Company("czmf", "ORG001", "Moravská obchodní", "CZK")
MANY = [f"MASS{n:03}" for n in range(140)]


@pytest.fixture(scope="module")
def founded(lab: Lab) -> Lab:
    found(lab, CZECH)
    known = lab.store.project("accounts")
    tasks = tuple(replace(task, on_delete=OnDelete.DELETE) for task in known.tasks)
    lab.store.save_projects([replace(known, tasks=tasks)])
    return lab


def customers(lab: Lab) -> set[object]:
    return {row["CustomerAccount"] for row in lab.rows("operations", "CustomersV2")}


def wipe(lab: Lab, *numbers: str) -> None:
    remove(lab, *(guid("account", "czmf", number) for number in numbers))


def remove(lab: Lab, *ids: str) -> None:
    client = lab.client("sales")
    keys: list[Row] = [{"accountid": identifier} for identifier in ids]
    results = lab.wait(client.delete(client.model.entity_set["accounts"], keys))
    assert all(result.written is Written.UPDATED for result in results)


@pytest.fixture
def many(founded: Lab) -> Iterator[Lab]:
    """Customers that arrived; none of them stays."""
    founded.load("sales", "accounts", [account(CZECH, number) for number in MANY])
    founded.run("accounts")
    yield founded
    there = founded.rows("sales", "accounts", "startswith(accountnumber,'MASS')")
    remove(founded, *(str(row["accountid"]) for row in there))
    founded.run("accounts", allow_deletions=True)


@pytest.mark.parametrize("all_data", [False, True])
def test_an_emptied_source_does_not_empty_the_destination(many: Lab, all_data: bool) -> None:
    wipe(many, *MANY)
    many.load("sales", "accounts", [account(CZECH, "MASS-NEW")])
    refused, again = many.run("accounts", all_data=all_data), many.run("accounts", all_data=all_data)

    for run in (refused, again):
        assert run.status is Status.ERROR
        assert "delivered rows are gone at the source; nothing was removed" in run.error
        assert "`p2c run accounts --allow-deletions`" in run.error
        assert [leg.counts.deleted for leg in run.legs] == [0]
    assert set(MANY) <= customers(many)

    allowed = many.run("accounts", allow_deletions=True)
    assert allowed.status is Status.COMPLETED
    assert [leg.counts.deleted for leg in allowed.legs] == [len(MANY), len(MANY)]
    assert customers(many) == {"MASS-NEW"}


def test_a_plan_that_lists_the_deletions_is_permission_enough(many: Lab, tmp_path: Path) -> None:
    wipe(many, *MANY)
    plan = many.plan(tmp_path / "plan", "accounts")
    removed = [row.key for row in plan.rows() if row.action is Action.REMOVE and row.leg == 0]
    assert sorted(removed) == MANY
    run = many.run("accounts", plan=plan)

    assert (run.status, run.legs[0].counts.deleted) == (Status.COMPLETED, len(MANY))


def test_a_bounded_number_of_deletions_needs_no_permission(many: Lab) -> None:
    wipe(many, *MANY[:100])
    run = many.run("accounts")

    assert run.status is Status.COMPLETED
    assert [leg.counts.deleted for leg in run.legs] == [100, 100]
    assert [leg.writes for leg in run.legs] == [100, 100]
    assert max(leg.requests for leg in run.legs) < 50, "they go many at a time"
    assert customers(many) == set(MANY[100:])


def test_a_number_that_goes_to_another_row_survives_the_deletion_of_the_first(many: Lab) -> None:
    wipe(many, MANY[0])
    many.load("sales", "accounts", [account(CZECH, MANY[0], accountid=guid("account", "heir"))])
    many.run("accounts")
    many.run("accounts")

    assert many.rejected("accounts") == []
    assert MANY[0] in customers(many)
