"""`/metadata` of Finance and Operations, and actions as `$metadata` describes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest

from p2c.odata.client.metadata import parse_csdl
from tests.contracts.operations_site import Site


@pytest.fixture(scope="module")
def site(database_url: Callable[[str], str]) -> Iterator[Site]:
    """Operations, shared by the tests of the module."""
    running = Site(database_url("metadata"))
    yield running
    running.close()


def items(site: Site, name: str, query: str = "") -> list[dict[str, Any]]:
    """A list of the metadata service."""
    answer = site.send("GET", f"/metadata/{name}?{quote(query, safe='$=&')}")
    assert answer.status == 200, answer.body
    found: list[dict[str, Any]] = answer.json["value"]
    return found


@pytest.mark.parametrize("root", ["/metadata", "/Metadata", "/METADATA"])
def test_the_path_is_taken_in_any_case_of_letters(site: Site, root: str) -> None:
    assert site.send("GET", f"{root}/DataEntities?$top=1").status == 200
    assert {item["name"] for item in site.send("GET", root).json["value"]} == {
        "DataEntities",
        "PublicEntities",
        "PublicEnumerations",
        "Labels",
    }


def test_a_doubled_slash_before_the_service_is_forgiven(site: Site) -> None:
    """Clients put an address that ends in a slash before a path that begins with one."""
    assert site.send("GET", "http://localhost//data/CustomersV2").status == 200
    assert site.send("GET", "http://localhost//metadata/DataEntities?$top=1").status == 200


@pytest.mark.parametrize("url", ["/namespaces/AXSF/data/Currencies", "/namespaces/axsf/metadata/DataEntities"])
def test_the_paths_of_the_product_in_the_customers_own_house_lead_to_the_same(site: Site, url: str) -> None:
    answer = site.send("GET", f"{url}?$top=1")
    assert answer.status == 200
    assert "/namespaces/AXSF/" in answer.json["@odata.context"]


@pytest.mark.parametrize("url", ["/", "/nowhere", "/api/nothing", "/dat/CustomersV3"])
def test_a_path_that_leads_nowhere_is_answered_by_the_web_host(site: Site, url: str) -> None:
    answer = site.send("GET", url)
    assert (answer.status, set(answer.json)) == (404, {"Message"})


def test_custom_services_are_listed_in_three_steps(site: Site) -> None:
    lists = ["", "/UserSessionService", "/usersessionservice/AifUserSessionService"]
    assert [site.send("GET", f"/api/services{path}").json for path in lists] == [
        {"ServiceGroups": [{"Name": "UserSessionService"}]},
        {"Services": [{"Name": "AifUserSessionService"}]},
        {"Operations": [{"Name": "GetUserSessionInfo"}]},
    ]
    operation = f"/api/services{lists[2]}/GetUserSessionInfo"
    assert site.send("GET", operation).status == 405
    assert site.send("POST", "/api/services/UserSessionService", {}).status == 405
    assert site.send("POST", f"{operation}/more", {}).status == 404
    assert set(site.send("GET", "/api/services/Nothing").json) == {"Message"}


def test_data_entities_tell_every_name_of_an_entity(site: Site) -> None:
    (found,) = items(site, "DataEntities", "$filter=PublicCollectionName eq 'CustomersV3'")
    assert found == {
        "Name": "CustCustomerV3Entity",
        "PublicEntityName": "CustomerV3",
        "PublicCollectionName": "CustomersV3",
        "LabelId": found["LabelId"],
        "DataServiceEnabled": True,
        "DataManagementEnabled": True,
        "EntityCategory": "Master",
        "IsReadOnly": False,
    }
    documents = "EntityCategory eq Microsoft.Dynamics.Metadata.EntityCategory'Document'"
    assert {item["EntityCategory"] for item in items(site, "DataEntities", f"$filter={documents}")} == {"Document"}


def test_lists_are_searched_paged_counted_and_cut_to_fields(site: Site) -> None:
    query = "$filter=contains(tolower(Name),'cust')&$select=Name&$orderby=Name desc&$top=2&$count=true"
    answer = site.send("GET", f"/metadata/DataEntities?{quote(query, safe='$=&')}").json
    assert answer["@odata.count"] > 2
    names = [item["Name"] for item in answer["value"]]
    assert names == sorted(names, reverse=True)
    assert [set(item) for item in answer["value"]] == [{"Name"}, {"Name"}]
    assert items(site, "DataEntities", f"{query}&$skip=1")[0]["Name"] == names[1]
    assert int(site.send("GET", "/metadata/PublicEnumerations/$count").body) == len(items(site, "PublicEnumerations"))


def test_a_public_entity_tells_its_properties_and_actions(site: Site) -> None:
    entity = site.send("GET", "/metadata/PublicEntities('CustomerV2')").json
    properties = {item["Name"]: item for item in entity["Properties"]}
    account, hold = properties["CustomerAccount"], properties["OnHoldStatus"]
    assert (account["TypeName"], account["DataType"], account["IsKey"], account["AllowEdit"]) == (
        "Edm.String",
        "String",
        True,
        False,
    )
    assert (hold["TypeName"], hold["DataType"]) == ("Microsoft.Dynamics.DataEntities.CustVendorBlocked", "Enum")
    group = site.send("GET", "/metadata/PublicEntities('DataManagementDefinitionGroup')").json
    actions = {item["Name"]: item for item in group["Actions"]}
    assert actions["GetAzureWriteUrl"]["BindingKind"] == "BoundToEntitySet"
    assert actions["GetAzureWriteUrl"]["Parameters"][1]["Name"] == "uniqueFileName"
    assert actions["GetAzureWriteUrl"]["ReturnType"] == {"TypeName": "Edm.String", "IsCollection": False}


def test_enumerations_have_their_members_with_numbers_and_labels(site: Site) -> None:
    yes = site.send("GET", "/metadata/PublicEnumerations('NoYes')").json["Members"][1]
    assert (yes["Name"], yes["Value"]) == ("Yes", 1)
    label = site.send("GET", f"/metadata/Labels(Id='{yes['LabelId']}',Language='en-US')").json
    assert (label["Language"], label["Value"]) == ("en-US", "Yes")


def test_every_label_that_an_entity_names_can_be_read(site: Site) -> None:
    known = {item["Id"] for item in items(site, "Labels")}
    for entity in items(site, "PublicEntities"):
        assert entity["LabelId"] in known
        assert {item["LabelId"] for item in entity["Properties"]} <= known


@pytest.mark.parametrize(
    "path",
    [
        "Nothing",
        "PublicEntities('Nothing')",
        "PublicEnumerations('Nothing')",
        "Labels(Id='@P2C:Nothing',Language='en-US')",
        "DataEntities/Nothing",
    ],
)
def test_what_does_not_exist_is_404_in_json(site: Site, path: str) -> None:
    answer = site.send("GET", f"/metadata/{path}")
    assert answer.status == 404
    assert set(answer.json) in ({"Message"}, {"error"})


def test_metadata_is_read_only_and_bad_queries_are_400(site: Site) -> None:
    assert site.send("POST", "/metadata/DataEntities", {}).status == 405
    for query in ("$filter=Name eq", "$select=Nothing", "$nothing=1"):
        assert site.send("GET", f"/metadata/DataEntities?{quote(query, safe='$=&')}").status == 400


def test_the_schema_describes_actions_and_clients_still_read_it(site: Site) -> None:
    body = site.send("GET", "/data/$metadata").body
    assert b'<Action Name="ImportFromPackage" IsBound="true">' in body
    assert "CustomersV2" in parse_csdl(body, "operations").entity_set


def test_actions_work_inside_a_batch(site: Site) -> None:
    """Between writes, with a path relative to the service."""
    action = "DataManagementEntities/Microsoft.Dynamics.DataEntities.GetApplicationVersion"
    part = f"Content-Type: application/http\r\n\r\nPOST {action} HTTP/1.1\r\nContent-Type: application/json\r\n\r\n{{}}"
    body = f"--b\r\n{part}\r\n--b--\r\n".encode()
    answer = site.send("POST", "/data/$batch", body, content_type="multipart/mixed; boundary=b")
    assert answer.status == 200
    assert b'"value":"10.' in answer.body


def test_a_path_that_cannot_be_read_fails_alone_in_a_batch(site: Site) -> None:
    parts = ["POST Customers( HTTP/1.1", "GET Currencies HTTP/1.1"]
    body = "".join(f"--b\r\nContent-Type: application/http\r\n\r\n{part}\r\n\r\n\r\n" for part in parts) + "--b--\r\n"
    answer = site.send("POST", "/data/$batch", body.encode(), content_type="multipart/mixed; boundary=b")
    assert [line.split()[1] for line in answer.body.splitlines() if line.startswith(b"HTTP/1.1")] == [b"400", b"200"]
