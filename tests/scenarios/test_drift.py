"""An environment that has changed since the last run: what is new is told, what a map has lost stops only its task."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from p2c.errors import ConfigurationError
from p2c.integrator.engine.drift import prepare_run
from p2c.integrator.engine.environments import Environments, check_projects
from p2c.integrator.mapping.parse import parse_template
from p2c.integrator.outcome import Run, Status
from p2c.integrator.probe import probe
from p2c.integrator.projects import Project
from p2c.integrator.templates import shipped_text
from tests.lab import Company, Lab, found
from tests.scenarios.commands import p2c
from tests.scenarios.trade import account, contact, release

COMPANY = Company("czmf", "ORG001", "Moravská obchodní", "EUR")
ACCOUNTS = ("sales", "accounts")


@pytest.fixture(scope="module")
def company(lab: Lab) -> Company:
    """A company with an account, a contact of it and a product."""
    found(lab, COMPANY)
    release(lab, COMPANY, "P-1", "10.00")
    lab.load("sales", "accounts", [account(COMPANY, "A-1")])
    lab.load("sales", "contacts", [contact(COMPANY, "Nováková", of="A-1", msdynce_contactnumber="C-1")])
    return COMPANY


@pytest.fixture(autouse=True)
def ran(lab: Lab, company: Company) -> Iterator[None]:
    """The projects have run, so that the environments are known."""
    assert lab.run("products-direct", "accounts-direct", "contacts-direct").status is Status.COMPLETED
    yield
    lab.store.forget_fields("sales")


def was(lab: Lab, **fields: str) -> None:
    """Accounts of Sales had these fields at the last run ("": it was not there)."""
    known = {**lab.store.fields(["sales"])["sales"]["accounts"], **fields}
    lab.store.keep_fields({ACCOUNTS: {name: kind for name, kind in known.items() if kind}})


def statuses(run: Run) -> dict[str, Status]:
    """How each project's first leg ended."""
    return {leg.project: leg.status for leg in run.legs}


def test_an_environment_that_is_the_same_is_not_mentioned(lab: Lab) -> None:
    assert lab.run("accounts-direct").notes == ()


def test_a_new_field_is_told_once(lab: Lab) -> None:
    was(lab, fax="")
    run = lab.run("accounts-direct")
    assert run.status is Status.COMPLETED
    assert run.notes == ("sales: accounts has a new field fax (String)",)
    assert lab.run("accounts-direct").notes == ()


def test_a_lost_field_that_no_map_uses_is_told_once(lab: Lab) -> None:
    was(lab, cr1_colour="String")
    run = lab.run("accounts-direct")
    assert run.status is Status.COMPLETED
    assert run.notes == ("sales: accounts has no field cr1_colour any more (it was String)",)
    assert lab.run("accounts-direct").notes == ()


def test_another_type_stops_the_tasks_that_use_the_field_until_it_is_accepted(lab: Lab) -> None:
    was(lab, name="Int32")
    for _ in range(2):
        run = lab.run("products-direct", "accounts-direct", "contacts-direct")
        assert statuses(run) == {
            "products-direct": Status.COMPLETED,
            "accounts-direct": Status.ERROR,
            "contacts-direct": Status.COMPLETED,
        }
        assert run.status is Status.ERROR
        (stopped,) = [leg for leg in run.legs if leg.status is Status.ERROR]
        assert "accounts: field name was Int32 and is String now" in stopped.error
        assert "`p2c connection accept sales`" in stopped.error
        assert stopped.counts.read == 0
        assert stopped.error in run.error
    assert lab.store.forget_fields(*ACCOUNTS) == 1
    assert lab.run("accounts-direct").status is Status.COMPLETED


def test_a_lost_field_that_a_map_uses_stops_its_task_with_the_nearest_name(lab: Lab) -> None:
    text = shipped_text("accounts-direct").replace("from: name,", "from: names,")
    wrong = replace(
        lab.store.project("accounts-direct"), name="accounts-lost", tasks=parse_template(text, "lost.yaml").tasks
    )
    lab.store.save_projects([wrong])
    was(lab, names="String")
    try:
        run = lab.run("accounts-lost", "accounts-direct")
        assert statuses(run) == {"accounts-lost": Status.ERROR, "accounts-direct": Status.COMPLETED}
        assert "no field 'names' (DIPV1022); did you mean 'name'?" in run.error
    finally:
        lab.store.change([], [wrong])


