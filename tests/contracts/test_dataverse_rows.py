"""One row at a time in the Dataverse dialect: create, read, update, upsert, delete, ETags."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tests.contracts.caller import ROOT, Caller


def create(people: Caller, **values: object) -> str:
    """A new person's id."""
    answer = people("POST", "people", {"name": "Ada", **values})
    assert answer.status == 204, answer.body
    return answer.headers["OData-EntityId"].partition("(")[2].rstrip(")")


@pytest.mark.parametrize(
    ("query", "columns"),
    [
        ("", ""),
        ("$select=name,_cityid_value", "(name,_cityid_value)"),
        ("$select=name&$expand=cityid($select=name)", "(name,cityid(name))"),
        ("$expand=cityid", "(cityid())"),
    ],
)
def test_the_context_names_the_columns_that_were_chosen(people: Caller, query: str, columns: str) -> None:
    row = people("POST", "people", {"name": "Ada"}).headers["OData-EntityId"]
    one, all_rows = people("GET", f"{row}?{query}"), people("GET", f"people?{query}")
    assert one.json["@odata.context"] == f"{ROOT}$metadata#people{columns}/$entity"
    assert all_rows.json["@odata.context"] == f"{ROOT}$metadata#people{columns}"


def test_create_answers_204_with_the_url_of_the_row(people: Caller) -> None:
    answer = people("POST", "people", {"name": "Žofie Čapková"})
    assert answer.status == 204
    assert answer.body == b""
    assert answer.headers["OData-EntityId"].startswith(f"{ROOT}people(")
    assert answer.headers["OData-Version"] == "4.0"
    assert people("GET", answer.headers["OData-EntityId"]).json["name"] == "Žofie Čapková"


def test_create_with_representation_answers_201_with_the_row_and_its_etag(people: Caller) -> None:
    answer = people("POST", "people?$select=name,kind", {"name": "Ada"}, prefer="return=representation")
    assert answer.status == 201
    assert answer.headers["Preference-Applied"] == "return=representation"
    assert answer.headers["ETag"] == answer.json["@odata.etag"]
    assert answer.json["@odata.context"] == f"{ROOT}$metadata#people/$entity"
    assert set(answer.json) == {"@odata.context", "@odata.etag", "personid", "name", "kind"}
    assert answer.json["kind"] == 1
    assert "OData-EntityId" not in answer.headers


def test_the_client_may_choose_the_id_once(people: Caller) -> None:
    chosen = str(uuid4())
    assert people("POST", "people", {"personid": chosen, "name": "Ada"}).status == 204
    again = people("POST", "people", {"personid": chosen, "name": "Ada"})
    assert (again.status, again.code) == (412, "0x80040237")


def test_a_row_that_does_not_exist_is_404_by_id_and_by_alternate_key_with_codes_of_their_own(
    people: Caller,
) -> None:
    by_id = people("GET", f"people({uuid4()})")
    by_key = people("GET", "people(number='none')")
    assert (by_id.status, by_id.code) == (404, "0x80040217")
    assert (by_key.status, by_key.code) == (404, "0x80060891")


def test_update_leaves_unlisted_columns_and_null_clears(people: Caller) -> None:
    row = create(people, age=40, wealth=12.5)
    assert people("PATCH", f"people({row})", {"age": None}, if_match="*").status == 204
    read = people("GET", f"people({row})").json
    assert read["age"] is None
    assert read["wealth"] == 12.5


@pytest.mark.parametrize("url", ["people({})", "people(number='none')"])
def test_update_only_answers_404_for_a_missing_row_and_creates_nothing(people: Caller, url: str) -> None:
    answer = people("PATCH", url.format(uuid4()), {"name": "Ada"}, if_match="*")
    assert answer.status == 404
    assert answer.code == ("0x80060891" if "number" in url else "0x80040217")
    assert people.rows("people") == []


def test_upsert_by_id_creates_then_updates(people: Caller) -> None:
    row = uuid4()
    first = people("PATCH", f"people({row})", {"name": "Ada"}, prefer="return=representation")
    second = people("PATCH", f"people({row})", {"age": 3}, prefer="return=representation")
    assert (first.status, second.status) == (201, 200)
    assert second.json["personid"] == str(row)
    assert second.json["name"] == "Ada"


def test_upsert_by_alternate_key_copies_the_key_on_create_and_keeps_it_on_update(people: Caller) -> None:
    url = "people(number='A 1')"
    created = people("PATCH", url, {"name": "Ada"})
    updated = people("PATCH", url, {"number": "other", "age": 5})
    assert created.headers["OData-EntityId"] == f"{ROOT}people(number='A%201')"
    assert (created.status, updated.status) == (204, 204)
    assert [(row["number"], row["age"]) for row in people.rows("people")] == [("A 1", 5)]


def test_create_only_is_refused_for_a_row_that_is_there(people: Caller) -> None:
    row = create(people)
    answer = people("PATCH", f"people({row})", {"name": "Eve"}, if_none_match="*")
    assert answer.status == 412
    assert people("GET", f"people({row})").json["name"] == "Ada"


def test_a_stale_etag_stops_update_and_delete(people: Caller) -> None:
    row = create(people)
    old = people("GET", f"people({row})").headers["ETag"]
    assert people("PATCH", f"people({row})", {"age": 1}, if_match=old).status == 204
    for answer in (
        people("PATCH", f"people({row})", {"age": 2}, if_match=old),
        people("DELETE", f"people({row})", if_match=old),
        people("DELETE", f"people({row})", if_match="nonsense"),
    ):
        assert (answer.status, answer.code) == (412, "0x80060882")
    new = people("GET", f"people({row})").headers["ETag"]
    assert people("DELETE", f"people({row})", if_match=new).status == 204


