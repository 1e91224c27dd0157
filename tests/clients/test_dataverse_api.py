"""`dataverse-api` reads the metadata of Sales, and writes rows one by one, in bulk and in batches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import pytest
from dataverse_api.dataverse import DataverseClient
from dataverse_api.errors import DataverseAPIError
from dataverse_api.utils.batching import BatchCommand, RequestMethod

from tests.clients.site import Site

ALTERNATE_KEY = "msdynce_AccountNumber"


@pytest.fixture
def client(site: Site) -> Iterator[Any]:
    """A client over a session that shows a token."""
    with site.session("sales") as session:
        yield DataverseClient(session, f"{site.environment('sales')}/")


def test_it_finds_set_key_alternate_keys_and_bulk_messages_of_a_table(client: Any) -> None:
    account = client.entity("account")
    assert (account.entity_set_name, account.primary_id_attr) == ("accounts", "accountid")
    assert account.alternate_keys == {ALTERNATE_KEY: ["accountnumber"]}
    assert (account.supports_create_multiple, account.supports_update_multiple) == (True, True)
    assert "contact_customer_accounts" in account.relationships.collection_valued


def test_it_reads_definitions_of_tables_relationships_and_languages(client: Any) -> None:
    assert client.get_entity_definition("account").schema_name == "Account"
    relationship = client.get_relationship_definition("contact_customer_accounts")
    assert (relationship.referenced_entity, relationship.referencing_entity) == ("account", "contact")
    assert {1033, 1029} <= set(client.get_language_codes())


@pytest.mark.parametrize("mode", ["individual", "multiple", "batch"])
def test_rows_are_created_and_read_in_pages(
    client: Any, mark: str, mode: Literal["individual", "multiple", "batch"]
) -> None:
    account = client.entity("account")
    account.create([{"name": f"{mark} {number}"} for number in range(7)], mode=mode)
    rows = account.read(select=["name"], filter=f"startswith(name,'{mark}')", order_by="name", page_size=3)
    assert [row["name"] for row in rows] == [f"{mark} {number}" for number in range(7)]


@pytest.mark.parametrize("mode", ["individual", "batch"])
def test_rows_are_upserted_by_alternate_key_emptied_and_deleted(
    client: Any, mark: str, mode: Literal["individual", "batch"]
) -> None:
    account = client.entity("account")
    account.create([{"name": "old", "accountnumber": f"{mark}0", "description": "old"}])
    rows = [{"accountnumber": f"{mark}{number}", "name": mark} for number in range(3)]
    account.upsert(rows, mode=mode, altkey_name=ALTERNATE_KEY)
    mine = f"startswith(accountnumber,'{mark}')"
    assert [row["name"] for row in account.read(select=["name"], filter=mine)] == [mark] * 3

    account.delete_columns(columns=["description"], filter=mine, mode=mode)
    assert [row["description"] for row in account.read(select=["description"], filter=mine)] == [None] * 3

    account.delete(filter=mine, mode=mode)
    assert account.read(select=["name"], filter=mine) == []


def test_a_batch_of_one_s_own_commands_is_answered(client: Any, mark: str) -> None:
    client.submit_batch(
        [
            BatchCommand("accounts", method=RequestMethod.POST, data={"name": mark}),
            BatchCommand("accounts?$top=1&$select=name", method=RequestMethod.GET),
        ]
    )
    assert len(client.entity("account").read(select=["name"], filter=f"name eq '{mark}'")) == 1


def test_a_refusal_arrives_as_the_client_s_own_error(client: Any) -> None:
    with pytest.raises(DataverseAPIError, match="nope"):
        client.entity("account").read(select=["nope"])
