"""What becomes of rows at the destination when their source rows are deleted: nothing, deletion or deactivation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from p2c.errors import ConfigurationError
from p2c.integrator.mapping.template import OnDelete, Scalar
from p2c.integrator.outcome import Status
from tests.lab import Company, Lab, found, guid
from tests.scenarios.trade import account

CZECH = Company("czmf", "ORG001", "Moravská obchodní", "CZK")
SWEDISH = Company("semf", "ORG002", "Östersjöns Handel", "SEK")


@pytest.fixture(scope="module")
def founded(lab: Lab) -> Lab:
    found(lab, CZECH, SWEDISH)
    lab.run("products", "accounts")
    return lab


@pytest.fixture
def settled(founded: Lab) -> Iterator[Lab]:
    """The projects are as they were afterwards."""
    before = founded.store.projects()
    yield founded
    founded.store.save_projects(before)


def decide(lab: Lab, project: str, on_delete: OnDelete, *inactive: tuple[str, Scalar]) -> None:
    known = lab.store.project(project)
    tasks = tuple(replace(task, on_delete=on_delete, inactive=inactive) for task in known.tasks)
    lab.store.save_projects([replace(known, tasks=tasks)])


def enter(lab: Lab, *numbers: str) -> None:
    lab.load("sales", "accounts", [account(CZECH, number) for number in numbers])
    lab.run("accounts")


def remove(lab: Lab, *numbers: str) -> None:
    for number in numbers:
        assert lab.send("sales", "DELETE", f"accounts({guid('account', 'czmf', number)})").status == 204


def customers(lab: Lab, prefix: str) -> set[object]:
    rows = lab.rows("operations", "CustomersV2", f"CustomerAccount eq '{prefix}*'")
    return {row["CustomerAccount"] for row in rows}


def in_hub(lab: Lab, prefix: str) -> set[object]:
    return {row["AccountId"] for row in lab.rows("commondata", "Accounts", f"startswith(AccountId,'{prefix}')")}


def test_by_default_a_deleted_row_stays_where_it_arrived(settled: Lab) -> None:
    enter(settled, "STAYS")
    remove(settled, "STAYS")
    run = settled.run("accounts")

    assert [leg.counts.deleted for leg in run.legs] == [1, 0]
    assert customers(settled, "STAYS") == in_hub(settled, "STAYS") == {"STAYS"}


def test_a_deletion_goes_through_the_hub_to_the_end_and_takes_no_other_row_along(settled: Lab) -> None:
    decide(settled, "accounts", OnDelete.DELETE)
    enter(settled, "GOES/1", "GOES/2", "GOES-3")
    remove(settled, "GOES/1", "GOES-3")
    run = settled.run("accounts")

    assert run.status is Status.COMPLETED
    assert [leg.counts.deleted for leg in run.legs] == [2, 2]
    assert customers(settled, "GOES") == in_hub(settled, "GOES") == {"GOES/2"}


def test_a_full_read_finds_deletions_that_nobody_told(settled: Lab) -> None:
    decide(settled, "accounts", OnDelete.DELETE)
    enter(settled, "UNTOLD")
    remove(settled, "UNTOLD")
    run = settled.run("accounts", all_data=True)

    assert run.legs[0].counts.deleted >= 1
    assert customers(settled, "UNTOLD") == set()


def test_a_row_is_made_inactive_instead(settled: Lab) -> None:
    decide(settled, "accounts", OnDelete.DEACTIVATE, ("OnHoldStatus", "All"))
    enter(settled, "SLEEPS")
    remove(settled, "SLEEPS")
    run = settled.run("accounts")

    assert run.status is Status.COMPLETED
    assert settled.row("operations", "CustomersV2", "CustomerAccount eq 'SLEEPS'")["OnHoldStatus"] == "All"


def test_a_row_that_is_gone_at_the_destination_is_not_brought_back_to_be_made_inactive(settled: Lab) -> None:
    decide(settled, "accounts", OnDelete.DEACTIVATE, ("OnHoldStatus", "All"))
    enter(settled, "LONGGONE")
    settled.send("operations", "DELETE", "CustomersV2(dataAreaId='czmf',CustomerAccount='LONGGONE')?cross-company=true")
    remove(settled, "LONGGONE")
    run = settled.run("accounts")

    assert run.status is Status.COMPLETED
    assert customers(settled, "LONGGONE") == set()


def test_a_deletion_that_the_destination_refuses_is_rejected_and_tried_again(settled: Lab) -> None:
    decide(settled, "accounts", OnDelete.DELETE)
    enter(settled, "NEEDED")
    quotation = {
        "dataAreaId": "czmf",
        "SalesQuotationNumber": "Q-NEEDED",
        "RequestingCustomerAccountNumber": "NEEDED",
        "InvoiceCustomerAccountNumber": "NEEDED",
        "CurrencyCode": "CZK",
        "LanguageId": "en-us",
        "RequestedShippingDate": "2026-12-15T12:00:00Z",
    }
    settled.load("operations", "SalesQuotationHeaders", [quotation])
    remove(settled, "NEEDED")
    refused, again = settled.run("accounts"), settled.run("accounts")

    for run in (refused, again):
        assert run.status is Status.WARNING
    (waiting,) = settled.rejected("accounts")
    assert (waiting.key, waiting.attempts, waiting.payload) == ("NEEDED", 2, {})


def test_a_field_that_cannot_make_a_row_inactive_is_told_before_anything_runs(settled: Lab) -> None:
    decide(settled, "accounts", OnDelete.DEACTIVATE, ("OnHoldState", "All"))
    with pytest.raises(ConfigurationError, match="did you mean 'OnHoldStatus'"):
        settled.run("accounts")
