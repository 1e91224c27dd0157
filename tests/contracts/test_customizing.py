"""Tables, columns, keys and relationships that clients add to a running service, as the Web API defines them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest

from p2c.identity.dataverse_roles import DATAVERSE_ROLES
from p2c.odata.batch import ChangeSet, Part
from p2c.odata.service.access import Caller as Person
from p2c.odata.service.access import acting
from tests.contracts.caller import Caller, Reply, customizable_sales, part

REGION = "EntityDefinitions(LogicalName='new_region')"
ACCOUNT = "EntityDefinitions(LogicalName='account')"
CRM = "Microsoft.Dynamics.CRM."


def label(text: str) -> dict[str, Any]:
    """A label in the platform's own language."""
    return {"LocalizedLabels": [{"Label": text, "LanguageCode": 1033}]}


def column(name: str, kind: str = "String", **members: Any) -> dict[str, Any]:
    """The definition of a column."""
    return {"@odata.type": f"{CRM}{kind}AttributeMetadata", "SchemaName": name, "DisplayName": label(name), **members}


def choice(name: str, **options: int) -> dict[str, Any]:
    """The definition of a choice with these options."""
    members = [{"Value": value, "Label": label(text)} for text, value in options.items()]
    return column(name, "Picklist", OptionSet={"IsGlobal": False, "Options": members})


def table(name: str, *columns: dict[str, Any], **members: Any) -> dict[str, Any]:
    """The definition of a table, whose rows are called by `new_Name`."""
    own = column("new_Name", MaxLength=100, IsPrimaryName=True)
    return {"SchemaName": name, "DisplayName": label(name), "Attributes": [own, *columns], **members}


def lookup(name: str, of: str, to: str, delete: str = "RemoveLink") -> dict[str, Any]:
    """The definition of a lookup's relationship."""
    return {
        "@odata.type": f"{CRM}OneToManyRelationshipMetadata",
        "SchemaName": f"new_{to}_{of}_{name}",
        "ReferencedEntity": to,
        "ReferencingEntity": of,
        "CascadeConfiguration": {"Delete": delete},
        "Lookup": column(name, "Lookup"),
    }


@pytest.fixture
def url(database_url: Callable[[str], str]) -> str:
    """An empty database."""
    return database_url("customized")


@pytest.fixture
def sales(url: str) -> Iterator[Caller]:
    """Sales as it is shipped; what a test adds is gone at its end."""
    caller = customizable_sales(url)
    yield caller
    caller.service.database.engine.dispose()


def added(caller: Caller, path: str, body: dict[str, Any]) -> str:
    """The address of a definition that was accepted."""
    answer = caller("POST", path, body)
    assert answer.status == 204, answer.body
    return answer.headers["OData-EntityId"].removeprefix(caller.root)


def refused(answer: Reply) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status, answer.code


def created(caller: Caller, entity_set: str, **values: Any) -> str:
    """The key of a new row."""
    answer = caller("POST", entity_set, values)
    assert answer.status == 204, answer.body
    return answer.headers["OData-EntityId"].rpartition("(")[2].rstrip(")")


def test_a_new_table_has_an_address_a_set_and_the_columns_of_every_table(sales: Caller) -> None:
    address = added(sales, "EntityDefinitions", table("new_Region", column("new_Code", MaxLength=20)))
    found = sales("GET", address).json
    assert (found["LogicalName"], found["SchemaName"], found["EntitySetName"]) == (
        "new_region",
        "new_Region",
        "new_regions",
    )
    assert (found["PrimaryIdAttribute"], found["PrimaryNameAttribute"]) == ("new_regionid", "new_name")
    assert (found["IsCustomEntity"], found["IsManaged"], found["OwnershipType"]) == (True, False, "UserOwned")
    names = {row["LogicalName"] for row in sales("GET", f"{address}/Attributes?$select=LogicalName").rows}
    assert {"new_regionid", "new_name", "new_code", "statecode", "ownerid", "createdon", "versionnumber"} <= names
    metadata = sales("GET", "$metadata").body.decode()
    assert '<EntityType Name="new_region">' in metadata
    assert '<Property Name="new_code" Type="Edm.String" MaxLength="20"/>' in metadata


