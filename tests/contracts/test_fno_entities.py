"""The Finance and Operations dialect: companies, natural keys, enums by name, blanks, Infolog errors."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from p2c.edm.values import EdmType
from p2c.odata.client.metadata import parse_csdl
from tests.contracts.caller import Caller

ROOT = "http://127.0.0.1:8402/data/"
CROSS = "cross-company=true"


def add(shops: Caller, shop: str, company: str = "cz", **values: Any) -> None:
    """A new shop."""
    answer = shops("POST", "ShopsV2", {"dataAreaId": company, "ShopId": shop, "Name": shop, **values})
    assert answer.status == 201, answer.body


def ids(shops: Caller, query: str) -> list[str]:
    """Shop ids that a query finds, in its order."""
    answer = shops("GET", f"ShopsV2?{quote(query, safe='$=&')}")
    assert answer.status == 200, answer.body
    return [row["ShopId"] for row in answer.rows]


def test_create_answers_201_with_the_row_its_location_and_etag(shops: Caller) -> None:
    answer = shops("POST", "ShopsV2", {"dataAreaId": "CZ", "ShopId": "Č 1", "Name": "Left"})
    assert answer.status == 201
    assert answer.headers["Location"] == f"{ROOT}ShopsV2(dataAreaId='cz',ShopId='%C4%8C%201')"
    assert answer.headers["ETag"] == answer.json["@odata.etag"]
    assert answer.json["@odata.context"] == f"{ROOT}$metadata#ShopsV2/$entity"
    assert shops("GET", answer.headers["Location"]).json["Name"] == "Left"


def test_a_key_left_out_is_given_by_the_number_sequence_and_the_company_by_the_user(shops: Caller) -> None:
    answer = shops("POST", "ShopsV2", {"Name": "Left"})
    assert (answer.json["dataAreaId"], answer.json["ShopId"]) == ("cz", "S-00001")


def test_empty_values_are_blank_not_null(shops: Caller) -> None:
    add(shops, "1")
    row = shops.rows("ShopsV2")[0]
    assert "RecId" not in row
    assert (row["Blocked"], row["Area"], row["Opened"]) == ("No", 0, "1900-01-01T12:00:00Z")


def test_a_date_of_1900_is_empty(shops: Caller) -> None:
    add(shops, "1", Opened="1900-01-01T00:00:00Z")
    add(shops, "2", Opened="2024-05-05T10:00:00Z")
    assert ids(shops, "$filter=Opened eq 1900-01-01T12:00:00Z") == ["1"]
    assert ids(shops, "$filter=Opened lt 2000-01-01T00:00:00Z") == ["1"]
    with shops.service.database.begin() as session:
        assert [row["Opened"] is None for row in session.all("shop")] == [True, False]


def test_filters_compare_empty_values_as_they_are_shown(shops: Caller) -> None:
    add(shops, "1")
    add(shops, "2", Blocked="Yes", Area=5.5)
    enum = "Microsoft.Dynamics.DataEntities.NoYes"
    assert ids(shops, f"$filter=Blocked eq {enum}'No'") == ["1"]
    assert ids(shops, f"$filter=Blocked ne {enum}'No'") == ["2"]
    assert ids(shops, "$filter=Area lt 5") == ["1"]
    assert ids(shops, "$filter=Area eq 0") == ["1"]
    assert ids(shops, "$filter=Area ne 0") == ["2"]
    assert ids(shops, "$filter=Area add 1 gt 0&$orderby=ShopId") == ["1", "2"]


def test_asterisks_in_a_filter_stand_for_any_text(shops: Caller) -> None:
    for name in ("alpha", "beta", "Alphabet", "100%"):
        add(shops, name)
    assert sorted(ids(shops, "$filter=Name eq '*PHA*'")) == ["Alphabet", "alpha"]
    assert ids(shops, "$filter=Name eq 'alpha*'&$orderby=ShopId") == ["Alphabet", "alpha"]
    assert ids(shops, "$filter=Name eq '*eta'") == ["beta"]
    assert ids(shops, "$filter=Name eq '*%25*'") == []
    assert ids(shops, "$filter=Name ne '*a*'") == ["100%"]


def test_top_and_skip_page_through_a_stable_order(shops: Caller) -> None:
    for number in range(7):
        add(shops, f"{number}")
    assert ids(shops, "$skip=2&$top=3") == ["2", "3", "4"]
    assert ids(shops, "$orderby=ShopId desc&$skip=5") == ["1", "0"]
    url, read = f"{ROOT}ShopsV2?$skip=1&$top=5&$orderby=ShopId desc", []
    while url:
        page = shops("GET", url.replace(" ", "%20"), prefer="odata.maxpagesize=2")
        read.append([row["ShopId"] for row in page.rows])
        url = page.json.get("@odata.nextLink", "")
    assert read == [["5", "4"], ["3", "2"], ["1"]]


def test_select_does_not_add_the_key(shops: Caller) -> None:
    add(shops, "1")
    assert set(shops.rows("ShopsV2", select="Name")[0]) == {"@odata.etag", "Name"}


def test_only_the_users_company_is_seen_without_the_switch(shops: Caller) -> None:
    add(shops, "1", "cz")
    add(shops, "2", "hu")
    assert ids(shops, "") == ["1"]
    assert ids(shops, "$filter=dataAreaId eq 'hu'") == []
    assert ids(shops, f"{CROSS}&$orderby=ShopId") == ["1", "2"]
    assert ids(shops, f"{CROSS}&$filter=dataAreaId eq 'HU'") == ["2"]
    assert shops("GET", "ShopsV2/$count").body == b"1"
    assert shops("GET", f"ShopsV2/$count?{CROSS}").body == b"2"
    url = "ShopsV2(dataAreaId='HU',ShopId='2')"
    assert shops("GET", url).status == 404
    assert shops("PATCH", url, {"Name": "x"}).status == 404
    assert shops("DELETE", url).status == 404
    assert shops("GET", f"{url}?{CROSS}").status == 200
    assert shops("PATCH", f"{url}?{CROSS}", {"Name": "x"}).status == 204
    assert shops("DELETE", f"{url}?{CROSS}").status == 204


def test_update_answers_204_and_a_missing_row_is_404_and_not_created(shops: Caller) -> None:
    add(shops, "1", Area=2.5)
    url = "ShopsV2(ShopId='1',dataAreaId='cz')"
    assert shops("PATCH", url, {"Name": "new", "ShopId": "other"}).status == 204
    assert shops("PUT", url, {"Blocked": "Yes"}).status == 204
    row = shops("GET", url).json
    assert (row["ShopId"], row["Name"], row["Area"], row["Blocked"]) == ("1", "new", 2.5, "Yes")
    assert shops("PATCH", "ShopsV2(dataAreaId='cz',ShopId='9')", {"Name": "x"}).status == 404
    assert ids(shops, "") == ["1"]


def test_etags_stop_stale_writes_and_repeated_reads(shops: Caller) -> None:
    add(shops, "1")
    url = "ShopsV2(dataAreaId='cz',ShopId='1')"
    old = shops("GET", url).headers["ETag"]
    assert shops("GET", url, if_none_match=old).status == 304
    assert shops("PATCH", url, {"Name": "x"}, if_match=old).status == 204
    assert shops("PATCH", url, {"Name": "y"}, if_match=old).status == 412
    assert shops("DELETE", url, if_match=old).status == 412
    assert shops("DELETE", url, if_match='W/"nonsense"').status == 412
    assert shops("DELETE", url, if_match=shops("GET", url).headers["ETag"]).status == 204


def test_a_refused_row_is_400_with_an_infolog_that_names_the_entity(shops: Caller) -> None:
    answer = shops("POST", "ShopsV2", {"ShopId": "1", "Name": "Nothing"})
    assert answer.status == 400
    error = answer.json["error"]
    assert (error["code"], error["message"]) == ("", "An error has occurred.")
    assert set(error["innererror"]) == {"message", "type", "stacktrace"}
    assert answer.message.startswith(
        "Write failed for table row of type 'ShopV2'. Infolog: Error: Name must not be Nothing"
    )


def test_a_key_that_is_taken_is_400_and_says_that_the_record_exists(shops: Caller) -> None:
    add(shops, "1")
    answer = shops("POST", "ShopsV2", {"ShopId": "1", "Name": "x"})
    assert answer.status == 400
    assert "of type 'ShopV2'" in answer.message
    assert "already exists" in answer.message


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"Nam": "x"}, "did you mean 'Name'?"),
        ({"Name": 5}, "Name"),
        ({"Name": "x", "Blocked": 1}, "Blocked"),
        ({"Name": "x", "Blocked": "Maybe"}, "No, Yes"),
        ({"Name": ""}, "Name"),
        ({"Name": "x" * 61}, "60"),
        ({"Name": "x", "Area": "wide"}, "Area"),
    ],
)
def test_a_body_that_does_not_fit_is_400_and_named(shops: Caller, body: dict[str, object], named: str) -> None:
    answer = shops("POST", "ShopsV2", body)
    assert answer.status == 400
    assert named in answer.message


def test_malformed_json_is_400_in_the_products_shape(shops: Caller) -> None:
    answer = shops("POST", "ShopsV2", raw=b"{")
    assert answer.status == 400
    assert answer.message.startswith("The request is invalid.")


def test_an_unknown_route_is_answered_by_the_web_host(shops: Caller) -> None:
    for url in ("ShopsV9", "ShopsV2(dataAreaId='cz',ShopId='1')/Nothing"):
        answer = shops("GET", url)
        assert answer.status == 404
        assert set(answer.json) == {"Message"}
    assert "did you mean 'ShopsV2'?" in shops("GET", "ShopV2").json["Message"]


def test_verbs_that_a_place_does_not_take_are_405(shops: Caller) -> None:
    add(shops, "1")
    key = "ShopsV2(dataAreaId='cz',ShopId='1')"
    for method, url in (("POST", key), ("PATCH", "ShopsV2"), ("PUT", "ShopsV2"), ("DELETE", "ShopsV2")):
        assert shops(method, url, {"Name": "x"}).status == 405
    assert shops("GET", key).status == 200


def test_an_export_only_entity_takes_no_writes(shops: Caller) -> None:
    add(shops, "1")
    key = "ExportedShops(dataAreaId='cz',ShopId='1')"
    assert shops("GET", key).status == 200
    for method, url in (("POST", "ExportedShops"), ("PATCH", key), ("DELETE", key)):
        answer = shops(method, url, {"Name": "x"})
        assert answer.status == 400
        assert "export only" in answer.message


@pytest.mark.parametrize(
    "query",
    ["$filter=Name in ('a','b')", "$filter=x/any(y:y/a eq 1)", "$apply=aggregate($count as n)",
     "$filter=Blocked eq Microsoft.Dynamics.DataEntities.NoYes'Maybe'", "$filter=Nam eq 'x'",
     "$filter=Name eq 'a' and not (Blocked gt Microsoft.Dynamics.DataEntities.NoYes'No')", "$select=Nam",
     "$filter=Microsoft.Dynamics.CRM.In(PropertyName='Name',PropertyValues=[\"a\"])"],
)  # fmt: skip
def test_what_this_product_does_not_know_is_400(shops: Caller, query: str) -> None:
    assert shops("GET", f"ShopsV2?{quote(query, safe='$=')}").status == 400


def test_a_key_needs_all_its_parts(shops: Caller) -> None:
    assert shops("GET", "ShopsV2(dataAreaId='cz')").status == 400
    assert shops("GET", "ShopsV2('1')").status == 400


def test_metadata_has_enums_keys_and_export_only_sets(shops: Caller) -> None:
    model = parse_csdl(shops("GET", "$metadata").body, "retail")
    shop = model.entity["ShopV2"]
    assert (shop.set_name, shop.key) == ("ShopsV2", ("dataAreaId", "ShopId"))
    assert shop.property["Blocked"].type is EdmType.ENUM
    assert shop.property["Blocked"].choices is not None
    assert shop.property["Blocked"].choices.names == ("No", "Yes")
    assert (shop.writable, model.entity["ExportedShop"].writable) == (True, False)
