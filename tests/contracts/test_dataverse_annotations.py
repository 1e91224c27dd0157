"""Annotations: what people read beside the values, for callers who ask for it."""

from __future__ import annotations

from typing import Any

import pytest

from p2c.odata.service.dataverse.annotations.wanted import FORMATTED, LOOKUP_NAME, NAVIGATION, TOTAL, Wanted
from tests.contracts.caller import Caller

ALL = 'odata.include-annotations="*"'


def made(caller: Caller, set_name: str, **values: object) -> str:
    """The id of a new row."""
    answer = caller("POST", set_name, values)
    assert answer.status == 204, answer.body
    return answer.headers["OData-EntityId"].rsplit("(")[1].rstrip(")")


def formatted(row: dict[str, Any], name: str) -> str:
    """The text that people read for a property."""
    text: str = row[f"{name}@{FORMATTED}"]
    return text


def person(people: Caller) -> dict[str, Any]:
    """One person with all annotations."""
    city = made(people, "cities", name="Brno", code="B")
    made(
        people,
        "people",
        name="Ada",
        age=1500,
        wealth="1234.5",
        active=True,
        kind=2,
        born="1990-02-01",
        seen="2026-11-20T09:05:00Z",
        **{"cityid@odata.bind": f"/cities({city})", "friendid_city@odata.bind": f"/cities({city})"},
    )
    row: dict[str, Any] = people("GET", "people", prefer=ALL).rows[0]
    return row


def test_values_are_told_as_people_read_them(people: Caller) -> None:
    row = person(people)
    assert {name: formatted(row, name) for name in ("age", "wealth", "active", "kind", "born", "seen")} == {
        "age": "1,500",
        "wealth": "1,234.50",
        "active": "Yes",
        "kind": "Two",
        "born": "2/1/1990",
        "seen": "11/20/2026 9:05 AM",
    }
    assert f"name@{FORMATTED}" not in row


def test_lookups_tell_the_name_the_table_and_the_navigation_property_of_their_row(people: Caller) -> None:
    row = person(people)
    for lookup, navigation in (("_cityid_value", "cityid"), ("_friendid_value", "friendid_city")):
        assert formatted(row, lookup) == "Brno"
        assert row[f"{lookup}@{LOOKUP_NAME}"] == "city"
        assert row[f"{lookup}@{NAVIGATION}"] == navigation
    assert not [name for name in row if name.startswith("~")]


def test_an_annotation_stands_before_its_property_and_empty_values_have_none(people: Caller) -> None:
    made(people, "people", name="Eve", age=7)
    names = list(people("GET", "people?$select=name,age,wealth", prefer=ALL).rows[0])
    assert names == ["@odata.etag", "personid", "name", f"age@{FORMATTED}", "age", "wealth"]


def test_only_the_named_annotations_are_told_and_the_answer_says_which(people: Caller) -> None:
    person(people)
    for pattern, expected in (
        (FORMATTED, {FORMATTED}),
        ("Microsoft.Dynamics.CRM.*", {LOOKUP_NAME, NAVIGATION}),
        (f"{LOOKUP_NAME},{FORMATTED}", {FORMATTED, LOOKUP_NAME}),
        ("*", {FORMATTED, LOOKUP_NAME, NAVIGATION}),
    ):
        answer = people("GET", "people", prefer=f'odata.include-annotations="{pattern}"')
        told = {name.split("@")[1] for name in answer.rows[0] if "@" in name[1:]}
        assert told == expected
        assert answer.headers["Preference-Applied"] == f'odata.include-annotations="{pattern}"'
    assert not [name for name in people("GET", "people").rows[0] if "@" in name[1:]]


def test_single_rows_new_rows_and_expanded_rows_are_annotated_too(people: Caller) -> None:
    person(people)
    key = people.rows("people")[0]["personid"]
    one = people("GET", f"people({key})?$expand=cityid", prefer=ALL).json
    assert formatted(one, "kind") == "Two"
    changed = people("PATCH", f"people({key})", {"kind": 3}, prefer=f"return=representation,{ALL}")
    assert formatted(changed.json, "kind") == "Three"
    assert changed.headers["Preference-Applied"] == 'return=representation,odata.include-annotations="*"'
    city = people("GET", "cities?$expand=people($select=kind)", prefer=ALL).rows[0]
    assert formatted(city["people"][0], "kind") == "Three"


def test_dates_and_numbers_follow_the_callers_language(people: Caller) -> None:
    made(people, "people", name="Ada", wealth="1234.5", born="1990-02-01")
    row = people("GET", "people", prefer=ALL, accept_language="cs").rows[0]
    assert formatted(row, "born") == "01.02.1990"
    assert formatted(row, "wealth") == "1\N{NO-BREAK SPACE}234,50"


def test_a_conditional_read_with_annotations_always_brings_the_row(people: Caller) -> None:
    key = made(people, "people", name="Ada")
    etag = people("GET", f"people({key})").headers["ETag"]
    assert people("GET", f"people({key})", if_none_match=etag).status == 304
    assert people("GET", f"people({key})", if_none_match=etag, prefer=ALL).status == 200
    assert people("GET", f"people({key})", if_none_match="null").status == 200


def test_amounts_are_told_with_the_symbol_of_their_currency_and_bring_it_along(sales: Caller) -> None:
    crown = made(
        sales,
        "transactioncurrencies",
        isocurrencycode="CZK",
        currencyname="Koruna",
        currencysymbol="Kč",
        currencyprecision=1,
        exchangerate=25,
    )
    in_crowns = {"transactioncurrencyid@odata.bind": f"transactioncurrencies({crown})"}
    key = made(sales, "accounts", name="A", revenue=1000, **in_crowns)
    row = sales("GET", f"accounts({key})?$select=revenue,revenue_base", prefer=ALL).json
    assert (formatted(row, "revenue"), formatted(row, "revenue_base")) == ("Kč1,000.0", "€40.00")
    assert row["_transactioncurrencyid_value"] == crown
    owner = sales("GET", f"accounts({key})?$select=_ownerid_value,statecode", prefer=ALL).json
    assert owner[f"_ownerid_value@{LOOKUP_NAME}"] == "systemuser"
    assert formatted(owner, "statecode") == "Active"


def test_pages_tell_how_many_rows_there_are_and_errors_their_details(people: Caller) -> None:
    made(people, "people", name="Ada")
    assert people("GET", "people", prefer=ALL).json[f"@{TOTAL}"] == -1
    assert people("GET", "people?$count=true", prefer=ALL).json[f"@{TOTAL}"] == 1
    error = people("GET", "nothing", prefer=ALL).json["error"]
    assert error["@Microsoft.PowerApps.CDS.HelpLink"].endswith(error["code"])
    assert set(people("GET", "nothing").json["error"]) == {"code", "message"}


@pytest.mark.parametrize(
    ("text", "name", "wanted"),
    [("*", "a.b", True), ("a.*", "a.b", True), ("a.*", "b.a", False), ("*,-a.b", "a.b", False), ("", "a.b", False)],
)
def test_the_most_exact_pattern_decides(text: str, name: str, wanted: bool) -> None:
    assert (name in Wanted.parse(text)) is wanted
