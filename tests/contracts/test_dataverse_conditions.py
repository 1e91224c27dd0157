"""Conditions that Dataverse has beyond OData: query functions, and collections of related rows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest

from tests.contracts.caller import ROOT, Caller

NOW = datetime(2026, 11, 20, 10, 30, tzinfo=UTC)
CRM = "Microsoft.Dynamics.CRM."


@pytest.fixture
def fixed(people: Caller, monkeypatch: pytest.MonkeyPatch) -> Caller:
    """The registry on a certain day, with six people seen at different times."""
    monkeypatch.setattr(people.service.database, "_clock", lambda: NOW)
    rows = {
        "year": ("2025-03-01T00:00:00Z", "2025-03-01"),
        "month": ("2026-10-05T12:00:00Z", "2026-10-05"),
        "yesterday": ("2026-11-19T23:59:59Z", "2026-11-19"),
        "morning": ("2026-11-20T09:00:00Z", "2026-11-20"),
        "tomorrow": ("2026-11-21T00:00:00Z", "2026-11-21"),
        "never": (None, None),
    }
    add(people, *({"name": name, "seen": seen, "born": born} for name, (seen, born) in rows.items()))
    return people


def add(people: Caller, *rows: dict[str, Any]) -> None:
    """New people."""
    answer = people.bulk("people", "CreateMultiple", *rows)
    assert answer.status == 200, answer.body


def names(people: Caller, condition: str) -> set[str]:
    """The names of the people that a filter leaves."""
    return {row["name"] for row in people.rows("people", select="name", filter=condition)}


@pytest.mark.parametrize(
    ("function", "seen", "born"),
    [
        ("Today", {"morning"}, {"morning"}),
        ("Yesterday", {"yesterday"}, {"yesterday"}),
        ("Tomorrow", {"tomorrow"}, {"tomorrow"}),
        ("ThisWeek", {"yesterday", "morning", "tomorrow"}, {"yesterday", "morning", "tomorrow"}),
        ("LastMonth", {"month"}, {"month"}),
        ("LastYear", {"year"}, {"year"}),
        ("Last7Days", {"yesterday", "morning"}, {"yesterday", "morning"}),
        ("LastXDays:1", {"yesterday", "morning"}, {"yesterday", "morning"}),
        ("LastXHours:2", {"morning"}, {"morning"}),
        ("NextXDays:1", {"tomorrow"}, {"morning", "tomorrow"}),
        ("NextXMonths:2", {"tomorrow"}, {"morning", "tomorrow"}),
        ("OlderThanXMonths:1", {"year", "month"}, {"year", "month"}),
        ("OlderThanXMinutes:30", {"year", "month", "yesterday", "morning"}, {"year", "month", "yesterday", "morning"}),
        ("On:'2026-11-20'", {"morning"}, {"morning"}),
        ("OnOrAfter:'2026-11-20'", {"morning", "tomorrow"}, {"morning", "tomorrow"}),
        ("OnOrBefore:'2026-10-05T18:00:00Z'", {"year", "month"}, {"year", "month"}),
    ],
)
def test_time_functions_know_the_day(fixed: Caller, function: str, seen: set[str], born: set[str]) -> None:
    name, _, value = function.partition(":")
    argument = f",PropertyValue={value}" if value else ""
    assert names(fixed, f"{CRM}{name}(PropertyName='seen'{argument})") == seen
    assert names(fixed, f"{CRM}{name}(PropertyName='born'{argument})") == born


def test_functions_are_negated_and_combined(fixed: Caller) -> None:
    today = f"{CRM}Today(PropertyName='seen')"
    assert names(fixed, f"not {today} and seen ne null and {CRM}ThisYear(PropertyName='seen')") == {
        "month",
        "yesterday",
        "tomorrow",
    }


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ("Toda(PropertyName='seen')", 400),
        ("Today(PropertyName='age')", 400),
        ("LastXDays(PropertyName='seen',PropertyValue='soon')", 400),
        ("LastXDays(PropertyName='seen')", 400),
        ("NextXYears(PropertyName='seen',PropertyValue=9999)", 400),
        ("On(PropertyName='seen',PropertyValue='noon')", 400),
        ("ThisFiscalYear(PropertyName='seen')", 501),
        ("EqualUserTeams(PropertyName='cityid')", 501),
        ("ContainValues(PropertyName='kind',PropertyValues=['1'])", 400),
        ("EqualUserId(PropertyName='name')", 400),
        ("NotEqualBusinessId(PropertyName='age')", 400),
    ],
)
def test_functions_that_do_not_exist_or_do_not_fit_are_refused(fixed: Caller, condition: str, status: int) -> None:
    assert fixed("GET", f"people?$filter={quote(CRM + condition)}").status == status


def test_the_caller_is_compared_with_lookups(sales: Caller) -> None:
    sales("POST", "accounts", {"name": "Mine"})
    for function, name, expected in (
        ("EqualUserId", "ownerid", 1),
        ("NotEqualUserId", "_ownerid_value", 0),
        ("EqualBusinessId", "owningbusinessunit", 1),
    ):
        condition = quote(f"{CRM}{function}(PropertyName='{name}') and name eq 'Mine'")
        assert len(sales("GET", f"accounts?$filter={condition}").rows) == expected


def test_rows_are_found_above_and_under_another(sales: Caller) -> None:
    ids: list[str] = []
    for level in range(3):
        body: dict[str, object] = {"name": f"Level {level}"}
        if ids:
            body["parentaccountid@odata.bind"] = f"accounts({ids[-1]})"
        ids.append(sales("POST", "accounts", body).headers["OData-EntityId"][-37:-1])

    def found(function: str, key: str) -> list[str]:
        condition = quote(f"{CRM}{function}(PropertyName='accountid',PropertyValue='{key}')")
        rows = sales("GET", f"accounts?$select=name&$orderby=name&$filter={condition}").rows
        return [row["name"] for row in rows]

    assert found("Under", ids[0]) == ["Level 1", "Level 2"]
    assert found("UnderOrEqual", ids[1]) == ["Level 1", "Level 2"]
    assert found("Above", ids[2]) == ["Level 0", "Level 1"]
    assert found("AboveOrEqual", ids[0]) == ["Level 0"]
    assert "Level 1" not in found("NotUnder", ids[0])


def test_one_row_or_every_row_of_a_collection_meets_a_condition(people: Caller) -> None:
    for name, ages in (("Brno", (10, 20)), ("Praha", (30,)), ("Empty", ())):
        inhabitants = [{"name": f"{name} {age}", "age": age} for age in ages]
        assert people("POST", "cities", {"name": name, "people": inhabitants}).status == 204

    def cities(condition: str) -> set[str]:
        return {row["name"] for row in people.rows("cities", filter=condition)}

    assert cities("people/any()") == {"Brno", "Praha"}
    assert cities("not people/any()") == {"Empty"}
    assert cities("people/any(p:p/age gt 15)") == {"Brno", "Praha"}
    assert cities("people/all(p:p/age gt 15)") == {"Praha", "Empty"}
    assert cities("people/any(p:p/age gt 15 and contains(p/name,name))") == {"Brno", "Praha"}
    assert cities(f"people/any(p:p/{CRM}In(PropertyName='age',PropertyValues=['10']))") == {"Brno"}


def test_conditions_on_collections_nest_and_follow_lookups(people: Caller) -> None:
    brno = people("POST", "cities", {"name": "Brno", "code": "B"}).headers["OData-EntityId"].removeprefix(ROOT)
    friends = [{"name": "Bob", "cityid@odata.bind": brno}]
    people("POST", "people", {"name": "Ada", "friends": friends, "cityid@odata.bind": brno})
    assert names(people, "friends/any(f:f/cityid/code eq 'B')") == {"Ada"}
    befriended = people.rows("cities", filter="people/any(p:p/friends/any(f:f/name eq 'Bob'))")
    assert [row["name"] for row in befriended] == ["Brno"]
    nested = people.rows("cities", filter="people/any(p:p/friends/any(f:f/name ne p/name and p/name eq 'Ada'))")
    assert len(nested) == 1
    for condition in ("cityid/people/any()", "town/any()", "friends/any(f:f)", "friends/any(f:f/town eq 1)"):
        assert people("GET", f"people?$filter={quote(condition)}").status == 400
