"""Pages of rows as services send them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from p2c.edm.values import Row
from p2c.errors import StopError
from p2c.odata.client.metadata import parse_csdl
from p2c.odata.client.rows import RowDecoder

CSDL = b"""<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>
<Schema Namespace="mscrm" xmlns="http://docs.oasis-open.org/odata/ns/edm">
<EntityType Name="account"><Key><PropertyRef Name="accountid"/></Key>
<Property Name="accountid" Type="Edm.Guid"/><Property Name="name" Type="Edm.String"/>
<Property Name="revenue" Type="Edm.Decimal"/><Property Name="createdon" Type="Edm.DateTimeOffset"/>
<Property Name="reason" Type="Edm.String"/><Property Name="id" Type="Edm.String"/>
<Property Name="_ownerid_value" Type="Edm.Guid"/>
<NavigationProperty Name="ownerid" Type="mscrm.account">
<ReferentialConstraint Property="_ownerid_value" ReferencedProperty="accountid"/></NavigationProperty>
</EntityType><EntityContainer Name="System"><EntitySet Name="accounts" EntityType="mscrm.account"/></EntityContainer>
</Schema></edmx:DataServices></edmx:Edmx>"""
ACCOUNT = parse_csdl(CSDL, "sales").entity_set["accounts"]
ONE, TWO = UUID(int=1), UUID(int=2)
NAMES = ("accountid", "name", "revenue", "createdon", "ownerid")


def rows(text: str, names: tuple[str, ...] = NAMES) -> list[Row]:
    return RowDecoder(ACCOUNT, names).page(f'{{"value":[{text}]}}'.encode()).rows


def test_values_come_typed_and_lookups_under_their_own_name() -> None:
    told = (
        f'{{"@odata.etag":"W/1","accountid":"{ONE}","name":"Kůň","revenue":10.50,'
        f'"createdon":"2020-01-31T00:00:00Z","_ownerid_value":"{TWO}"}}'
    )
    assert rows(told) == [
        {
            "accountid": ONE,
            "name": "Kůň",
            "revenue": Decimal("10.50"),
            "createdon": datetime(2020, 1, 31, tzinfo=UTC),
            "ownerid": TWO,
        }
    ]


def test_what_a_row_does_not_tell_has_no_value() -> None:
    assert rows(f'{{"accountid":"{ONE}","id":"more","ownerid":"{TWO}"}}') == [
        {"accountid": ONE, "name": None, "revenue": None, "createdon": None, "ownerid": None}
    ]


def test_the_empty_date_of_operations_is_no_value() -> None:
    told = f'{{"accountid":"{ONE}","name":"","revenue":0,"createdon":"1900-01-01T12:00:00Z","_ownerid_value":null}}'
    assert rows(told)[0]["createdon"] is None


@pytest.mark.parametrize("names", [NAMES, ("accountid", "name"), ("accountid",)])
def test_deleted_rows_are_told_apart_however_few_columns_are_read(names: tuple[str, ...]) -> None:
    page = RowDecoder(ACCOUNT, names).page(f'{{"value":[{{"id":"{ONE}","reason":"deleted"}}]}}'.encode())
    assert (page.rows, page.deleted) == ([], [str(ONE)])


def test_a_column_called_as_what_tells_a_deleted_row_is_a_column() -> None:
    told = f'{{"accountid":"{ONE}","reason":"moved","id":"7"}}'
    assert rows(told, ("accountid", "reason", "id")) == [{"accountid": ONE, "reason": "moved", "id": "7"}]


def test_a_value_of_another_type_stops_with_the_place() -> None:
    with pytest.raises(StopError, match="accounts"):
        rows('{"accountid":"one"}')
