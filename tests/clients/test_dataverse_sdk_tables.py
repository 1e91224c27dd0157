"""`PowerPlatform-Dataverse-Client` 1.1.0 makes tables, columns, keys and relationships, and works with their rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from enum import IntEnum
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from azure.identity import ClientSecretCredential
from PowerPlatform.Dataverse.client import DataverseClient
from PowerPlatform.Dataverse.core.errors import HttpError, MetadataError
from PowerPlatform.Dataverse.models.filters import col
from PowerPlatform.Dataverse.models.relationship import ManyToManyRelationshipMetadata
from PowerPlatform.Dataverse.models.upsert import UpsertItem

from tests.clients.site import Site, running_site, trusting
from tests.e2e.served import Serving

GUIDE = Path(__file__).parents[2] / "docs/how-to/add-a-column.md"


class Climate(IntEnum):
    """A choice, as users of the client write it."""

    COLD = 1
    MILD = 2
    WARM = 3


COLUMNS = {
    "new_Code": {"type": "string", "max_length": 20},
    "new_Story": "memo",
    "new_Size": {"type": "int", "min_value": 1, "max_value": 1000},
    "new_Share": {"type": "decimal", "precision": 3},
    "new_Budget": "money",
    "new_Height": "float",
    "new_Founded": "datetime",
    "new_Open": "bool",
    "new_Climate": Climate,
}
TYPES = {
    "new_code": "String",
    "new_story": "Memo",
    "new_size": "Integer",
    "new_share": "Decimal",
    "new_budget": "Decimal",
    "new_height": "Double",
    "new_founded": "DateTime",
    "new_open": "Boolean",
    "new_climate": "Picklist",
}
"""What the client makes of its words: its money is a decimal."""


@contextmanager
def signed_in(site: Site, service: str) -> Iterator[DataverseClient]:
    """A client of a service that signs in as the administrator."""
    with (
        ClientSecretCredential(
            site.tenant, site.application_id, site.secret, authority=site.authority, disable_instance_discovery=True
        ) as credential,
        DataverseClient(site.environment(service), credential) as made,
    ):
        yield made


@pytest.fixture
def client(site: Site) -> Iterator[DataverseClient]:
    """A client of Sales."""
    with signed_in(site, "sales") as made:
        yield made


@pytest.fixture
def hub(site: Site) -> Iterator[DataverseClient]:
    """A client of the Common Data Service."""
    with signed_in(site, "commondata") as made:
        yield made


@pytest.fixture
def region(client: DataverseClient, mark: str) -> Iterator[str]:
    """A table with a column of every type; its schema name."""
    name = f"new_Region{mark}"
    client.tables.create(name, COLUMNS, display_name="Region")
    yield name
    if client.tables.get(name) is not None:
        client.tables.delete(name)


def test_a_table_with_columns_of_all_types_is_created_found_listed_and_deleted(
    client: DataverseClient, mark: str
) -> None:
    name = f"new_City{mark}"
    made = client.tables.create(name, COLUMNS, primary_column="new_CityName", display_name="City", solution="Ours")
    assert (made.schema_name, made.logical_name, made.primary_name_attribute) == (name, name.lower(), "new_cityname")
    assert made.columns_created == list(COLUMNS)
    found = client.tables.get(name)
    assert found is not None
    assert (found.entity_set_name, found.metadata_id) == (made.entity_set_name, made.metadata_id)
    columns = client.tables.list_columns(name, select=["LogicalName", "AttributeType"])
    types = {column["LogicalName"]: column["AttributeType"] for column in columns}
    assert {column: types[column] for column in TYPES} == TYPES
    assert name in {item["SchemaName"] for item in client.tables.list(filter="IsCustomEntity eq true")}
    with pytest.raises(MetadataError, match="already exists"):
        client.tables.create(name, {})
    client.tables.delete(name)
    assert client.tables.get(name) is None


def test_rows_of_a_new_table_are_written_by_label_queried_and_deleted(client: DataverseClient, region: str) -> None:
    row = {
        "new_Name": "North",
        "new_Code": "N",
        "new_Story": "Once.",
        "new_Size": 7,
        "new_Share": 0.125,
        "new_Budget": 99.5,
        "new_Height": 1.25,
        "new_Founded": "2024-02-29",
        "new_Open": True,
        "new_Climate": "COLD",
    }
    key = client.records.create(region, row)
    client.records.create(region, [{"new_Name": "South", "new_Size": 8}, {"new_Name": "West", "new_Size": 9}])
    read = client.records.retrieve(region, key)
    assert read is not None
    kept = {name.lower(): value for name, value in row.items() if name not in ("new_Founded", "new_Climate")}
    assert {name: read[name] for name in kept} == kept
    assert (read["new_founded"], read["new_climate"]) == ("2024-02-29T00:00:00Z", 1)
    client.records.update(region, key, {"new_Climate": "WARM", "new_Open": False})
    found = client.records.list(region, filter=(col("new_size") >= 7) & (col("new_climate") == 3))
    assert [(item["new_name"], item["new_open"]) for item in found] == [("North", False)]
    client.records.delete(region, key)
    assert len(client.records.list(region)) == 2
    with pytest.raises(HttpError) as refused:
        client.records.create(region, {"new_Name": "Huge", "new_Size": 1001})
    assert refused.value.details["service_error_code"] == "0x8004432f"


def test_columns_are_added_changed_and_removed_also_on_a_shipped_table(
    client: DataverseClient, region: str, mark: str
) -> None:
    for table in (region, "account"):
        own = f"new_Note{mark}"
        client.records.create(table, {"new_Name" if table == region else "name": f"{mark} before"})
        assert client.tables.add_columns(table, {own: "string", f"new_Mood{mark}": Climate}) == [own, f"new_Mood{mark}"]
        key = client.records.create(
            table, {"new_Name" if table == region else "name": mark, own: "x" * 200, f"new_Mood{mark}": "MILD"}
        )
        with pytest.raises(HttpError):
            client.records.update(table, key, {own: "x" * 201})
        client.tables.update_columns(
            table, {own: {"max_length": 201, "display_name": "Remark", "required": "Recommended"}}
        )
        client.records.update(table, key, {own: "x" * 201})
        changed = client.tables.get_column(table, own, typed=True)
        assert changed is not None
        assert (changed["MaxLength"], changed["RequiredLevel"]["Value"]) == (201, "Recommended")
        client.tables.update_column(table, f"new_Mood{mark}", {"display_name": "Weather"})
        client.records.update(table, key, {f"new_Mood{mark}": "COLD"})
        assert client.tables.remove_columns(table, [own, f"new_Mood{mark}"]) == [own, f"new_Mood{mark}"]
        assert client.tables.get_column(table, own) is None
        row = client.records.retrieve(table, key)
        assert row is not None
        assert own.lower() not in row.data
        with pytest.raises(MetadataError):
            client.tables.remove_columns(table, own)


def test_alternate_keys_are_created_used_by_upserts_and_deleted(client: DataverseClient, region: str) -> None:
    made = client.tables.create_alternate_key(region, "new_CodeKey", ["new_code"], display_name="By code")
    (key,) = client.tables.get_alternate_keys(region)
    assert (key.metadata_id, key.schema_name, key.key_attributes) == (made.metadata_id, "new_CodeKey", ["new_code"])
    assert key.status == "Active"

    def upsert(*rows: tuple[str, str]) -> None:
        client.records.upsert(
            region, [UpsertItem(alternate_key={"new_code": code}, record={"new_name": name}) for code, name in rows]
        )

    upsert(("a", "first"))
    upsert(("a", "second"), ("b", "new"))
    assert sorted(row["new_name"] for row in client.records.list(region)) == ["new", "second"]
    with pytest.raises(HttpError) as refused:
        client.records.create(region, {"new_name": "double", "new_code": "a"})
    assert refused.value.status_code == 412
    client.tables.delete_alternate_key(region, made.metadata_id)
    assert client.tables.get_alternate_keys(region) == []


def test_a_lookup_comes_and_goes_with_its_relationship(client: DataverseClient, region: str, mark: str) -> None:
    lookup = f"new_Home{mark}"
    made = client.tables.create_lookup_field(
        referencing_table=region, lookup_field_name=lookup, referenced_table="account", display_name="Home"
    )
    found = client.tables.get_relationship(made.relationship_schema_name)
    assert found is not None
    assert (found.relationship_id, found.lookup_schema_name) == (made.relationship_id, lookup)
    assert (found.referenced_entity, found.referencing_entity) == ("account", region.lower())
    assert made.relationship_schema_name in {
        item["SchemaName"] for item in client.tables.list_table_relationships(region)
    }
    account = client.records.create("account", {"name": mark})
    key = client.records.create(region, {"new_name": "Home", f"{lookup}@odata.bind": f"/accounts({account})"})
    read = client.records.list(region, expand=[lookup], filter=f"{lookup}/name eq '{mark}'")
    assert [(row["new_name"], row[lookup]["name"]) for row in read] == [("Home", mark)]
    client.records.delete("account", account)
    row = client.records.retrieve(region, key)
    assert row is not None
    assert row[f"_{lookup.lower()}_value"] is None
    assert made.relationship_id is not None
    client.tables.delete_relationship(made.relationship_id)
    assert client.tables.get_relationship(made.relationship_schema_name) is None
    assert client.tables.get_column(region, lookup) is None


def test_tables_are_linked_any_to_any(client: DataverseClient, region: str, mark: str) -> None:
    relationship = ManyToManyRelationshipMetadata(
        schema_name=f"new_Account_{mark}", entity1_logical_name="account", entity2_logical_name=region.lower()
    )
    made = client.tables.create_many_to_many_relationship(relationship)
    found = client.tables.get_relationship(f"new_Account_{mark}")
    assert found is not None
    assert (found.relationship_type, found.relationship_id) == ("many_to_many", made.relationship_id)
    assert (found.entity1_logical_name, found.entity2_logical_name) == ("account", region.lower())
    names = {item["SchemaName"] for item in client.tables.list_table_relationships(region)}
    assert f"new_Account_{mark}" in names
    assert made.relationship_id is not None
    client.tables.delete_relationship(made.relationship_id)
    assert client.tables.get_relationship(f"new_Account_{mark}") is None


def test_tables_and_columns_are_made_and_deleted_in_batches(client: DataverseClient, mark: str) -> None:
    name = f"new_Batch{mark}"
    first = client.batch.new()
    first.tables.create(name, COLUMNS)
    first.tables.get(name)
    assert not first.execute().has_errors
    second = client.batch.new()
    second.tables.add_columns(name, {f"new_Note{mark}": "string"})
    second.tables.create_lookup_field(name, f"new_Home{mark}", "account")
    second.records.create(name, {"new_Name": "North", "new_Climate": 1})
    assert not second.execute().has_errors
    assert client.tables.get_column(name, f"new_Note{mark}") is not None
    third = client.batch.new()
    third.tables.remove_columns(name, f"new_Note{mark}")
    third.tables.delete(name)
    assert not third.execute().has_errors
    assert client.tables.get(name) is None


def test_the_common_data_service_takes_tables_columns_and_lookups_as_well(hub: DataverseClient, mark: str) -> None:
    name = f"new_Region{mark}"
    hub.tables.create(name, COLUMNS)
    hub.tables.add_columns("account", {f"new_Note{mark}": "string"})
    hub.tables.create_lookup_field(name, f"new_Home{mark}", "account")
    key = hub.records.create(name, {"new_Name": "North", "new_Climate": "WARM", "new_Budget": 12.5})
    row = hub.records.retrieve(name, key)
    assert row is not None
    assert (row["new_name"], row["new_climate"], row["new_budget"]) == ("North", 3, 12.5)
    assert hub.tables.get_column("account", f"new_Note{mark}") is not None
    hub.tables.delete(name)
    hub.tables.remove_columns("account", f"new_Note{mark}")


@pytest.fixture
def data() -> Iterator[Path]:
    """A data directory that other runs of pytest do not touch."""
    with TemporaryDirectory(prefix="p2c-tests-", ignore_cleanup_errors=True) as directory:
        yield Path(directory)


def test_tables_and_their_rows_outlive_the_service(data: Path) -> None:
    with running_site(data) as site, trusting(site.authorities_file), signed_in(site, "sales") as client:
        client.tables.create("new_Region", COLUMNS)
        client.tables.create_alternate_key("new_Region", "new_ByCode", ["new_code"])
        client.records.create("new_Region", {"new_Name": "North", "new_Code": "N", "new_Climate": "COLD"})
    with Serving(data, "sales", "--auth", "on", "--tls") as again, trusting(site.authorities_file):
        moved = replace(site, sales=again.urls["sales"], authority=again.urls["identity"].rstrip("/"))
        with signed_in(moved, "sales") as client:
            item = UpsertItem(alternate_key={"new_code": "N"}, record={"new_climate": "WARM"})
            client.records.upsert("new_Region", [item])
            (row,) = client.records.list("new_Region")
            assert (row["new_name"], row["new_climate"]) == ("North", 3)
            client.tables.delete("new_Region")


def test_the_guide_works_as_it_is_written(client: DataverseClient, hub: DataverseClient) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```$", GUIDE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert blocks
    for block in blocks:
        exec(block, {"sales": client, "hub": hub})
    for found, table, column in ((client, "account", "new_region"), (hub, "account", "new_territory")):
        assert found.tables.get_column(table, column) is not None
    assert [key.key_attributes for key in client.tables.get_alternate_keys("new_Region")] == [["new_code"]]


@pytest.mark.parametrize("mode", ["small", "chunk"])
def test_a_file_is_refused_with_what_columns_there_are(client: DataverseClient, tmp_path: Path, mode: str) -> None:
    """The client adds the column for the file first; nothing is added or written."""
    document = tmp_path / "offer.txt"
    document.write_text("offer")
    account = client.records.create("account", {"name": "Without files"})
    with pytest.raises(HttpError, match="File") as refused:
        client.files.upload("account", account, "new_Offer", str(document), mode=mode)
    assert refused.value.status_code == 400
    with pytest.raises(HttpError):
        client.records.retrieve("account", account, select=["new_offer"])
