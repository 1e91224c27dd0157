"""Links between rows, single properties, and new rows with others nested in them."""

from __future__ import annotations

import pytest

from p2c.odata.batch import ChangeSet
from tests.contracts.caller import ROOT, Caller, part


def made(caller: Caller, set_name: str, **values: object) -> str:
    """The URL of a new row below the root."""
    answer = caller("POST", set_name, values)
    assert answer.status == 204, answer.body
    return answer.headers["OData-EntityId"].removeprefix(ROOT)


def key(url: str) -> str:
    """The id in a row's URL."""
    return url.partition("(")[2].rstrip(")")


def test_a_lookup_is_linked_read_and_unlinked(people: Caller) -> None:
    city, ada = made(people, "cities", name="Brno"), made(people, "people", name="Ada")
    assert people("PUT", f"{ada}/cityid/$ref", {"@odata.id": ROOT + city}).status == 204
    assert people("GET", f"{ada}/cityid/$ref").json["@odata.id"] == ROOT + city
    assert people("GET", f"{ada}/cityid?$select=name").json["name"] == "Brno"
    assert people("DELETE", f"{ada}/cityid/$ref").status == 204
    assert people("GET", f"{ada}/cityid").status == 204


def test_a_row_joins_and_leaves_a_collection(people: Caller) -> None:
    city = made(people, "cities", name="Brno")
    ada, bob = (made(people, "people", name=name) for name in ("Ada", "Bob"))
    for person in (ada, bob):
        assert people("POST", f"{city}/people/$ref", {"@odata.id": person}).status == 204
    assert people("GET", f"{city}/people/$count").body == b"2"
    links = {row["@odata.id"] for row in people("GET", f"{city}/people/$ref").rows}
    assert links == {ROOT + ada, ROOT + bob}
    assert people("DELETE", f"{city}/people({key(ada)})/$ref").status == 204
    assert people("DELETE", f"{city}/people/$ref?$id={ROOT}{bob}").status == 204
    assert people("GET", f"{city}/people").rows == []


def test_what_is_not_linked_cannot_be_unlinked(people: Caller) -> None:
    city, ada = made(people, "cities", name="Brno"), made(people, "people", name="Ada")
    assert people("DELETE", f"{city}/people({key(ada)})/$ref").status == 404
    wrong = people("PUT", f"{ada}/cityid/$ref", {"@odata.id": ada})
    assert (wrong.status, wrong.code) == (400, "0x80048d19")
    assert people("POST", f"{city}/people/$ref", {"id": ada}).status == 400


def test_paths_go_on_over_several_rows(people: Caller) -> None:
    city = made(people, "cities", name="Brno", code="B")
    ada = made(people, "people", name="Ada", **{"cityid@odata.bind": city})
    bob = made(people, "people", name="Bob", **{"friendid_person@odata.bind": ada})
    assert people("GET", f"{bob}/friendid_person/cityid/name").json["value"] == "Brno"
    assert people("GET", f"{city}/people({key(ada)})?$select=name").json["name"] == "Ada"
    assert people("GET", f"{city}/people({key(bob)})").status == 404
    assert people("GET", f"{ada}/friendid_person/cityid").status == 404
    assert people("GET", f"{ada}/town").status == 404


def test_a_row_is_created_in_a_collection(people: Caller) -> None:
    city = made(people, "cities", name="Brno")
    assert people("POST", f"{city}/people", {"name": "Ada"}).status == 204
    assert people("GET", f"{city}/people?$select=name").rows[0]["name"] == "Ada"


def test_one_property_is_written_and_emptied(people: Caller) -> None:
    ada = made(people, "people", name="Ada", age=1)
    assert people("PUT", f"{ada}/age", {"value": 36}).status == 204
    assert people("GET", f"{ada}/age").json["value"] == 36
    assert people("GET", f"{ada}/name/$value").body == b"Ada"
    assert people("DELETE", f"{ada}/age").status == 204
    assert people("GET", f"{ada}/age").status == 204
    assert people("PUT", f"{ada}/age", {"value": "old"}).code == "0x80048d19"
    assert people("PUT", f"{ada}/age", {"age": 1}).status == 400
    assert people("DELETE", f"{ada}/name").code == "0x80040200"
    assert people("PUT", f"{ada}/createdon", {"value": "2026-01-01"}).status == 400


def test_a_new_row_brings_the_row_that_its_lookup_points_at(people: Caller) -> None:
    ada = made(people, "people", name="Ada", cityid={"name": "Brno", "code": "B"})
    assert people("GET", f"{ada}/cityid").json["code"] == "B"


def test_a_new_row_brings_the_rows_of_its_collections_on_several_levels(people: Caller) -> None:
    eve = made(people, "people", name="Eve")
    city = made(
        people,
        "cities",
        name="Brno",
        people=[{"name": "Ada", "friends": [{"name": "Bob"}]}, {"name": "Cid", "friendid_city": {"name": "Praha"}}],
        **{"citizens@odata.bind": [eve]},
    )
    assert sorted(row["name"] for row in people("GET", f"{city}/people").rows) == ["Ada", "Cid"]
    assert [row["name"] for row in people("GET", f"{city}/citizens").rows] == ["Eve"]
    bob = people.rows("people", filter="friendid_person/name eq 'Ada'")
    assert [row["name"] for row in bob] == ["Bob"]
    assert people.rows("people", filter="friendid_city/name eq 'Praha'", select="name")[0]["name"] == "Cid"


