"""`PowerPlatform-Dataverse-Client` 1.1.0 works with rows and reads the tables of Sales."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID, uuid4

import pandas
import pytest
from azure.identity import ClientSecretCredential
from PowerPlatform.Dataverse.client import DataverseClient
from PowerPlatform.Dataverse.core.errors import HttpError
from PowerPlatform.Dataverse.models.filters import col
from PowerPlatform.Dataverse.models.query_builder import ExpandOption, QueryBuilder
from PowerPlatform.Dataverse.models.record import QueryResult
from PowerPlatform.Dataverse.models.upsert import UpsertItem

from tests.clients.site import Site


@pytest.fixture
def client(site: Site) -> Iterator[DataverseClient]:
    """A client that signs in with the application's secret."""
    with (
        ClientSecretCredential(
            site.tenant, site.application_id, site.secret, authority=site.authority, disable_instance_discovery=True
        ) as credential,
        DataverseClient(site.environment("sales"), credential) as made,
    ):
        yield made


def create_accounts(client: DataverseClient, mark: str, count: int) -> list[str]:
    """Accounts named by the mark and a number from 0, with 100 more credit each."""
    rows = [{"name": f"{mark} {number}", "creditlimit": 100.0 * number} for number in range(count)]
    return client.records.create("account", rows)


def names(client: DataverseClient, mark: str) -> list[str]:
    """The names of the mark's accounts, in order."""
    found = client.records.list("account", filter=col("name").startswith(mark), select=["name"], orderby=["name"])
    return [row["name"] for row in found]


def result(query: QueryBuilder) -> QueryResult:
    """All rows of a query."""
    found = query.execute()
    assert isinstance(found, QueryResult)
    return found


def test_one_row_is_created_retrieved_updated_and_deleted(client: DataverseClient, mark: str) -> None:
    key = client.records.create("account", {"name": mark, "websiteurl": "https://example.com"})
    client.records.update("account", key, {"name": f"{mark} and sons"})
    row = client.records.retrieve("account", key, select=["name", "websiteurl"])
    assert row is not None
    assert (row["name"], row["websiteurl"]) == (f"{mark} and sons", "https://example.com")
    client.records.delete("account", key)
    assert client.records.retrieve("account", key) is None


def test_many_rows_are_created_and_updated_in_one_request_each(client: DataverseClient, mark: str) -> None:
    keys = create_accounts(client, mark, 3)
    client.records.update("account", keys, {"description": "the same"})
    client.records.update("account", keys[:2], [{"name": f"{mark} x"}, {"name": f"{mark} y"}])
    found = client.records.list("account", filter=col("accountid").in_([UUID(key) for key in keys]))
    assert sorted((row["name"], row["description"]) for row in found) == [
        (f"{mark} 2", "the same"),
        (f"{mark} x", "the same"),
        (f"{mark} y", "the same"),
    ]


def test_many_rows_are_deleted_one_by_one_and_as_a_job(client: DataverseClient, mark: str) -> None:
    keys = create_accounts(client, mark, 4)
    client.records.delete("account", keys[:2], use_bulk_delete=False)
    job = client.records.delete("account", keys[2:])
    assert job is not None
    assert str(UUID(job)) == job
    assert names(client, mark) == []


def test_one_upsert_creates_the_row_and_the_next_one_updates_it(client: DataverseClient, mark: str) -> None:
    for name in ("first", "second"):
        client.records.upsert("account", [UpsertItem(alternate_key={"accountnumber": mark}, record={"name": name})])
    found = client.records.list("account", filter=col("accountnumber") == mark)
    assert [row["name"] for row in found] == ["second"]


def test_many_upserts_find_the_rows_that_are_there_and_create_the_others(client: DataverseClient, mark: str) -> None:
    client.records.create("account", {"name": "old", "accountnumber": f"{mark}1"})
    client.records.upsert(
        "account",
        [
            UpsertItem(alternate_key={"accountnumber": f"{mark}{number}"}, record={"name": f"{mark} {number}"})
            for number in range(3)
        ],
    )
    assert names(client, mark) == [f"{mark} 0", f"{mark} 1", f"{mark} 2"]
    assert len(client.records.list("account", filter=col("accountnumber").startswith(mark))) == 3


def test_a_list_comes_page_by_page_and_whole(client: DataverseClient, mark: str) -> None:
    create_accounts(client, mark, 7)
    mine = col("name").startswith(mark)
    assert [len(page) for page in client.records.list_pages("account", filter=mine, page_size=3)] == [3, 3, 1]
    assert len(client.records.list("account", filter=mine, page_size=3)) == 7


