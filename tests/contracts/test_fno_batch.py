"""`$batch` in the Finance and Operations dialect: single operations alone, change sets whole."""

from __future__ import annotations

from p2c.odata import batch
from p2c.odata.batch import ChangeSet, Part
from tests.contracts.caller import Caller, part

ROOT = "http://127.0.0.1:8402/data/"
CROSS = "cross-company=true"


def test_single_operations_of_a_batch_stand_for_themselves(shops: Caller) -> None:
    answer, items = shops.batch(
        part("POST", "ShopsV2", {"ShopId": "1", "Name": "a"}),
        part("POST", f"{ROOT}ShopsV2?{CROSS}", {"ShopId": "1", "dataAreaId": "hu", "Name": "a"}),
        part("POST", "/data/ShopsV2", {"ShopId": "2", "Name": "Nothing"}),
        part("POST", "ShopsV2", {"ShopId": "3", "Nam": "a"}),
        part("PATCH", "ShopsV2(dataAreaId='cz',ShopId='1')", {"Name": "b"}),
        part("PATCH", "ShopsV2(dataAreaId='cz',ShopId='1')", {"Area": 7}),
        part("PATCH", "ShopsV2(dataAreaId='cz',ShopId='9')", {"Name": "b"}),
        part("GET", "ShopsV2(dataAreaId='cz',ShopId='1')"),
        part("DELETE", f"ShopsV2(dataAreaId='hu',ShopId='1')?{CROSS}"),
        part("POST", "ShopsV2", {"ShopId": "1", "Name": "again"}),
    )
    parts = [item for item in items if isinstance(item, Part)]
    assert answer.status == 200
    assert [item.start for item in parts] == ["201", "201", "400", "400", "204", "204", "404", "200", "204", "400"]
    assert b"of type 'ShopV2'" in parts[2].body
    assert b'"Name":"b"' in parts[7].body and b'"Area":7' in parts[7].body
    assert b"already exists" in parts[9].body


def test_what_the_database_cannot_keep_does_not_take_its_neighbours_with_it(shops: Caller) -> None:
    names = ["a", "b", "c", "d\0", "e"]
    _, items = shops.batch(
        *(part("POST", "ShopsV2", {"ShopId": str(number), "Name": name}) for number, name in enumerate(names))
    )

    assert [item.start for item in items if isinstance(item, Part)] == ["201", "201", "201", "400", "201"]
    assert [row["ShopId"] for row in shops.rows("ShopsV2")] == ["0", "1", "2", "4"]


def test_a_change_set_is_all_or_nothing_and_fails_with_one_part(shops: Caller) -> None:
    _, items = shops.batch(
        ChangeSet([part("POST", "ShopsV2", {"ShopId": "1", "Name": "a"}), part("POST", "ShopsV2", {"Name": ""})]),
        ChangeSet([part("POST", "ShopsV2", {"ShopId": "2", "Name": "a"}, "1")]),
    )
    failed, done = items
    assert isinstance(failed, Part) and failed.start == "400"
    assert isinstance(done, ChangeSet) and [(item.start, item.content_id) for item in done.parts] == [("201", "1")]
    assert [row["ShopId"] for row in shops.rows("ShopsV2")] == ["2"]


def test_five_thousand_operations_are_the_limit_of_a_batch(shops: Caller) -> None:
    body = batch.write([part("GET", "ShopsV2")] * 5001, "b", "c")
    assert shops("POST", "$batch", raw=body, content_type="multipart/mixed; boundary=b").status == 400


def test_a_minimal_answer_in_a_batch_names_the_row_as_a_whole_one_does(shops: Caller) -> None:
    _, items = shops.batch(
        part("POST", "ShopsV2", {"ShopId": "a b/č'", "Name": "whole"}),
        part(
            "POST",
            f"ShopsV2?{CROSS}",
            {"ShopId": "a b/č'", "dataAreaId": "HU", "Name": "bare"},
            prefer="return=minimal",
        ),
        part("POST", "ShopsV2", {"ShopId": "a b/č'", "Name": "twice"}, prefer="return=minimal"),
    )
    whole, bare, twice = (item for item in items if isinstance(item, Part))
    assert (whole.start, bare.start, twice.start) == ("201", "204", "400")
    assert bare.headers["location"] == whole.headers["location"].replace("'cz'", "'hu'")
    assert bare.headers["odata-entityid"] == bare.headers["location"]
    assert bare.headers["preference-applied"] == "return=minimal" and not bare.body


def test_a_key_that_no_row_had_is_taken_by_the_first_that_names_it(shops: Caller) -> None:
    """It is looked for once, before the rows are saved; a repeated one still meets the row before it."""
    _, items = shops.batch(
        *(part("POST", "ShopsV2", {"ShopId": number, "Name": "a"}) for number in ("one", "two", "one"))
    )
    assert [item.start for item in items if isinstance(item, Part)] == ["201", "201", "400"]
    assert [row["ShopId"] for row in shops.rows("ShopsV2", orderby="ShopId")] == ["one", "two"]
