"""Change tracking: whoever follows delta links ends with the rows that the service has."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from p2c.database.session import Database
from tests.contracts.caller import ROOT, Caller

TRACK = "odata.track-changes"


def follow(people: Caller, url: str, prefer: str = TRACK) -> tuple[list[dict[str, Any]], str]:
    """What a link and its next links bring, and the delta link at the end."""
    items: list[dict[str, Any]] = []
    while True:
        page = people("GET", url, prefer=prefer)
        assert page.status == 200, page.body
        items.extend(page.rows)
        if "@odata.nextLink" not in page.json:
            return items, page.json["@odata.deltaLink"]
        assert "@odata.deltaLink" not in page.json
        url = page.json["@odata.nextLink"]


def names(items: list[dict[str, Any]]) -> list[str]:
    """Names of rows; the reason where a row is gone."""
    return sorted(item.get("name") or item["reason"] for item in items)


def test_the_first_read_brings_all_rows_and_later_ones_what_changed(people: Caller) -> None:
    one, two, three = uuid4(), uuid4(), uuid4()
    for row, name in ((one, "1"), (two, "2"), (three, "3")):
        people("POST", "people", {"personid": str(row), "name": name})
    items, link = follow(people, "people?$select=name", f"{TRACK},odata.maxpagesize=2")
    assert names(items) == ["1", "2", "3"]

    assert follow(people, link)[0] == []

    people("PATCH", f"people({one})", {"name": "eins"})
    people("DELETE", f"people({two})")
    people("POST", "people", {"name": "4"})
    page = people("GET", link)
    assert page.json["@odata.context"] == f"{ROOT}$metadata#people(name)/$delta"
    gone = {"@odata.context": f"{ROOT}$metadata#people/$deletedEntity", "id": str(two), "reason": "deleted"}
    assert page.rows[-1] == gone
    assert names(page.rows) == ["4", "deleted", "eins"]
    assert all(set(row) == {"@odata.etag", "personid", "name"} for row in page.rows[:-1])


def test_a_row_deleted_and_made_again_is_there_and_not_gone(people: Caller) -> None:
    row = {"personid": str(uuid4()), "name": "phoenix"}
    people("POST", "people", row)
    _, link = follow(people, "people")
    people("DELETE", f"people({row['personid']})")
    people("POST", "people", row)
    assert names(follow(people, link)[0]) == ["phoenix"]


def test_a_row_made_and_deleted_between_two_reads_is_told_as_deleted(people: Caller) -> None:
    _, link = follow(people, "people")
    row = {"personid": str(uuid4()), "name": "mayfly"}
    people("POST", "people", row)
    people("DELETE", f"people({row['personid']})")
    assert [item["id"] for item in follow(people, link)[0]] == [row["personid"]]


def test_a_transaction_that_commits_after_a_younger_one_is_not_missed(people: Caller) -> None:
    database: Database = people.service.database
    kept: UUID = uuid4()
    people("POST", "people", {"personid": str(kept), "name": "kept"})
    _, link = follow(people, "people")
    with database.begin() as older:
        older.insert("person", [{"personid": uuid4(), "name": "older"}])
        older.delete("person", [kept])
        with database.begin() as younger:
            younger.insert("person", [{"personid": uuid4(), "name": "younger"}])
        seen, link = follow(people, link)
        assert names(seen) == ["younger"]
    assert {"older", "deleted"} <= set(names(follow(people, link)[0]))


def test_rows_written_while_pages_are_read_come_at_the_latest_with_the_next_changes(people: Caller) -> None:
    for number in range(9):
        people("POST", "people", {"name": f"{number}"})
    first = people("GET", "people?$select=name", prefer=f"{TRACK},odata.maxpagesize=4")
    people("POST", "people", {"personid": str(UUID(int=1)), "name": "before all pages"})
    people("PATCH", f"people({first.rows[0]['personid']})", {"name": "changed"})
    rest, link = follow(people, first.json["@odata.nextLink"], "odata.maxpagesize=4")
    assert len(first.rows) + len(rest) >= 9
    assert {"before all pages", "changed"} <= set(names(follow(people, link)[0]))


@pytest.mark.parametrize("option", ["$filter=age eq 1", "$orderby=name", "$expand=cityid", "$top=5"])
def test_what_narrows_a_set_cannot_be_tracked(people: Caller, option: str) -> None:
    assert people("GET", f"people?{option.replace(' ', '%20')}", prefer=TRACK).status == 400


def test_a_link_that_is_too_old_or_not_ours_asks_for_a_full_read(people: Caller) -> None:
    old = datetime.now(UTC) - timedelta(days=8)
    expired = people("GET", f"people?$deltatoken=1!{old.strftime('%m/%d/%Y%%20%H:%M:%S')}")
    assert (expired.status, expired.code) == (400, "0x80044352")
    for text in ("x", "1!99/99/2026%2000:00:00", "99999999999999999999!01/01/2026%2000:00:00"):
        assert people("GET", f"people?$deltatoken={text}").status == 400
