"""`$apply`: rows grouped and aggregated by the service."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from p2c.odata.service import aggregating
from p2c.odata.service.dataverse.annotations.wanted import FORMATTED
from tests.contracts.caller import Caller


@pytest.fixture
def counted(people: Caller) -> Caller:
    """Four people of two kinds and two cities."""
    for code in ("B", "P"):
        assert people("POST", "cities", {"name": f"City {code}", "code": code}).status == 204
    for name, age, wealth, kind, code in (
        ("Ada", 10, "1.50", 1, "B"),
        ("Bob", 20, "2.25", 1, "P"),
        ("Cid", 30, None, 2, "P"),
        ("Dan", None, "0.25", 2, ""),
    ):
        bind = {"cityid@odata.bind": f"cities(code='{code}')"} if code else {}
        body = {"name": name, "age": age, "wealth": wealth, "kind": kind, **bind}
        assert people("POST", "people", body).status == 204
    return people


def applied(people: Caller, text: str, **options: str) -> list[dict[str, Any]]:
    """The groups that an `$apply` answers."""
    query = "&".join(f"${name}={quote(value)}" for name, value in {"apply": text, **options}.items())
    answer = people("GET", f"people?{query}")
    assert answer.status == 200, answer.body
    return answer.rows


def test_rows_are_grouped_and_aggregated(counted: Caller) -> None:
    text = "groupby((kind),aggregate($count as n,wealth with sum as total,age with max as oldest))"
    assert applied(counted, text) == [
        {"n": 2, "total": 3.75, "oldest": 20, "kind": 1},
        {"n": 2, "total": 0.25, "oldest": 30, "kind": 2},
    ]


def test_all_rows_are_one_group_without_groupby(counted: Caller) -> None:
    text = "aggregate(age with average as mean,age with min as youngest,kind with countdistinct as kinds)"
    assert applied(counted, text) == [{"mean": 20.0, "youngest": 10, "kinds": 2}]


def test_rows_are_filtered_before_they_are_grouped(counted: Caller) -> None:
    assert applied(counted, "filter(age gt 10)/groupby((kind))") == [{"kind": 1}, {"kind": 2}]
    assert applied(counted, "filter(age gt 10)/filter(kind eq 1)/aggregate($count as n)") == [{"n": 1}]


def test_points_in_time_are_told_in_utc(counted: Caller) -> None:
    assert counted("PATCH", "people(number='P-00001')", {"seen": "2026-01-01T01:00:00+01:00"}).status == 204
    assert applied(counted, "aggregate(seen with max as last)") == [{"last": "2026-01-01T00:00:00Z"}]


def test_an_alias_that_is_a_columns_name_is_no_value_of_that_column(counted: Caller) -> None:
    text = quote("aggregate(age with sum as born,age with max as cityid)")
    answer = counted("GET", f"people?$apply={text}", prefer='odata.include-annotations="*"')
    assert answer.status == 200, answer.body
    assert answer.rows == [{"born": 60, "cityid": 30}]


def test_groups_follow_lookups_and_are_named_after_the_related_table(counted: Caller) -> None:
    rows = applied(counted, "groupby((cityid/code),aggregate($count as n))")
    assert {row["city_code"]: row["n"] for row in rows} == {"B": 1, "P": 2, None: 1}
    assert len(applied(counted, "groupby((_cityid_value,kind))")) == 4


def test_groups_are_ordered_by_what_they_are_grouped_by(counted: Caller) -> None:
    text = "groupby((kind),aggregate($count as n))"
    assert [row["kind"] for row in applied(counted, text, orderby="kind desc", top="1")] == [2]
    assert counted("GET", f"people?$apply={quote(text)}&$orderby=n").status == 400


def test_groups_tell_the_labels_of_their_choices(counted: Caller) -> None:
    query = quote("groupby((kind),aggregate($count as n))")
    answer = counted("GET", f"people?$apply={query}", prefer='odata.include-annotations="*"')
    assert [row[f"kind@{FORMATTED}"] for row in answer.rows] == ["One", "Two"]


@pytest.mark.parametrize(
    "text",
    [
        "groupby(kind)",
        "groupby((kynd))",
        "groupby((seen))",
        "groupby((kind))/groupby((age))",
        "aggregate(name with sum as total)",
        "aggregate(age with medium as total)",
        "aggregate(age with sum)",
        "aggregate($count as n,age with sum as n)",
        "groupby((kind),aggregate($count as kind))",
        "filter(age gt 1)",
        "compute(age mul 2 as x)",
        "aggregate($count as " + "n" * 61 + ")",
    ],
)
def test_what_cannot_be_grouped_is_refused(counted: Caller, text: str) -> None:
    refused = counted("GET", f"people?$apply={quote(text)}")
    assert (refused.status, refused.code) == (400, "0x80060888"), refused.body


def test_too_many_rows_are_not_aggregated(counted: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aggregating, "MAX_ROWS", 3)
    refused = counted("GET", "people?$apply=aggregate($count%20as%20n)")
    assert (refused.status, refused.code) == (400, "0x8004e023")
    assert applied(counted, "filter(kind eq 1)/aggregate($count as n)") == [{"n": 2}]
