"""FetchXML: rows of linked tables, conditions, pages and aggregates by a query in XML."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any
from urllib.parse import quote, unquote

import pytest

from tests.contracts.caller import Caller

ALL = 'odata.include-annotations="*"'
CRM = "@Microsoft.Dynamics.CRM."


@pytest.fixture
def settled(people: Caller) -> Caller:
    """Four people, three of them in two cities."""
    for code in ("B", "P"):
        assert people("POST", "cities", {"name": f"City {code}", "code": code}).status == 204
    for name, age, kind, code in (("Ada", 10, 1, "B"), ("Bob", 20, 1, "P"), ("Cid", 30, 2, "P"), ("Dan", None, 2, "")):
        bind = {"cityid@odata.bind": f"cities(code='{code}')"} if code else {}
        assert people("POST", "people", {"name": name, "age": age, "kind": kind, **bind}).status == 204
    return people


def fetched(people: Caller, inside: str, **attributes: str) -> dict[str, Any]:
    """The body of the answer to a query of people."""
    head = " ".join(f'{name}="{value}"' for name, value in attributes.items())
    text = f'<fetch {head}><entity name="person">{inside}</entity></fetch>'
    answer = people("GET", f"people?fetchXml={quote(text)}", prefer=ALL)
    assert answer.status == 200, answer.body
    body: dict[str, Any] = answer.json
    return body


def names(body: dict[str, Any]) -> list[str]:
    """The names of the rows, in their order."""
    return [row["name"] for row in body["value"]]


def where(*conditions: str, kind: str = "and") -> str:
    """Names by age, under conditions."""
    inner = "".join(f"<condition {condition}/>" for condition in conditions)
    return f'<attribute name="name"/><order attribute="name"/><filter type="{kind}">{inner}</filter>'


def test_named_columns_come_with_the_key_and_with_annotations(settled: Caller) -> None:
    row = fetched(settled, '<attribute name="name"/><attribute name="kind"/><order attribute="name"/>')["value"][0]
    assert {name for name in row if "@" not in name} == {"personid", "name", "kind"}
    assert row["kind@OData.Community.Display.V1.FormattedValue"] == "One"


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        (['attribute="age" operator="gt" value="10"'], ["Bob", "Cid"]),
        (['attribute="age" operator="null"'], ["Dan"]),
        (['attribute="name" operator="like" value="%a%"'], ["Ada", "Dan"]),
        (['attribute="name" operator="not-like" value="A%"'], ["Bob", "Cid", "Dan"]),
        (['attribute="name" operator="begins-with" value="b"'], ["Bob"]),
        (['attribute="kind" operator="eq" value="2"', 'attribute="age" operator="not-null"'], ["Cid"]),
        (['attribute="seen" operator="last-x-days" value="3"'], []),
    ],
)
def test_conditions_leave_the_rows_that_meet_them(settled: Caller, conditions: list[str], expected: list[str]) -> None:
    assert names(fetched(settled, where(*conditions))) == expected


def test_lists_of_values_and_alternatives(settled: Caller) -> None:
    among = '<condition attribute="age" operator="in"><value>10</value><value>30</value></condition>'
    inside = f'<attribute name="name"/><order attribute="name"/><filter>{among}</filter>'
    assert names(fetched(settled, inside)) == ["Ada", "Cid"]
    either = where('attribute="age" operator="eq" value="10"', 'attribute="name" operator="eq" value="dan"', kind="or")
    assert names(fetched(settled, either)) == ["Ada", "Dan"]


def test_linked_tables_bring_columns_under_their_alias(settled: Caller) -> None:
    link = (
        '<link-entity name="city" from="cityid" to="cityid" alias="c" link-type="{kind}">'
        '<attribute name="name"/>{more}</link-entity>'
    )
    inside = '<attribute name="name"/><order attribute="name"/>'
    inner = fetched(settled, inside + link.format(kind="inner", more=""))["value"]
    assert [(row["name"], row["c.name"]) for row in inner] == [("Ada", "City B"), ("Bob", "City P"), ("Cid", "City P")]
    condition = '<filter><condition attribute="code" operator="eq" value="B"/></filter>'
    outer = fetched(settled, inside + link.format(kind="outer", more=condition))["value"]
    assert [row["c.name"] for row in outer] == ["City B", None, None, None]


def test_links_lead_to_children_as_well(settled: Caller) -> None:
    text = (
        '<fetch><entity name="city"><attribute name="code"/>'
        '<link-entity name="person" from="cityid" to="cityid" alias="p"><attribute name="name"/>'
        '<filter><condition attribute="age" operator="ge" value="20"/></filter></link-entity></entity></fetch>'
    )
    rows = settled("GET", f"cities?fetchXml={quote(text)}").rows
    assert sorted(row["p.name"] for row in rows) == ["Bob", "Cid"]


def test_pages_follow_one_another_by_number_and_cookie(settled: Caller) -> None:
    inside, read, page = '<attribute name="name"/><order attribute="name"/>', [], 1
    while True:
        body = fetched(settled, inside, count="3", page=str(page))
        read.extend(names(body))
        if not body[f"{CRM}morerecords"]:
            break
        cookie = ET.fromstring(body[f"{CRM}fetchxmlpagingcookie"])
        assert unquote(unquote(cookie.get("pagingcookie", ""))).startswith("<cookie")
        page = int(cookie.get("pagenumber", ""))
    assert read == ["Ada", "Bob", "Cid", "Dan"]
    assert page == 2


def test_rows_are_aggregated_by_groups(settled: Caller) -> None:
    inside = (
        '<attribute name="kind" alias="kind" groupby="true"/><attribute name="personid" alias="n" aggregate="count"/>'
        '<attribute name="age" alias="total" aggregate="sum"/><order alias="kind"/>'
    )
    rows = fetched(settled, inside, aggregate="true")["value"]
    assert [(row["kind"], row["n"], row["total"]) for row in rows] == [(1, 2, 30), (2, 2, 30)]


def test_rows_are_grouped_by_parts_of_dates(people: Caller) -> None:
    for number, born in enumerate(("2020-01-31", "2020-05-01", "2021-05-09"), 1):
        row = {"name": f"{number}", "age": number, "born": born, "seen": f"{born}T23:30:00-01:00"}
        assert people("POST", "people", row).status == 204

    def told(column: str, part: str) -> list[tuple[int, int]]:
        inside = (
            f'<attribute name="{column}" alias="part" groupby="true" dategrouping="{part}"/>'
            '<attribute name="age" alias="total" aggregate="sum"/><order alias="part"/>'
        )
        rows = fetched(people, inside, aggregate="true")["value"]
        return [(row["part"], row["total"]) for row in rows]

    assert told("born", "year") == [(2020, 3), (2021, 3)]
    assert told("born", "month") == [(1, 1), (5, 5)]
    assert told("born", "quarter") == [(1, 1), (2, 5)]
    # Half past eleven at an hour west of Greenwich is the next day there.
    assert told("seen", "day") == [(1, 1), (2, 2), (10, 3)]
    latest = '<attribute name="seen" alias="last" aggregate="max"/><attribute name="born" alias="b" aggregate="min"/>'
    (row,) = fetched(people, latest, aggregate="true")["value"]
    assert (row["last"], row["b"]) == ("2021-05-10T00:30:00Z", "2020-01-31")


def test_columns_are_compared_with_one_another(settled: Caller) -> None:
    assert people_where(settled, 'attribute="age" operator="gt" valueof="kind"') == ["Ada", "Bob", "Cid"]
    link = '<link-entity name="city" from="cityid" to="cityid" alias="c"/>'
    inside = where('attribute="name" operator="lt" valueof="c.name"').replace("<filter", f"{link}<filter")
    assert names(fetched(settled, inside)) == ["Ada", "Bob", "Cid"]


def people_where(people: Caller, *conditions: str) -> list[str]:
    """The names of those who meet the conditions."""
    return names(fetched(people, where(*conditions)))


def test_columns_of_linked_tables_order_rows_before_those_of_the_first(settled: Caller) -> None:
    inside = (
        '<attribute name="name"/><link-entity name="city" from="cityid" to="cityid" alias="c"/>'
        '<order entityname="c" attribute="code" descending="true"/><order attribute="name" descending="true"/>'
    )
    assert names(fetched(settled, inside)) == ["Cid", "Bob", "Ada"]


def test_an_alias_takes_the_place_of_the_name(settled: Caller) -> None:
    inside = '<attribute name="name" alias="who"/><attribute name="kind" alias="sort"/><order attribute="name"/>'
    row = fetched(settled, inside)["value"][0]
    assert {name for name in row if "@" not in name} == {"personid", "who", "sort"}
    assert row["who@OData.Community.Display.V1.AttributeName"] == "name"
    assert row["sort@OData.Community.Display.V1.FormattedValue"] == "One"


def test_distinct_rows_come_once_and_top_limits_them(settled: Caller) -> None:
    rows = fetched(settled, '<attribute name="kind"/><order attribute="kind"/>', distinct="true")["value"]
    assert [row["kind"] for row in rows] == [1, 2]
    assert names(fetched(settled, where(), top="2")) == ["Ada", "Bob"]


@pytest.mark.parametrize(
    "text",
    [
        "<fetch>",
        "<fetch/>",
        "<!DOCTYPE x><fetch><entity name='person'/></fetch>",
        "<fetch><entity name='city'/></fetch>",
        "<fetch><entity name='person'><attribute name='town'/></entity></fetch>",
        "<fetch><entity name='person'>" + where("attribute='age' operator='near' value='1'") + "</entity></fetch>",
        "<fetch><entity name='person'>" + where("attribute='age' operator='eq' value='x'") + "</entity></fetch>",
        "<fetch><entity name='person'><link-entity name='town' from='a' to='b'/></entity></fetch>",
        "<fetch><entity name='person'><link-entity name='city' from='a' to='b'/></entity></fetch>",
        "<fetch count='x'><entity name='person'/></fetch>",
        "<fetch><entity name='person'><link-entity name='city' from='name' to='age'/></entity></fetch>",
        "<fetch distinct='true'><entity name='person'>"
        "<attribute name='kind'/><order attribute='age'/></entity></fetch>",
        "<fetch aggregate='true'><entity name='person'>"
        "<attribute name='name' alias='s' aggregate='sum'/></entity></fetch>",
        "<fetch aggregate='true'><entity name='person'><attribute name='age'/></entity></fetch>",
        "<fetch aggregate='true'><entity name='person'>"
        "<attribute name='age' alias='a' groupby='true' dategrouping='year'/></entity></fetch>",
        "<fetch aggregate='true'><entity name='person'>"
        "<attribute name='born' alias='a' groupby='true' dategrouping='fiscal-year'/></entity></fetch>",
        "<fetch><entity name='person'><filter><condition attribute='name' operator='eq' valueof='age'/></filter>"
        "</entity></fetch>",
        "<fetch><entity name='person'><filter><condition attribute='name' operator='like' valueof='name'/></filter>"
        "</entity></fetch>",
        "<fetch aggregate='true'><entity name='person'><attribute name='kind' alias='k' groupby='true'/>"
        "<attribute name='age' alias='k' aggregate='sum'/></entity></fetch>",
        "<fetch><entity name='person'><attribute name='name' alias='x'/><attribute name='age' alias='x'/>"
        "</entity></fetch>",
    ],
)
def test_what_cannot_be_read_is_refused(people: Caller, text: str) -> None:
    assert people("GET", f"people?fetchXml={quote(text)}").status == 400


@pytest.mark.parametrize("option", ["savedQuery=x", "userQuery=x"])
def test_queries_that_are_not_offered_are_refused_instead_of_ignored(people: Caller, option: str) -> None:
    assert people("GET", f"people?{option}").status == 501
