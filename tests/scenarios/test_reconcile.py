"""Both sides are compared over the real services: what was delivered agrees, and whatever is changed behind the
integrator's back is found, field by field."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest

from p2c.errors import ConfigurationError
from p2c.integrator.engine.record import DISMISSED
from p2c.integrator.mapping.template import OnConflict
from p2c.integrator.outcome import LegKey
from p2c.integrator.personal import MASKED, Sight
from p2c.integrator.reconcile import Kind, reconcile
from p2c.integrator.reconcile.report import open_report
from tests.lab import Company, Lab, found, guid
from tests.lab.company import currency
from tests.scenarios.comparing import Heard, compared
from tests.scenarios.trade import account, contact, release

CZECH = Company("czmf", "ORG001", "Moravská obchodní", "CZK")
SWEDISH = Company("semf", "ORG002", "Östersjöns Handel", "SEK")
PROJECTS = ("products", "accounts", "contacts", "contacts-to-customer")
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
NUMBERS = ("SAME", "RENAMED", "GONE", "SWEDISH")


@pytest.fixture(scope="module")
def settled(lab: Lab) -> Lab:
    """Two companies whose rows were all delivered."""
    found(lab, CZECH, SWEDISH)
    release(lab, CZECH, "P-1", "10.50")
    release(lab, CZECH, "P-2", "0.99")
    rows = [account(SWEDISH if number == "SWEDISH" else CZECH, number, telephone1="+420 1") for number in NUMBERS]
    lab.load("sales", "accounts", rows)
    lab.load("sales", "contacts", [contact(CZECH, "Dvořák", "SAME", emailaddress1="jan@dvorak.example")])
    lab.run(*PROJECTS)
    return lab


@pytest.fixture
def spoiled(settled: Lab) -> Iterator[Lab]:
    """What people did in Operations since, behind the integrator's back; mended afterwards."""
    renamed, gone = (customer("czmf", number) for number in ("RENAMED", "GONE"))
    kept = settled.row("operations", "CustomersV2", "CustomerAccount eq 'RENAMED'")
    change(settled, renamed, {"OrganizationName": "Other", "PrimaryContactPhone": "+420 2", "CreditLimit": 7})
    assert settled.send("operations", "DELETE", gone).status == 204
    settled.load(
        "operations",
        "CustomersV2",
        [
            {
                "dataAreaId": "czmf",
                "CustomerAccount": name,
                "PartyNumber": name,
                "PartyType": "Organization",
                "OrganizationName": name,
                "CustomerGroupId": "10",
                "SalesCurrencyCode": "CZK",
                "IsExternallyMaintained": maintained,
            }
            for name, maintained in (("COPIED", "Yes"), ("OWN", "No"))
        ],
    )
    yield settled
    changed = ("OrganizationName", "PrimaryContactPhone", "CreditLimit")
    change(settled, renamed, {name: kept[name] for name in changed})
    for name in ("COPIED", "OWN"):
        assert settled.send("operations", "DELETE", customer("czmf", name)).status == 204
    settled.run("accounts", again=True)


def customer(company: str, number: str) -> str:
    return quote(f"CustomersV2(dataAreaId='{company}',CustomerAccount='{number}')") + "?cross-company=true"


def change(lab: Lab, address: str, values: dict[str, object]) -> None:
    assert lab.send("operations", "PATCH", address, values).status == 204


@pytest.mark.parametrize("project", PROJECTS)
def test_what_was_delivered_agrees_on_every_leg(settled: Lab, project: str) -> None:
    legs, heard = compared(settled, project)

    assert heard.findings == []
    assert all(leg.total.agrees for leg in legs)
    assert sum(leg.total.equal for leg in legs) or project == "contacts-to-customer"


def test_each_company_is_counted_apart(settled: Lab) -> None:
    legs, _ = compared(settled, "accounts")

    assert {name: counts.equal for name, counts in legs[0].companies.items()} == {"czmf": 3, "semf": 1}


def test_every_change_at_the_destination_is_found_with_the_field_and_both_values(spoiled: Lab) -> None:
    (first, second), heard = compared(spoiled, "accounts")

    assert first.total.agrees
    assert (second.total.equal, second.total.different, second.total.missing, second.total.extra) == (2, 1, 1, 1)
    told = {finding.key: finding for leg, finding in heard.findings if leg == 2}
    assert {key: finding.kind for key, finding in told.items()} == {
        "RENAMED": Kind.DIFFERENT,
        "GONE": Kind.MISSING,
        "COPIED": Kind.EXTRA,
    }
    assert {(item.field, item.expected, item.found) for item in told["RENAMED"].differences} >= {
        ("OrganizationName", "Account RENAMED", "Other"),
        ("PrimaryContactPhone", "+420 1", "+420 2"),
    }


