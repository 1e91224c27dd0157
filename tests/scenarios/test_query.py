"""An advanced query stands in for the rows of a leg's source: joined, computed, filtered, and put back as it was."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from p2c.edm.values import Row
from p2c.errors import ConfigurationError, StopError
from p2c.integrator.engine.environments import Environments, check_projects
from p2c.integrator.engine.preview import Preview, preview
from p2c.integrator.mapping.problems import TemplateError
from p2c.integrator.mapping.template import FieldMap, SourceField
from p2c.integrator.outcome import Counts, LegRun, Run
from p2c.integrator.planning import Action
from p2c.integrator.projects import Project
from p2c.integrator.query import QueriedSource, plan_query
from tests.lab import Company, Lab, Silent, found, guid
from tests.lab.reach import Json
from tests.scenarios.commands import p2c
from tests.scenarios.trade import account, contact, release

CZECH = Company("czmf", "ORG001", "Moravská obchodní", "CZK")
SWEDISH = Company("semf", "ORG002", "Östersjöns Handel", "SEK")
ACCOUNTS = "accounts-direct"
JOINED = """\
SELECT a.accountid, a.owningbusinessunit, a.accountnumber, a.transactioncurrencyid, a.address1_country, a.statecode,
    upper(a.name) AS name,
    round(a.creditlimit * 1.1, 2) AS creditlimit,
    count(c.contactid) AS numberofemployees,
    string_agg(c.lastname, ', ' ORDER BY c.lastname) AS description
