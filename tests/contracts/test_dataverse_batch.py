"""`$batch` in the Dataverse dialect: order, change sets, references between parts, failures."""

from __future__ import annotations

from uuid import uuid4

import msgspec
import pytest

from p2c.odata import batch
from p2c.odata.batch import ChangeSet, Part, write
from tests.contracts.caller import ROOT, Caller, part


def statuses(items: list[Part | ChangeSet]) -> list[object]:
    """Statuses of a batch's answer; those of a change set in a list of their own."""
    return [[p.start for p in item.parts] if isinstance(item, ChangeSet) else item.start for item in items]


def test_operations_run_in_order_and_urls_may_be_absolute_host_relative_or_relative(people: Caller) -> None:
    answer, items = people.batch(
        part("POST", f"{ROOT}people", {"name": "Ada"}, Content_Type="application/json; type=entry"),
        part("GET", "/api/data/v9.2/people?$select=name"),
        part("GET", "people/$count", content_id="7"),
    )
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("multipart/mixed; boundary=batchresponse_")
    assert statuses(items) == ["204", "200", "200"]
    assert isinstance(items[2], Part)
    assert (items[2].body, items[2].content_id) == (b"1", "7")
    assert answer.body.count(b"\n") == answer.body.count(b"\r\n")


def test_a_change_set_is_one_transaction_with_references_to_its_own_rows(people: Caller) -> None:
    _, items = people.batch(
        ChangeSet(
            [
                part("POST", "cities", {"name": "Brno"}, "1"),
                part("POST", "people", {"name": "Ada", "cityid@odata.bind": "$1"}, "2"),
                part("PATCH", "$2", {"age": 3}, "3"),
                part("POST", "people", {"name": 'pays "$1" or $2'}, "4"),
            ]
        )
    )
    assert statuses(items) == [["204", "204", "204", "204"]]
    rows = people.rows("people", orderby="age desc", expand="cityid($select=name)")
    assert [(row["name"], row["age"]) for row in rows] == [("Ada", 3), ('pays "$1" or $2', None)]
    assert rows[0]["cityid"]["name"] == "Brno"


def test_a_failed_change_set_is_one_error_part_and_writes_nothing(people: Caller) -> None:
    answer, items = people.batch(
        ChangeSet([part("POST", "people", {"name": "Ada"}, "1"), part("POST", "people", {"name": ""}, "2")]),
        part("GET", "people"),
    )
    assert answer.status == 400
    assert statuses(items) == ["400"]
    assert isinstance(items[0], Part)
    assert msgspec.json.decode(items[0].body)["error"]["code"] == "0x80040200"
    assert people.rows("people") == []


def test_the_first_failure_stops_the_batch_unless_the_client_goes_on(people: Caller) -> None:
    parts = [
        part("POST", "people", {"name": "Ada"}),
        part("GET", f"people({uuid4()})"),
        part("GET", "http://elsewhere.example/people"),
        part("POST", "$batch"),
        part("POST", "people", {"name": "Bob"}),
    ]
    stopped, some = people.batch(*parts)
    assert (stopped.status, statuses(some)) == (404, ["204", "404"])
    through, everything = people.batch(*parts, prefer="odata.continue-on-error")
    assert (through.status, statuses(everything)) == (200, ["204", "404", "400", "400", "204"])


def test_a_change_set_holds_no_reads_and_no_references_to_what_is_not_there(people: Caller) -> None:
    for bad in (
        part("GET", "people", None, "2"),
        part("PATCH", "$9", {"age": 1}, "2"),
        part("POST", "people", {"name": "x", "cityid@odata.bind": "$9"}, "2"),
    ):
        answer, items = people.batch(ChangeSet([part("POST", "people", {"name": "Ada"}, "1"), bad]))
        assert (answer.status, statuses(items)) == (400, ["400"])
    assert people.rows("people") == []


@pytest.mark.parametrize("reference", ["$1", "/$1", "/api/data/v9.2/$1", f"{ROOT}$1"])
def test_a_reference_may_stand_behind_the_services_url(people: Caller, reference: str) -> None:
    parts = (part("POST", "people", {"name": "Ada"}, "1"), part("PATCH", reference, {"age": 3}, "2"))
    answer, _ = people.batch(ChangeSet(parts))
    assert answer.status == 200, answer.body
    assert [row["age"] for row in people.rows("people")] == [3]


def test_each_part_of_a_change_set_has_a_content_id(people: Caller) -> None:
    parts = (part("POST", "people", {"name": "Ada"}, "1"), part("POST", "people", {"name": "Eve"}))
    answer, answers = people.batch(ChangeSet(parts))
    assert answer.status == 400
    (only,) = answers
    assert isinstance(only, Part)
    assert b"0x80048d19" in only.body
    assert people.rows("people") == []


def test_a_batch_takes_a_thousand_operations_and_no_more(people: Caller) -> None:
    parts = [part("GET", "people/$count") for _ in range(1000)]
    answer, answers = people.batch(*parts)
    assert (answer.status, len(answers)) == (200, 1000)
    body = write([*parts, parts[0]], "b", "c")
    refused = people("POST", "$batch", raw=body, content_type="multipart/mixed; boundary=b")
    assert (refused.status, refused.code) == (400, "0x80040203")


def test_a_batch_that_is_none_or_too_long_is_400(people: Caller) -> None:
    def sent(body: bytes, kind: str) -> int:
        return people("POST", "$batch", raw=body, content_type=kind).status

    assert sent(b"x", "multipart/mixed; boundary=b") == 400
    assert sent(b"--b\r\n\r\n--b--", "application/json") == 400
    nonsense = b"--b\r\nContent-Type: application/http\r\n\r\nnonsense\r\n\r\n--b--"
    assert sent(nonsense, "multipart/mixed;boundary=b") == 400
    assert sent(batch.write([part("GET", "people")] * 1001, "b", "c"), "multipart/mixed;boundary=b") == 400