def test_one_company_alone_can_be_compared(spoiled: Lab) -> None:
    (_, second), heard = compared(spoiled, "accounts", company="Östersjöns Handel")

    assert heard.findings == []
    assert {name: counts.equal for name, counts in second.companies.items()} == {"semf": 1}


def test_a_value_that_the_source_never_had_is_the_destinations_own(settled: Lab) -> None:
    """No run would overwrite it, so it is counted apart."""
    address = customer("czmf", "SAME")
    change(settled, address, {"PrimaryContactFax": "+420 3"})
    (_, second), heard = compared(settled, "accounts")
    change(settled, address, {"PrimaryContactFax": ""})

    assert heard.findings == []
    assert second.filled["PrimaryContactFax"] == 1


def test_a_value_that_was_emptied_at_the_source_and_not_yet_delivered_is_found(settled: Lab) -> None:
    key = {"accountid": guid("account", "czmf", "SAME")}
    settled.load("sales", "accounts", [{**key, "telephone1": None}])
    (first, _), heard = compared(settled, "accounts")
    settled.load("sales", "accounts", [{**key, "telephone1": "+420 1"}])
    settled.run("accounts")

    assert first.fields == {"PhonePrimary": 1}
    assert [finding.differences[0].found for _, finding in heard.findings] == ["+420 1"]


def test_a_row_that_the_map_refuses_is_told_with_its_code_and_no_more(settled: Lab) -> None:
    key = {"accountid": guid("account", "czmf", "SAME")}
    settled.load("sales", "accounts", [{**key, "address1_country": "Atlantis"}])
    (first, _), heard = compared(settled, "accounts")
    settled.load("sales", "accounts", [{**key, "address1_country": "Česko"}])

    assert (first.total.rejected, first.total.extra, first.because) == (1, 0, {"COUNTRY-UNKNOWN": 1})
    assert [(finding.key, finding.field, finding.value) for _, finding in heard.findings] == [
        ("SAME", "address1_country", "Atlantis")
    ]


def test_a_row_that_is_kept_back_is_told_when_the_destination_has_it(settled: Lab) -> None:
    key = {"accountid": guid("account", "czmf", "SAME")}
    settled.load("sales", "accounts", [{**key, "statecode": 1}])
    (first, _), heard = compared(settled, "accounts")
    settled.load("sales", "accounts", [{**key, "statecode": 0}])

    assert (first.total.skipped, first.total.extra) == (1, 0)
    assert first.total.agrees
    assert [(finding.key, finding.reason) for _, finding in heard.findings] == [
        ("SAME", "inactive accounts stay in Sales")
    ]


def test_nothing_is_written_by_comparing(spoiled: Lab) -> None:
    before = spoiled.rows("operations", "CustomersV2"), spoiled.store.runs(), spoiled.rejected()
    compared(spoiled, "accounts")

    assert (spoiled.rows("operations", "CustomersV2"), spoiled.store.runs(), spoiled.rejected()) == before


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_the_report_has_a_line_a_field_and_masks_personal_data(spoiled: Lab, tmp_path: Path, suffix: str) -> None:
    lines = reported(spoiled, tmp_path / f"report{suffix}", MASKED)

    assert [(line["finding"], line["key"]) for line in lines].count(("missing", "GONE")) == 1
    values = {line["field"]: (line["expected"], line["found"]) for line in lines if line["key"] == "RENAMED"}
    assert values["OrganizationName"] == ("Account RENAMED", "Other")
    assert values["PrimaryContactPhone"] == ("+… (6)", "+… (6)")
    shown = reported(spoiled, tmp_path / f"shown{suffix}", Sight(all=True))
    assert ("+420 1", "+420 2") in {(line["expected"], line["found"]) for line in shown}


def reported(lab: Lab, path: Path, sight: Sight) -> list[dict[str, object]]:
    """The lines of a report about accounts."""
    with open_report(path, sight) as write:
        lab.wait(reconcile(lab.store, lab.store.project("accounts"), Heard(write=write)))
    text = path.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in text] if path.suffix == ".jsonl" else list(csv.DictReader(text))


