"""Metadata as JSON: what clients read of tables, columns, keys and choices before they write."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest

from p2c.sales.model import MODEL
from tests.contracts.caller import Caller

CASTS = "Microsoft.Dynamics.CRM."
PEOPLE = "EntityDefinitions(LogicalName='person')"


def one(people: Caller, url: str) -> dict[str, Any]:
    """The only definition of an answer."""
    answer = people("GET", url)
    assert answer.status == 200, answer.body
    (row,) = answer.rows
    return row


def test_a_client_finds_the_set_and_the_key_of_a_table_by_its_name(people: Caller) -> None:
    query = "$select=LogicalName,EntitySetName,PrimaryIdAttribute&$filter=" + quote("LogicalName eq 'person'")
    row = one(people, f"EntityDefinitions?{query}")
    assert str(UUID(row["MetadataId"])) == row.pop("MetadataId")
    assert row == {"LogicalName": "person", "EntitySetName": "people", "PrimaryIdAttribute": "personid"}


def test_all_tables_are_listed_when_only_public_ones_are_asked_for(people: Caller) -> None:
    answer = people("GET", "EntityDefinitions?$filter=IsPrivate%20eq%20false")
    assert [row["LogicalName"] for row in answer.rows] == ["city", "person"]
    assert "@odata.nextLink" not in answer.json


def test_a_table_is_addressed_by_name_and_by_id(people: Caller) -> None:
    by_name = people("GET", f"{PEOPLE}?$select=SchemaName").json
    by_id = people("GET", f"EntityDefinitions({by_name['MetadataId']})?$select=SchemaName").json
    assert by_name["SchemaName"] == by_id["SchemaName"] == "Person"
    missing = people("GET", "EntityDefinitions(LogicalName='persn')")
    assert (missing.status, missing.code) == (404, "0x80040217")
    assert "did you mean 'person'?" in missing.message


def test_columns_have_the_types_that_their_values_have(people: Caller) -> None:
    columns = {row["LogicalName"]: row for row in people("GET", f"{PEOPLE}/Attributes").rows}
    assert {name: row["AttributeType"] for name, row in columns.items()} == {
        "personid": "Uniqueidentifier",
        "name": "String",
        "number": "String",
        "branch": "String",
        "age": "Integer",
        "wealth": "Money",
        "active": "Boolean",
        "kind": "Picklist",
        "born": "DateTime",
        "seen": "DateTime",
        "cityid": "Lookup",
        "friendid": "Lookup",
        "createdon": "DateTime",
        "modifiedon": "DateTime",
    }
    assert columns["name"]["@odata.type"] == "#Microsoft.Dynamics.CRM.StringAttributeMetadata"
    assert columns["name"]["MaxLength"] == 100
    assert columns["name"]["RequiredLevel"]["Value"] == "ApplicationRequired"
    assert columns["name"]["IsPrimaryName"]
    assert columns["born"]["Format"] == "DateOnly"
    assert not columns["createdon"]["IsValidForCreate"]


def test_a_cast_brings_the_columns_of_one_type_with_what_only_they_have(people: Caller) -> None:
    url = f"{PEOPLE}/Attributes/{CASTS}PicklistAttributeMetadata?$select=LogicalName&$expand=OptionSet($select=Options)"
    row = one(people, url)
    assert "@odata.type" not in row
    assert row["LogicalName"] == "kind"
    options = row["OptionSet"]["Options"]
    assert [(option["Value"], option["Label"]["UserLocalizedLabel"]["Label"]) for option in options] == [
        (1, "One"),
        (2, "Two"),
        (3, "Three"),
    ]
    assert options[0]["Label"]["LocalizedLabels"][0]["LanguageCode"] == 1033


@pytest.mark.parametrize(
    ("cast", "names"),
    [
        ("LookupAttributeMetadata", ["cityid", "friendid"]),
        ("StringAttributeMetadata", ["name", "number", "branch"]),
        ("BooleanAttributeMetadata", ["active"]),
        ("MoneyAttributeMetadata", ["wealth"]),
        ("DateTimeAttributeMetadata", ["born", "seen", "createdon", "modifiedon"]),
        ("IntegerAttributeMetadata", ["age"]),
        ("StatusAttributeMetadata", []),
    ],
)
def test_every_type_of_column_has_its_cast(people: Caller, cast: str, names: list[str]) -> None:
    rows = people("GET", f"{PEOPLE}/Attributes/{CASTS}{cast}?$select=LogicalName").rows
    assert [row["LogicalName"] for row in rows] == names


def test_what_one_type_alone_has_is_selected_behind_its_cast_only(people: Caller) -> None:
    plain = people("GET", f"{PEOPLE}/Attributes?$select=LogicalName,MaxLength")
    assert (plain.status, plain.code) == (400, "0x80060888")
    cast = people("GET", f"{PEOPLE}/Attributes(LogicalName='name')/{CASTS}StringAttributeMetadata?$select=MaxLength")
    assert cast.json["MaxLength"] == 100


def test_a_yes_no_column_names_both_its_answers(people: Caller) -> None:
    url = f"{PEOPLE}/Attributes/{CASTS}BooleanAttributeMetadata?$expand=OptionSet"
    pair = one(people, url)["OptionSet"]
    labels = [pair[name]["Label"]["UserLocalizedLabel"]["Label"] for name in ("FalseOption", "TrueOption")]
    assert labels == ["No", "Yes"]


def test_alternate_keys_are_listed_with_their_columns(people: Caller) -> None:
    key = one(people, f"{PEOPLE}/Keys?$select=SchemaName,KeyAttributes")
    assert (key["SchemaName"], key["KeyAttributes"]) == ("number", ["number"])


def test_relationships_name_both_ends(people: Caller) -> None:
    cities = people("GET", "EntityDefinitions(LogicalName='city')/OneToManyRelationships").rows
    assert [(row["ReferencingEntity"], row["ReferencingAttribute"]) for row in cities] == [
        ("person", "cityid"),
        ("person", "friendid"),
    ]
    ends = people("GET", f"{PEOPLE}/ManyToOneRelationships?$select=SchemaName").rows
    assert [row["SchemaName"] for row in ends] == ["people", "friends", "citizens"]
    assert people("GET", f"{PEOPLE}/ManyToManyRelationships").rows == []
    found = one(people, "RelationshipDefinitions?$filter=SchemaName%20eq%20'people'")
    assert found["ReferencedEntity"] == "city"
    cast = f"RelationshipDefinitions/{CASTS}OneToManyRelationshipMetadata?$select=SchemaName"
    assert len(people("GET", cast).rows) == 3


def test_definitions_are_filtered_by_enums_and_by_what_is_inside_complex_values(people: Caller) -> None:
    columns = f"{PEOPLE}/Attributes?$select=LogicalName&$filter="
    typed = quote("AttributeType eq Microsoft.Dynamics.CRM.AttributeTypeCode'Boolean'")
    assert [row["LogicalName"] for row in people("GET", columns + typed).rows] == ["active"]
    inside = quote("RequiredLevel/Value eq 'ApplicationRequired' or IsPrimaryId eq true")
    assert [row["LogicalName"] for row in people("GET", columns + inside).rows] == ["personid", "name"]


def test_functions_and_unknown_names_are_refused(people: Caller) -> None:
    searched = people("GET", "EntityDefinitions?$filter=contains(LogicalName,'p')")
    assert (searched.status, searched.code) == (501, "0x8006088a")
    for query in ("$select=LogicalNam", "$filter=LogicalNam%20eq%20'x'", "$expand=Attribute"):
        assert people("GET", f"EntityDefinitions?{query}").status == 400
    assert people("GET", f"{PEOPLE}/Columns").status == 404
    assert people("POST", "EntityDefinitions", {}).status == 501


def test_expanded_columns_take_their_own_options(people: Caller) -> None:
    url = f"{PEOPLE}?$select=LogicalName&$expand=Attributes($select=LogicalName;$filter=LogicalName%20eq%20'age'),Keys"
    body = people("GET", url).json
    assert [row["LogicalName"] for row in body["Attributes"]] == ["age"]
    assert body["Keys"][0]["EntityKeyIndexStatus"] == "Active"


def test_labels_come_in_the_source_language_and_in_the_callers(people: Caller) -> None:
    label = people("GET", f"{PEOPLE}?$select=DisplayName", accept_language="cs-CZ,cs;q=0.9").json["DisplayName"]
    assert [item["LanguageCode"] for item in label["LocalizedLabels"]] == [1033, 1029]
    assert label["UserLocalizedLabel"]["LanguageCode"] == 1029


def test_the_messages_of_a_table_tell_whether_it_takes_bulk_writes(people: Caller) -> None:
    condition = "(sdkmessageid/name eq 'CreateMultiple' or sdkmessageid/name eq 'UpdateMultiple')"
    condition += " and primaryobjecttypecode eq 'person'"
    url = "sdkmessagefilters?$select=sdkmessagefilterid&$expand=sdkmessageid($select=name)&$filter="
    rows = people("GET", url + quote(condition)).rows
    assert [row["sdkmessageid"]["name"] for row in rows] == ["CreateMultiple", "UpdateMultiple"]
    assert set(rows[0]) == {"sdkmessagefilterid", "sdkmessageid"}


def test_typed_columns_come_in_one_call(people: Caller) -> None:
    def condition(name: str) -> dict[str, object]:
        value = {"Type": "System.String", "Value": name}
        return {"Conditions": [{"PropertyName": "LogicalName", "ConditionOperator": "Equals", "Value": value}]}

    query = {
        "Properties": {"PropertyNames": ["LogicalName", "Attributes"]},
        "Criteria": condition("person"),
        "AttributeQuery": {
            "Properties": {"PropertyNames": ["LogicalName", "MaxLength"]},
            "Criteria": condition("name"),
        },
    }
    text = quote(str(query).replace("'", '"'))
    (table,) = people("GET", f"RetrieveMetadataChanges(Query=@p1)?@p1={text}").json["EntityMetadata"]
    assert table["LogicalName"] == "person"
    assert [(row["LogicalName"], row["MaxLength"]) for row in table["Attributes"]] == [("name", 100)]


def test_functions_tell_the_version_the_caller_and_the_organization(sales: Caller) -> None:
    assert sales("GET", "RetrieveVersion()").json["Version"].startswith("9.2.")
    who = sales("GET", "WhoAmI()").json
    assert who == sales("GET", "WhoAmI").json
    for access in ("Microsoft.Dynamics.CRM.EndpointAccessType'Default'", "@p"):
        url = f"RetrieveCurrentOrganization(AccessType={access})"
        query = "?@p=Microsoft.Dynamics.CRM.EndpointAccessType'Default'" if access == "@p" else ""
        detail = sales("GET", url + query).json["Detail"]
        assert detail["OrganizationId"] == who["OrganizationId"]
        assert detail["Endpoints"]["Keys"][0] == "WebApplication"


@pytest.mark.parametrize(
    "call",
    [
        "RetrieveTotalRecordCount(EntityNames=['account','contact'])",
        "RetrieveTotalRecordCount(EntityNames=@p1)?@p1=[%22account%22,%22contact%22]",
    ],
)
def test_rows_of_tables_are_counted(sales: Caller, call: str) -> None:
    before = sales("GET", call).json["EntityRecordCountCollection"]
    sales("POST", "accounts", {"name": "One more"})
    after = sales("GET", call).json["EntityRecordCountCollection"]
    assert before["Keys"] == after["Keys"] == ["account", "contact"]
    assert after["Values"] == [before["Values"][0] + 1, before["Values"][1]]


@pytest.mark.parametrize(("names", "code"), [("['nope']", "0x80041102"), ("account", "0x80060888")])
def test_what_is_no_list_of_tables_is_not_counted(sales: Caller, names: str, code: str) -> None:
    refused = sales("GET", f"RetrieveTotalRecordCount(EntityNames={names})")
    assert (refused.status, refused.code) == (400, code)


def test_every_table_of_sales_describes_all_its_columns(sales: Caller) -> None:
    for entity in MODEL.entities:
        rows = sales("GET", f"EntityDefinitions(LogicalName='{entity.name}')/Attributes").rows
        assert [row["LogicalName"] for row in rows] == [item.name for item in entity.properties]
        statuses = f"EntityDefinitions(LogicalName='{entity.name}')/Attributes/{CASTS}StatusAttributeMetadata"
        for row in sales("GET", f"{statuses}?$expand=OptionSet,GlobalOptionSet").rows:
            assert all(option["State"] is not None for option in row["OptionSet"]["Options"])


def test_every_relationship_of_sales_can_be_followed_to_both_ends(sales: Caller) -> None:
    rows = sales("GET", "RelationshipDefinitions").rows
    names = [row["SchemaName"] for row in rows]
    assert len(names) == len(set(names)) > 100
    for entity in MODEL.entities:
        own = [row["ReferencedEntityNavigationPropertyName"] for row in rows if row["ReferencedEntity"] == entity.name]
        own += {
            row["ReferencingEntityNavigationPropertyName"] for row in rows if row["ReferencingEntity"] == entity.name
        }
        for start in range(0, len(own), 15):
            expand = ",".join(f"{name}($top=1)" for name in own[start : start + 15])
            answer = sales("GET", f"{entity.set_name}?$top=1&$expand={expand}")
            assert answer.status == 200, answer.body


@pytest.mark.parametrize(
    ("table", "column", "name"),
    [
        ("quote", "owninguser", "system_user_quotes"),
        ("quote", "createdby", "lk_quotebase_createdby"),
        ("account", "createdonbehalfby", "lk_accountbase_createdonbehalfby"),
        ("contact", "modifiedonbehalfby", "lk_contact_modifiedonbehalfby"),
        ("uom", "uomscheduleid", "unit_of_measure_schedule_conversions"),
        ("quoteclose", "owningteam", "team_quoteclose"),
        ("quote", "accountid", "account_quote_accountid"),
    ],
)
def test_relationships_have_their_public_names(sales: Caller, table: str, column: str, name: str) -> None:
    query = f"$filter=ReferencingAttribute%20eq%20'{column}'"
    found = one(sales, f"EntityDefinitions(LogicalName='{table}')/ManyToOneRelationships?{query}")
    assert found["SchemaName"] == found["ReferencedEntityNavigationPropertyName"] == name


def test_shared_choices_are_found_by_name(sales: Caller) -> None:
    names = [row["Name"] for row in sales("GET", "GlobalOptionSetDefinitions?$select=Name").rows]
    assert names == sorted(names)
    assert names
    assert sales("GET", f"GlobalOptionSetDefinitions(Name='{names[0]}')").json["IsGlobal"]
