"""Smaller rules of the Dataverse protocol: paging cookies, count limits, change counts, acting for others."""

from __future__ import annotations

from urllib.parse import quote, unquote
from uuid import uuid4

import pytest

from p2c.odata.service.access import ALL_RIGHTS, Level, Privilege, Rights, acting
from p2c.odata.service.access import Caller as Sender
from p2c.odata.service.dataverse.annotations.wanted import TOTAL, TOTAL_EXCEEDED
from tests.contracts.caller import Caller, part


def fill(people: Caller, count: int) -> None:
    """New people without anything but a name."""
    targets = [{"name": f"{number:03}"} for number in range(count)]
    answer = people.bulk("people", "CreateMultiple", *targets)
    assert answer.status == 200, answer.body


def test_next_links_carry_a_cookie_with_the_number_of_the_page(people: Caller) -> None:
    fill(people, 5)
    url = people("GET", "people", prefer="odata.maxpagesize=2").json["@odata.nextLink"]
    cookie = unquote(url.partition("$skiptoken=")[2])
    assert cookie.startswith('<cookie pagenumber="2" pagingcookie="%253Ccookie%2520page%253D%25221%2522')
    assert cookie.endswith('" istracking="False" />')
    second = people("GET", url, prefer="odata.maxpagesize=2").json
    assert '<cookie pagenumber="3"' in unquote(second["@odata.nextLink"])


@pytest.mark.parametrize("token", ["x", "1~abc~0~0", '<cookie pagenumber="2" pagingcookie="x" istracking="False" />'])
def test_a_cookie_of_another_service_is_refused(people: Caller, token: str) -> None:
    assert people("GET", f"people?$skiptoken={token}").status == 400


def test_counting_stops_at_its_limit_and_says_so(people: Caller) -> None:
    fill(people, 5001)
    page = people("GET", "people?$count=true&$top=1", prefer='odata.include-annotations="*"').json
    assert (page["@odata.count"], page[f"@{TOTAL}"], page[f"@{TOTAL_EXCEEDED}"]) == (5000, 5000, True)
    assert people("GET", "people/$count").body == b"5001"


def test_changes_are_counted_behind_a_delta_token(people: Caller) -> None:
    fill(people, 2)
    url = people("GET", "people?$select=name", prefer="odata.track-changes").json["@odata.deltaLink"]
    fill(people, 3)
    key = people.rows("people")[0]["personid"]
    people("DELETE", f"people({key})")
    counting = url.replace("people?", "people/$count?")
    changes = people("GET", url).json["value"]
    assert people("GET", counting).body == str(len(changes)).encode()


def test_too_many_conditions_have_their_own_code(people: Caller) -> None:
    condition = "%20or%20".join(f"age%20eq%20{number}" for number in range(501))
    refused = people("GET", f"people?$filter={condition}")
    assert (refused.status, refused.code) == (400, "0x8004430c")


def test_rows_are_written_as_the_user_that_the_caller_acts_for(sales: Caller) -> None:
    unit = sales("GET", "WhoAmI").json["BusinessUnitId"]
    user = {
        "domainname": "eve@p2c.local",
        "firstname": "Eve",
        "lastname": "E",
        "azureactivedirectoryobjectid": str(uuid4()),
        "businessunitid@odata.bind": f"businessunits({unit})",
    }
    key = sales("POST", "systemusers", user).headers["OData-EntityId"][-37:-1]
    assert sales("GET", "WhoAmI", mscrmcallerid=key).json["UserId"] == key
    assert sales("GET", "WhoAmI", callerobjectid=user["azureactivedirectoryobjectid"]).json["UserId"] == key
    made = sales("POST", "accounts", {"name": "Hers"}, prefer="return=representation", mscrmcallerid=key)
    assert made.json["_createdby_value"] == key
    answer, _ = sales.batch(part("POST", "accounts", {"name": "Batched"}), mscrmcallerid=key)
    assert answer.status == 200
    batched = sales("GET", "accounts?$filter=name%20eq%20'Batched'").rows[0]
    assert batched["_createdby_value"] == key
    caller = sales("GET", "WhoAmI").json["UserId"]
    assert batched["_createdonbehalfby_value"] == batched["_modifiedonbehalfby_value"] == caller != key
    url = f"accounts({batched['accountid']})"
    sales("PATCH", url, {"name": "Changed"})
    changed = sales("GET", url).json
    assert (changed["_createdonbehalfby_value"], changed["_modifiedonbehalfby_value"]) == (caller, None)


def test_acting_for_others_needs_the_privilege_and_users_that_there_are(sales: Caller) -> None:
    nobody = str(uuid4())
    missing = sales("GET", "WhoAmI", mscrmcallerid=nobody)
    assert (missing.status, missing.code) == (403, "0x80072560")
    assert sales("GET", "WhoAmI", mscrmcallerid="me").code == "0x80040203"
    with acting(Sender(uuid4(), "clerk", Rights())):
        refused = sales("GET", "WhoAmI", mscrmcallerid=nobody)
    assert (refused.status, refused.code) == (403, "0x8004a110")
    for rights in (ALL_RIGHTS, Rights(delegate=True)):
        with acting(Sender(uuid4(), "chief", rights)):
            assert sales("GET", "WhoAmI", mscrmcallerid=nobody).code == "0x80072560"


def test_a_row_that_the_caller_may_not_read_leads_nowhere(sales: Caller) -> None:
    contact = sales("POST", "contacts", {"lastname": "Open"}).headers["OData-EntityId"][-37:-1]
    hidden = {"name": "Hidden", "primarycontactid@odata.bind": f"contacts({contact})"}
    account = sales("POST", "accounts", hidden).headers["OData-EntityId"][-37:-1]
    rights = Rights({("contact", Privilege.READ): Level.ORGANIZATION})
    with acting(Sender(uuid4(), "clerk", rights)):
        assert sales("GET", f"contacts({contact})").status == 200
        for path in ("primarycontactid", "primarycontactid/lastname", "name", "primarycontactid/$ref"):
            assert sales("GET", f"accounts({account})/{path}").status == 403
        fetch = quote("<fetch><entity name='account'/></fetch>")
        for query in ("$apply=aggregate($count%20as%20n)", f"fetchXml={fetch}"):
            assert sales("GET", f"accounts?{query}").status == 403
        assert sales("GET", "contacts?$expand=parentcustomerid_account").status == 403
        linked = "contacts?$filter=account_primary_contact/any(a:a/name%20eq%20'Hidden')"
        assert sales("GET", linked).status == 403