def test_a_new_mandatory_field_stops_only_the_tasks_that_do_not_map_it(lab: Lab) -> None:
    lines = shipped_text("accounts-direct").splitlines()
    text = "\n".join(line for line in lines if "to: CustomerGroupId" not in line)
    older = replace(
        lab.store.project("accounts-direct"), name="accounts-older", tasks=parse_template(text, "older.yaml").tasks
    )
    known = lab.store.fields(["operations"])["operations"]["CustomersV2"]
    before = {name: kind for name, kind in known.items() if name != "CustomerGroupId"}
    lab.store.save_projects([older])
    lab.store.keep_fields({("operations", "CustomersV2"): before})
    try:
        for _ in range(2):
            run = lab.run("accounts-older", "accounts-direct")
            assert statuses(run) == {"accounts-older": Status.ERROR, "accounts-direct": Status.COMPLETED}
            assert "mandatory field 'CustomerGroupId' of operations CustomersV2 is not mapped (DIPV1010)" in run.error
    finally:
        lab.store.change([], [older])
    assert lab.run("accounts-direct").notes == ("operations: CustomersV2 has a new field CustomerGroupId (String)",)
    assert lab.run("accounts-direct").notes == ()


def test_a_plan_of_a_task_that_is_stopped_ends_as_its_run_does_and_keeps_the_others(lab: Lab, tmp_path: Path) -> None:
    was(lab, name="Int32")
    file = tmp_path / "drift.plan"
    shown = p2c(lab, tmp_path, "plan", "accounts-direct", "contacts-direct", "--out", str(file))
    assert shown.exit_code == 2
    assert "accounts-direct, Accounts - Customers: " in shown.stdout
    assert "accounts: field name was Int32 and is String now" in shown.stdout
    assert f"Written to {file} without what cannot run" in shown.stdout

    told = json.loads(p2c(lab, tmp_path, "plan", "accounts-direct", "contacts-direct", "--json").stdout)
    assert [leg["project"] for leg in told["legs"]] == ["contacts-direct"]
    assert [text.partition(",")[0] for text in told["stopped"]] == ["accounts-direct"]


@pytest.fixture
def wrong(lab: Lab) -> Iterator[Project]:
    """A project whose map has never fitted."""
    text = shipped_text("accounts-direct").replace("from: name,", "from: names,")
    project = replace(
        lab.store.project("accounts-direct"), name="accounts-wrong", tasks=parse_template(text, "wrong.yaml").tasks
    )
    lab.store.save_projects([project])
    yield project
    lab.store.change([], [project])


def test_what_never_fitted_stops_its_own_tasks_and_no_others(lab: Lab, wrong: Project) -> None:
    run = lab.run("products-direct", "accounts-wrong", "contacts-direct")
    assert statuses(run) == {
        "products-direct": Status.COMPLETED,
        "accounts-wrong": Status.ERROR,
        "contacts-direct": Status.COMPLETED,
    }
    assert run.status is Status.ERROR
    assert "no field 'names' (DIPV1022)" in run.error
    figures = {item.project: item for item in lab.store.figures()}
    assert figures["accounts-wrong"].runs[Status.ERROR] == 1
    assert figures["products-direct"].runs[Status.ERROR] == 0


def test_a_project_whose_connections_are_not_there_stops_no_others(lab: Lab, wrong: Project) -> None:
    lab.store.save_projects([replace(wrong, connection_set="nowhere")])
    run = lab.run("accounts-wrong", "accounts-direct")
    assert statuses(run) == {"accounts-wrong": Status.ERROR, "accounts-direct": Status.COMPLETED}
    assert "nowhere" in run.error


