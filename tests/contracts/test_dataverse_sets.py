"""Sets in the Dataverse dialect: query options, pages, counts, the service document and `$metadata`."""

from __future__ import annotations

from itertools import count
from typing import Any
from urllib.parse import quote

import pytest

from p2c.odata.client.metadata import parse_csdl
from tests.contracts.caller import ROOT, Caller
from tests.contracts.model import PERSON


def fill(people: Caller, *rows: dict[str, Any]) -> list[str]:
    """Ids of new people, one a dictionary."""
    answer = people.bulk("people", "CreateMultiple", *rows)
    assert answer.status == 200, answer.body
    ids: list[str] = answer.json["Ids"]
    return ids


def names(rows: list[dict[str, Any]]) -> list[str]:
    """The names of rows, in their order."""
    return [row["name"] for row in rows]


def test_the_service_document_names_every_set(people: Caller) -> None:
    answer = people("GET", "")
    assert answer.json == {
        "@odata.context": f"{ROOT}$metadata",
        "value": [{"name": name, "kind": "EntitySet", "url": name} for name in ("cities", "people")],
    }


def test_metadata_describes_types_keys_lookups_and_alternate_keys(people: Caller) -> None:
    answer = people("GET", "$metadata")
    assert answer.headers["Content-Type"] == "application/xml"
    person = parse_csdl(answer.body, "registry").entity["person"]
    assert person.set_name == "people"
    assert person.key == ("personid",)
    assert {item.name: item.type for item in person.properties} == {item.name: item.type for item in PERSON.properties}
    assert person.property["friendid"].targets == ("person", "city")
    assert person.property["createdon"].read_only
    assert [key.properties for key in person.alternate_keys] == [("number",)]


def test_select_always_brings_the_key_and_refuses_unknown_names(people: Caller) -> None:
    fill(people, {"name": "Ada"})
    row = people.rows("people", select="name,_cityid_value")[0]
    assert set(row) == {"@odata.etag", "personid", "name", "_cityid_value"}
    refused = people("GET", "people?$select=nam")
    assert (refused.status, refused.code) == (400, "0x80060888")
    assert "did you mean 'name'?" in refused.message


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("name eq 'ČAPEK'", ["Čapek"]),
        ("name ne 'čapek'", ["Ada", "Őri", "x_%"]),
        ("contains(name,'ŐR')", ["Őri"]),
        ("contains(name,'_')", ["x_%"]),
        ("endswith(name,'%')", ["x_%"]),
        ("startswith(name,'a') or age gt 40", ["Ada", "Őri"]),
        ("not (age gt 40)", ["Ada", "Čapek", "x_%"]),
        ("age eq null", ["x_%"]),
        ("age gt null", []),
        ("age gt 30.5", ["Čapek", "Őri"]),
        ("age eq 99999999999999999999", []),
        ("age in (30,41)", ["Ada", "Őri"]),
        ("wealth eq 10.00001", []),
        ("born lt 2000-01-01T12:00:00Z", ["Ada"]),
        ("cityid/name eq 'brno'", ["Čapek"]),
        ("_cityid_value eq null", ["Ada", "Őri", "x_%"]),
        ('Microsoft.Dynamics.CRM.In(PropertyName=\'name\',PropertyValues=["ada","ŐRI"])', ["Ada", "Őri"]),
        ('Microsoft.Dynamics.CRM.In(PropertyName=\'kind\',PropertyValues=["2","3"])', ["Čapek"]),
        ('Microsoft.Dynamics.CRM.Between(PropertyName=\'age\',PropertyValues=["30","40"])', ["Ada", "Čapek"]),
    ],
)
def test_filters_find_rows_without_regard_to_case_in_any_language(
    people: Caller, condition: str, found: list[str]
) -> None:
    people("POST", "cities", {"name": "Brno", "code": "B"})
    fill(
        people,
        {"name": "Ada", "age": 30, "wealth": "10.0000", "born": "2000-01-01"},
        {"name": "Čapek", "age": 31, "kind": 2, "cityid@odata.bind": "/cities(code='B')"},
        {"name": "Őri", "age": 41},
        {"name": "x_%"},
    )
    assert sorted(names(people.rows("people", filter=condition))) == sorted(found)


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ("nam eq 'x'", 400),
        ("name eq 5", 400),
        ("age eq 'five'", 400),
        ("name gt age", 400),
        ("contains(age,'1')", 400),
        ("year(name) eq 1", 400),
        ("hour(born) eq 1", 400),
        ("length(age) eq 1", 400),
        ("name add 1 eq 2", 400),
        ("age mul 2147483647 gt 1", 400),
        ("name", 400),
        ("personid eq 'x'", 400),
        ("cityid eq 5", 400),
        ("city/name eq 'x'", 400),
        ("name eq 'a\0b'", 400),
        ("people/any(p:p/age gt 5)", 400),
        ("indexof(name,'a') eq 1", 501),
    ],
)
def test_a_filter_that_cannot_be_answered_is_refused_not_failed(people: Caller, condition: str, status: int) -> None:
    fill(people, {"name": "Ada", "age": 30})
    answer = people("GET", f"people?$filter={quote(condition)}")
    assert answer.status == status, answer.body