def test_rows_of_a_new_table_are_written_read_changed_tracked_and_deleted(sales: Caller) -> None:
    added(sales, "EntityDefinitions", table("new_Region", column("new_Size", "Integer", MinValue=1, MaxValue=9)))
    row = f"new_regions({created(sales, 'new_regions', new_name='North', new_size=3)})"
    begun = sales("GET", "new_regions?$select=new_size", prefer="odata.track-changes").json["@odata.deltaLink"]
    assert sales("PATCH", row, {"new_size": 4}).status == 204
    assert refused(sales("PATCH", row, {"new_size": 10})) == (400, "0x8004432f")
    found = sales.rows("new_regions", filter="new_size eq 4", select="new_name,statecode")
    assert [(item["new_name"], item["statecode"]) for item in found] == [("North", 0)]
    changes = sales("GET", begun)
    assert [item["new_size"] for item in changes.rows] == [4]
    assert sales("DELETE", row).status == 204
    assert [item["reason"] for item in sales("GET", changes.json["@odata.deltaLink"]).rows] == ["deleted"]


def test_what_was_added_is_there_after_a_restart_with_its_rows(sales: Caller, url: str) -> None:
    added(sales, "EntityDefinitions", table("new_Region", choice("new_Climate", Cold=1, Warm=2)))
    added(sales, f"{ACCOUNT}/Attributes", column("new_Budget", "Money", Precision=2))
    added(sales, "RelationshipDefinitions", lookup("new_RegionId", "account", "new_region"))
    added(sales, f"{REGION}/Keys", {"SchemaName": "new_ByName", "KeyAttributes": ["new_name"]})
    region = created(sales, "new_regions", new_name="North", new_climate=2)
    bound = {"new_RegionId@odata.bind": f"/new_regions({region})"}
    created(sales, "accounts", name="Fjord", new_budget=12.5, **bound)
    before = sales("GET", "$metadata").body
    again = customizable_sales(url)
    try:
        assert again("GET", "$metadata").body == before
        assert again("GET", "new_regions(new_name='North')?$select=new_climate").json["new_climate"] == 2
        (account,) = again.rows("accounts", select="new_budget", expand="new_RegionId($select=new_name)")
        assert (account["new_budget"], account["new_RegionId"]["new_name"]) == (12.5, "North")
        assert again("DELETE", f"{ACCOUNT}/Attributes(LogicalName='new_budget')").status == 204
    finally:
        again.service.database.engine.dispose()


def test_upserts_in_bulk_find_rows_by_an_added_key(sales: Caller) -> None:
    added(sales, "EntityDefinitions", table("new_Region", column("new_Code", MaxLength=20)))
    added(sales, f"{REGION}/Keys", {"SchemaName": "new_ByCode", "KeyAttributes": ["new_code"]})
    for name in ("first", "second"):
        targets = [
            {"@odata.type": f"{CRM}new_region", "@odata.id": f"new_regions(new_code='{code}')", "new_name": name}
            for code in "ab"
        ]
        assert sales("POST", f"new_regions/{CRM}UpsertMultiple", {"Targets": targets}).status == 204
    assert [(row["new_code"], row["new_name"]) for row in sales.rows("new_regions", orderby="new_code")] == [
        ("a", "second"),
        ("b", "second"),
    ]
    assert refused(sales("POST", "new_regions", {"new_name": "x", "new_code": "a"})) == (412, "0x80060892")


def test_an_added_amount_brings_the_currency_and_its_twin_in_the_base_currency(sales: Caller) -> None:
    added(sales, "EntityDefinitions", table("new_Region", column("new_Budget", "Money", Precision=2)))
    created(sales, "new_regions", new_name="North", new_budget=10.5)
    (row,) = sales.rows("new_regions", select="new_budget,new_budget_base,exchangerate")
    assert (row["new_budget"], row["new_budget_base"], row["exchangerate"]) == (10.5, 10.5, 1)
    assert row["_transactioncurrencyid_value"] is not None
    twin = sales("DELETE", f"{REGION}/Attributes(LogicalName='new_budget_base')")
    assert refused(twin) == (400, "0x8004f032")
    assert sales("DELETE", f"{REGION}/Attributes(LogicalName='new_budget')").status == 204
    assert sales("GET", "new_regions?$select=new_budget_base").status == 400


