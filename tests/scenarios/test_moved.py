"""An environment that is put in the place of another is noticed: what was remembered of the other one is no use."""

from __future__ import annotations

from pathlib import Path

import pytest

from p2c.integrator.outcome import LegRun
from tests.lab import Company, Lab, found
from tests.lab.laboratory import Silent
from tests.scenarios.commands import p2c
from tests.scenarios.trade import account, release

COMPANY = Company("czmf", "ORG001", "Moravská obchodní", "CZK")


class Listening(Silent):
    """Hears what people are told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def leg_noticed(self, leg: LegRun, what: str) -> None:
        """Keep it."""
        self.told.append(what)


@pytest.fixture(scope="module")
def delivered(lab: Lab) -> Lab:
    """Two accounts of Sales are customers of Operations."""
    found(lab, COMPANY)
    lab.load("sales", "accounts", [account(COMPANY, "A1"), account(COMPANY, "A2")])
    run = lab.run("accounts-direct")
    assert [(leg.counts.read, leg.counts.created) for leg in run.legs] == [(2, 2)]
    return lab


def test_another_source_is_told_and_read_whole_and_its_rows_are_new(delivered: Lab) -> None:
    """Its change tracking would answer to the old token, and say that nothing has changed."""
    delivered.replace("sales")
    found(delivered, COMPANY)
    delivered.load("sales", "accounts", [account(COMPANY, "A1", name="Other"), account(COMPANY, "A3")])
    heard = Listening()
    (leg,) = delivered.run("accounts-direct", watcher=heard).legs
    assert (leg.counts.read, leg.counts.created, leg.counts.updated, leg.counts.deleted) == (2, 1, 1, 0)
    assert len(heard.told) == 1
    assert heard.told[0].startswith("sales at ")
    assert "another environment answers here" in heard.told[0]
    assert delivered.row("operations", "CustomersV2", "CustomerAccount eq 'A1'")["OrganizationName"] == "Other"
    again = Listening()
    (leg,) = delivered.run("accounts-direct", watcher=again).legs
    assert (leg.counts.read, again.told) == (0, [])


def test_another_destination_gets_everything_although_nothing_has_changed(lab: Lab) -> None:
    """What is remembered as delivered was delivered to somebody else."""
    found(lab, COMPANY)
    release(lab, COMPANY, "P1", "10")
    (leg,) = lab.run("products-direct").legs
    assert (leg.counts.read, leg.counts.created) == (1, 1)
    lab.replace("sales")
    found(lab, COMPANY)
    heard = Listening()
    (leg,) = lab.run("products-direct", watcher=heard).legs
    assert (leg.counts.read, leg.counts.created, len(heard.told)) == (1, 1, 1)
    assert lab.row("sales", "products", "productnumber eq 'P1'")


def test_another_hub_is_told_and_both_legs_bring_everything_again(lab: Lab) -> None:
    found(lab, COMPANY)
    lab.load("sales", "accounts", [account(COMPANY, "HUB1")])
    assert [leg.counts.created for leg in lab.run("accounts").legs] == [1, 1]
    lab.replace("commondata")
    found(lab, COMPANY)
    heard = Listening()
    first, second = lab.run("accounts", watcher=heard).legs
    assert (first.counts.read, first.counts.created) == (1, 1)
    assert (second.counts.read, second.counts.updated + second.counts.unchanged) == (1, 1)
    assert len(heard.told) == 2
    assert all("another environment answers here" in told for told in heard.told)


def test_a_url_in_a_variable_holds_for_its_command_alone(lab: Lab, tmp_path: Path) -> None:
    """What is stored stays, and the next command goes there."""
    found(lab, COMPANY)
    before = lab.store.connections()
    away = p2c(lab, tmp_path, "connection", "test", "sales", P2C_SALES_URL="http://127.0.0.1:1/api/data/v9.2/")
    assert away.exit_code == 2
    assert "http://127.0.0.1:1/api/data/v9.2/" in away.output
    told = p2c(lab, tmp_path, "trace", "sales.accounts", "NOBODY", P2C_SALES_URL="http://127.0.0.1:1/api/data/v9.2/")
    assert told.exit_code != 0
    assert lab.store.connections() == before
    assert p2c(lab, tmp_path, "run", "accounts-direct").exit_code == 0