@pytest.mark.parametrize(
    "text", ["';DROP TABLE person--", "' OR '1'='1", "\\'; SELECT 1; --", "%s %(x)s :x $1 ?", 'a"b', "%' OR 1=1"]
)
def test_sql_in_values_stays_text(people: Caller, text: str) -> None:
    fill(people, {"name": text, "number": text}, {"name": "other"})
    literal = text.replace("'", "''")
    for condition in (f"name eq '{literal}'", f"contains(name,'{literal}')", f"name in ('{literal}')"):
        assert names(people.rows("people", filter=condition)) == [text]
    assert people("GET", f"people(number='{quote(literal)}')").json["name"] == text
    assert len(people.rows("people")) == 2


@pytest.mark.parametrize(
    "option", ["$orderby=name;DROP TABLE person", "$select=name,1;--", "$skiptoken=1' OR 1=1", "$orderby=(select 1)"]
)
def test_sql_in_names_and_tokens_is_refused(people: Caller, option: str) -> None:
    assert people("GET", f"people?{quote(option, safe='$=')}").status == 400
    assert people.rows("people") == []


def test_rows_are_ordered_with_empty_values_first_and_ties_by_key(people: Caller) -> None:
    fill(people, {"name": "b", "age": 2}, {"name": "c"}, {"name": "a", "age": 2}, {"name": "d", "age": 1})
    assert names(people.rows("people", orderby="age,name desc")) == ["c", "d", "b", "a"]
    assert names(people.rows("people", orderby="age desc,name")) == ["a", "b", "d", "c"]


def test_pages_hold_the_asked_number_of_rows_and_link_to_the_next(people: Caller) -> None:
    fill(people, *({"name": f"{number}"} for number in range(7)))
    sizes, url = [], "people?$select=name&$count=true"
    links = set()
    while url:
        page = people("GET", url, prefer="odata.maxpagesize=3")
        assert page.headers["Preference-Applied"] == "odata.maxpagesize=3"
        assert page.json["@odata.count"] == 7
        sizes.append(len(page.rows))
        url = page.json.get("@odata.nextLink", "")
        assert url not in links
        links.add(url)
    assert sizes == [3, 3, 1]


def test_a_full_last_page_has_no_next_link(people: Caller) -> None:
    fill(people, *({"name": f"{number}"} for number in range(6)))
    first = people("GET", "people", prefer="odata.maxpagesize=3")
    assert "@odata.nextLink" not in people("GET", first.json["@odata.nextLink"], prefer="odata.maxpagesize=3").json


def test_top_limits_the_rows_unless_a_page_size_is_asked_for(people: Caller) -> None:
    fill(people, *({"name": f"{number}"} for number in range(5)))
    assert len(people.rows("people", top="2")) == 2
    assert people.rows("people", top="0") == []
    page = people("GET", "people?$top=1", prefer="odata.maxpagesize=3")
    assert len(page.rows) == 3


def test_pages_miss_and_double_no_row_that_was_there_while_others_are_inserted(people: Caller) -> None:
    before = fill(people, *({"name": f"{number:03}", "age": number} for number in range(40)))
    for order in ("", "&$orderby=name", "&$orderby=age desc,name"):
        url = f"people?$select=name{order}"
        read: list[str] = []
        names_of_new = count()
        while url:
            page = people("GET", url, prefer="odata.maxpagesize=7")
            read.extend(row["personid"] for row in page.rows)
            url = page.json.get("@odata.nextLink", "")
            for first in "0z":
                people("POST", "people", {"name": f"{first}{next(names_of_new)}"})
        assert len(read) == len(set(read)), order
        assert set(before) <= set(read), order


def test_count_is_told_beside_the_rows_and_alone(people: Caller) -> None:
    fill(people, *({"name": f"{number}", "age": number} for number in range(5)))
    assert people("GET", "people?$count=true&$filter=age gt 2&$top=1").json["@odata.count"] == 2
    alone = people("GET", "people/$count?$filter=age%20gt%202")
    assert (alone.body, alone.headers["Content-Type"]) == (b"2", "text/plain")