@pytest.mark.parametrize(
    ("definition", "edm", "sent", "read"),
    [
        (column("new_C", MaxLength=5), "Edm.String", "abcde", "abcde"),
        (column("new_C", "Memo", MaxLength=100), "Edm.String", "a\nb", "a\nb"),
        (column("new_C", "Integer"), "Edm.Int32", -(2**31), -(2**31)),
        (column("new_C", "BigInt"), "Edm.Int64", 2**60, 2**60),
        (column("new_C", "Decimal", Precision=3), "Edm.Decimal", 1.2345, 1.235),
        (column("new_C", "Double", Precision=5), "Edm.Double", 1.25, 1.25),
        (column("new_C", "Boolean", DefaultValue=True), "Edm.Boolean", None, True),
        (column("new_C", "DateTime"), "Edm.DateTimeOffset", "2024-02-29T10:00:00+01:00", "2024-02-29T09:00:00Z"),
        (column("new_C", "DateTime", DateTimeBehavior={"Value": "DateOnly"}), "Edm.Date", "2024-02-29", "2024-02-29"),
        (choice("new_C", Low=7, High=9), "Edm.Int32", 9, 9),
    ],
    ids=lambda value: str(value.get("@odata.type", ""))[22:] if isinstance(value, dict) else "",
)
def test_a_column_of_every_type_keeps_values_of_its_own(
    sales: Caller, definition: dict[str, Any], edm: str, sent: object, read: object
) -> None:
    address = added(sales, f"{ACCOUNT}/Attributes", definition)
    kind = sales("GET", address).json["@odata.type"]
    assert kind.removeprefix("#") == definition["@odata.type"]
    assert f'<Property Name="new_c" Type="{edm}"' in sales("GET", "$metadata").body.decode()
    created(sales, "accounts", name="A", **({} if sent is None else {"new_c": sent}))
    assert sales.rows("accounts", select="new_c")[0]["new_c"] == read


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("EntityDefinitions", table("Region"), 400, "0x80040203"),
        ("EntityDefinitions", table("mscrm_Region"), 400, "0x80040203"),
        ("EntityDefinitions", table("new_" + "x" * 47), 400, "0x80040203"),
        ("EntityDefinitions", table('new_R"; DROP TABLE account'), 400, "0x80040203"),
        ("EntityDefinitions", {"SchemaName": "new_Region"}, 400, "0x80040203"),
        ("EntityDefinitions", table("new_Region", column("new_Name")), 400, "0x80047010"),
        ("EntityDefinitions", table("new_Region", IsActivity=True), 400, "0x80040315"),
        ("EntityDefinitions", table("new_Region", EntitySetName="accounts"), 400, "0x80040203"),
        (f"{ACCOUNT}/Attributes", column("Region"), 400, "0x80040203"),
        (f"{ACCOUNT}/Attributes", column("new_Region", MaxLength=4001), 400, "0x80040203"),
        (f"{ACCOUNT}/Attributes", column("new_Region", "Decimal", Precision=11), 400, "0x80040203"),
        (f"{ACCOUNT}/Attributes", column("new_Region", "Integer", MinValue=2, MaxValue=1), 400, "0x80040203"),
        (f"{ACCOUNT}/Attributes", column("new_Region", "File"), 400, "0x80040315"),
        (f"{ACCOUNT}/Attributes", column("new_Region", "Lookup"), 400, "0x80040315"),
        (f"{ACCOUNT}/Attributes", choice("new_Region"), 400, "0x80040203"),
        (f"{ACCOUNT}/Attributes", choice("new_Region", A=1, B=1), 400, "0x80040203"),
        (f"{ACCOUNT}/Attributes", {**column("new_Region"), "MaxLength": "long"}, 400, "0x80048d19"),
        (f"{ACCOUNT}/Attributes", column("new_Region", Description=label("x" * 1024 * 1024)), 413, "0x80040216"),
        (f"{ACCOUNT}/Keys", {"SchemaName": "new_Key", "KeyAttributes": ["nothing"]}, 400, "0x80040203"),
        (f"{ACCOUNT}/Keys", {"SchemaName": "new_Key", "KeyAttributes": ["description"]}, 400, "0x80040203"),
        (f"{ACCOUNT}/Keys", {"SchemaName": "new_Key", "KeyAttributes": ["accountnumber"]}, 400, "0x80060894"),
        ("RelationshipDefinitions", lookup("new_X", "account", "new_nothing"), 400, "0x80040217"),
        ("RelationshipDefinitions", lookup("new_X", "account", "contact", "Explode"), 400, "0x80040203"),
        ("EntityDefinitions(LogicalName='nothing')/Attributes", column("new_Region"), 404, "0x80040217"),
        ("GlobalOptionSetDefinitions", {"Name": "new_Set"}, 501, "0x8006088a"),
    ],
)
def test_a_definition_that_is_not_allowed_is_refused_with_its_code(
    shared: Caller, path: str, body: dict[str, Any], status: int, code: str
) -> None:
    before = shared("GET", "$metadata").body
    assert refused(shared("POST", path, body)) == (status, code)
    assert shared("GET", "$metadata").body == before