def test_where_nothing_can_be_started_the_configuration_is_bad(lab: Lab, wrong: Project) -> None:
    with pytest.raises(ConfigurationError, match=r"no field 'names' \(DIPV1022\)"):
        lab.run("accounts-wrong")
    (run,) = lab.store.runs(1)
    assert (run.status, run.legs) == (Status.ERROR, ())


def test_to_look_is_not_to_run(lab: Lab) -> None:
    """Who only asks what a run would find takes nothing from its notes."""

    async def look() -> list[str]:
        async with Environments(lab.store) as environments:
            projects = [lab.store.project("accounts-direct")]
            _prepared, notes = await prepare_run(lab.store, environments, projects, keep=False)
            return notes

    was(lab, fax="")
    told = lab.wait(look())
    assert told == ["sales: accounts has a new field fax (String)"]
    assert lab.run("accounts-direct").notes == tuple(told)


def test_what_another_project_has_lost_is_not_forgotten_by_one_that_does_not_use_it(lab: Lab) -> None:
    """Contacts read the number of their account, and not its name."""
    was(lab, name="Int32")
    run = lab.run("contacts-direct")
    assert run.status is Status.COMPLETED
    assert run.notes == ("sales: accounts: field name was Int32 and is String now",)
    assert statuses(lab.run("accounts-direct")) == {"accounts-direct": Status.ERROR}


def test_a_tried_connection_tells_what_maps_have_lost(lab: Lab) -> None:
    """Enabled projects count; the direct ones are not."""
    text = shipped_text("accounts-direct").replace("from: name,", "from: names,")
    wrong = replace(
        lab.store.project("accounts-direct"),
        name="accounts-lost",
        tasks=parse_template(text, "lost.yaml").tasks,
        enabled=True,
    )
    assert troubles(lab, "sales", "accounts") == ()
    was(lab, name="Int32")
    lab.store.save_projects([wrong])
    try:
        assert troubles(lab, "sales", "accounts") == (
            "accounts has no field names (used by accounts-lost)",
            "accounts: field name was Int32 and is String now (used by accounts)",
        )
    finally:
        lab.store.change([], [wrong])


def test_a_tried_connection_tells_that_an_entity_is_not_there(lab: Lab) -> None:
    text = shipped_text("accounts-direct").replace("entity: CustomersV2", "entity: CustomersV9")
    wrong = replace(
        lab.store.project("accounts-direct"),
        name="accounts-elsewhere",
        tasks=parse_template(text, "elsewhere.yaml").tasks,
        enabled=True,
    )
    lab.store.save_projects([wrong])
    try:
        assert troubles(lab, "operations", "CustomersV9") == ("it is not there",)
    finally:
        lab.store.change([], [wrong])


def troubles(lab: Lab, connection: str, entity_set: str) -> tuple[str, ...]:
    """What a trial of the connection finds wrong with an entity."""
    tried = lab.wait(probe(lab.store, connection, None))
    (finding,) = [item for item in tried.findings if item.entity_set == entity_set]
    return finding.troubles


def test_a_field_that_came_as_it_was_goes_on(lab: Lab) -> None:
    """A field that is back with its old type needs nobody to accept it."""
    was(lab, name="Int32")
    assert lab.run("accounts-direct").status is Status.ERROR
    was(lab, name="String")
    assert lab.run("accounts-direct").status is Status.COMPLETED


def test_an_environment_that_stays_away_is_told_at_every_project_that_needs_it(lab: Lab) -> None:
    """And not as one without entities."""
    (there,) = [item for item in lab.store.connections() if item.name == "operations"]
    lab.store.save_connections([replace(there, url="http://127.0.0.1:1/data/")])
    projects = {f"{name}.yaml": lab.store.project(name) for name in ("accounts-direct", "contacts-direct")}
    try:
        unchecked = lab.wait(check_projects(lab.store, projects))
    finally:
        lab.store.save_connections([there])
    assert [text.partition(" ")[0] for text in unchecked] == ["accounts-direct.yaml:", "contacts-direct.yaml:"]
    assert all(text.endswith("does not answer") for text in unchecked)