@pytest.mark.parametrize(("task", "company"), [("Nobody", ""), ("", "usmf")])
def test_an_unknown_task_or_company_is_told(settled: Lab, task: str, company: str) -> None:
    with pytest.raises(ConfigurationError, match="Nobody" if task else "usmf"):
        compared(settled, "accounts", task=task, company=company)


def test_an_edited_row_agrees_with_what_a_person_made_of_it(settled: Lab) -> None:
    row = account(CZECH, "EDITED", address1_country="Atlantis")
    settled.load("sales", "accounts", [row])
    settled.run("accounts")
    (waiting,) = settled.rejected("accounts")
    settled.store.edit([waiting.id], {"address1_country": "Estonsko"}, by="jana", why="asked", now=NOW)
    settled.run("accounts")
    (first, _), heard = compared(settled, "accounts")
    forget(settled, "EDITED")

    assert heard.findings == []
    assert first.total.agrees


def test_a_row_that_a_person_gave_up_is_skipped_as_dismissed(settled: Lab) -> None:
    settled.load("sales", "accounts", [account(CZECH, "GIVEN-UP", address1_country="Atlantis")])
    settled.run("accounts")
    (waiting,) = settled.rejected("accounts")
    settled.store.dismiss([waiting.id], by="jana", why="test data")
    (first, _), _heard = compared(settled, "accounts")
    forget(settled, "GIVEN-UP")

    assert (first.total.skipped, first.total.rejected, first.because) == (1, 0, {DISMISSED: 1})
    assert first.total.agrees


def test_a_row_that_the_destination_refused_and_a_person_gave_up_is_skipped(settled: Lab) -> None:
    krone = {"isocurrencycode": "NOK", "currencyname": "Norsk krone", "currencysymbol": "kr", "exchangerate": 11}
    settled.load("sales", "transactioncurrencies", [krone], key=("isocurrencycode",))
    settled.load(
        "sales", "accounts", [account(CZECH, "REFUSED", **{"transactioncurrencyid@odata.bind": currency("NOK")})]
    )
    settled.run("accounts")
    (waiting,) = settled.rejected("accounts")
    before, _heard = compared(settled, "accounts")
    settled.store.dismiss([waiting.id], by="jana", why="test data")
    (_first, second), _heard = compared(settled, "accounts")
    forget(settled, "REFUSED")

    assert before[1].total.missing == 1
    assert (second.total.skipped, second.total.missing, second.because) == (1, 0, {DISMISSED: 1})


def test_what_was_left_to_the_destination_is_kept_and_not_different(settled: Lab) -> None:
    """A person decided for the destination; the decision holds, so that no run would send the field."""
    before = settled.store.project("accounts")
    tasks = tuple(replace(task, on_conflict=OnConflict.ASK) for task in before.tasks)
    settled.store.save_projects([replace(before, tasks=tasks)])
    settled.load("sales", "accounts", [account(CZECH, "ASKED", fax="1")])
    settled.run("accounts")
    change(settled, customer("czmf", "ASKED"), {"PrimaryContactFax": "by hand"})
    settled.load("sales", "accounts", [{"accountid": guid("account", "czmf", "ASKED"), "fax": "2"}])
    settled.run("accounts")
    (_one, asked), _heard = compared(settled, "accounts")
    (waiting,) = settled.rejected("accounts")
    only = {LegKey(waiting.project, waiting.task, waiting.leg): [waiting.source_id]}
    settled.run("accounts", only=only, winner=OnConflict.DESTINATION)
    (_two, decided), heard = compared(settled, "accounts")
    settled.store.save_projects([before])
    (_three, overruled), _heard = compared(settled, "accounts")
    forget(settled, "ASKED")

    assert (asked.fields, asked.because) == ({"PrimaryContactFax": 1}, {"BOTH-CHANGED": 1})
    assert heard.findings == []
    assert (decided.total.agrees, decided.kept) == (True, {"PrimaryContactFax": 1})
    assert (overruled.fields, overruled.kept) == ({"PrimaryContactFax": 1}, {})


def forget(lab: Lab, number: str) -> None:
    """Take an account out of both sides again."""
    lab.send("sales", "DELETE", f"accounts({guid('account', 'czmf', number)})")
    lab.run("accounts")
    lab.send("operations", "DELETE", customer("czmf", number))
    lab.send("commondata", "DELETE", f"Accounts(Organization_OrganizationId='ORG001',AccountId='{number}')")