FROM accounts AS a LEFT JOIN contacts AS c ON c.parentcustomerid = a.accountid
WHERE a.accountnumber LIKE 'Q-%'
GROUP BY ALL
"""
FIELDS = ("CustomerAccount", "PartyNumber", "OrganizationName", "NameAlias", "SalesCurrencyCode", "SalesMemo")
MAPPED = (*FIELDS, "OrganizationNumberOfEmployees", "CreditLimit", "AddressCountryRegionISOCode")
"""Field maps of the shipped template whose sources the query has; those with a default stay as well."""


@pytest.fixture(scope="module")
def founded(lab: Lab) -> Lab:
    found(lab, CZECH, SWEDISH)
    lab.load(
        "sales",
        "accounts",
        [
            account(CZECH, "Q-1", name="Řeznictví Dvořák", creditlimit=Decimal("1000.55")),
            account(CZECH, "Q-2", name="Pekárna", creditlimit=None),
            account(SWEDISH, "Q-3", name="Bageri"),
            account(CZECH, "OTHER", name="Left out"),
        ],
    )
    lab.load("sales", "contacts", [contact(CZECH, "Novák", "Q-1"), contact(CZECH, "Adamová", "Q-1")])
    return lab


@pytest.fixture
def project(founded: Lab) -> Iterator[Project]:
    """The accounts, with the field maps that the query serves; as it was afterwards."""
    shipped = founded.store.project(ACCOUNTS)
    (task,) = shipped.tasks
    (leg,) = task.legs
    fields = tuple(item for item in leg.fields if item.to in MAPPED or not item.sources)
    yield replace(shipped, tasks=(replace(task, needs=(), legs=(replace(leg, fields=fields),)),))
    founded.store.save_projects([shipped])


def queried(project: Project, sql: str) -> Project:
    """The project with a query in its leg."""
    (task,) = project.tasks
    (leg,) = task.legs
    return replace(project, tasks=(replace(task, legs=(replace(leg, query=sql),)),))


def run(lab: Lab, project: Project) -> Run:
    lab.store.save_projects([project])
    return lab.run(project.name)


def customer(lab: Lab, number: str) -> Json:
    return lab.row("operations", "CustomersV2", f"CustomerAccount eq '{number}'")


def counts(run: Run) -> Counts:
    (leg,) = run.legs
    return leg.counts


def test_a_query_joins_computes_and_filters_and_taking_it_out_restores_the_plain_source(
    founded: Lab, project: Project
) -> None:
    first = counts(run(founded, queried(project, JOINED)))
    joined = customer(founded, "Q-1")
    assert (first.read, first.created) == (3, 3)
    assert joined["OrganizationName"] == "ŘEZNICTVÍ DVOŘÁK"
    assert joined["CreditLimit"] == Decimal("1100.61")
    assert joined["OrganizationNumberOfEmployees"] == 2
    assert joined["SalesMemo"] == "Adamová, Novák"
    assert joined["SalesCurrencyCode"] == "CZK"
    assert customer(founded, "Q-3")["dataAreaId"] == "semf"
    assert not founded.rows("operations", "CustomersV2", "CustomerAccount eq 'OTHER'")

    same = counts(run(founded, queried(project, JOINED)))
    assert (same.read, same.unchanged) == (3, 3)

    founded.load("sales", "contacts", [contact(CZECH, "Černá", "Q-2")])
    changed = counts(run(founded, queried(project, JOINED)))
    assert (changed.updated, changed.unchanged) == (1, 2)
    assert customer(founded, "Q-2")["SalesMemo"] == "Černá"

    plain = counts(run(founded, project))
    assert (plain.read, plain.created, plain.updated) == (4, 1, 3)
    assert customer(founded, "Q-1")["OrganizationName"] == "Řeznictví Dvořák"
    assert customer(founded, "Q-1")["CreditLimit"] == Decimal("1000.55")


def test_taking_the_query_out_reads_everything_although_nothing_changed_since_the_last_plain_run(
    founded: Lab, project: Project
) -> None:
    run(founded, project)
    run(founded, queried(project, JOINED))
    assert customer(founded, "Q-1")["OrganizationName"] == "ŘEZNICTVÍ DVOŘÁK"
    run(founded, project)
    assert customer(founded, "Q-1")["OrganizationName"] == "Řeznictví Dvořák"


class Stops(Silent):
    """Breaks a run off after its first batch was delivered."""

    def leg_advanced(self, leg: LegRun) -> None:
        raise RuntimeError("stopped on purpose")


def test_a_query_that_is_taken_out_after_a_broken_run_leaves_none_of_its_values(founded: Lab, project: Project) -> None:
    run(founded, project)
    founded.store.save_projects([queried(project, JOINED)])
    with pytest.raises(RuntimeError, match="on purpose"):
        founded.run(project.name, watcher=Stops())
    assert customer(founded, "Q-1")["OrganizationName"] == "ŘEZNICTVÍ DVOŘÁK"
    run(founded, project)
    assert customer(founded, "Q-1")["OrganizationName"] == "Řeznictví Dvořák"


def test_rows_that_leave_the_result_count_as_deleted(founded: Lab, project: Project) -> None:
    run(founded, queried(project, JOINED))
    less = counts(run(founded, queried(project, JOINED.replace("LIKE 'Q-%'", "LIKE 'Q-1%'"))))
    assert (less.read, less.deleted) == (1, less.deleted)
    assert less.deleted >= 2


def test_conditions_look_at_the_columns_of_the_query(founded: Lab, project: Project) -> None:
    sql = JOINED.replace("a.statecode,", "a.statecode + 1 AS statecode,")
    skipped = counts(run(founded, queried(project, sql)))
    assert (skipped.read, skipped.skipped) == (3, 3)


def test_a_row_that_comes_twice_is_told_before_any_row_moves(founded: Lab, project: Project) -> None:
    doubled = (
        JOINED.replace("GROUP BY ALL", "")
        .replace("count(c.contactid)", "1")
        .replace("string_agg(c.lastname, ', ' ORDER BY c.lastname)", "upper('doubled ' || c.lastname)")
    )
    with pytest.raises(ConfigurationError) as error:
        run(founded, queried(project, doubled))
    told = str(error.value)
    assert told.startswith("project accounts-direct, Accounts - Customers, leg 1: the query gives 1 rows of accounts")
    assert guid("account", "czmf", "Q-1") in told
    assert "2 times" in told
    assert not founded.rows("operations", "CustomersV2", "contains(SalesMemo, 'DOUBLED')")


def test_rows_that_are_no_source_rows_are_told(founded: Lab, project: Project) -> None:
    outer = JOINED.replace("LEFT JOIN", "FULL JOIN").replace("WHERE a.accountnumber LIKE 'Q-%'", "")
    founded.load("sales", "contacts", [contact(CZECH, "Nobody's")])
    with pytest.raises(ConfigurationError, match="1 rows that are none of accounts"):
        run(founded, queried(project, outer))


def test_a_query_that_fails_over_the_rows_is_told_with_what_duckdb_said(founded: Lab, project: Project) -> None:
    failing = JOINED.replace("count(c.contactid)", "CAST(any_value(a.name) AS INTEGER)")
    with pytest.raises(
        ConfigurationError, match=r"leg 1: the query fails: Conversion Error.*INT32.*line 4 of the query"
    ):
        run(founded, queried(project, failing))


def test_a_query_that_does_not_fit_is_told_by_file_and_line_before_it_is_applied(
    founded: Lab, project: Project
) -> None:
    wrong = queried(project, JOINED.replace("a.owningbusinessunit, a.accountnumber,", ""))
    (leg,) = wrong.tasks[0].legs
    wrong = replace(wrong, tasks=(replace(wrong.tasks[0], legs=(replace(leg, query_line=12),)),))
    with pytest.raises(TemplateError, match=r"accounts.yaml:12: the query has no column 'owningbusinessunit'"):
        founded.wait(check_projects(founded.store, {"accounts.yaml": wrong}))


def test_the_integration_key_and_every_mapped_field_must_be_columns(founded: Lab, project: Project) -> None:
    wrong = queried(project, JOINED.replace("a.accountnumber,", "").replace("AS description", "AS memo"))
    with pytest.raises(TemplateError) as error:
        founded.wait(check_projects(founded.store, {"accounts.yaml": wrong}))
    assert "has no field 'accountnumber'" in str(error.value)
    assert "has no field 'description' (DIPV1022); known: " in str(error.value)


def previewed(lab: Lab, project: Project, sql: str | None = None, limit: int = 20) -> Preview:
    async def look() -> Preview:
        async with Environments(lab.store) as environments:
            return await preview(environments, project, None, sql, limit)

    return lab.wait(look())


def test_a_preview_shows_the_first_rows_and_leaves_nothing_behind(
    founded: Lab, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = len(founded.store.runs(100))
    shown = previewed(founded, queried(project, JOINED), limit=2)
    assert shown.columns[:2] == ("accountid", "owningbusinessunit")
    assert (len(shown.rows), shown.more, shown.leg) == (2, True, 1)
    tried = previewed(
        founded, project, "SELECT accountid, owningbusinessunit, name FROM accounts WHERE name = 'Bageri'"
    )
    assert [row["name"] for row in tried.rows] == ["Bageri"]
    assert not tried.more
    assert len(founded.store.runs(100)) == before
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_stops_with_the_way_out(
    founded: Lab, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    with pytest.raises(StopError, match=r"No such file or directory.*TMPDIR"):
        previewed(founded, queried(project, JOINED))


def test_the_command_previews_for_people_and_programs(founded: Lab, project: Project, tmp_path: Path) -> None:
    founded.store.save_projects([queried(project, JOINED)])
    shown = p2c(founded, tmp_path, "query", project.name, "--limit", "2")
    assert shown.exit_code == 0
    assert "The first 2 rows." in shown.stdout
    assert shown.stdout.count("owningbusinessunit") == 2

    few = tmp_path / "few.sql"
    few.write_text("SELECT accountid, owningbusinessunit, name FROM accounts WHERE name = 'Bageri'")
    table = p2c(founded, tmp_path, "query", project.name, "--sql", str(few)).stdout.splitlines()
    assert [line.split()[-1] for line in table] == ["name", "Bageri", "rows."]

    file = tmp_path / "bakery.sql"
    file.write_text("SELECT accountid, owningbusinessunit, name, creditlimit FROM accounts WHERE name = 'Bageri'\n")
    told = p2c(founded, tmp_path, "query", project.name, "Accounts - Customers", "--sql", str(file), "--json")
    answer = json.loads(told.stdout)
    assert (answer["leg"], answer["source"], answer["more"]) == (1, "sales.accounts", False)
    assert [row["name"] for row in answer["rows"]] == ["Bageri"]


def test_the_command_masks_personal_columns_and_what_is_made_of_them(
    founded: Lab, project: Project, tmp_path: Path
) -> None:
    file = tmp_path / "names.sql"
    file.write_text(
        "SELECT a.accountid, a.owningbusinessunit, a.name, c.lastname, upper(c.lastname) AS description "
        "FROM accounts a JOIN contacts c ON c.parentcustomerid = a.accountid "
        "WHERE a.name = 'Řeznictví Dvořák' AND lastname = 'Novák'"
    )
    words = ("query", project.name, "--sql", str(file))
    (row,) = json.loads(p2c(founded, tmp_path, *words, "--json").stdout)["rows"]
    assert (row["name"], row["lastname"], row["description"]) == ("Řeznictví Dvořák", "N… (5)", "N… (5)")
    assert "Novák" not in p2c(founded, tmp_path, *words).stdout
    shown = p2c(founded, tmp_path, *words, "--show-values").stdout
    assert "Novák" in shown
    assert "NOVÁK" in shown


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("DROP TABLE accounts", "Only SELECT statements"),
        ("SELECT accountid, owningbusinessunit, nam FROM accounts", 'Referenced column "nam" not found'),
    ],
)
def test_the_command_tells_a_mistake_on_one_line(
    founded: Lab, project: Project, tmp_path: Path, sql: str, told: str
) -> None:
    file = tmp_path / "wrong.sql"
    file.write_text(sql)
    answer = p2c(founded, tmp_path, "query", project.name, "--sql", str(file))
    assert answer.exit_code == 3
    assert told in answer.stderr
    assert answer.stderr.startswith("p2c: project accounts-direct, Accounts - Customers, leg 1: the query ")
    assert answer.stderr.count("\n") == 1


def test_a_preview_needs_a_query(founded: Lab, project: Project) -> None:
    with pytest.raises(ConfigurationError, match="no query there"):
        previewed(founded, project)


def test_values_come_through_a_query_as_they_were(founded: Lab, project: Project) -> None:
    """Exact amounts, instants with microseconds, days, GUIDs, texts of every kind."""
    client = founded.client("sales")
    accounts = client.model.entity_set["accounts"]
    names = (
        "name",
        "creditlimit",
        "modifiedon",
        "donotemail",
        "numberofemployees",
        "transactioncurrencyid",
        "exchangerate",
    )

    async def plain() -> dict[object, object]:
        return {row["accountid"]: row async for page in client.changes(accounts, names, None) for row in page.rows}

    founded.load("sales", "accounts", [account(CZECH, "ODD", name='quote \' double " back \\ tab \t 🎈 {"a": 1}')])
    sql = f"SELECT accountid, owningbusinessunit, {', '.join(names)} FROM accounts"
    expected = founded.wait(plain())
    for row in previewed(founded, project, sql).rows:
        del row["owningbusinessunit"]
        assert row == expected.pop(row["accountid"])
    assert not expected


def test_no_file_is_read_even_by_a_query_that_nobody_has_inspected(founded: Lab, tmp_path: Path) -> None:
    client = founded.client("sales")
    file = tmp_path / "secret.txt"
    file.write_text("secret")
    plan = plan_query("SELECT accountid, name FROM accounts", client.model.entity_set["accounts"], client.model)
    source = QueriedSource(
        client, replace(plan, sql=f"SELECT gen_random_uuid(), content FROM read_text('{file}')"), "here"
    )

    async def read() -> list[Row]:
        return [row async for page in source.changes(source.entity, ("name",), None) for row in page.rows]

    with pytest.raises(ConfigurationError, match="here: the query fails: Permission Error"):
        founded.wait(read())


def test_the_leg_from_the_hub_can_have_a_query_as_well(founded: Lab) -> None:
    shipped = founded.store.project("accounts")
    (task,) = shipped.tasks
    first, second = task.legs
    sql = "SELECT * REPLACE (upper(OrganizationName) AS OrganizationName) FROM Accounts WHERE AccountId = 'Q-3'"
    second = replace(second, query=sql)
    founded.store.save_projects([replace(shipped, tasks=(replace(task, legs=(first, second)),))])
    try:
        sales_leg, hub_leg = founded.run("accounts").legs
    finally:
        founded.store.save_projects([shipped])
    assert (hub_leg.counts.read, hub_leg.counts.rejected) == (1, 0)
    assert sales_leg.counts.read > 1
    assert customer(founded, "Q-3")["OrganizationName"] == "BAGERI"


def test_operations_is_queried_over_all_companies(founded: Lab) -> None:
    release(founded, CZECH, "P-1", "99.50")
    release(founded, SWEDISH, "P-1", "12.25")
    project = founded.store.project("products-direct")
    sql = """
        SELECT r.*, p.ProductName AS shown FROM ReleasedProductsV2 r JOIN ProductsV2 p USING (ProductNumber)
        WHERE r.SalesPrice > 50
    """
    (leg,) = project.tasks[0].legs
    assert leg.source.entity
    shown = previewed(
        founded,
        replace(
            project,
            tasks=(
                replace(
                    project.tasks[0], legs=(replace(leg, source=replace(leg.source, entity="ReleasedProductsV2")),)
                ),
            ),
        ),
        sql,
    )
    assert [(row["dataAreaId"], row["SalesPrice"], row["shown"]) for row in shown.rows] == [
        ("czmf", Decimal("99.5"), "Product P-1")
    ]


def test_a_field_behind_a_lookup_of_the_result_can_be_mapped(founded: Lab, project: Project) -> None:
    (leg,) = project.tasks[0].legs
    assert FieldMap("SalesCurrencyCode", (SourceField("isocurrencycode", "transactioncurrencyid"),)) in leg.fields
    run(founded, queried(project, JOINED))
    assert customer(founded, "Q-3")["SalesCurrencyCode"] == "SEK"


def test_a_plan_shows_the_query_over_what_the_leg_before_would_write(founded: Lab, tmp_path: Path) -> None:
    shipped = founded.store.project("accounts")
    (task,) = shipped.tasks
    first, second = task.legs
    sql = "SELECT * REPLACE (upper(OrganizationName) AS OrganizationName) FROM Accounts WHERE AccountId LIKE 'QP-%'"
    founded.store.save_projects([replace(shipped, tasks=(replace(task, legs=(first, replace(second, query=sql))),))])
    founded.load("sales", "accounts", [account(CZECH, "QP-OLD", name="stará"), account(CZECH, "QP-GOES", name="pryč")])
    try:
        founded.run("accounts")
        founded.load("sales", "accounts", [account(CZECH, "QP-NEW", name="nová")])
        founded.load("sales", "accounts", [{"accountid": guid("account", "czmf", "QP-OLD"), "name": "změněná"}])
        plan = founded.plan(tmp_path / "plan", "accounts")
        planned = {row.key: row for row in plan.rows() if row.leg == 1}
        done = founded.run("accounts", plan=plan)
    finally:
        founded.store.save_projects([shipped])

    assert {key: row.action for key, row in planned.items()} == {"QP-NEW": Action.CREATE, "QP-OLD": Action.UPDATE}
    shown = {change.field: (change.old, change.new) for change in planned["QP-OLD"].changes}
    assert shown["OrganizationName"] == ("STARÁ", "ZMĚNĚNÁ")
    assert (done.legs[1].counts.created, done.legs[1].counts.updated) == (1, 1)
    assert customer(founded, "QP-NEW")["OrganizationName"] == "NOVÁ"
