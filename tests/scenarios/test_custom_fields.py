"""A field that a company has added to its accounts is carried like the ones that came with the product."""

from __future__ import annotations

from dataclasses import replace

import pytest

from p2c.integrator.mapping.template import FieldMap, SourceField
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