@pytest.fixture(scope="module")
def shared(database_url: Callable[[str], str]) -> Iterator[Caller]:
    """Sales for tests that change nothing."""
    caller = customizable_sales(database_url("unchanged"))
    yield caller
    caller.service.database.engine.dispose()


def test_names_that_are_taken_are_refused_in_any_case_of_letters(sales: Caller) -> None:
    added(sales, "EntityDefinitions", table("new_Region", column("new_Code", MaxLength=20)))
    added(sales, f"{REGION}/Keys", {"SchemaName": "new_ByCode", "KeyAttributes": ["new_code"]})
    added(sales, "RelationshipDefinitions", lookup("new_HomeId", "new_region", "account"))
    twice = lookup("new_HomeId", "new_region", "account")
    other = {**twice, "SchemaName": "new_other"}
    for path, body, code in (
        ("EntityDefinitions", table("NEW_REGION"), "0x80047010"),
        (f"{REGION}/Attributes", column("NEW_CODE"), "0x80047013"),
        (f"{REGION}/Keys", {"SchemaName": "NEW_BYCODE", "KeyAttributes": ["new_name"]}, "0x80060893"),
        ("RelationshipDefinitions", twice, "0x8004432b"),
        ("RelationshipDefinitions", other, "0x80047013"),
    ):
        assert refused(sales("POST", path, body)) == (400, code), path


def test_what_came_with_the_product_stays(shared: Caller) -> None:
    relationship = shared("GET", "RelationshipDefinitions?$filter=SchemaName%20eq%20'account_primary_contact'").rows[0]
    for method, path in (
        ("DELETE", ACCOUNT),
        ("DELETE", f"{ACCOUNT}/Attributes(LogicalName='telephone1')"),
        ("DELETE", f"{ACCOUNT}/Keys({shared('GET', f'{ACCOUNT}/Keys').rows[0]['MetadataId']})"),
        ("DELETE", f"RelationshipDefinitions({relationship['MetadataId']})"),
        ("PUT", ACCOUNT),
        ("PUT", f"{ACCOUNT}/Attributes(LogicalName='telephone1')"),
    ):
        assert refused(shared(method, path, {})) == (400, "0x8004f032"), path


