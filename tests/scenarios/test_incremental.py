"""Run after run: only what changed is read and written, and what belongs to several companies stays apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import text

from p2c.integrator.mapping.template import FieldMap
from p2c.integrator.outcome import Disposition, LegKey, LegRun, RejectionStatus, Run, Status, Versions
from p2c.integrator.projects import Project
from tests.lab import Company, Lab, found, guid, reference
from tests.lab.company import currency
from tests.lab.reach import Json
from tests.scenarios.trade import account, activate, contact, line, quote, release

CZECH = Company("czmf", "ORG001", "Moravská obchodní", "CZK")
SWEDISH = Company("semf", "ORG002", "Östersjöns Handel", "SEK")
PROJECTS = ("products", "accounts", "contacts", "contacts-to-customer", "quotes")


@pytest.fixture(scope="module")
def founded(lab: Lab) -> Lab:
    found(lab, CZECH, SWEDISH)
    return lab


@pytest.fixture
def settled(founded: Lab) -> Lab:
    """Everything that was entered so far has been delivered."""
    founded.run(*PROJECTS)
    return founded


def test_only_the_changed_rows_are_read_and_written_again(settled: Lab) -> None:
    names = [f"CHANGE-{number}" for number in range(5)]
    settled.load("sales", "accounts", [account(CZECH, name) for name in names])
    first = settled.run("accounts")
    settled.load("sales", "accounts", [{**key_of("CHANGE-3"), "name": "Řeznictví Dvořák"}])
    second = settled.run("accounts")

    assert [(leg.counts.read, leg.counts.created, leg.writes) for leg in first.legs] == [(5, 5, 5)] * 2
    assert [(leg.counts.read, leg.counts.updated, leg.writes) for leg in second.legs] == [(1, 1, 1)] * 2
    assert customer(settled, "CHANGE-3")["OrganizationName"] == "Řeznictví Dvořák"


def test_a_row_keeps_the_run_that_sent_it_through_runs_that_only_meet_or_refuse_it(settled: Lab) -> None:
    settled.load("sales", "accounts", [account(CZECH, "KEPT-RUN")])
    leg = LegKey("accounts", "Accounts - Account - Customers", 1)
    sent = settled.run("accounts")

    def remembered() -> tuple[int, Disposition]:
        identifier = key_of("KEPT-RUN")["accountid"]
        state = settled.store.states(leg, [str(identifier)])[str(identifier)]
        return state.delivered_run, state.disposition

    settled.run("accounts", all_data=True)
    assert remembered() == (sent.id, Disposition.DELIVERED)
    settled.load("sales", "accounts", [{**key_of("KEPT-RUN"), "address1_country": "Atlantis"}])
    settled.run("accounts")
    assert remembered() == (sent.id, Disposition.REJECTED)
    settled.load("sales", "accounts", [{**key_of("KEPT-RUN"), "address1_country": "Česko"}])
    settled.run("accounts")
    assert remembered() == (sent.id, Disposition.DELIVERED)
    again = settled.run("accounts", again=True)
    assert remembered() == (again.id, Disposition.DELIVERED)


def test_a_run_says_by_what_it_ran_and_where_its_time_went(settled: Lab) -> None:
    settled.load("sales", "accounts", [account(CZECH, "STEPS")])
    project = settled.store.project("accounts")
    for leg in settled.run("accounts").legs:
        assert leg.versions == Versions(project.version, "accounts", project.template_version)
        steps = (leg.steps.read, leg.steps.map, leg.steps.match, leg.steps.write, leg.steps.record)
        assert all(seconds > 0 for seconds in steps)
        assert leg.checkpoint_before != leg.checkpoint_after


def test_a_change_that_no_field_map_takes_up_costs_no_write(settled: Lab) -> None:
    settled.load("sales", "accounts", [account(CZECH, "UNMAPPED")])
    settled.run("accounts")
    settled.load("sales", "accounts", [{**key_of("UNMAPPED"), "tickersymbol": "UNM"}])
    run = settled.run("accounts")

    sales_leg, hub_leg = run.legs
    assert (sales_leg.counts.read, sales_leg.counts.unchanged, sales_leg.writes) == (1, 1, 0)
    assert (hub_leg.counts.read, hub_leg.writes) == (0, 0)


def test_reading_everything_again_writes_nothing_that_is_the_same(settled: Lab) -> None:
    settled.load("sales", "accounts", [account(CZECH, f"SAME-{number}") for number in range(3)])
    settled.run("accounts")
    run = settled.run("accounts", all_data=True)

    assert [leg.writes for leg in run.legs] == [0, 0]
    for leg in run.legs:
        assert leg.counts.read >= 3
        assert leg.counts.unchanged + leg.counts.skipped == leg.counts.read


def test_an_emptied_field_is_emptied_at_the_destination_and_the_others_are_left_alone(settled: Lab) -> None:
    """Operations fills what nobody gives: an update that does not speak of it must not wipe it out."""
    settled.load("sales", "accounts", [{**account(CZECH, "EMPTIED"), "telephone1": "+420 1", "fax": "+420 2"}])
    settled.run("accounts")
    address = "CustomersV2(dataAreaId='czmf',CustomerAccount='EMPTIED')?cross-company=true"
    settled.send("operations", "PATCH", address, {"PaymentTerms": "Net30"})
    settled.load("sales", "accounts", [{**key_of("EMPTIED"), "telephone1": None}])
    settled.run("accounts")

    arrived = customer(settled, "EMPTIED")
    assert arrived["PrimaryContactPhone"] == ""
    assert arrived["PrimaryContactFax"] == "+420 2"
    assert arrived["PaymentTerms"] == "Net30"


def test_a_changed_map_makes_the_leg_read_everything_again_by_itself(settled: Lab) -> None:
    settled.load("sales", "accounts", [account(CZECH, f"REMAP-{number}") for number in range(3)])
    settled.run("accounts")
    before = settled.store.project("accounts")
    settled.store.save_projects([with_constant(before, "DeliveryTerms", "EXW")])
    run = settled.run("accounts")
    settled.store.save_projects([before])

    sales_leg, hub_leg = run.legs
    assert (sales_leg.counts.read, sales_leg.writes) == (0, 0)
    assert hub_leg.counts.updated >= 3
    assert customer(settled, "REMAP-1")["DeliveryTerms"] == "EXW"


def test_an_expired_checkpoint_is_followed_by_a_full_read(settled: Lab) -> None:
    settled.load("sales", "accounts", [account(CZECH, "EXPIRED-1")])
    settled.run("accounts")
    settled.load("sales", "accounts", [account(CZECH, "EXPIRED-2")])
    age_checkpoints(settled)
    run = settled.run("accounts")

    assert run.legs[0].counts.created == 1
    assert run.legs[0].counts.read > 1
    assert customer(settled, "EXPIRED-2")


def test_rows_deleted_in_sales_are_seen_and_counted_once(settled: Lab) -> None:
    names = [f"DELETE-{number}" for number in range(3)]
    settled.load("sales", "accounts", [account(CZECH, name) for name in names])
    settled.run("accounts")
    for name in names[:2]:
        answer = settled.send("sales", "DELETE", f"accounts({key_of(name)['accountid']})")
        assert answer.status == 204
    run, after = settled.run("accounts"), settled.run("accounts")

    assert [leg.counts.deleted for leg in run.legs] == [2, 0]
    assert [leg.counts.read for leg in run.legs] == [0, 0]
    assert [leg.counts.deleted for leg in after.legs] == [0, 0]


def test_a_deleted_row_that_was_rejected_does_not_wait_any_more(settled: Lab) -> None:
    settled.load("sales", "accounts", [account(CZECH, "GONE", address1_country="Atlantis")])
    settled.run("accounts")
    settled.send("sales", "DELETE", f"accounts({key_of('GONE')['accountid']})")
    run = settled.run("accounts")

    assert [rejection for rejection in settled.rejected() if rejection.key == "GONE"] == []
    assert run.status is Status.COMPLETED


def test_a_rejected_row_is_tried_at_every_run_and_closes_by_itself_when_it_passes(settled: Lab) -> None:
    settled.load(
        "sales",
        "transactioncurrencies",
        [
            {
                "isocurrencycode": "NOK",
                "currencyname": "Norsk krone",
                "currencysymbol": "kr",
                "exchangerate": 11,
            }
        ],
        key=("isocurrencycode",),
    )
    row = account(CZECH, "RETRY", **{"transactioncurrencyid@odata.bind": currency("NOK")})
    settled.load("sales", "accounts", [row])
    settled.run("accounts")
    settled.run("accounts")
    (waiting,) = settled.rejected()
    # The destination learns the currency; the row in Sales stays as it is.
    settled.load("operations", "Currencies", [{"CurrencyCode": "NOK", "Name": "Norsk krone"}])
    passed = settled.run("accounts")

    assert (waiting.key, waiting.leg, waiting.attempts) == ("RETRY", 2, 2)
    assert "NOK" in waiting.reason
    assert [leg.counts.created for leg in passed.legs] == [0, 1]
    assert passed.status is Status.COMPLETED
    assert settled.rejected() == []
    closed = settled.store.rejections("accounts", RejectionStatus.CLOSED)
    assert [rejection.key for rejection in closed if rejection.id == waiting.id] == ["RETRY"]
    assert customer(settled, "RETRY")["SalesCurrencyCode"] == "NOK"


def test_a_corrected_row_passes_and_leaves_no_rejection(settled: Lab) -> None:
    settled.load("sales", "accounts", [account(CZECH, "MEND", address1_country="Atlantis")])
    settled.run("accounts")
    settled.load("sales", "accounts", [{**key_of("MEND"), "address1_country": "Maďarsko"}])
    run = settled.run("accounts")

    assert [leg.counts.created for leg in run.legs] == [1, 1]
    assert settled.rejected() == []
    assert customer(settled, "MEND")["AddressCountryRegionISOCode"] == "HU"


def test_a_dismissed_row_is_left_alone_until_it_changes(settled: Lab) -> None:
    settled.load("sales", "accounts", [account(CZECH, "GIVENUP", address1_country="Atlantis")])
    settled.run("accounts")
    (waiting,) = settled.rejected("accounts")
    settled.store.dismiss([waiting.id])
    same = settled.run("accounts", all_data=True)
    settled.load("sales", "accounts", [{**key_of("GIVENUP"), "address1_country": "Lemuria"}])
    changed = settled.run("accounts")

    assert same.status is Status.COMPLETED
    assert same.legs[0].skipped_because["a person dismissed the row, and it has not changed since"] == 1
    assert changed.legs[0].counts.rejected == 1
    (waiting,) = settled.rejected("accounts")
    assert waiting.value == "Lemuria"
    settled.load("sales", "accounts", [{**key_of("GIVENUP"), "address1_country": "Česko"}])


def test_rows_that_the_destination_lost_are_sent_again_when_that_is_asked_for(settled: Lab) -> None:
    settled.load("sales", "accounts", [account(CZECH, "LOST")])
    settled.run("accounts")
    address = "CustomersV2(dataAreaId='czmf',CustomerAccount='LOST')?cross-company=true"
    assert settled.send("operations", "DELETE", address).status == 204
    unchanged = settled.run("accounts", all_data=True)
    again = settled.run("accounts", again=True)

    assert [leg.writes for leg in unchanged.legs] == [0, 0]
    assert again.legs[1].counts.created == 1
    assert customer(settled, "LOST")


def test_the_same_account_number_in_two_companies_becomes_a_customer_in_each(settled: Lab) -> None:
    rows = [account(company, "SHARED", name=company.business_unit) for company in (CZECH, SWEDISH)]
    settled.load("sales", "accounts", rows)
    settled.run("accounts")

    found_rows = settled.rows("operations", "CustomersV2", "CustomerAccount eq 'SHARED'")
    assert {(row["dataAreaId"], row["OrganizationName"], row["SalesCurrencyCode"]) for row in found_rows} == {
        ("czmf", "Moravská obchodní", "CZK"),
        ("semf", "Östersjöns Handel", "SEK"),
    }


def test_a_product_released_in_two_companies_is_one_in_sales_with_a_price_in_each_currency(
    settled: Lab,
) -> None:
    release(settled, CZECH, "TWO-PRICES", "243.50")
    release(settled, SWEDISH, "TWO-PRICES", "109.50")
    run = settled.run("products")
    again = settled.run("products")

    assert run.status is Status.COMPLETED
    product = settled.row("sales", "products", "productnumber eq 'TWO-PRICES'")
    lists = {row["pricelevelid"]: row["name"] for row in settled.rows("sales", "pricelevels")}
    items = settled.rows("sales", "productpricelevels", f"_productid_value eq {product['productid']}")
    assert {lists[row["_pricelevelid_value"]]: row["amount"] for row in items} == {
        "CZK list": Decimal("243.50"),
        "SEK list": Decimal("109.50"),
    }
    assert [leg.writes for leg in again.legs] == [0, 0]


def test_a_contact_becomes_a_customer_after_the_first_quote(settled: Lab) -> None:
    release(settled, CZECH, "FOR-CONTACT", "10.00")
    settled.load("sales", "accounts", [account(CZECH, "EMPLOYER")])
    settled.load("sales", "contacts", [contact(CZECH, "Nováková", "EMPLOYER", msdynce_contactnumber="C-1")])
    before = settled.run(*PROJECTS)
    key = reference("contacts", guid("contact", "Nováková"))
    settled.load("sales", "quotes", [quote(CZECH, "Q-CONTACT", key)])
    settled.load("sales", "quotedetails", [line("Q-CONTACT", 1, "FOR-CONTACT")])
    activate(settled, "Q-CONTACT")
    after = settled.run(*PROJECTS)

    assert leg_of(before, "contacts").counts.created == 1
    assert leg_of(before, "contacts-to-customer").counts.created == 0
    assert leg_of(after, "contacts").skipped_because == {"active customers go with Contacts to Customer": 1}
    assert leg_of(after, "contacts-to-customer").counts.created == 1
    assert after.status is Status.COMPLETED
    person = customer(settled, "C-1")
    assert (person["PartyType"], person["PersonFirstName"], person["PersonLastName"]) == (
        "Person",
        "Žofie",
        "Nováková",
    )
    quotation = settled.row("operations", "SalesQuotationHeaders", "SalesQuotationNumber eq 'Q-CONTACT'")
    assert quotation["RequestingCustomerAccountNumber"] == "C-1"
    assert quotation["QuotationTotalAmount"] == Decimal(20)


def test_what_operations_filled_in_on_a_quotation_line_survives_an_update(settled: Lab) -> None:
    release(settled, CZECH, "MEAD", "100.00")
    settled.load("sales", "accounts", [account(CZECH, "DRINKER")])
    settled.run("products", "accounts")
    settled.load(
        "sales",
        "quotes",
        [quote(CZECH, "MEAD-1", reference("accounts", guid("account", CZECH.legal_entity, "DRINKER")))],
    )
    settled.load("sales", "quotedetails", [line("MEAD-1", 1, "MEAD")])
    activate(settled, "MEAD-1")
    settled.run("quotes")
    before = quotation_line(settled, "MEAD-1")
    project = settled.store.project("quotes")
    settled.store.save_projects([with_constant(project, "ExternalItemNumber", "X-1")])
    settled.run("quotes")
    settled.store.save_projects([project])

    after = quotation_line(settled, "MEAD-1")
    assert before["LineDescription"] != ""
    assert after == {**before, "ExternalItemNumber": "X-1", "@odata.etag": after["@odata.etag"]}


def test_the_counts_of_every_leg_of_every_run_add_up(settled: Lab) -> None:
    legs = [leg for run in settled.store.runs(1000) for leg in run.legs]

    assert legs
    for leg in legs:
        counts = leg.counts
        outcomes = (counts.created, counts.updated, counts.unchanged, counts.skipped, counts.rejected)
        assert counts.read == sum(outcomes)
        assert sum(leg.skipped_because.values()) == counts.skipped


def key_of(number: str, company: Company = CZECH) -> Json:
    """The primary key of an account."""
    return {"accountid": guid("account", company.legal_entity, number)}


def customer(lab: Lab, number: str) -> Json:
    """A customer of the Czech company in Operations."""
    return lab.row("operations", "CustomersV2", f"dataAreaId eq 'czmf' and CustomerAccount eq '{number}'")


def quotation_line(lab: Lab, number: str) -> Json:
    """The only line of a quotation in Operations."""
    return lab.row("operations", "CDSSalesQuotationLines", f"SalesQuotationNumber eq '{number}'")


def leg_of(run: Run, project: str) -> LegRun:
    """The first leg of a project."""
    return next(leg for leg in run.legs if leg.project == project)


def with_constant(project: Project, field: str, value: str) -> Project:
    """The project with one more default in the last leg of its last task."""
    *others, task = project.tasks
    last = task.legs[-1]
    changed = replace(last, fields=(*last.fields, FieldMap(field, default=value)))
    return replace(project, tasks=(*others, replace(task, legs=(*task.legs[:-1], changed))))


def age_checkpoints(lab: Lab) -> None:
    """As if the last run had been years ago: delta tokens carry when they were made."""
    with lab.store._engine.begin() as connection:
        connection.execute(text("UPDATE leg SET checkpoint = regexp_replace(checkpoint, '20[0-9][0-9]%20', '2001%20')"))


def test_a_first_load_does_not_ask_an_empty_destination_for_every_row(database_url: Callable[[str], str]) -> None:
    """One count says that nothing is there; what the leg itself creates it knows."""
    with Lab(database_url) as empty:
        found(empty, CZECH)
        rows = [account(CZECH, f"FIRST-{number:04}") for number in range(1200)]
        empty.load("sales", "accounts", rows)
        run = empty.run("accounts")
        again = empty.run("accounts", again=True)

    hub_leg = run.legs[0]
    bulk_calls, asked_once = 3, 9
    assert hub_leg.counts.created == len(rows)
    # Counts, the page, business units, currencies and the accounts that others belong to; nothing for each batch.
    assert hub_leg.requests <= bulk_calls + asked_once
    assert (again.legs[0].counts.created, again.legs[0].counts.updated) == (0, len(rows))
