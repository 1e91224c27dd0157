"""The asynchronous client of `PowerPlatform-Dataverse-Client` 1.1.0 does what the other one does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pandas
import pytest
from aiohttp import connector
from azure.identity.aio import ClientSecretCredential
from PowerPlatform.Dataverse.aio.async_client import AsyncDataverseClient
from PowerPlatform.Dataverse.core.errors import HttpError
from PowerPlatform.Dataverse.models.filters import col
from PowerPlatform.Dataverse.models.upsert import UpsertItem

from tests.clients.site import Site

pytestmark = pytest.mark.anyio


@pytest.fixture
async def client(site: Site) -> AsyncIterator[AsyncDataverseClient]:
    """A client that signs in with the application's secret."""
    # aiohttp makes its TLS settings when it is imported, and the client has no way to hand it others.
    connector._SSL_CONTEXT_VERIFIED.load_verify_locations(site.authorities_file)
    async with (
        ClientSecretCredential(
            site.tenant, site.application_id, site.secret, authority=site.authority, disable_instance_discovery=True
        ) as credential,
        AsyncDataverseClient(site.environment("sales"), credential) as made,
    ):
        yield made


async def names(client: AsyncDataverseClient, mark: str) -> list[str]:
    """The names of the mark's accounts, in order."""
    found = await client.records.list("account", filter=col("name").startswith(mark), select=["name"], orderby=["name"])
    return [row["name"] for row in found]


async def test_rows_are_created_changed_listed_and_deleted(client: AsyncDataverseClient, mark: str) -> None:
    rows = [{"name": f"{mark} {number}"} for number in range(5)]
    keys = await client.records.create("account", rows)
    await client.records.update("account", keys[0], {"name": f"{mark} new"})
    await client.records.update("account", keys[1:3], {"description": "the same"})
    await client.records.delete("account", keys[4:], use_bulk_delete=False)
    assert await names(client, mark) == [f"{mark} 1", f"{mark} 2", f"{mark} 3", f"{mark} new"]
    row = await client.records.retrieve("account", keys[1], select=["description"])
    assert row is not None
    assert row["description"] == "the same"
    pages = client.records.list_pages("account", filter=col("name").startswith(mark), page_size=3)
    assert [len(page) async for page in pages] == [3, 1]


async def test_many_requests_at_a_time_are_answered_each_with_its_own(client: AsyncDataverseClient, mark: str) -> None:
    keys = await client.records.create("account", [{"name": f"{mark} {number}"} for number in range(12)])
    rows = await asyncio.gather(*(client.records.retrieve("account", key, select=["name"]) for key in keys))
    assert [row and row["name"] for row in rows] == [f"{mark} {number}" for number in range(12)]


async def test_upserts_sql_fetch_xml_and_batches_work(client: AsyncDataverseClient, mark: str) -> None:
    items: list[UpsertItem | dict[str, Any]] = [
        UpsertItem(alternate_key={"accountnumber": f"{mark}{number}"}, record={"name": f"{mark} {number}"})
        for number in range(3)
    ]
    for _ in range(2):
        await client.records.upsert("account", items)
    assert await names(client, mark) == [f"{mark} 0", f"{mark} 1", f"{mark} 2"]
    rows = await client.query.sql(f"SELECT COUNT(*) AS n FROM account WHERE name LIKE '{mark}%'")
    assert [row["n"] for row in rows] == [3]
    frame = await client.dataframe.sql(f"SELECT name FROM account WHERE accountnumber = '{mark}1'")
    assert isinstance(frame, pandas.DataFrame)
    assert frame["name"].to_list() == [f"{mark} 1"]
    xml = (
        "<fetch count='2'><entity name='account'><attribute name='name'/><order attribute='name'/>"
        f"<filter><condition attribute='name' operator='like' value='{mark}%'/></filter></entity></fetch>"
    )
    pages = client.query.fetchxml(xml).execute_pages()
    assert [[row["name"] for row in page] async for page in pages] == [[f"{mark} 0", f"{mark} 1"], [f"{mark} 2"]]
    batch = client.batch.new()
    async with batch.changeset() as changes:
        account = changes.records.create("account", {"name": f"{mark} 3"})
        changes.records.create("contact", {"lastname": mark, "parentcustomerid_account@odata.bind": account})
    batch.query.sql(f"SELECT lastname FROM contact WHERE lastname = '{mark}'")
    done = await batch.execute()
    assert not done.has_errors
    assert done.responses[-1].data is not None
    assert [row["lastname"] for row in done.responses[-1].data["value"]] == [mark]


async def test_tables_are_described_and_refusals_arrive(client: AsyncDataverseClient) -> None:
    account = await client.tables.get("account")
    assert account is not None
    assert account.entity_set_name == "accounts"
    with pytest.raises(HttpError, match="nope") as refused:
        await client.records.create("account", {"name": "x", "nope": 1})
    assert refused.value.status_code == 400