def test_the_query_builder_s_conditions_are_understood(client: DataverseClient, mark: str) -> None:
    create_accounts(client, mark, 8)
    limit, name = col("creditlimit"), col("name")
    conditions = {
        "compared": (limit >= 600, [6, 7]),
        "between": (limit.between(200, 300), [2, 3]),
        "not between": (limit.not_between(100, 600), [0, 7]),
        "in": (name.in_([f"{mark} 1", f"{mark} 4"]), [1, 4]),
        "not in": (name.not_in([f"{mark} {number}" for number in range(7)]), [7]),
        "like": (name.like("% 5"), [5]),
        "or and not": ((limit < 100) | ~(limit <= 600), [0, 7]),
        "null": (col("description").is_null() & limit.is_not_null() & (limit == 300), [3]),
    }
    for case, (condition, expected) in conditions.items():
        query = client.query.builder("account").select("name").where(name.startswith(mark)).where(condition)
        found = [row["name"] for row in result(query.order_by("name"))]
        assert found == [f"{mark} {number}" for number in expected], case


def test_the_query_builder_orders_cuts_counts_formats_and_expands(client: DataverseClient, mark: str) -> None:
    account = client.records.create("account", {"name": mark})
    for number in range(3):
        row = {"lastname": f"{mark} {number}", "parentcustomerid_account@odata.bind": f"/accounts({account})"}
        client.records.create("contact", row)
    query = client.query.builder("contact").select("lastname", "statecode").where(col("lastname").startswith(mark))
    query = query.order_by("lastname", descending=True).top(2).count().include_formatted_values()
    found = result(query.expand(ExpandOption("parentcustomerid_account").select("name")))
    assert [row["lastname"] for row in found] == [f"{mark} 2", f"{mark} 1"]
    first = found.first()
    assert first is not None
    assert first["statecode@OData.Community.Display.V1.FormattedValue"] == "Active"
    assert first["parentcustomerid_account"]["name"] == mark


def test_fetch_xml_comes_page_by_page(client: DataverseClient, mark: str) -> None:
    create_accounts(client, mark, 5)
    xml = (
        "<fetch count='2'><entity name='account'><attribute name='name'/><order attribute='name'/>"
        f"<filter><condition attribute='name' operator='like' value='{mark}%'/></filter></entity></fetch>"
    )
    pages = [[row["name"] for row in page] for page in client.query.fetchxml(xml).execute_pages()]
    assert pages == [[f"{mark} 0", f"{mark} 1"], [f"{mark} 2", f"{mark} 3"], [f"{mark} 4"]]


def test_a_batch_answers_each_of_its_requests(client: DataverseClient, mark: str) -> None:
    keys = create_accounts(client, mark, 2)
    batch = client.batch.new()
    batch.records.retrieve("account", keys[0], select=["name"])
    batch.records.update("account", keys[0], {"name": f"{mark} new"})
    batch.records.list("account", filter=f"startswith(name,'{mark}')", select=["name"], orderby=["name"])
    batch.records.create("account", [{"name": f"{mark} a"}, {"name": f"{mark} b"}])
    batch.records.upsert("account", [UpsertItem(alternate_key={"accountnumber": mark}, record={"name": f"{mark} c"})])
    batch.records.delete("account", [keys[1]])
    batch.tables.get("account")
    done = batch.execute()
    assert not done.has_errors
    listed = next(item.data for item in done.responses if item.data and len(item.data.get("value", [])) == 2)
    assert [row["name"] for row in listed["value"]] == [f"{mark} 1", f"{mark} new"]
    assert names(client, mark) == [f"{mark} a", f"{mark} b", f"{mark} c", f"{mark} new"]


def test_a_change_set_s_requests_name_the_rows_it_creates(client: DataverseClient, mark: str) -> None:
    batch = client.batch.new()
    with batch.changeset() as changes:
        account = changes.records.create("account", {"name": mark})
        changes.records.create("contact", {"lastname": mark, "parentcustomerid_account@odata.bind": account})
        changes.records.update("account", account, {"description": "written last"})
    assert not batch.execute().has_errors
    query = client.query.builder("contact").select("lastname").where(col("lastname") == mark)
    contact = result(query.expand("parentcustomerid_account")).first()
    assert contact is not None
    parent = contact["parentcustomerid_account"]
    assert (parent["name"], parent["description"]) == (mark, "written last")


def test_a_change_set_that_fails_leaves_nothing_and_the_batch_goes_on_when_asked(
    client: DataverseClient, mark: str
) -> None:
    batch = client.batch.new()
    with batch.changeset() as changes:
        changes.records.create("account", {"name": f"{mark} gone"})
        changes.records.update("account", str(uuid4()), {"nope": 1})
    batch.records.create("account", {"name": f"{mark} kept"})
    done = batch.execute(continue_on_error=True)
    assert [(item.status_code, item.error_code) for item in done.responses] == [(400, "0x80048d19"), (204, None)]
    assert names(client, mark) == [f"{mark} kept"]


def test_a_data_frame_is_created_changed_read_back_and_deleted(client: DataverseClient, mark: str) -> None:
    frame = pandas.DataFrame({"name": [f"{mark} {number}" for number in range(5)], "creditlimit": [0.5, 1, 2, 3, 4]})
    frame["accountid"] = client.dataframe.create("account", frame)
    frame["creditlimit"] *= 2
    client.dataframe.update("account", frame, id_column="accountid")

    query = client.query.builder("account").select("name", "creditlimit", "accountid")
    read = result(query.where(col("name").startswith(mark)).order_by("name")).to_dataframe()
    assert read[["name", "creditlimit", "accountid"]].to_dict("list") == frame.to_dict("list")

    client.dataframe.delete("account", frame["accountid"], use_bulk_delete=False)
    assert names(client, mark) == []