def test_what_others_need_cannot_be_deleted_before_them(sales: Caller) -> None:
    added(sales, "EntityDefinitions", table("new_Region", column("new_Code", MaxLength=20)))
    key = added(sales, f"{REGION}/Keys", {"SchemaName": "new_ByCode", "KeyAttributes": ["new_code"]})
    link = added(sales, "RelationshipDefinitions", lookup("new_RegionId", "account", "new_region"))
    code = f"{REGION}/Attributes(LogicalName='new_code')"
    assert refused(sales("DELETE", code)) == (400, "0x8004f01f")
    assert refused(sales("DELETE", REGION)) == (400, "0x8004f01f")
    assert refused(sales("DELETE", f"{REGION}/Attributes(LogicalName='new_name')")) == (400, "0x80047002")
    for path in (key, code, link, REGION):
        assert sales("DELETE", path).status == 204, path
    assert sales("GET", "new_regions").status == 404
    assert sales("GET", "accounts?$select=_new_regionid_value").status == 400


def test_a_table_that_takes_the_name_of_a_deleted_one_begins_anew(sales: Caller) -> None:
    added(sales, "EntityDefinitions", table("new_Region"))
    created(sales, "new_regions", new_name="Old")
    assert sales("DELETE", REGION).status == 204
    added(sales, "EntityDefinitions", table("new_Region", column("new_Other", "Integer")))
    assert sales.rows("new_regions") == []


def test_a_column_is_defined_anew_with_the_values_that_it_has(sales: Caller) -> None:
    added(sales, f"{ACCOUNT}/Attributes", choice("new_Climate", Cold=1, Warm=2))
    added(sales, f"{ACCOUNT}/Attributes", column("new_Share", "Decimal", Precision=2))
    created(sales, "accounts", name="A", new_climate=2, new_share=0.25)
    climate, share = (f"{ACCOUNT}/Attributes(LogicalName='{name}')" for name in ("new_climate", "new_share"))
    renamed = column("new_Climate", "Picklist", DisplayName=label("Weather"))
    assert sales("PUT", climate, renamed, mscrm_mergelabels="true").status == 204
    assert sales("PUT", share, column("new_Share", "Decimal", Precision=4)).status == 204
    assert sales("GET", climate).json["DisplayName"]["UserLocalizedLabel"]["Label"] == "Weather"
    options = sales("GET", f"{climate}/{CRM}PicklistAttributeMetadata?$expand=OptionSet").json["OptionSet"]["Options"]
    assert [option["Value"] for option in options] == [1, 2]
    created(sales, "accounts", name="B", new_climate=1, new_share=0.1234)
    assert [row["new_share"] for row in sales.rows("accounts", orderby="name", select="new_share")] == [0.25, 0.1234]
    assert refused(sales("PUT", share, column("new_Share", "Integer"))) == (400, "0x80040203")


@pytest.mark.parametrize(
    ("delete", "status", "left"),
    [("RemoveLink", 204, [("Child", None)]), ("Cascade", 204, []), ("Restrict", 405, [("Child", "Parent")])],
)
def test_deleting_a_row_does_to_those_that_point_at_it_what_the_relationship_says(
    sales: Caller, delete: str, status: int, left: list[tuple[str, str | None]]
) -> None:
    added(sales, "EntityDefinitions", table("new_Region"))
    added(sales, "RelationshipDefinitions", lookup("new_HomeId", "new_region", "account", delete))
    account = created(sales, "accounts", name="Parent")
    created(sales, "new_regions", new_name="Child", **{"new_HomeId@odata.bind": f"/accounts({account})"})
    assert sales("DELETE", f"accounts({account})").status == status
    rows = sales.rows("new_regions", expand="new_HomeId($select=name)")
    assert [(row["new_name"], row["new_HomeId"] and row["new_HomeId"]["name"]) for row in rows] == left


def test_rows_that_delete_one_another_in_a_ring_all_go(sales: Caller) -> None:
    added(sales, "EntityDefinitions", table("new_Region"))
    added(sales, "RelationshipDefinitions", lookup("new_ParentId", "new_region", "new_region", "Cascade"))
    first = created(sales, "new_regions", new_name="1")
    second = created(sales, "new_regions", new_name="2", **{"new_ParentId@odata.bind": f"/new_regions({first})"})
    sales("PATCH", f"new_regions({first})", {"new_ParentId@odata.bind": f"/new_regions({second})"})
    assert sales("DELETE", f"new_regions({first})").status == 204
    assert sales.rows("new_regions") == []


