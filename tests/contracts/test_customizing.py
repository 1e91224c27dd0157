"""Tables, columns, keys and relationships that clients add to a running service, as the Web API defines them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.contracts.caller import Caller, customizable_sales

TABLE = "EntityDefinitions(LogicalName='new_region')"
ACCOUNT = "EntityDefinitions(LogicalName='account')"
CRM = "Microsoft.Dynamics.CRM."


def label(text: str) -> dict[str, Any]:
    """A label in the platform's own language."""
    return {"LocalizedLabels": [{"Label": text, "LanguageCode": 1033}]}


def column(name: str, kind: str = "String", **members: Any) -> dict[str, Any]:
    """The definition of a column."""
    return {"@odata.type": f"{CRM}{kind}AttributeMetadata", "SchemaName": name, "DisplayName": label(name), **members}


def table(name: str, *columns: dict[str, Any], **members: Any) -> dict[str, Any]:
    """The definition of a table, whose rows are called by `new_Name`."""
    own = column("new_Name", MaxLength=100, IsPrimaryName=True)
    return {"SchemaName": name, "DisplayName": label(name), "Attributes": [own, *columns], **members}


@pytest.fixture
def sales(database_url: Callable[[str], str]) -> Iterator[Caller]:
    """Sales as it is shipped; what a test adds is gone at its end."""
    caller = customizable_sales(database_url)
    yield caller
    caller.service.database.engine.dispose()


def added(caller: Caller, url: str, body: dict[str, Any]) -> str:
    """The address of a definition that was accepted."""
    answer = caller("POST", url, body)
    assert answer.status == 204, answer.body
    return answer.headers["OData-EntityId"].removeprefix(caller.root)


def test_a_new_table_has_an_address_a_set_and_the_columns_of_every_table(sales: Caller) -> None:
    address = added(sales, "EntityDefinitions", table("new_Region", column("new_Code", MaxLength=20)))
    found = sales("GET", address).json
    assert (found["LogicalName"], found["SchemaName"], found["EntitySetName"]) == (
        "new_region",
        "new_Region",
        "new_regions",
    )
    assert (found["PrimaryIdAttribute"], found["PrimaryNameAttribute"]) == ("new_regionid", "new_name")
    assert (found["IsCustomEntity"], found["IsManaged"]) == (True, False)
    names = {row["LogicalName"] for row in sales("GET", f"{address}/Attributes?$select=LogicalName").rows}
    assert {"new_regionid", "new_name", "new_code", "statecode", "ownerid", "createdon"} <= names


def test_rows_of_a_new_table_are_written_read_changed_and_deleted(sales: Caller) -> None:
    added(sales, "EntityDefinitions", table("new_Region", column("new_Size", "Integer", MinValue=1, MaxValue=9)))
    row = sales("POST", "new_regions", {"new_name": "North", "new_size": 3}).headers["OData-EntityId"]
    assert sales("PATCH", row, {"new_size": 4}).status == 204
    refused = sales("PATCH", row, {"new_size": 10})
    assert (refused.status, refused.code) == (400, "0x8004432f")
    found = sales("GET", "new_regions?$filter=new_size eq 4&$select=new_name,statecode".replace(" ", "%20")).rows
    assert [(item["new_name"], item["statecode"]) for item in found] == [("North", 0)]
    assert sales("DELETE", row).status == 204
    assert sales("GET", "new_regions").rows == []