def test_tables_are_listed_and_described(client: DataverseClient) -> None:
    account = client.tables.get("account")
    assert account is not None
    assert (account.entity_set_name, account.primary_id_attribute, account.primary_name_attribute) == (
        "accounts",
        "accountid",
        "name",
    )
    assert client.tables.get("nothing") is None
    listed = client.tables.list(filter="LogicalName eq 'account'", select=["LogicalName", "SchemaName"])
    assert [(item["LogicalName"], item["SchemaName"]) for item in listed] == [("account", "Account")]
    assert {"account", "contact", "quote"} <= {item["LogicalName"] for item in client.tables.list()}


def test_columns_are_listed_and_described(client: DataverseClient) -> None:
    money = client.tables.list_columns("account", select=["LogicalName"], filter="AttributeType eq 'Money'")
    assert {"creditlimit", "revenue"} <= {item["LogicalName"] for item in money}
    name = client.tables.get_column("account", "name")
    assert name is not None
    assert (name["AttributeType"], name["MaxLength"]) == ("String", 160)
    assert client.tables.get_column("account", "nothing") is None


def test_keys_and_relationships_are_listed_and_described(client: DataverseClient) -> None:
    assert [key.key_attributes for key in client.tables.get_alternate_keys("account")] == [["accountnumber"]]
    found = client.tables.get_relationship("contact_customer_accounts")
    assert found is not None
    assert (found.relationship_type, found.referenced_entity, found.referencing_entity) == (
        "one_to_many",
        "account",
        "contact",
    )
    assert found.lookup_schema_name == "parentcustomerid_account"
    own = {item["SchemaName"] for item in client.tables.list_table_relationships("account")}
    assert "contact_customer_accounts" in own


def test_a_refusal_arrives_as_the_client_s_own_error_with_status_and_code(client: DataverseClient) -> None:
    with pytest.raises(HttpError, match="nope") as refused:
        client.records.create("account", {"name": "x", "nope": 1})
    assert refused.value.status_code == 400
    assert refused.value.details["service_error_code"] == "0x80048d19"


def test_sql_selects_joins_and_counts(client: DataverseClient, mark: str) -> None:
    for number, key in enumerate(create_accounts(client, mark, 4)):
        bound = {"parentcustomerid_account@odata.bind": f"/accounts({key})"}
        client.records.create("contact", [{"lastname": f"{mark} {name}", **bound} for name in range(number)])
    mine = f"a.name LIKE '{mark}%'"
    top = client.query.sql(
        f"SELECT TOP 2 a.name, a.creditlimit AS credit FROM account a WHERE {mine} ORDER BY a.name DESC"
    )
    assert [(row["name"], row["credit"]) for row in top] == [(f"{mark} 3", 300), (f"{mark} 2", 200)]

    joined = f"FROM account a JOIN contact c ON a.accountid = c.parentcustomerid WHERE {mine}"
    people = client.query.sql(
        f"SELECT a.name, c.lastname {joined} AND c.lastname <> '{mark} 0' ORDER BY c.lastname, a.name"
    )
    assert [(row["name"], row["lastname"]) for row in people] == [
        (f"{mark} 2", f"{mark} 1"),
        (f"{mark} 3", f"{mark} 1"),
        (f"{mark} 3", f"{mark} 2"),
    ]
    frame = client.dataframe.sql(f"SELECT a.name, COUNT(c.contactid) AS cnt {joined} GROUP BY a.name ORDER BY cnt DESC")
    assert frame.to_dict("list") == {"name": [f"{mark} {n}" for n in (3, 2, 1)], "cnt": [3, 2, 1]}
    owners = client.query.sql(
        f"SELECT su.fullname AS owner FROM Account a JOIN systemuser su ON a.ownerid = su.systemuserid WHERE {mine}"
    )
    assert {row["owner"] for row in owners} == {"# strangers"}


def test_sql_is_asked_in_a_batch_and_its_columns_are_listed(client: DataverseClient, mark: str) -> None:
    create_accounts(client, mark, 2)
    batch = client.batch.new()
    batch.query.sql(f"SELECT name FROM account WHERE name LIKE '{mark}%' ORDER BY name")
    data = batch.execute().responses[0].data
    assert data is not None
    assert [row["name"] for row in data["value"]] == [f"{mark} 0", f"{mark} 1"]
    columns = {column["name"]: column["type"] for column in client.query.sql_columns("account")}
    assert (columns["name"], columns["creditlimit"], columns["ownerid"]) == ("String", "Money", "Owner")


def test_a_refused_statement_arrives_with_its_reason(client: DataverseClient) -> None:
    with pytest.raises(HttpError, match="town") as refused:
        client.query.sql("SELECT town FROM account")
    assert refused.value.status_code == 400
