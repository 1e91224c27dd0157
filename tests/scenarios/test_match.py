"""Rows that stand on both sides before the first run are matched, given one key, and given back what they had."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from p2c.database.connect import open_database
from p2c.errors import ConfigurationError
from p2c.integrator.engine.environments import Environments, check_projects
from p2c.integrator.mapping.problems import TemplateError
from p2c.integrator.mapping.template import MatchRule
from p2c.integrator.match import Ambiguous, Changed, Pair, SideCounts, find_matches, give_keys, take_back
from p2c.integrator.projects import Project
from p2c.odata.client.environment import Upsert
from tests.lab import Company, Lab, found, guid
from tests.lab.reach import Json
from tests.scenarios.commands import p2c
from tests.scenarios.trade import account

CZECH = Company("czmf", "ORG001", "Moravská obchodní", "CZK")
SWEDISH = Company("semf", "ORG002", "Östersjöns Handel", "SEK")
RULE = MatchRule((("name", "OrganizationName"), ("address1_postalcode", "AddressZipCode")))


@pytest.fixture(scope="module")
def sales_database(database_url: Callable[[str], str]) -> str:
    return database_url("sales")


@pytest.fixture(scope="module")
def founded(sales_database: str, database_url: Callable[[str], str]) -> Iterator[Lab]:
    with Lab(lambda name: sales_database if name == "sales" else database_url(name)) as lab:
        found(lab, CZECH, SWEDISH)
        yield lab


@pytest.fixture
def trade(founded: Lab) -> Iterator[Lab]:
    """Both sides without accounts and customers, before a first run."""
    yield founded
    sales, operations = founded.client("sales"), founded.client("operations")
    accounts, customers = sales.model.entity_set["accounts"], operations.model.entity_set["CustomersV2"]
    keys = [{"accountid": row["accountid"]} for row in founded.rows("sales", "accounts")]
    founded.wait(sales.delete(accounts, keys))  # type: ignore[arg-type]
    names = ("dataAreaId", "CustomerAccount")
    left = [{name: row[name] for name in names} for row in founded.rows("operations", "CustomersV2")]
    founded.wait(operations.delete(customers, left))  # type: ignore[arg-type]
    task = matched_project(founded).tasks[0].name
    founded.store.forget_given([item.id for item in founded.store.given("accounts-direct", task, 1000)])


def matched_project(lab: Lab, rule: MatchRule = RULE, name: str = "accounts-direct") -> Project:
    """A project whose task has a match rule."""
    project = lab.store.project(name)
    return replace(project, tasks=(replace(project.tasks[0], match=rule),))


def sold(lab: Lab, company: Company, row: str, name: str, **changed: object) -> str:
    """An account in Sales, with a number of its own; its GUID."""
    lab.load("sales", "accounts", [account(company, row, **{"name": name, **changed})])
    return guid("account", company.legal_entity, row)


def delivered(lab: Lab, company: Company, number: str, name: str, **changed: object) -> None:
    """A customer in Operations."""
    customer: Json = {
        "dataAreaId": company.legal_entity,
        "CustomerAccount": number,
        "PartyType": "Organization",
        "OrganizationName": name,
        "CustomerGroupId": "10",
        "SalesCurrencyCode": company.currency,
        "AddressZipCode": "603 00",
        "AddressCity": "Brno",
        "AddressStreet": "Křížová 18",
        "AddressCountryRegionISOCode": "CZ",
        **changed,
    }
    lab.load("operations", "CustomersV2", [customer])


Found = tuple[SideCounts, SideCounts, list[Pair], list[Ambiguous]]


def find(lab: Lab, project: Project) -> Found:
    """What a match finds, without writing."""

    async def look() -> Found:
        async with Environments(lab.store) as environments, find_matches(environments, project, None) as match:
            return (
                await match.joined.counts("source"),
                await match.joined.counts("destination"),
                await match.joined.pairs(replace=True, most=100),
                await match.joined.ambiguous(100),
            )

    return lab.wait(look())


def give(lab: Lab, project: Project, *, replace: bool = True) -> Changed:
    """Apply a match."""

    async def write() -> Changed:
        async with Environments(lab.store) as environments, find_matches(environments, project, None) as match:
            return await give_keys(lab.store, match, replace=replace, by="test")

    return lab.wait(write())


def without_numbers(database: str) -> None:
    """Accounts from before Sales gave numbers by itself; no request can make such ones."""
    engine = open_database(database)
    with engine.begin() as connection:
        connection.execute(text("UPDATE account SET accountnumber = NULL"))
    engine.dispose()


def undo(lab: Lab, project: Project) -> Changed:
    """Take keys back."""

    async def write() -> Changed:
        async with Environments(lab.store) as environments:
            return await take_back(lab.store, environments, project, project.tasks[0].name)

    return lab.wait(write())


def numbers(lab: Lab) -> Mapping[object, object]:
    """The account numbers in Sales by GUID."""
    return {row["accountid"]: row.get("accountnumber") for row in lab.rows("sales", "accounts")}


def test_an_account_without_a_number_takes_that_of_the_customer_of_its_name_and_the_run_doubles_nothing(
    trade: Lab, sales_database: str
) -> None:
    identifier = sold(trade, CZECH, "adventure", "Adventure Works")
    without_numbers(sales_database)
    delivered(trade, CZECH, "US-001", " adventure WORKS ")
    project = matched_project(trade)

    source, destination, pairs, _ = find(trade, project)
    assert pairs == [Pair(identifier, "czmf", "Adventure Works / 603 00", ("",), ("US-001",))]
    assert source == SideCounts(rows=1, kept_back=0, joined=0, paired=1, ambiguous=0, unmatched=0)
    assert destination == source
    assert numbers(trade) == {identifier: None}

    assert give(trade, project, replace=False) == Changed(1, [])
    assert numbers(trade) == {identifier: "US-001"}
    assert find(trade, project)[0].joined == 1

    run = trade.run("accounts-direct")
    assert [(leg.counts.created, leg.counts.updated) for leg in run.legs] == [(0, 1)]
    (customer,) = trade.rows("operations", "CustomersV2")
    assert (customer["CustomerAccount"], customer["OrganizationName"]) == ("US-001", "Adventure Works")


def test_a_company_never_matches_a_customer_of_another(trade: Lab) -> None:
    sold(trade, SWEDISH, "adventure", "Adventure Works")
    delivered(trade, CZECH, "US-001", "Adventure Works")
    source, destination, pairs, ambiguous = find(trade, matched_project(trade))
    assert (source.unmatched, destination.unmatched, pairs, ambiguous) == (1, 1, [], [])


def test_the_same_number_in_another_company_is_another_row(trade: Lab) -> None:
    sold(trade, SWEDISH, "namesake", "Adventure Works", accountnumber="US-001")
    czech = sold(trade, CZECH, "adventure", "Adventure Works")
    delivered(trade, CZECH, "US-001", "Adventure Works")
    source, destination, pairs, _ = find(trade, matched_project(trade))
    assert (source.joined, destination.joined) == (0, 0)
    assert [(pair.source_id, pair.company) for pair in pairs] == [(czech, "czmf")]


def test_rows_of_companies_that_are_not_mapped_are_kept_back(trade: Lab) -> None:
    of_nobody = account(CZECH, "nobody's", name="Adventure Works")
    del of_nobody["ownerid@odata.bind"]
    trade.load("sales", "accounts", [of_nobody])
    delivered(trade, CZECH, "US-001", "Adventure Works")
    source, destination, pairs, _ = find(trade, matched_project(trade))
    assert (source.kept_back, destination.unmatched, pairs) == (1, 1, [])


def test_a_row_that_was_changed_since_it_was_matched_is_left_alone(trade: Lab) -> None:
    identifier = sold(trade, CZECH, "adventure", "Adventure Works")
    delivered(trade, CZECH, "US-001", "Adventure Works")
    client = trade.client("sales")
    meanwhile = Upsert({"accountid": UUID(identifier)}, {"accountnumber": "BY-HAND"}, {}, exists=True)

    async def write() -> Changed:
        project = matched_project(trade)
        async with Environments(trade.store) as environments, find_matches(environments, project, None) as match:
            await client.upsert(client.model.entity_set["accounts"], [meanwhile])
            return await give_keys(trade.store, match, replace=True, by="test")

    changed = trade.wait(write())
    assert (changed.rows, [(told.source_id, told.key) for told in changed.left]) == (0, [(identifier, "US-001")])
    assert numbers(trade) == {identifier: "BY-HAND"}


def test_several_candidates_are_told_and_never_joined(trade: Lab) -> None:
    one, two = sold(trade, CZECH, "one", "Twins"), sold(trade, CZECH, "two", "TWINS")
    sold(trade, CZECH, "three", "Single")
    delivered(trade, CZECH, "T-1", "twins")
    delivered(trade, CZECH, "S-1", "Single")
    delivered(trade, CZECH, "S-2", "single")
    project = matched_project(trade)
    source, destination, pairs, ambiguous = find(trade, project)
    assert pairs == []
    assert [(group.source_rows, group.destination_rows, group.keys) for group in ambiguous] == [
        (1, 2, ("S-1", "S-2")),
        (2, 1, ("T-1",)),
    ]
    assert (source.ambiguous, destination.ambiguous) == (3, 3)
    assert give(trade, project) == Changed(0, [])
    assert (numbers(trade)[one], numbers(trade)[two]) == ("one", "two")


def test_rows_that_have_the_same_key_already_are_no_candidates(trade: Lab) -> None:
    sold(trade, CZECH, "known", "Adventure Works", accountnumber="us-001")
    sold(trade, CZECH, "namesake", "Adventure Works")
    delivered(trade, CZECH, "US-001", "Adventure Works")
    source, destination, pairs, _ = find(trade, matched_project(trade))
    assert (source.joined, source.unmatched, destination.joined, pairs) == (1, 1, 1, [])


def test_another_number_is_replaced_only_on_demand(trade: Lab) -> None:
    identifier = sold(trade, CZECH, "other", "Adventure Works", accountnumber="SALES-7")
    delivered(trade, CZECH, "US-001", "Adventure Works")
    project = matched_project(trade)
    assert give(trade, project, replace=False) == Changed(0, [])
    assert numbers(trade) == {identifier: "SALES-7"}
    assert give(trade, project) == Changed(1, [])
    assert numbers(trade) == {identifier: "US-001"}
    assert undo(trade, project) == Changed(1, [])
    assert numbers(trade) == {identifier: "SALES-7"}


def test_undo_puts_back_what_nobody_changed_since_and_tells_the_others(trade: Lab) -> None:
    first, second = sold(trade, CZECH, "first", "First"), sold(trade, CZECH, "second", "Second")
    gone = sold(trade, CZECH, "gone", "Gone")
    for number in ("First", "Second", "Gone"):
        delivered(trade, CZECH, f"C-{number}", number)
    project = matched_project(trade)
    assert give(trade, project).rows == 3
    trade.load("sales", "accounts", [{"accountid": second, "accountnumber": "BY-HAND"}])
    client = trade.client("sales")
    trade.wait(client.delete(client.model.entity_set["accounts"], [{"accountid": gone}]))

    changed = undo(trade, project)
    assert changed.rows == 1
    assert [(told.source_id, told.key) for told in changed.left] == [(second, "C-Second")]
    assert "BY-HAND" in changed.left[0].why
    assert numbers(trade) == {first: "first", second: "BY-HAND"}
    assert [item.source_id for item in trade.store.given(project.name, project.tasks[0].name, 10)] == [second]
    assert undo(trade, project).rows == 0


def test_a_key_that_the_source_refuses_is_told_and_not_remembered(trade: Lab) -> None:
    taken = sold(trade, CZECH, "taken", "Somebody else", accountnumber="US-001", statecode=1, statuscode=2)
    waiting = sold(trade, CZECH, "waiting", "Adventure Works")
    delivered(trade, CZECH, "US-001", "Adventure Works")
    project = matched_project(trade)
    changed = give(trade, project)
    assert changed.rows == 0
    assert [(told.source_id, told.key) for told in changed.left] == [(waiting, "US-001")]
    assert changed.left[0].why
    assert numbers(trade) == {taken: "US-001", waiting: "waiting"}
    assert trade.store.given(project.name, project.tasks[0].name, 10) == []


def test_rows_that_the_task_would_not_carry_are_kept_back(trade: Lab) -> None:
    sold(trade, CZECH, "closed", "Adventure Works", statecode=1, statuscode=2)
    delivered(trade, CZECH, "US-001", "Adventure Works")
    source, _, pairs, _ = find(trade, matched_project(trade))
    assert (source.rows, source.kept_back, pairs) == (1, 1, [])


def test_blank_values_match_nothing_and_the_case_may_count(trade: Lab) -> None:
    sold(trade, CZECH, "blank", "Blank", address1_postalcode=None)
    sold(trade, CZECH, "case", "Adventure Works")
    delivered(trade, CZECH, "B-1", "Blank", AddressZipCode="")
    delivered(trade, CZECH, "US-001", "ADVENTURE WORKS")
    exact = find(trade, matched_project(trade, replace(RULE, ignore_case=False)))
    folded = find(trade, matched_project(trade))
    assert exact[2] == []
    assert [pair.new_key for pair in folded[2]] == [("US-001",)]


def test_through_the_hub_the_number_is_followed_from_operations_back_to_sales(trade: Lab) -> None:
    identifier = sold(trade, CZECH, "adventure", "Adventure Works")
    delivered(trade, CZECH, "US-001", "Adventure Works")
    assert give(trade, matched_project(trade, name="accounts")) == Changed(1, [])
    assert numbers(trade) == {identifier: "US-001"}


@pytest.mark.parametrize(
    ("project", "on", "told"),
    [
        ("accounts-direct", (("nam", "OrganizationName"),), "has no field 'nam'"),
        ("accounts-direct", (("name", "OrganisationName"),), "did you mean 'OrganizationName'?"),
        ("products-direct", (("ProductName", "name"),), "cannot take it"),
    ],
)
def test_a_rule_that_cannot_work_is_told_before_anything_is_read(
    founded: Lab, project: str, on: tuple[tuple[str, str], ...], told: str
) -> None:
    wrong = matched_project(founded, MatchRule(on, line=7), project)
    with pytest.raises(TemplateError, match=r"setup\.yaml:7: ") as error:
        founded.wait(check_projects(founded.store, {"setup.yaml": wrong}))
    assert told in str(error.value)


def test_a_task_without_a_rule_is_told(founded: Lab) -> None:
    with pytest.raises(ConfigurationError, match="no match rule there"):
        find(founded, founded.store.project("accounts-direct"))


def test_the_command_shows_applies_and_takes_back(trade: Lab, tmp_path: Path) -> None:
    one, two = sold(trade, CZECH, "adventure", "Adventure Works"), sold(trade, CZECH, "twin", "Twin")
    sold(trade, CZECH, "other twin", "Twin")
    delivered(trade, CZECH, "US-001", "Adventure Works")
    delivered(trade, CZECH, "US-002", "Twin")
    shipped = trade.store.project("accounts-direct")
    trade.store.save_projects([matched_project(trade)])
    try:
        shown = p2c(trade, tmp_path, "match", "accounts-direct")
        assert shown.exit_code == 0
        assert re.search(r"Adventure Works / 603 00 +czmf +US-001 +adventure", shown.stdout)
        assert re.search(r"Twin / 603 00 +czmf +2 +1 +US-002", shown.stdout)
        assert re.search(r"Source +3 +0 +0 +1 +2 +0", shown.stdout)
        assert "were given" not in p2c(trade, tmp_path, "match", "accounts-direct").stdout

        kept = p2c(trade, tmp_path, "match", "accounts-direct", "--apply").stdout
        assert "\n0 source rows were given" in kept
        assert "\n1 source row has another key and kept it; --apply --replace gives it that of its match." in kept
        applied = p2c(trade, tmp_path, "match", "accounts-direct", "--apply", "--replace", "--json")
        assert json.loads(applied.stdout)["given"] == {"rows": 1, "left": []}
        assert numbers(trade)[one] == "US-001"
        undone = p2c(trade, tmp_path, "match", "accounts-direct", "--undo")
        assert (undone.exit_code, undone.stdout) == (0, "1 source row has its former key back.\n")
        assert (numbers(trade)[one], numbers(trade)[two]) == ("adventure", "twin")
    finally:
        trade.store.save_projects([shipped])


def test_compared_values_that_are_personal_are_masked_unless_asked_for(trade: Lab, tmp_path: Path) -> None:
    sold(trade, CZECH, "adventure", "Adventure Works", emailaddress1="jan@example.org")
    delivered(trade, CZECH, "US-001", "Adventure Works", PrimaryContactEmail="jan@example.org")
    rule = MatchRule((("name", "OrganizationName"), ("emailaddress1", "PrimaryContactEmail")))
    shipped = trade.store.project("accounts-direct")
    trade.store.save_projects([matched_project(trade, rule)])
    try:
        masked = p2c(trade, tmp_path, "match", "accounts-direct").stdout
        told = json.loads(p2c(trade, tmp_path, "match", "accounts-direct", "--json").stdout)
        shown = p2c(trade, tmp_path, "match", "accounts-direct", "--show-values").stdout
    finally:
        trade.store.save_projects([shipped])
    assert "Adventure Works / j… (15)" in masked
    assert [pair["shown"] for pair in told["pairs"]] == ["Adventure Works / j… (15)"]
    assert "Adventure Works / jan@example.org" in shown


@pytest.mark.parametrize("options", [["--undo"], [], ["--apply"]])
def test_a_task_that_is_not_there_is_told(founded: Lab, tmp_path: Path, options: list[str]) -> None:
    answer = p2c(founded, tmp_path, "match", "accounts-direct", "Accounts - Customer", *options)
    assert answer.exit_code == 3
    assert "there is no task 'Accounts - Customer'; did you mean 'Accounts - Customers'?" in answer.stderr


@pytest.mark.parametrize("options", [["--undo", "--apply"], ["--replace"], ["--undo", "--replace"]])
def test_options_that_do_not_go_together_are_refused(founded: Lab, tmp_path: Path, options: list[str]) -> None:
    assert p2c(founded, tmp_path, "match", "accounts-direct", *options).exit_code == 3


def test_more_rows_than_a_page_are_matched_and_taken_back(trade: Lab) -> None:
    count = 1_203
    rows = [account(CZECH, f"many-{n}", name=f"Many {n}", accountnumber=f"S-{n}") for n in range(count)]
    trade.load("sales", "accounts", rows)
    customers = [
        {
            "dataAreaId": "czmf",
            "CustomerAccount": f"M-{n}",
            "PartyType": "Organization",
            "OrganizationName": f"MANY {n}",
            "CustomerGroupId": "10",
            "SalesCurrencyCode": "CZK",
            "AddressZipCode": "603 00",
            "AddressCountryRegionISOCode": "CZ",
        }
        for n in range(count)
    ]
    trade.load("operations", "CustomersV2", customers)
    project = matched_project(trade)
    assert give(trade, project) == Changed(count, [])
    given = numbers(trade)
    assert all(given[guid("account", "czmf", f"many-{n}")] == f"M-{n}" for n in range(count))
    assert undo(trade, project) == Changed(count, [])
    assert all(numbers(trade)[guid("account", "czmf", f"many-{n}")] == f"S-{n}" for n in (0, 600, count - 1))