def many_to_many(name: str, first: str, second: str) -> dict[str, Any]:
    """The definition of a many-to-many relationship."""
    return {
        "@odata.type": f"{CRM}ManyToManyRelationshipMetadata",
        "SchemaName": name,
        "Entity1LogicalName": first,
        "Entity2LogicalName": second,
        "IntersectEntityName": name,
    }


def test_rows_are_linked_any_to_any_read_from_both_sides_and_unlinked(sales: Caller) -> None:
    added(sales, "EntityDefinitions", table("new_Region"))
    added(sales, "RelationshipDefinitions", many_to_many("new_Account_Region", "account", "new_region"))
    accounts = [f"accounts({created(sales, 'accounts', name=name)})" for name in "AB"]
    regions = [f"new_regions({created(sales, 'new_regions', new_name=name)})" for name in "NS"]
    for account in accounts:
        for region in regions:
            assert sales("POST", f"{account}/new_Account_Region/$ref", {"@odata.id": region}).status == 204
    twice = sales("POST", f"{accounts[0]}/new_Account_Region/$ref", {"@odata.id": regions[0]})
    assert refused(twice) == (412, "0x80040237")

    assert [row["new_name"] for row in sales("GET", f"{accounts[0]}/new_Account_Region?$orderby=new_name").rows] == [
        "N",
        "S",
    ]
    assert sales("GET", f"{regions[0]}/new_Account_Region/$count").body == b"2"
    first = sales("GET", f"{regions[0]}/new_Account_Region/$ref").rows[0]["@odata.id"]
    assert first.removeprefix(sales.root) in accounts
    member = regions[1].replace("new_regions", "new_Account_Region")
    assert sales("GET", f"{accounts[0]}/{member}").json["new_name"] == "S"

    assert sales("DELETE", f"{accounts[0]}/{member}/$ref").status == 204
    assert refused(sales("DELETE", f"{accounts[0]}/{member}/$ref")) == (404, "0x80040217")
    (found,) = sales.rows("accounts", filter="name eq 'A'", expand="new_Account_Region($select=new_name)")
    assert [row["new_name"] for row in found["new_Account_Region"]] == ["N"]
    linked = sales.rows("accounts", filter="new_Account_Region/any(r:r/new_name eq 'S')", select="name")
    assert [row["name"] for row in linked] == ["B"]

    assert sales("DELETE", accounts[1]).status == 204
    assert sales.rows(f"{regions[1]}/new_Account_Region") == []


def test_a_many_to_many_relationship_is_described_from_both_sides_and_goes_with_its_table(
    sales: Caller, url: str
) -> None:
    added(sales, "EntityDefinitions", table("new_Region"))
    made = added(sales, "RelationshipDefinitions", many_to_many("new_Account_Region", "account", "new_region"))
    assert sales("GET", made).json["RelationshipType"] == "ManyToManyRelationship"
    for path in (ACCOUNT, REGION):
        assert [row["SchemaName"] for row in sales("GET", f"{path}/ManyToManyRelationships").rows] == [
            "new_Account_Region"
        ]
    binding = '<NavigationPropertyBinding Path="new_Account_Region" Target="accounts"/>'
    assert binding in sales("GET", "$metadata").body.decode()
    twice = many_to_many("NEW_ACCOUNT_REGION", "account", "contact")
    assert refused(sales("POST", "RelationshipDefinitions", twice)) == (400, "0x8004432b")
    again = customizable_sales(url)
    try:
        assert again("GET", "$metadata").body == sales("GET", "$metadata").body
        assert again("DELETE", REGION).status == 204
        assert again("GET", made).status == 404
        added(again, "EntityDefinitions", table("new_Region"))
        added(again, "RelationshipDefinitions", many_to_many("new_Account_Region", "account", "new_region"))
        assert again("DELETE", made).status == 204
    finally:
        again.service.database.engine.dispose()


