"""One row is followed over both legs: which run and rule put each value where it is, and why it stayed behind."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from p2c.errors import ConfigurationError
from p2c.integrator.engine.record import DISMISSED
from p2c.integrator.mapping.template import OnDelete
from p2c.integrator.outcome import Fate
from p2c.integrator.personal import MASKED
from p2c.integrator.trace import FieldTrace, LegTrace, trace
from tests.lab import Company, Lab, found, guid
from tests.scenarios.trade import account, release

CZECH = Company("czmf", "ORG001", "Moravská obchodní", "CZK")
SWEDISH = Company("semf", "ORG002", "Östersjöns Handel", "SEK")
NUMBER = "A-100"


@pytest.fixture(scope="module")
def settled(lab: Lab) -> Lab:
    """An account in two companies, delivered, and a product."""
    found(lab, CZECH, SWEDISH)
    release(lab, CZECH, "P-1", "10.50")
    rows = [account(company, NUMBER, telephone1="+420 1") for company in (CZECH, SWEDISH)]
    lab.load("sales", "accounts", [*rows, account(CZECH, "OTHER")])
    lab.run("products", "accounts")
    return lab


def traced(lab: Lab, entity: str, word: str, project: str = "accounts") -> list[LegTrace]:
    return lab.wait(trace(lab.store, [lab.store.project(project)], entity, word))


def field(leg: LegTrace, name: str) -> FieldTrace:
    (found,) = [item for item in leg.fields if item.field == name]
    return found


def czech(legs: list[LegTrace]) -> list[LegTrace]:
    return [leg for leg in legs if leg.company == "czmf"]


@pytest.mark.parametrize(
    ("entity", "word"),
    [
        ("accounts", NUMBER),
        ("sales.accounts", guid("account", "czmf", NUMBER)),
        ("operations.CustomersV2", NUMBER),
        ("customersv2", f"czmf/{NUMBER}"),
        ("commondata.Accounts", NUMBER),
    ],
)
def test_a_row_is_found_by_its_key_or_id_on_any_side_and_told_from_its_source_on(
    settled: Lab, entity: str, word: str
) -> None:
    legs = czech(traced(settled, entity, word))

    assert [(leg.leg.leg, leg.source, leg.destination) for leg in legs] == [
        (1, "sales.accounts", "commondata.Accounts"),
        (2, "commondata.Accounts", "operations.CustomersV2"),
    ]
    assert legs[0].source_id == guid("account", "czmf", NUMBER)
    assert all(leg.key == NUMBER and leg.there and leg.disposition == "delivered" for leg in legs)


def test_a_number_of_several_companies_stands_for_a_row_of_each(settled: Lab) -> None:
    legs = traced(settled, "sales.accounts", NUMBER)

    assert sorted((leg.company, leg.leg.leg) for leg in legs) == [("czmf", 1), ("czmf", 2), ("semf", 1), ("semf", 2)]


def test_each_field_has_its_value_on_both_sides_and_its_rule(settled: Lab) -> None:
    first, second = czech(traced(settled, "accounts", NUMBER))

    assert field(first, "MailingPostalAddress_Country") == FieldTrace(
        "MailingPostalAddress_Country",
        {"address1_country": "Česko"},
        "address1_country → country(form='alpha2'), else 'US'",
        "CZ",
        "CZ",
        True,
    )
    assert field(first, "PartyType").rule == "always 'Organization'"
    assert field(first, "SalesCurrencyCode").sources == {"transactioncurrencyid.isocurrencycode": "CZK"}
    assert field(first, "Organization_OrganizationId").found == "ORG001"
    assert field(second, "OrganizationName").found == f"Account {NUMBER}"
    assert all(item.agrees for leg in (first, second) for item in leg.fields if item.expected is not None)


def test_the_run_that_delivered_a_row_is_told_with_what_it_ran_by(settled: Lab) -> None:
    before = traced(settled, "accounts", "OTHER")
    run = settled.run("accounts", again=True)
    after = traced(settled, "accounts", "OTHER")

    for old, new in zip(before, after, strict=True):
        assert old.delivery is not None
        assert new.delivery is not None
        assert old.delivery.run < new.delivery.run == run.id
        assert (new.delivery.started_by, new.delivery.versions) == ("test", run.legs[0].versions)
        assert new.delivery.versions.template == "accounts"


def test_every_delivery_of_a_row_is_told_with_the_run_that_came_after_it(settled: Lab) -> None:
    settled.load("sales", "accounts", [account(CZECH, "OFTEN", fax="1")])
    runs = [settled.run("accounts")]
    for fax in ("2", "3"):
        settled.load("sales", "accounts", [{"accountid": guid("account", "czmf", "OFTEN"), "fax": fax}])
        runs.append(settled.run("accounts"))
    for leg in traced(settled, "accounts", "OFTEN"):
        assert [(item.run, item.ended_run, item.fate) for item in leg.former] == [
            (runs[0].id, runs[1].id, Fate.REPLACED),
            (runs[1].id, runs[2].id, Fate.REPLACED),
        ]
        assert leg.former[0].versions == runs[0].legs[0].versions
        assert (leg.former[0].started_at, leg.former[0].started_by) == (runs[0].started_at, "test")
        assert leg.delivery is not None
        assert leg.delivery.run == runs[2].id


def test_a_row_that_was_removed_tells_the_run_that_did_it(settled: Lab) -> None:
    before = settled.store.project("accounts")
    settled.store.save_projects(
        [replace(before, tasks=tuple(replace(task, on_delete=OnDelete.DELETE) for task in before.tasks))]
    )
    settled.load("sales", "accounts", [account(CZECH, "REMOVED")])
    delivered = settled.run("accounts")
    settled.send("sales", "DELETE", f"accounts({guid('account', 'czmf', 'REMOVED')})")
    removed = settled.run("accounts")
    settled.store.save_projects([before])

    for entity in ("accounts", "operations.CustomersV2"):
        told = traced(settled, entity, "REMOVED")
        assert told
        for leg in told:
            (delivery,) = leg.former
            assert (leg.key, leg.company, leg.there, leg.delivery) == ("REMOVED", "czmf", False, None)
            assert (delivery.run, delivery.ended_run, delivery.fate) == (delivered.id, removed.id, Fate.REMOVED)


def test_a_row_that_stays_when_its_source_row_is_gone_is_still_followed(settled: Lab) -> None:
    settled.load("sales", "accounts", [account(CZECH, "STAYS")])
    settled.run("accounts")
    settled.send("sales", "DELETE", f"accounts({guid('account', 'czmf', 'STAYS')})")
    run = settled.run("accounts")
    first, second = traced(settled, "accounts", "STAYS")

    assert (first.former[0].fate, first.former[0].ended_run, first.there) == (Fate.LEFT, run.id, True)
    assert (second.former, second.disposition) == ((), "delivered")


def test_what_was_changed_at_the_destination_does_not_agree(settled: Lab) -> None:
    address = "CustomersV2(dataAreaId='czmf',CustomerAccount='OTHER')?cross-company=true"
    assert settled.send("operations", "PATCH", address, {"CreditLimit": 7}).status == 204
    settled.load("sales", "accounts", [{"accountid": guid("account", "czmf", "OTHER"), "creditlimit": 5}])
    first, second = traced(settled, "accounts", "OTHER")
    settled.load("sales", "accounts", [{"accountid": guid("account", "czmf", "OTHER"), "creditlimit": None}])
    settled.run("accounts", again=True)

    hub = field(first, "CreditLimitAmount")
    assert (Decimal(str(hub.expected)), hub.found, hub.agrees) == (Decimal(5), None, False)
    limit = field(second, "CreditLimit")
    assert (limit.expected, Decimal(str(limit.found)), limit.agrees, limit.filled) == (None, Decimal(7), False, True)
    assert not hub.filled


def test_a_rejected_row_tells_why_and_what_to_do(settled: Lab) -> None:
    row = {"accountid": guid("account", "czmf", "OTHER")}
    settled.load("sales", "accounts", [{**row, "address1_country": "Atlantis"}])
    settled.run("accounts")
    leg, _ = traced(settled, "accounts", "OTHER")
    settled.load("sales", "accounts", [{**row, "address1_country": "Česko"}])
    settled.run("accounts")
    mended, _ = traced(settled, "accounts", "OTHER")

    assert (leg.disposition, leg.reason) == ("rejected", "COUNTRY-UNKNOWN")
    assert leg.rejection is not None
    assert (leg.rejection.field, leg.rejection.value) == ("address1_country", "Atlantis")
    assert leg.rejection.way_out
    assert leg.now.startswith("COUNTRY-UNKNOWN: ")
    assert (mended.disposition, mended.now) == ("delivered", "")
    assert mended.rejection is not None
    assert mended.rejection.status.value == "closed"


def test_a_row_that_was_edited_is_told_as_edited_and_agrees(settled: Lab) -> None:
    settled.load("sales", "accounts", [account(CZECH, "EDITED", address1_country="Atlantis", telephone1="+420 1")])
    settled.run("accounts")
    (waiting,) = settled.rejected("accounts")
    changes = {"address1_country": "Estonsko", "telephone1": "+420 2"}
    settled.store.edit([waiting.id], changes, by="jana", why="asked", now=datetime(2026, 11, 20, tzinfo=UTC))
    settled.run("accounts")
    leg, _ = traced(settled, "accounts", "EDITED")

    assert (leg.disposition, leg.now) == ("delivered", "")
    assert leg.edit is not None
    assert (leg.edit.edited_by, leg.edit.changes) == ("jana", changes)
    country = field(leg, "MailingPostalAddress_Country")
    assert (country.sources, country.expected, country.agrees) == ({"address1_country": "Estonsko"}, "EE", True)
    seen = leg.seen(MASKED).edit
    assert seen is not None
    assert seen.changes == {"address1_country": "Estonsko", "telephone1": "+… (6)"}


def test_a_row_that_a_person_gave_up_is_told_as_dismissed(settled: Lab) -> None:
    settled.load("sales", "accounts", [account(CZECH, "GIVEN-UP", address1_country="Atlantis")])
    settled.run("accounts")
    (waiting,) = settled.rejected("accounts")
    settled.store.dismiss([waiting.id], by="jana", why="test data")
    (leg,) = traced(settled, "accounts", "GIVEN-UP")

    assert leg.now == DISMISSED
    assert leg.rejection is not None
    assert leg.rejection.status.value == "dismissed"


def test_a_row_that_no_run_has_met_is_traced_from_what_is_there(settled: Lab) -> None:
    settled.load("sales", "accounts", [account(CZECH, "NEW", statecode=1)])
    (leg,) = traced(settled, "accounts", "new")

    assert (leg.disposition, leg.delivery, leg.there) == ("", None, False)
    assert leg.now == "inactive accounts stay in Sales"
    assert field(leg, "AccountId").expected == "NEW"


def test_a_row_that_is_gone_at_its_source_ends_where_it_was_delivered(settled: Lab) -> None:
    settled.load("sales", "accounts", [account(CZECH, "DELETED")])
    settled.run("accounts")
    assert settled.send("sales", "DELETE", f"accounts({guid('account', 'czmf', 'DELETED')})").status == 204
    first, second = traced(settled, "accounts", "DELETED")

    assert (first.now, first.there, first.fields) == ("the source row is gone", True, ())
    assert second.there


def test_products_are_followed_the_other_way_round(settled: Lab) -> None:
    first, second = traced(settled, "SellableReleasedProducts", "P-1", "products")

    assert (first.source_id, second.destination) == ("czmf|P-1", "sales.products")
    price = field(second, "transactioncurrencyid.isocurrencycode")
    assert (price.expected, price.found, price.agrees) == ("CZK", "CZK", True)
    assert [leg.leg.leg for leg in traced(settled, "sales.products", "P-1", "products")] == [1, 2]


def test_personal_data_is_masked_also_under_other_names(settled: Lab) -> None:
    first, _ = (leg.seen(MASKED) for leg in czech(traced(settled, "accounts", NUMBER)))

    phone = field(first, "PhonePrimary")
    assert (dict(phone.sources), phone.expected, phone.found) == ({"telephone1": "+… (6)"}, "+… (6)", "+… (6)")
    assert field(first, "MailingPostalAddress_City").found == "Brno"


@pytest.mark.parametrize(("entity", "word"), [("accounts", "NOBODY"), ("acounts", NUMBER)])
def test_what_nobody_knows_is_told(settled: Lab, entity: str, word: str) -> None:
    with pytest.raises(ConfigurationError, match=word if entity == "accounts" else "accounts"):
        traced(settled, entity, word)
