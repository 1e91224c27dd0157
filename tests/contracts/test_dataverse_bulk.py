"""Bulk actions: all or nothing, in order, in a number of statements that does not grow with the rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from sqlalchemy import event

from tests.contracts.caller import Caller, Reply


@contextmanager
def statements(people: Caller) -> Iterator[list[str]]:
    """The SQL statements that run inside."""
    seen: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        seen.append(statement)

    engine = people.service.database.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_create_multiple_answers_the_ids_in_order(people: Caller) -> None:
    answer = people.bulk("people", "CreateMultiple", *({"name": f"{number}"} for number in range(5)))
    assert answer.status == 200
    assert answer.json["@odata.context"].endswith("$metadata#Microsoft.Dynamics.CRM.CreateMultipleResponse")
    assert [people("GET", f"people({row})").json["name"] for row in answer.json["Ids"]] == list("01234")


def test_update_multiple_sets_what_each_target_names(people: Caller) -> None:
    one, two = people.bulk("people", "CreateMultiple", {"name": "1", "age": 1}, {"name": "2", "age": 2}).json["Ids"]
    answer = people.bulk(
        "people", "UpdateMultiple", {"personid": one, "age": 10}, {"@odata.id": f"people({two})", "name": "zwei"}
    )
    assert answer.status == 204
    rows = people.rows("people", select="name,age", orderby="age")
    assert [(row["name"], row["age"]) for row in rows] == [("zwei", 2), ("1", 10)]


def test_what_all_rows_have_already_is_not_written_again(people: Caller) -> None:
    one, two = people.bulk("people", "CreateMultiple", {"name": "1", "age": 1}, {"name": "2", "age": 2}).json["Ids"]
    before = people("GET", f"people({two})").json["@odata.etag"]
    with statements(people) as seen:
        answer = people.bulk(
            "people",
            "UpdateMultiple",
            {"personid": one, "name": "1", "age": 7, "branch": None},
            {"personid": two, "name": "2", "age": 2, "branch": None},
        )
    assert answer.status == 204
    (update,) = (statement for statement in seen if statement.startswith("UPDATE"))
    assert "age" in update and "name" not in update and "branch" not in update
    assert [row["age"] for row in people.rows("people", select="age", orderby="name")] == [7, 2]
    assert people("GET", f"people({two})").json["@odata.etag"] != before


def test_a_row_that_stays_as_it_is_gets_a_new_version(people: Caller) -> None:
    (one,) = people.bulk("people", "CreateMultiple", {"name": "1"}).json["Ids"]
    before = people("GET", f"people({one})").json["@odata.etag"]
    assert people.bulk("people", "UpdateMultiple", {"personid": one, "name": "1"}).status == 204
    assert people("GET", f"people({one})").json["@odata.etag"] != before


def test_upsert_multiple_creates_and_updates_by_alternate_key_and_by_id(people: Caller) -> None:
    people.bulk("people", "CreateMultiple", {"name": "old", "number": "A"})
    answer = people.bulk(
        "people",
        "UpsertMultiple",
        {"@odata.type": "Microsoft.Dynamics.CRM.person", "@odata.id": "people(number='A')", "age": 1},
        {"@odata.id": "people(number='B')", "name": "new"},
        {"personid": str(uuid4()), "name": "chosen"},
    )
    assert answer.status == 204
    rows = people.rows("people", orderby="name")
    assert [(row["name"], row["age"]) for row in rows] == [("chosen", None), ("new", None), ("old", 1)]


def test_one_bad_target_leaves_everything_as_it_was(people: Caller) -> None:
    people.bulk("people", "CreateMultiple", {"name": "old", "number": "A"})
    answer = people.bulk("people", "UpsertMultiple", {"number": "A", "age": 1}, {"number": "B", "name": ""})
    assert (answer.status, answer.code) == (400, "0x80040200")
    assert [row["age"] for row in people.rows("people")] == [None]


@pytest.mark.parametrize(
    ("action", "targets", "status", "code"),
    [
        ("UpdateMultiple", [{"personid": str(uuid4()), "age": 1}], 404, "0x80040217"),
        ("UpdateMultiple", [{"@odata.id": "people(number='none')", "age": 1}], 404, "0x80060891"),
        ("UpdateMultiple", [{"age": 1}], 400, "0x80040203"),
        ("UpsertMultiple", [{"number": "A", "name": "x"}] * 2, 412, "0x80060892"),
        ("CreateMultiple", [{"number": "A", "branch": "n", "name": "x"}] * 2, 412, "0x80060892"),
        ("CreateMultiple", [{"name": "x", "nam": 1}], 400, "0x80048d19"),
    ],
)
def test_a_target_that_cannot_be_written_has_the_code_of_its_trouble(
    people: Caller, action: str, targets: list[dict[str, object]], status: int, code: str
) -> None:
    answer = people.bulk("people", action, *targets)
    assert (answer.status, answer.code) == (status, code)
    assert people.rows("people") == []


@pytest.mark.parametrize("action", ["CreateMultiple", "UpdateMultiple", "UpsertMultiple"])
@pytest.mark.parametrize("kind", ["", "person", "Microsoft.Dynamics.CRM.city"])
def test_each_target_says_its_type(people: Caller, action: str, kind: str) -> None:
    sound = {"personid": str(uuid4()), "name": "Ada"}
    answer = people.bulk("people", action, sound, {**sound, "@odata.type": kind})
    assert (answer.status, answer.code) == (400, "0x80048d19")
    assert "target 1" in answer.message
    assert people.rows("people") == []


def test_targets_must_be_a_list(people: Caller) -> None:
    bodies: list[object] = [{}, {"Targets": 5}, {"Targets": [5]}, []]
    for body in bodies:
        assert people("POST", "people/Microsoft.Dynamics.CRM.CreateMultiple", body).status == 400


@pytest.mark.parametrize("action", ["CreateMultiple", "UpsertMultiple", "UpdateMultiple"])
def test_a_thousand_rows_take_as_many_statements_as_two(people: Caller, action: str) -> None:
    people("POST", "cities", {"name": "Brno", "code": "B"})
    bound = {"cityid@odata.bind": "/cities(code='B')"}
    kept = [{"name": f"{n}", "number": f"N{n}"} for n in range(1000)]
    if action != "CreateMultiple":
        people.bulk("people", "CreateMultiple", *kept)
    columns = ("age", "kind", "wealth", "active")
    counts = []
    for size in (2, 1000):
        targets: list[dict[str, object]] = []
        for number in range(size):
            varied = {name: 1 for bit, name in enumerate(columns) if number >> bit & 1 and name != "active"}
            targets.append({"number": f"N{number}-{size}", "name": "x", **varied, **bound})
            if action != "CreateMultiple":
                targets[-1].update(number=f"N{number}")
        with statements(people) as seen:
            answer = people.bulk("people", action, *targets)
        assert answer.status in (200, 204), answer.body
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert counts[1] < 15


def test_bulk_delete_takes_what_its_conditions_name(people: Caller) -> None:
    targets = [{"name": name, "active": name == "Eve"} for name in ("Ada", "Bob", "Cid", "Eve")]
    ids = people.bulk("people", "CreateMultiple", *targets).json["Ids"]

    def deleted(conditions: list[dict[str, object]]) -> Reply:
        criteria = {"FilterOperator": "And", "Conditions": conditions}
        query = {"@odata.type": "Microsoft.Dynamics.CRM.QueryExpression", "EntityName": "person", "Criteria": criteria}
        return people("POST", "BulkDelete", {"JobName": "away", "QuerySet": [query]})

    values = [{"Value": key, "Type": "System.Guid"} for key in (ids[0], ids[1], ids[3])]
    job = deleted([{"AttributeName": "personid", "Operator": "In", "Values": values}])
    assert (job.status, len(job.json["JobId"])) == (200, 36)
    # Who is active may not go, and stays.
    assert {row["name"] for row in people.rows("people")} == {"Cid", "Eve"}
    assert deleted([]).status == 400
    assert deleted([{"AttributeName": "town", "Operator": "Equal", "Values": [{"Value": 1}]}]).status == 400
    assert people("POST", "BulkDelete", {"JobName": "away"}).status == 400
