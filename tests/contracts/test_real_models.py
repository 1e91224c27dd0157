"""The contracts that matter most, on the environments as they are delivered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest

from p2c.commondata.model import MODEL as COMMON_DATA
from p2c.commondata.saving import RULES as COMMON_DATA_RULES
from p2c.odata.client.metadata import parse_csdl
from p2c.odata.service.dataverse.service import DataverseService
from p2c.odata.service.fno.service import FnoService
from p2c.operations.model import MODEL as OPERATIONS
from p2c.operations.saving import RULES as OPERATIONS_RULES
from p2c.operations.saving.users import default_company
from p2c.sales.model import MODEL as SALES
from p2c.sales.saving import RULES as SALES_RULES
from p2c.sales.seed import seed_organization
from tests.contracts.caller import Caller, open_model


@pytest.fixture(scope="module")
def sales(database_url: Callable[[str], str]) -> Iterator[Caller]:
    """Sales with its first rows."""
    database = open_model(SALES, database_url("contract_sales"))
    with database.begin() as session:
        seed_organization(session)
    yield Caller(DataverseService(SALES, database, SALES_RULES))
    database.engine.dispose()


@pytest.fixture(scope="module")
def common_data(database_url: Callable[[str], str]) -> Iterator[Caller]:
    """The Common Data Service, empty."""
    database = open_model(COMMON_DATA, database_url("contract_hub"))
    yield Caller(DataverseService(COMMON_DATA, database, COMMON_DATA_RULES))
    database.engine.dispose()


@pytest.fixture(scope="module")
def operations(database_url: Callable[[str], str]) -> Iterator[Caller]:
    """Operations, empty."""
    database = open_model(OPERATIONS, database_url("contract_operations"))
    yield Caller(
        FnoService(OPERATIONS, database, OPERATIONS_RULES, own_company=default_company), "http://127.0.0.1:8402/data/"
    )
    database.engine.dispose()


@pytest.mark.parametrize("name", ["sales", "common_data", "operations"])
def test_every_set_is_named_described_and_can_be_read(name: str, request: pytest.FixtureRequest) -> None:
    caller: Caller = request.getfixturevalue(name)
    named = [item["url"] for item in caller("GET", "").rows]
    described = parse_csdl(caller("GET", "$metadata").body, name).entity_set
    assert set(named) == set(described)
    for set_name in named:
        assert caller("GET", f"{set_name}?$count=true&cross-company=true").status == 200
        everything = ",".join(
            f"_{item.name}_value" if item.is_lookup else item.name for item in described[set_name].properties
        )
        chosen = caller("GET", f"{set_name}?$select={everything}&$orderby={described[set_name].key[0]}&$top=1")
        assert chosen.status == 200, chosen.body


def test_eight_sellers_create_accounts_with_a_number_each(sales: Caller) -> None:
    def one(number: int) -> int:
        return sales("POST", "accounts", {"name": f"Příliš žluťoučký {number}"}).status

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(one, range(80))) == {204}
    numbers = [row["accountnumber"] for row in sales.rows("accounts", select="accountnumber")]
    assert len(set(numbers)) == 80
    assert all(number.startswith("ACC-0") for number in numbers), numbers[:3]


def test_an_owner_is_expanded_whether_a_user_or_a_team(sales: Caller) -> None:
    team = sales.rows("teams")[0]["teamid"]
    user = sales.rows("systemusers")[0]["systemuserid"]
    for reference in (f"/teams({team})", f"/systemusers({user})"):
        body = {"name": "Owned", "ownerid@odata.bind": reference}
        made = sales("POST", "accounts", body)
        assert made.status == 204, made.body
        owner = sales("GET", f"{made.headers['OData-EntityId']}?$select=name&$expand=ownerid").json["ownerid"]
        assert reference == (f"/teams({owner['teamid']})" if "teamid" in owner else f"/systemusers({user})")


def test_hub_rows_are_found_by_the_keys_that_their_lookups_have(common_data: Caller) -> None:
    organization = {"OrganizationId": "cz", "FullName": "Česká"}
    assert common_data("POST", "Organizations", organization).status == 204, "organization"
    url = "Accounts(AccountId='A1',Organization_OrganizationId='cz')"
    first = common_data("PATCH", url, {"FullName": "Čapek"}, prefer="return=representation")
    assert first.status == 201, first.body
    second = common_data("PATCH", url, {"FullName": "Čapek a syn"}, prefer="return=representation")
    assert (second.status, second.json["RecordId"]) == (200, first.json["RecordId"])
    missing = common_data("PATCH", url.replace("'cz'", "'xx'"), {"FullName": "x"})
    assert missing.status == 404


@pytest.mark.parametrize("name", ["sales", "common_data"])
def test_every_column_can_be_asked_for_in_fetch_xml_and_sql(name: str, request: pytest.FixtureRequest) -> None:
    caller: Caller = request.getfixturevalue(name)
    for entity in caller.service.model.entities:
        fetch = quote(f"<fetch><entity name='{entity.name}'/></fetch>")
        everything = caller("GET", f"{entity.set_name}?fetchXml={fetch}", prefer='odata.include-annotations="*"')
        assert everything.status == 200, everything.body
        columns = ", ".join(f"[{item.name}]" for item in entity.properties)
        order = entity.properties[-1].name
        sql = quote(f"SELECT {columns} FROM {entity.name} WHERE {order} IS NOT NULL ORDER BY {order} DESC")
        selected = caller("GET", f"{entity.set_name}?sql={sql}", prefer='odata.include-annotations="*"')
        assert selected.status == 200, selected.body


def test_keys_behind_the_hubs_lookups_are_asked_of_their_own_rows_alone(common_data: Caller) -> None:
    for organization in ("o1", "o2"):
        row = {"OrganizationId": organization, "FullName": organization}
        assert common_data("POST", "Organizations", row).status == 204
        url = f"Accounts(AccountId='{organization}',Organization_OrganizationId='{organization}')"
        assert common_data("PATCH", url, {"FullName": organization}).status == 204
    sql = "SELECT AccountId, Organization_OrganizationId FROM Account WHERE Organization_OrganizationId IN ('o1', 'o2')"
    rows = common_data("GET", f"Accounts?sql={quote(f'{sql} ORDER BY Organization_OrganizationId')}").rows
    assert [(row["AccountId"], row["Organization_OrganizationId"]) for row in rows] == [("o1", "o1"), ("o2", "o2")]