def test_a_conditional_read_answers_304_until_the_row_changes(people: Caller) -> None:
    row = create(people)
    etag = people("GET", f"people({row})").headers["ETag"]
    unchanged = people("GET", f"people({row})", if_none_match=etag)
    assert (unchanged.status, unchanged.body) == (304, b"")
    assert people("GET", f"people({row})", if_none_match="null").status == 200
    people("PATCH", f"people({row})", {"age": 1})
    assert people("GET", f"people({row})", if_none_match=etag).status == 200


def test_delete_answers_204_then_404(people: Caller) -> None:
    row = create(people)
    assert people("DELETE", f"people({row})").status == 204
    assert people("DELETE", f"people({row})").status == 404


def test_delete_of_a_row_in_use_is_405(people: Caller) -> None:
    row = create(people, active=True)
    answer = people("DELETE", f"people({row})")
    assert (answer.status, answer.code) == (405, "0x80040227")
    assert people("GET", f"people({row})").status == 200


def test_lookups_are_bound_by_key_by_alternate_key_and_by_absolute_url_and_cleared_with_null(
    people: Caller,
) -> None:
    city = str(uuid4())
    people("POST", "cities", {"cityid": city, "name": "Brno", "code": "BRQ"})
    row = create(people)
    for reference in (f"/cities({city})", "cities(code='BRQ')", f"{ROOT}cities({city})"):
        assert people("PATCH", f"people({row})", {"cityid@odata.bind": reference}).status == 204
        assert people("GET", f"people({row})").json["_cityid_value"] == city
        cleared = {"cityid": None} if "code" in reference else {"cityid@odata.bind": None}
        assert people("PATCH", f"people({row})", cleared).status == 204
        assert people("GET", f"people({row})").json["_cityid_value"] is None


def test_a_bind_to_a_missing_row_is_404_and_to_a_wrong_set_400(people: Caller) -> None:
    def bound(reference: str) -> tuple[int, str]:
        answer = people("POST", "people", {"name": "Ada", "cityid@odata.bind": reference})
        return answer.status, answer.code

    assert bound(f"/cities({uuid4()})") == (404, "0x80040217")
    assert bound("/cities(code='none')") == (404, "0x80060891")
    assert bound(f"/people({uuid4()})") == (400, "0x80048d19")
    assert bound(f"/citys({uuid4()})") == (400, "0x80048d19")


def test_one_target_of_a_polymorphic_lookup_replaces_the_other(people: Caller) -> None:
    city, friend = str(uuid4()), create(people)
    people("POST", "cities", {"cityid": city, "name": "Brno"})
    row = create(people, **{"friendid_city@odata.bind": f"/cities({city})"})
    people("PATCH", f"people({row})", {"friendid_person@odata.bind": f"/people({friend})"})
    read = people("GET", f"people({row})?$expand=friendid_person($select=name),friendid_city").json
    assert read["_friendid_value"] == friend
    assert read["friendid_person"]["name"] == "Ada"
    assert read["friendid_city"] is None
    assert [item["personid"] for item in people("GET", f"people({friend})/friends").rows] == [row]


def test_annotations_and_read_only_columns_in_a_body_are_accepted_and_left_out(people: Caller) -> None:
    row = create(people, **{"kind@OData.Community.Display.V1.FormattedValue": "One", "createdon": None})
    assert people("GET", f"people({row})").json["createdon"] is not None


def test_a_property_and_a_lookup_of_a_row_have_urls_of_their_own(people: Caller) -> None:
    row = create(people, age=7)
    people("POST", "cities", {"name": "Brno", "code": "BRQ"})
    people("PATCH", f"people({row})", {"cityid@odata.bind": "cities(code='BRQ')"})
    assert people("GET", f"people({row})/age").json["value"] == 7
    assert people("GET", f"people({row})/wealth").status == 204
    assert people("GET", f"people({row})/cityid?$select=name").json["name"] == "Brno"
    assert people("GET", f"people({row})/nothing").status == 404


def test_routes_and_verbs_that_do_not_exist(people: Caller) -> None:
    unknown = people("GET", "peopel")
    assert (unknown.status, unknown.code) == (404, "0x8006088a")
    assert "did you mean 'people'?" in unknown.message
    assert people("PATCH", "people", {}).status == 405
    assert people("DELETE", "people").status == 405
    assert people("PUT", f"people({uuid4()})", {}).status == 405
    assert people("POST", "WhoAmI", {}).status == 404
    assert people("GET", "WhoAmI()").status == 200
    assert people("GET", "people/Microsoft.Dynamics.CRM.CreateMultiple").status == 404
    wrong = people("GET", "people(age=3)")
    assert (wrong.status, wrong.code) == (400, "0x8006088f")
    assert "(number)" in wrong.message


def test_one_number_in_two_branches_names_no_row_and_the_answer_says_so(people: Caller) -> None:
    for branch in ("north", "south"):
        create(people, number="N1", branch=branch)
    one = create(people, number="N2", branch="north")
    answers = [
        people("GET", "people(number='N1')"),
        people("PATCH", "people(number='N1')", {"age": 1}),
        people("DELETE", "people(number='N1')"),
        people("PATCH", f"people({one})", {"friendid_person@odata.bind": "/people(number='N1')"}),
        people.bulk("people", "UpsertMultiple", {"number": "N1", "name": "x"}),
    ]
    for answer in answers:
        assert answer.status == 412
        assert "several rows have the key person(number=N1)" in answer.message
        assert "personid" in answer.message
    again = people("POST", "people", {"name": "x", "number": "N1", "branch": "north"})
    assert (again.status, again.code) == (412, "0x80060892")