def test_a_row_deep_down_that_must_stay_keeps_all_above_it(sales: Caller) -> None:
    """Of several rows the others go, with what goes with them."""
    assert sales("POST", "CreateEntities", {"Entities": [table("new_Region"), table("new_City")]}).status == 204
    added_links = (
        lookup("new_ParentId", "new_region", "new_region", "Cascade"),
        lookup("new_RegionId", "new_city", "new_region", "Cascade"),
        lookup("new_CityId", "account", "new_city", "Restrict"),
    )
    for link in added_links:
        added(sales, "RelationshipDefinitions", link)
    for name in ("kept", "gone"):
        top = created(sales, "new_regions", new_name=name)
        inner = created(sales, "new_regions", new_name=name, **{"new_ParentId@odata.bind": f"/new_regions({top})"})
        bottom = created(sales, "new_cities", new_name=name, **{"new_RegionId@odata.bind": f"/new_regions({inner})"})
        if name == "kept":
            created(sales, "accounts", name="A", **{"new_CityId@odata.bind": f"/new_cities({bottom})"})
    condition = {"AttributeName": "new_parentid", "Operator": "Null", "Values": []}
    criteria = {"FilterOperator": "And", "Conditions": [condition]}
    job = {"JobName": "all", "QuerySet": [{"EntityName": "new_region", "Criteria": criteria}]}
    assert sales("POST", "BulkDelete", job).status == 200
    assert [row["new_name"] for row in sales.rows("new_regions", expand="new_ParentId")] == ["kept", "kept"]
    (city,) = sales.rows("new_cities", expand="new_RegionId")
    assert city["new_RegionId"]["new_name"] == "kept"


def test_a_key_that_the_rows_break_is_refused_and_nothing_is_left_of_it(sales: Caller) -> None:
    added(sales, "EntityDefinitions", table("new_Region"))
    for _ in range(2):
        created(sales, "new_regions", new_name="Twin")
    broken = sales("POST", f"{REGION}/Keys", {"SchemaName": "new_ByName", "KeyAttributes": ["new_name"]})
    assert refused(broken) == (412, "0x80060892")
    assert sales("GET", f"{REGION}/Keys").rows == []
    created(sales, "new_regions", new_name="Twin")


def test_several_tables_are_made_together_or_not_at_all(sales: Caller) -> None:
    good, bad = table("new_Region"), table("new_City", column("new_File", "File"))
    assert sales("POST", "CreateEntities", {"Entities": [good, bad]}).status == 400
    assert sales("GET", REGION).status == 404
    assert (
        sales("POST", "CreateEntities?SolutionUniqueName=Ours", {"Entities": [good, table("new_City")]}).status == 204
    )
    assert {"new_regions", "new_cities"} <= {row["name"] for row in sales("GET", "").rows}


def test_tables_are_made_in_a_batch_but_not_in_a_change_set(sales: Caller) -> None:
    _, (alone,) = sales.batch(part("POST", "EntityDefinitions", table("new_Region")))
    assert isinstance(alone, Part)
    assert alone.start == "204"
    _, (together,) = sales.batch(ChangeSet([part("POST", "EntityDefinitions", table("new_City"), "1")]))
    assert isinstance(together, Part)
    assert together.start == "501"


def test_only_customizers_and_administrators_may_change_definitions(sales: Caller) -> None:
    for role, status in (("Integration", 403), ("Sales Manager", 403), ("System Customizer", 204)):
        with acting(Person(UUID(int=7), "robot", DATAVERSE_ROLES[role])):
            answer = sales("POST", f"{ACCOUNT}/Attributes", column("new_Region"))
            assert answer.status == status, role
            if status == 403:
                assert answer.code == "0x80040220"
                assert "prvCreateAttribute" in answer.message
    with acting(Person(UUID(int=7), "robot", DATAVERSE_ROLES["System Customizer"])):
        assert sales("DELETE", f"{ACCOUNT}/Attributes(LogicalName='new_region')").status == 204


