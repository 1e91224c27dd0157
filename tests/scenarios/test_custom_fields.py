"""A field that a company has added to its accounts is carried like the ones that came with the product."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from p2c.errors import RetryError
from p2c.integrator.mapping.template import FieldMap, OnConflict, SourceField
from p2c.integrator.outcome import Status
from p2c.integrator.projects import Project
from tests.lab import Company, Lab, found, guid
from tests.scenarios.trade import account

CZECH = Company("czmf", "ORG001", "Moravská obchodní", "CZK")
TEXT = "Microsoft.Dynamics.CRM.StringAttributeMetadata"


def add_text_column(lab: Lab, environment: str, table: str, name: str) -> None:
    """A column of 40 characters, made while the service runs."""
    body = {"@odata.type": TEXT, "SchemaName": name, "MaxLength": 40}
    answer = lab.send(environment, "POST", f"EntityDefinitions(LogicalName='{table}')/Attributes", body)
    assert answer.status == 204, answer.body


def drop_column(lab: Lab, environment: str, table: str, name: str) -> None:
    """The column goes, and its values with it."""
    path = f"EntityDefinitions(LogicalName='{table}')/Attributes(LogicalName='{name}')"
    answer = lab.send(environment, "DELETE", path)
    assert answer.status == 204, answer.body


def carrying(project: Project, source: str, destination: str) -> Project:
    """The project with one more field in the first leg of its first task."""
    task, *others = project.tasks
    first, *rest = task.legs
    first = replace(first, fields=(*first.fields, FieldMap(destination, sources=(SourceField(source),))))
    return replace(project, tasks=(replace(task, legs=(first, *rest)), *others))


@pytest.fixture(scope="module")
def extended(lab: Lab) -> Lab:
    """Both environments have run before the fields are added: nobody starts anything again for them."""
    found(lab, CZECH)
    lab.load("sales", "accounts", [account(CZECH, "BEFORE")])
    lab.run("products", "accounts")
    add_text_column(lab, "sales", "account", "new_Region")
    add_text_column(lab, "commondata", "Account", "new_Territory")
    lab.store.save_projects([carrying(lab.store.project("accounts"), "new_region", "new_territory")])
    return lab


def territories(lab: Lab) -> dict[object, object]:
    """What the hub has in its added field, by account number."""
    return {row["AccountId"]: row["new_territory"] for row in lab.rows("commondata", "Accounts")}


@pytest.fixture
def lost(extended: Lab) -> Iterator[Lab]:
    """A run has stopped because the hub's added field is gone; after the test it is there again."""
    extended.load("sales", "accounts", [account(CZECH, "LOST", new_region="Haná")])
    extended.run("accounts")
    drop_column(extended, "commondata", "Account", "new_territory")
    assert extended.run("accounts").status is Status.ERROR
    add_text_column(extended, "commondata", "Account", "new_Territory")
    yield extended
    extended.run("accounts")


def test_a_field_added_to_accounts_arrives_in_a_field_added_to_the_hub(extended: Lab) -> None:
    extended.load("sales", "accounts", [account(CZECH, "CUSTOM", new_region="Morava")])
    extended.run("accounts")
    assert territories(extended) == {"BEFORE": None, "CUSTOM": "Morava"}


def test_a_change_of_the_added_field_alone_is_seen_and_carried(extended: Lab) -> None:
    key = guid("account", CZECH.legal_entity, "BEFORE")
    extended.run("accounts")
    extended.load("sales", "accounts", [{"accountid": key, "new_region": "Slezsko"}])
    run = extended.run("accounts")
    first = run.legs[0]
    assert (first.counts.read, first.counts.updated) == (1, 1)
    assert territories(extended)["BEFORE"] == "Slezsko"


GONE = "commondata.Accounts: fields were gone or of another type meanwhile: new_territory"


def test_a_destination_field_that_was_gone_and_comes_back_is_filled_again(lost: Lab) -> None:
    """Its values went with it, whatever the integrator remembers to have sent."""
    run = lost.run("accounts")
    assert territories(lost)["LOST"] == "Haná"
    assert [note for note in run.notes if GONE in note]
    after = lost.run("accounts")
    assert (after.notes, after.legs[0].writes) == ((), 0)


def test_who_accepts_the_fields_as_they_are_does_not_bring_the_values_back(lost: Lab) -> None:
    lost.store.forget_fields("commondata")
    lost.run("accounts")
    assert territories(lost)["LOST"] == "Haná"


def test_a_plan_says_that_a_field_is_filled_again(lost: Lab, tmp_path: Path) -> None:
    plan = lost.plan(tmp_path / "plan", "accounts")
    run = lost.run("accounts", plan=plan)
    assert plan.legs[0].counts.updated == run.legs[0].counts.updated > 0
    assert territories(lost)["LOST"] == "Haná"
    assert lost.run("accounts").legs[0].counts.updated == 0


def test_a_run_that_breaks_off_leaves_the_field_to_be_filled_by_the_next(
    lost: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object, **_named: object) -> None:
        raise RetryError("the process was killed here")

    with monkeypatch.context() as patch:
        patch.setattr(lost.store, "commit_batch", broken)
        assert lost.run("accounts").status is Status.ERROR
    lost.run("accounts")
    assert territories(lost)["LOST"] == "Haná"


def test_a_row_that_was_rejected_when_it_was_to_be_sent_again_is_sent_when_it_is_mended(lost: Lab) -> None:
    """It is then what it was when it was delivered, and the field is empty none the less."""
    lost.load("sales", "accounts", [account(CZECH, "LOST", new_region="Haná", address1_country="Atlantis")])
    assert lost.run("accounts").status is Status.WARNING
    lost.load("sales", "accounts", [account(CZECH, "LOST", new_region="Haná")])
    lost.run("accounts")
    assert territories(lost)["LOST"] == "Haná"


@pytest.mark.parametrize("policy", [OnConflict.DESTINATION, OnConflict.ASK])
def test_nobody_has_emptied_a_field_that_was_gone(lost: Lab, policy: OnConflict) -> None:
    """It is no change of the destination's, and the destination's own changes of other fields stay."""
    number = f"LOST-{policy.value}"
    known = lost.store.project("accounts")
    careful = replace(known, tasks=tuple(replace(task, on_conflict=policy) for task in known.tasks))
    lost.store.save_projects([careful])
    lost.load("sales", "accounts", [account(CZECH, number, new_region="Valašsko", fax="1")])
    lost.run("accounts")
    (row,) = [row for row in lost.rows("commondata", "Accounts") if row["AccountId"] == number]
    address = f"Accounts({row['RecordId']})"
    assert lost.send("commondata", "PATCH", address, {"PhoneFax": "by hand"}).status == 204
    drop_column(lost, "commondata", "Account", "new_territory")
    assert lost.run("accounts").status is Status.ERROR
    add_text_column(lost, "commondata", "Account", "new_Territory")
    try:
        lost.run("accounts")
        (row,) = [row for row in lost.rows("commondata", "Accounts") if row["AccountId"] == number]
        assert (row["new_territory"], row["PhoneFax"]) == ("Valašsko", "by hand")
    finally:
        lost.store.save_projects([known])
