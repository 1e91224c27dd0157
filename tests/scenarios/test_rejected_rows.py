"""What people do about rejected rows: try some again, change them on their way, give them up."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from p2c.integrator.engine.record import DISMISSED
from p2c.integrator.mapping.template import OnDelete
from p2c.integrator.outcome import LegKey, Rejection, RejectionStatus, Run, Status, Verdict
from tests.lab import Company, Lab, found, guid
from tests.lab.company import currency
from tests.scenarios.trade import account

CZECH = Company("czmf", "ORG001", "Moravská obchodní", "CZK")
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def founded(lab: Lab) -> Lab:
    found(lab, CZECH)
    lab.run("products", "accounts", "contacts")
    return lab


def waiting(lab: Lab, key: str) -> Rejection:
    (row,) = [item for item in lab.rejected() if item.key == key]
    return row


def retry(lab: Lab, *rows: Rejection) -> Run:
    only: dict[LegKey, list[str]] = defaultdict(list)
    for row in rows:
        only[LegKey(row.project, row.task, row.leg)].append(row.source_id)
    return lab.run(*dict.fromkeys(row.project for row in rows), only=only)


def key_of(number: str) -> dict[str, object]:
    return {"accountid": guid("account", "czmf", number)}


def customer(lab: Lab, number: str) -> dict[str, object]:
    return lab.row("operations", "CustomersV2", f"CustomerAccount eq '{number}'")


def test_one_row_is_tried_again_alone_and_goes_on_to_the_end(founded: Lab) -> None:
    rows = [account(CZECH, f"ALONE-{number}", address1_country="Atlantis") for number in range(2)]
    founded.load("sales", "accounts", rows)
    founded.run("accounts")
    mended = {"accountid": guid("account", "czmf", "ALONE-0"), "address1_country": "Finsko"}
    founded.load("sales", "accounts", [mended])
    unread = account(CZECH, "ALONE-NEW")
    founded.load("sales", "accounts", [unread])

    run = retry(founded, waiting(founded, "ALONE-0"))

    assert [(leg.counts.read, leg.counts.created) for leg in run.legs] == [(1, 1), (1, 1)]
    assert customer(founded, "ALONE-0")["AddressCountryRegionISOCode"] == "FI"
    assert waiting(founded, "ALONE-1").attempts == 1
    # Where reading stands did not move: the new row comes with the next run.
    assert founded.run("accounts").legs[0].counts.created == 1


def test_a_row_of_the_second_leg_is_tried_again_without_the_first(founded: Lab) -> None:
    krone = {"isocurrencycode": "NOK", "currencyname": "Norsk krone", "currencysymbol": "kr", "exchangerate": 11}
    founded.load("sales", "transactioncurrencies", [krone], key=("isocurrencycode",))
    founded.load(
        "sales", "accounts", [account(CZECH, "SECOND", **{"transactioncurrencyid@odata.bind": currency("NOK")})]
    )
    founded.run("accounts")
    row = waiting(founded, "SECOND")
    founded.load("operations", "Currencies", [{"CurrencyCode": "NOK", "Name": "Norsk krone"}])

    run = retry(founded, row)

    assert row.leg == 2
    assert [(leg.leg, leg.counts.created) for leg in run.legs] == [(2, 1)]


def test_a_row_that_is_gone_does_not_wait_any_more(founded: Lab) -> None:
    founded.load("sales", "accounts", [account(CZECH, "VANISHED", address1_country="Atlantis")])
    founded.run("accounts")
    row = waiting(founded, "VANISHED")
    founded.send("sales", "DELETE", f"accounts({row.source_id})")

    run = retry(founded, row)

    assert run.counts.read == 0
    assert [item for item in founded.rejected() if item.key == "VANISHED"] == []


def test_an_edited_row_arrives_as_edited_and_the_source_keeps_its_value(founded: Lab) -> None:
    founded.load("sales", "accounts", [account(CZECH, "EDITED", address1_country="Atlantis")])
    founded.run("accounts")
    row = waiting(founded, "EDITED")
    changes = {"address1_country": "Estonsko", "numberofemployees": "12"}
    founded.store.edit([row.id], changes, by="jana", why="asked the customer", now=NOW)

    run = retry(founded, row)

    assert run.status is Status.COMPLETED
    arrived = customer(founded, "EDITED")
    assert (arrived["AddressCountryRegionISOCode"], arrived["OrganizationNumberOfEmployees"]) == ("EE", 12)
    assert founded.row("sales", "accounts", "accountnumber eq 'EDITED'")["address1_country"] == "Atlantis"
    kept = founded.store.edits(LegKey(row.project, row.task, row.leg))[row.source_id]
    assert (kept.changes, kept.edited_by, kept.why) == (changes, "jana", "asked the customer")


def test_an_edit_holds_until_the_source_row_changes(founded: Lab) -> None:
    founded.load("sales", "accounts", [account(CZECH, "HOLDS", address1_country="Atlantis")])
    founded.run("accounts")
    row = waiting(founded, "HOLDS")
    founded.store.edit([row.id], {"address1_country": "Litva"}, by="jana", why="", now=NOW)
    founded.run("accounts")
    everything = founded.run("accounts", all_data=True)
    founded.load("sales", "accounts", [{"accountid": row.source_id, "fax": "1"}])
    changed = founded.run("accounts")

    assert everything.counts.rejected == waiting_in(founded) - 1
    assert changed.legs[0].counts.rejected == waiting_in(founded)
    assert waiting(founded, "HOLDS").value == "Atlantis"


def waiting_in(lab: Lab) -> int:
    """How many rows of the first leg of accounts wait."""
    return len([row for row in lab.rejected("accounts") if row.leg == 1])


def test_edits_of_a_row_add_up_and_an_empty_value_takes_the_value_out(founded: Lab) -> None:
    founded.load("sales", "accounts", [account(CZECH, "TWICE", address1_country="Atlantis", fax="1")])
    founded.run("accounts")
    row = waiting(founded, "TWICE")
    founded.store.edit([row.id], {"address1_country": "Lotyšsko"}, by="jana", why="", now=NOW)
    founded.store.edit([row.id], {"fax": None}, by="petr", why="", now=NOW)
    retry(founded, row)

    arrived = customer(founded, "TWICE")
    assert (arrived["AddressCountryRegionISOCode"], arrived["PrimaryContactFax"]) == ("LV", "")


def test_an_edit_that_does_not_fit_its_field_keeps_the_row_waiting_and_says_so(founded: Lab) -> None:
    founded.load("sales", "accounts", [account(CZECH, "UNFIT", address1_country="Atlantis")])
    founded.run("accounts")
    row = waiting(founded, "UNFIT")
    founded.store.edit([row.id], {"numberofemployees": "many"}, by="jana", why="", now=NOW)
    run = retry(founded, row)

    assert run.status is Status.WARNING
    again = waiting(founded, "UNFIT")
    assert (again.code, again.field, again.value, again.attempts) == ("WRONG-TYPE", "numberofemployees", "many", 2)


def test_who_gave_a_row_up_and_why_is_kept(founded: Lab) -> None:
    founded.load("sales", "accounts", [account(CZECH, "LOST", address1_country="Atlantis")])
    founded.run("accounts")
    row = waiting(founded, "LOST")
    founded.store.dismiss([row.id], by="jana", why="test data")

    (dismissed,) = founded.store.rejections("accounts", RejectionStatus.DISMISSED)
    assert (dismissed.key, dismissed.decided_by, dismissed.why) == ("LOST", "jana", "test data")
    assert "LOST" not in {item.key for item in founded.rejected("accounts")}


def test_a_row_that_was_given_up_is_left_alone_until_it_changes_however_much_is_read(founded: Lab) -> None:
    founded.load("sales", "accounts", [account(CZECH, "GIVEN-UP", address1_country="Atlantis")])
    founded.run("accounts")
    founded.store.dismiss([waiting(founded, "GIVEN-UP").id], by="jana", why="test data")
    whole = founded.run("accounts", all_data=True)
    assert "GIVEN-UP" not in {item.key for item in founded.rejected("accounts")}
    assert whole.legs[0].skipped_because[DISMISSED] >= 1

    founded.load("sales", "accounts", [{**key_of("GIVEN-UP"), "address1_country": "Lemuria"}])
    founded.run("accounts")
    assert waiting(founded, "GIVEN-UP").value == "Lemuria"


def test_a_dismissal_that_is_taken_back_lets_the_row_be_tried_again(founded: Lab) -> None:
    founded.load("sales", "accounts", [account(CZECH, "REOPENED", address1_country="Atlantis")])
    founded.run("accounts")
    row = waiting(founded, "REOPENED")
    founded.store.dismiss([row.id], by="jana", why="test data")
    reopened = founded.store.decide([row.id], Verdict.REOPENED, by="petr", why="a customer after all")
    founded.store.edit([row.id], {"address1_country": "Litva"}, by="petr", why="", now=NOW)
    founded.run("accounts")

    assert reopened == [row.id]
    assert customer(founded, "REOPENED")["AddressCountryRegionISOCode"] == "LT"
    told = [(item.verdict, item.decided_by, item.why) for item in founded.store.decisions([row.id])[row.id]]
    assert told == [
        (Verdict.DISMISSED, "jana", "test data"),
        (Verdict.REOPENED, "petr", "a customer after all"),
    ]


def test_a_dismissal_is_not_taken_back_where_the_row_was_rejected_again_since(founded: Lab) -> None:
    founded.load("sales", "accounts", [account(CZECH, "AGAIN", address1_country="Atlantis")])
    founded.run("accounts")
    row = waiting(founded, "AGAIN")
    founded.store.dismiss([row.id], by="jana", why="test data")
    founded.load("sales", "accounts", [{**key_of("AGAIN"), "address1_country": "Lemuria"}])
    founded.run("accounts")

    assert founded.store.decide([row.id], Verdict.REOPENED, by="petr", why="") == []
    assert waiting(founded, "AGAIN").id != row.id


@pytest.mark.parametrize("since", ["delivered", "gone"])
def test_a_dismissal_that_is_over_is_not_taken_back(founded: Lab, since: str) -> None:
    """No run would close the row again."""
    number = f"OVER-{since}"
    founded.load("sales", "accounts", [account(CZECH, number, address1_country="Atlantis")])
    founded.run("accounts")
    row = waiting(founded, number)
    founded.store.dismiss([row.id], by="jana", why="test data")
    if since == "delivered":
        founded.load("sales", "accounts", [{**key_of(number), "address1_country": "Litva"}])
    else:
        founded.send("sales", "DELETE", f"accounts({row.source_id})")
    founded.run("accounts")

    assert founded.store.decide([row.id], Verdict.REOPENED, by="petr", why="") == []


def test_all_edits_of_a_row_are_kept_each_with_what_it_has_changed_itself(founded: Lab) -> None:
    founded.load("sales", "accounts", [account(CZECH, "EDITS", address1_country="Atlantis", fax="1")])
    founded.run("accounts")
    row = waiting(founded, "EDITS")
    founded.store.edit([row.id], {"address1_country": "Atlantida"}, by="jana", why="a typing error", now=NOW)
    founded.store.edit([row.id], {"address1_country": "Litva", "fax": None}, by="petr", why="asked", now=NOW)
    founded.store.edit([row.id], {"name": "Third"}, by="eva", why="", now=NOW)
    told = founded.store.edits_of(LegKey(row.project, row.task, row.leg), row.source_id)

    assert [(edit.edited_by, edit.changes, edit.why) for edit in told] == [
        ("jana", {"address1_country": "Atlantida"}, "a typing error"),
        ("petr", {"address1_country": "Litva", "fax": None}, "asked"),
        ("eva", {"name": "Third"}, ""),
    ]


def test_a_double_arrives_under_the_number_that_a_person_gives_it_and_keeps_it(founded: Lab) -> None:
    """The edit changes the key: the row is another one at the destination, in this run and in those that follow."""
    founded.load("sales", "accounts", [account(CZECH, "FIRST-ONE")])
    founded.run("accounts")
    founded.load(
        "sales",
        "accounts",
        [account(CZECH, "FIRST-ONE ", accountid=guid("account", "double"), name="Second", address1_country="Atlantis")],
    )
    founded.run("accounts")
    (row,) = [item for item in founded.rejected("accounts") if item.source_id == guid("account", "double")]
    changes = {"accountnumber": "SECOND-ONE", "address1_country": "Finsko"}
    founded.store.edit([row.id], changes, by="jana", why="a double", now=NOW)
    run = retry(founded, row)

    assert run.status is Status.COMPLETED
    assert customer(founded, "SECOND-ONE")["OrganizationName"] == "Second"
    assert customer(founded, "FIRST-ONE")["OrganizationName"] == "Account FIRST-ONE"
    again = founded.run("accounts", all_data=True)
    assert again.legs[0].counts.created + again.legs[0].counts.updated == 0
    assert len(founded.rows("operations", "CustomersV2", "CustomerAccount eq 'SECOND-ONE*'")) == 1


def test_a_removal_that_was_given_up_is_not_tried_again(founded: Lab) -> None:
    before = founded.store.project("accounts")
    tasks = tuple(replace(task, on_delete=OnDelete.DELETE) for task in before.tasks)
    founded.store.save_projects([replace(before, tasks=tasks)])
    founded.load("sales", "accounts", [account(CZECH, "KEPT")])
    founded.run("accounts")
    quotation = {
        "dataAreaId": "czmf",
        "SalesQuotationNumber": "Q-KEPT",
        "RequestingCustomerAccountNumber": "KEPT",
        "InvoiceCustomerAccountNumber": "KEPT",
        "CurrencyCode": "CZK",
        "LanguageId": "en-us",
        "RequestedShippingDate": "2026-12-15T12:00:00Z",
    }
    founded.load("operations", "SalesQuotationHeaders", [quotation])
    founded.send("sales", "DELETE", f"accounts({key_of('KEPT')['accountid']})")
    founded.run("accounts")
    refused = waiting(founded, "KEPT")
    founded.store.dismiss([refused.id], by="jana", why="it has a quotation")
    changed, whole = founded.run("accounts"), founded.run("accounts", all_data=True)
    founded.store.save_projects([before])

    assert refused.leg == 2
    for run in (changed, whole):
        assert "KEPT" not in {item.key for item in founded.rejected("accounts") if item.last_run == run.id}
        assert run.legs[1].counts.rejected == 0
    assert customer(founded, "KEPT")


def test_a_number_beyond_all_rows_finds_none(founded: Lab) -> None:
    assert founded.store.rejections(ids=[10**20, -1]) == []