def test_expand_brings_the_row_behind_a_lookup_and_the_rows_of_a_collection(people: Caller) -> None:
    people("POST", "cities", {"name": "Brno", "code": "B"})
    bound = {"cityid@odata.bind": "/cities(code='B')"}
    fill(people, {"name": "Ada", "age": 1, **bound}, {"name": "Bob", "age": 2, **bound}, {"name": "Eve"})
    rows = people.rows("people", select="name", expand="cityid($select=name)", orderby="name")
    assert [row["cityid"] and row["cityid"]["name"] for row in rows] == ["Brno", "Brno", None]
    city = people.rows("cities", expand="people($select=name;$filter=age gt 1;$orderby=name)")[0]
    assert names(city["people"]) == ["Bob"]
    assert people("GET", "people?$expand=town").status == 400


def test_the_rest_of_an_expanded_collection_is_behind_its_next_link(people: Caller) -> None:
    citizens = [{"name": f"{number}", "age": number % 3} for number in range(7)]
    for code in "BP":
        people("POST", "cities", {"name": code, "code": code})
        bound = {"cityid@odata.bind": f"/cities(code='{code}')"}
        fill(people, *({**citizen, **bound} for citizen in citizens))
    nested = "people($select=name,age;$filter=name ne '0';$expand=friendid_person)"
    for city in people("GET", f"cities?$expand={nested}", prefer="odata.maxpagesize=2").rows:
        read, url = city["people"], city["people@odata.nextLink"]
        assert url.startswith(f"{people.root}cities({city['cityid']})/people?$select=name,age&$filter=")
        while url:
            page = people("GET", url, prefer="odata.maxpagesize=2").json
            read, url = read + page["value"], page.get("@odata.nextLink")
        assert sorted(names(read)) == list("123456")
        assert set(read[0]) == set(read[-1]) == {"@odata.etag", "personid", "name", "age", "friendid_person"}


def test_the_next_link_of_five_thousand_rows_keeps_their_order_where_they_share_a_value(people: Caller) -> None:
    people("POST", "cities", {"name": "Brno", "code": "B"})
    bound = {"cityid@odata.bind": "/cities(code='B')"}
    fill(people, *({"name": f"{number}", "age": number // 4 or None, **bound} for number in range(5003)))
    city = people("GET", "cities?$expand=people($select=age;$orderby=age desc)").rows[0]
    rest = people("GET", city["people@odata.nextLink"]).rows
    assert (len(city["people"]), len(rest)) == (5000, 3)
    assert [row["age"] for row in rest] == [None, None, None]
    assert len({row["personid"] for row in [*city["people"], *rest]}) == 5003


@pytest.mark.parametrize("options", ["", "($top=2)", "($top=1;$select=name)", "($filter=age gt 0)"])
def test_without_more_rows_there_is_no_link(people: Caller, options: str) -> None:
    people("POST", "cities", {"name": 'B","+people":"x', "code": "B"})
    bound = {"cityid@odata.bind": "/cities(code='B')"}
    fill(people, *({"name": f"{number}", "age": 1, **bound} for number in range(3)))
    for prefer in ("", 'odata.include-annotations="*"'):
        city = people("GET", f"cities?$select=name&$expand=people{options}", prefer=prefer).rows[0]
        assert city["name"] == 'B","+people":"x'
        assert not [name for name in city if "nextLink" in name or name.startswith("+")]


def test_a_row_behind_a_lookup_is_told_as_a_reference(people: Caller) -> None:
    city = people("POST", "cities", {"name": "Brno"}).headers["OData-EntityId"]
    fill(people, {"name": "Ada", "cityid@odata.bind": city}, {"name": "Eve"})
    for prefer in ("", 'odata.include-annotations="*"'):
        rows = people("GET", "people?$select=name&$expand=cityid/$ref&$orderby=name", prefer=prefer).rows
        assert [row["cityid"] for row in rows] == [{"@odata.id": city}, None]


def test_the_rows_of_a_collection_have_pages_that_keep_the_query(people: Caller) -> None:
    people("POST", "cities", {"name": "Brno", "code": "B"})
    bound = {"cityid@odata.bind": "/cities(code='B')"}
    fill(people, *({"name": f"{number}", "age": number, **bound} for number in range(5)), {"name": "Eve"})
    url, read = "cities(code='B')/people?$select=name&$filter=age gt 0", []
    while url:
        page = people("GET", url, prefer="odata.maxpagesize=2")
        assert all(set(row) == {"@odata.etag", "personid", "name"} for row in page.rows)
        read.extend(names(page.rows))
        url = page.json.get("@odata.nextLink", "")
    assert sorted(read) == ["1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("query", "status"),
    [("$skip=1", 400), ("$format=json", 400), ("sql=x", 400), ("$search=x", 400),
     ("$top=-1", 400), ("$skiptoken=1~abc~0~0", 400), ("$skiptoken=1~00000000-0000-0000-0000-0000000000010~0~0", 400)],
)  # fmt: skip
def test_options_that_this_dialect_does_not_know_are_refused(people: Caller, query: str, status: int) -> None:
    assert people("GET", f"people?{query}").status == status