def test_requests_go_on_while_columns_come_and_go(sales: Caller) -> None:
    """No request sees half a change: each finds the column or does not, and none fails otherwise."""
    stop = [False]

    def work(number: int) -> set[int]:
        seen = set()
        while not stop[0]:
            seen.add(sales("POST", "accounts", {"name": f"A{number}"}).status)
            seen.add(sales("GET", "accounts?$top=5").status)
            seen.add(sales("GET", "accounts?$select=new_region&$top=5").status)
        return seen

    with ThreadPoolExecutor(4) as pool:
        workers = [pool.submit(work, number) for number in range(4)]
        try:
            for _ in range(5):
                added(sales, f"{ACCOUNT}/Attributes", column("new_Region"))
                assert sales("DELETE", f"{ACCOUNT}/Attributes(LogicalName='new_region')").status == 204
        finally:
            stop[0] = True
    assert set.union(*(worker.result() for worker in workers)) <= {200, 204, 400}


@pytest.mark.parametrize(
    "definition",
    [
        table("deleted_Row"),
        table("new_Region", column("new_RegionId", "Integer")),
        table("new_Region", column("ownerid_type")),
        table("new_Region", column("changed_xid")),
        table("new_Region", column("new_Sum", "Money"), column("new_Sum_Base", "Decimal")),
    ],
    ids=lambda definition: definition["Attributes"][-1]["SchemaName"],
)
def test_names_that_the_service_needs_itself_are_refused(shared: Caller, definition: dict[str, Any]) -> None:
    assert refused(shared("POST", "EntityDefinitions", definition)) == (400, "0x80047010")
    assert shared("GET", "accounts").status == 200


def test_a_column_that_comes_back_with_another_type_is_read_as_that(sales: Caller) -> None:
    """Connections that have read it many times do not go on with what they knew."""
    created(sales, "accounts", name="A")
    database = sales.service.database

    def read_often() -> list[object]:
        with ExitStack() as open_:
            sessions = [open_.enter_context(database.begin()) for _ in range(8)]
            return [session.rows("account", "name", ["A"])[0]["new_c"] for session in sessions for _ in range(10)]

    for definition, value in ((column("new_C"), "text"), (column("new_C", "Integer"), 7)):
        address = added(sales, f"{ACCOUNT}/Attributes", definition)
        (row,) = sales.rows("accounts", select="accountid")
        assert sales("PATCH", f"accounts({row['accountid']})", {"new_c": value}).status == 204
        assert set(read_often()) == {value}
        assert sales("DELETE", address).status == 204


def test_texts_that_cannot_be_stored_are_refused(shared: Caller) -> None:
    for raw in (rb'"a\u0000b"', rb'"\ud800"'):
        body = b'{"@odata.type":"#Microsoft.Dynamics.CRM.StringAttributeMetadata","SchemaName":"new_C","Description":'
        body += b'{"LocalizedLabels":[{"LanguageCode":1033,"Label":' + raw + b"}]}}"
        assert shared("POST", f"{ACCOUNT}/Attributes", raw=body).status == 400


def test_definitions_are_changed_by_put_and_not_in_parts(shared: Caller) -> None:
    assert shared("PATCH", f"{ACCOUNT}/Attributes(LogicalName='name')", {}).status == 405
    assert shared("DELETE", "EntityDefinitions").status == 405


def test_publishing_has_nothing_to_do(shared: Caller) -> None:
    assert shared("POST", "PublishAllXml").status == 204
    assert shared("POST", "PublishXml", {"ParameterXml": "<importexportxml/>"}).status == 204


def test_every_relationship_has_an_id_of_its_own(shared: Caller) -> None:
    ids = [row["MetadataId"] for row in shared("GET", "RelationshipDefinitions?$select=MetadataId").rows]
    assert len(ids) == len(set(ids)) > 0


def test_definitions_are_found_by_the_names_that_clients_wrote_first(sales: Caller) -> None:
    added(sales, "EntityDefinitions", table("new_Region"))
    condition = quote("SchemaName eq 'new_Region' and IsCustomEntity eq true")
    assert [row["LogicalName"] for row in sales("GET", f"EntityDefinitions?$filter={condition}").rows] == ["new_region"]