def test_nothing_is_written_when_one_nested_row_is_refused(people: Caller) -> None:
    refused = people("POST", "cities", {"name": "Brno", "people": [{"name": "Ada"}, {"age": 1}]})
    assert (refused.status, refused.code) == (400, "0x80040200")
    assert people.rows("cities") == people.rows("people") == []


def test_an_update_takes_no_nested_rows(people: Caller) -> None:
    city = made(people, "cities", name="Brno")
    assert people("PATCH", city, {"people": [{"name": "Ada"}]}).code == "0x80048d19"


def test_a_new_row_may_not_repeat_its_key_in_the_body_of_upsert_multiple(people: Caller) -> None:
    target = {"@odata.id": "cities(code='B')", "code": "B", "name": "Brno"}
    refused = people.bulk("cities", "UpsertMultiple", target)
    assert (refused.status, refused.code) == (400, "0x80040216")
    assert people.rows("cities") == []
    made(people, "cities", name="Brno", code="B")
    assert people.bulk("cities", "UpsertMultiple", target).status == 204


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("$expand=cityid,cityid", "expected cityid once"),
        ("$expand=friends($top=1;$expand=cityid)", "nested"),
        ("$expand=friends($skip=1)", "$skip"),
        ("$expand=friends/$ref", "single-valued"),
    ],
)
def test_expand_has_its_limits(people: Caller, query: str, why: str) -> None:
    refused = people("GET", f"people?{query}")
    assert (refused.status, refused.code) == (400, "0x80060888")
    assert why in refused.message


def test_fifteen_expands_are_enough(sales: Caller) -> None:
    people = "createdby,modifiedby,createdonbehalfby,modifiedonbehalfby"
    own = "primarycontactid,parentaccountid,defaultpricelevelid,transactioncurrencyid,owningbusinessunit,owninguser"
    nested = f"accounts?$expand={own},owningteam,{people},ownerid($expand=createdby,modifiedby,createdonbehalfby"
    assert sales("GET", f"{nested})").status == 200
    refused = sales("GET", f"{nested},modifiedonbehalfby)")
    assert (refused.status, "16 expands" in refused.message) == (400, True)


def test_a_change_set_refers_to_what_it_wrote_in_lists_in_links_and_behind_representations(people: Caller) -> None:
    parts = [
        part("POST", "people", {"name": "Ada"}, "1", Prefer="return=representation"),
        part("POST", "people", {"name": "Bob"}, "2"),
        part("POST", "cities", {"name": "Brno", "people@odata.bind": ["$1", "/$2"]}, "3"),
        part("PUT", "/$1/friendid_person/$ref", {"@odata.id": "$2"}, "4"),
        part("DELETE", "$3/people/$ref?$id=$2", None, "5"),
    ]
    answer, _ = people.batch(ChangeSet(parts))
    assert answer.status == 200, answer.body
    rows = people.rows("people", expand="cityid,friendid_person", orderby="name")
    assert [(row["cityid"] or {}).get("name") for row in rows] == ["Brno", None]
    assert [(row["friendid_person"] or {}).get("name") for row in rows] == ["Bob", None]


def test_a_reference_to_a_part_that_is_not_there_is_refused(people: Caller) -> None:
    answer, _ = people.batch(ChangeSet([part("POST", "cities", {"name": "Brno", "people@odata.bind": ["$1"]}, "2")]))
    assert answer.status == 400
    assert people.rows("cities") == []


def test_an_account_comes_with_its_contacts_and_is_found_by_them(sales: Caller) -> None:
    contacts = [{"lastname": "Nested"}, {"lastname": "Second"}]
    first = {"lastname": "First", "emailaddress1": "first@example.com"}
    account = {"name": "Deep", "primarycontactid": first, "contact_customer_accounts": contacts}
    made(sales, "accounts", **account)
    condition = "contact_customer_accounts/any(c:c/lastname eq 'Nested')"
    (row,) = sales.rows("accounts", filter=condition, expand="primarycontactid($select=lastname)")
    assert row["primarycontactid"]["lastname"] == "First"


def test_a_quote_comes_with_its_lines_and_their_prices(sales: Caller) -> None:
    account = made(sales, "accounts", name="Buyer")
    currency = sales.rows("transactioncurrencies")[0]["transactioncurrencyid"]
    in_euro = {"transactioncurrencyid@odata.bind": f"transactioncurrencies({currency})"}
    prices = made(sales, "pricelevels", name="List", **in_euro)
    line = {
        "isproductoverridden": True,
        "productdescription": "Advice",
        "quantity": 2,
        "priceperunit": 50,
        "ispriceoverridden": True,
    }
    quote = made(
        sales,
        "quotes",
        name="Deep",
        quote_details=[line, {**line, "quantity": 1}],
        **{"customerid_account@odata.bind": account, "pricelevelid@odata.bind": prices},
    )
    assert sales("GET", f"{quote}/quote_details/$count").body == b"2"
    assert sales("GET", f"{quote}/totalamount").json["value"] == 150
