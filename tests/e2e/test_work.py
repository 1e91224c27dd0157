"""A user's day at the command line: load own rows, set up a company, run, look at what was rejected."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.desk import Desk
from tests.e2e.served import Serving


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A company in Operations and the hub, its services running."""
    data = tmp_path_factory.mktemp("data")
    with Serving(data):
        desk = Desk(data, tmp_path_factory.mktemp("files"))
        desk.found()
        yield desk


def test_own_rows_arrive_and_bad_ones_go_to_a_file_with_reasons(desk: Desk) -> None:
    """A row is written whole or not at all; the exit code says that some were not."""
    text = (
        "\ufeffNumber;name;numberofemployees;address1_country;Currency;industrycode\n"
        "N1;Žluťoučký kůň s.r.o.;12;Czech Republic;EUR;1\n"
        "N2;Bad number;many;Germany;EUR;\n"
        "N3;Bad currency;3;Germany;QQQ;\n"
        "N1;Twice;3;Germany;EUR;\n"
        'N4;"Open quote;3;Germany;EUR;\n'
        "N5;Bad choice;3;Germany;EUR;999\n"
    )
    maps = ["--map", "Number=accountnumber", "--map", "Currency=transactioncurrencyid.isocurrencycode"]
    loaded = desk.load("sales", "accounts", text, *maps)
    assert loaded.exit_code == 1
    assert "6 rows read, 1 written, 5 rejected" in loaded.output
    rejected = (desk.files / "accounts.rejected.csv").read_text(encoding="utf-8").splitlines()
    assert rejected[0] == "Number;name;numberofemployees;address1_country;Currency;industrycode;code;field;reason"
    assert [line.split(";")[6:8] for line in rejected[1:]] == [
        ["WRONG-TYPE", "numberofemployees"],
        ["CURRENCY-UNKNOWN", "transactioncurrencyid"],
        ["DUPLICATE-KEY", "accountnumber"],
        ["BROKEN-LINE", ""],
        ["BAD-CHOICE", "industrycode"],
    ]


@pytest.mark.parametrize(
    ("mapping", "told"),
    [
        ("usmg=ORG001=Prospect to Cash", "operations has no legal entity 'usmg'; did you mean 'usmf'?"),
        ("zzzz=ORG001=Prospect to Cash", "; create it in LegalEntities (LegalEntityId), or correct the name"),
        ("usmf=ORG002=Prospect to Cash", "commondata has no organization 'ORG002'; did you mean 'ORG001'?"),
        ("usmf=ORG001=Prospekt", "sales has no business unit 'Prospekt'; did you mean 'Prospect to Cash'?"),
    ],
)
def test_a_company_that_does_not_exist_is_not_mapped(desk: Desk, mapping: str, told: str) -> None:
    """The mapping that was there stays; codes of companies may be written in any case."""
    refused = desk.p2c("setup", "--organization", mapping)
    assert refused.exit_code == 3
    assert told in " ".join(refused.stderr.split())
    assert desk.p2c("setup", "--organization", "USMF=org001=Prospect to Cash").exit_code == 0
    assert desk.p2c("setup", "--organization", "usmf=ORG001=Prospect to Cash").exit_code == 0


def test_an_unknown_column_is_refused_before_anything_is_sent(desk: Desk) -> None:
    """With the nearest right name."""
    loaded = desk.load("sales", "contacts", "contactid,lastnam\n00000000-0000-0000-0000-000000000001,X\n")
    assert loaded.exit_code == 3
    assert "did you mean 'lastname'?" in loaded.stderr


def test_a_run_delivers_and_says_what_it_could_not(desk: Desk) -> None:
    """Exit code 1, the rejected row with its reason; the next run tries it again and reads nothing else."""
    text = "accountnumber,name,address1_country\nR1,Good,Germany\nR2,Nowhere,Atlantis\n"
    assert desk.load("sales", "accounts", text).exit_code == 0
    first = desk.p2c("run", "accounts")
    assert first.exit_code == 1, first.output
    assert "COUNTRY-UNKNOWN" in first.output
    again = json.loads(desk.p2c("run", "accounts", "--json").stdout)
    assert [(leg["counts"]["read"], leg["counts"]["rejected"]) for leg in again["legs"]] == [(1, 1), (0, 0)]
    shown = desk.p2c("run", "show", str(again["id"]))
    assert shown.exit_code == 0
    assert f"Run {again['id']}: some rows rejected" in shown.output
    assert json.loads(desk.p2c("runs", "--json").stdout)[0]["id"] == again["id"]
    (waiting,) = json.loads(desk.p2c("rejected", "accounts", "--json").stdout)
    assert (waiting["key"], waiting["value"], waiting["attempts"]) == ("R2", "Atlantis", 2)


def test_rejected_rows_are_told_by_cause_shown_edited_and_given_up(desk: Desk) -> None:
    """Each command acts on the rows named; who did it and why is kept."""
    text = "accountnumber,name,address1_country\nX1,One,Atlantis\nX2,Two,Atlantis\nX3,Three,Lemuria\n"
    assert desk.load("sales", "accounts", text).exit_code == 0
    assert desk.p2c("run", "accounts").exit_code == 1
    rows = {row["key"]: str(row["id"]) for row in json.loads(desk.p2c("rejected", "--json").stdout)}
    causes = desk.p2c("rejected", "accounts")
    assert "COUNTRY-UNKNOWN  address1_country" in causes.output
    assert {f"{number} {key}" for key, number in rows.items()} <= set(re.findall(r"\d+ \w+", causes.output))

    retried = desk.p2c("rejected", "retry", rows["X1"])
    assert (retried.exit_code, "some rows rejected" in retried.output) == (1, True)
    edited = desk.p2c("rejected", "edit", rows["X1"], "--set", "address1_country=Finland", "--why", "told to sales")
    assert edited.exit_code == 0, edited.output
    later = desk.p2c("rejected", "edit", rows["X2"], "--set", "address1_country=Norway", "--later")
    assert "1 row is changed at the next run." in later.output
    dismissed = desk.p2c("rejected", "dismiss", rows["X3"], "--why", "test data")
    assert "1 row is given up until it changes." in dismissed.output

    given_up = json.loads(desk.p2c("rejected", "--dismissed", "--json").stdout)
    assert [(row["key"], row["why"]) for row in given_up] == [("X3", "test data")]
    reopened = desk.p2c("rejected", "reopen", rows["X3"], "--why", "a customer after all")
    assert "1 row is tried at the next run." in reopened.output
    assert desk.p2c("rejected", "dismiss", rows["X3"], "--why", "test data").exit_code == 0

    shown = desk.p2c("rejected", "show", rows["X1"], rows["X3"])
    assert "address1_country=Finland" in shown.output
    assert "told to sales" in shown.output
    assert "test data" in shown.output
    assert "a customer after all" in shown.output
    assert desk.p2c("run", "accounts").exit_code in (0, 1)
    left = {row["key"] for row in json.loads(desk.p2c("rejected", "--json").stdout)}
    assert left.isdisjoint({"X1", "X2", "X3"})


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("retry",), "nothing says which rows"),
        (("dismiss", "999999"), "no rejected row with the number 999999 waits"),
        (("reopen", "999999"), "no row with the number 999999 was given up"),
        (("retry", "--code", "NO-SUCH-CODE"), "no such rejected row waits"),
        (("show", "999999"), "no rejected row with the number 999999"),
    ],
)
def test_rows_that_do_not_wait_are_bad_configuration(desk: Desk, words: tuple[str, ...], told: str) -> None:
    answer = desk.p2c("rejected", *words)
    assert answer.exit_code == 3
    assert told in answer.stderr


def test_both_sides_are_compared_and_personal_data_is_shown_only_when_asked_for(desk: Desk) -> None:
    """The exit code says whether they agree; the report has what the screen has no room for."""
    header = "accountnumber,name,telephone1,address1_country\n"
    assert desk.load("sales", "accounts", f"{header}T1,Traced,+49 30 1234,Germany\n").exit_code == 0
    desk.p2c("run", "accounts")
    text = "dataAreaId,CustomerAccount,PrimaryContactPhone\nusmf,T1,+49 30 9999\n"
    assert desk.load("operations", "CustomersV2", text).exit_code == 0

    report = desk.files / "report.csv"
    compared = desk.p2c("reconcile", "accounts", "--report", str(report))
    assert compared.exit_code == 1, compared.output
    assert "T1 (usmf)  different  PrimaryContactPhone: expected '+… (11)', found '+… (11)'" in compared.output
    assert "+49 30 9999" not in report.read_text("utf-8")
    shown = desk.p2c("reconcile", "accounts", "--report", str(report), "--show-values")
    assert "expected '+49 30 1234', found '+49 30 9999'" in shown.output
    assert "+49 30 1234,+49 30 9999" in report.read_text("utf-8")
    told = json.loads(desk.p2c("reconcile", "accounts", "--json").stdout)
    assert (told["agrees"], told["legs"][1]["fields"]) == (False, {"PrimaryContactPhone": 1})

    assert desk.p2c("run", "accounts", "--again").exit_code == 1
    mended = json.loads(desk.p2c("reconcile", "accounts", "--json").stdout)
    assert mended["legs"][1]["total"]["different"] == 0


def test_a_row_is_followed_to_the_other_side_and_a_run_tells_what_it_took(desk: Desk) -> None:
    """As tables for people and JSON for programs."""
    shown = desk.p2c("trace", "accounts", "T1")
    assert shown.exit_code == 0, shown.output
    assert "leg 2: commondata.Accounts → operations.CustomersV2" in shown.output
    assert "delivered by run" in shown.output
    assert "template accounts version 1" in shown.output
    assert "+49 30" not in shown.output
    assert "+49 30 1234" in desk.p2c("trace", "accounts", "T1", "--show-values").output
    first, second = json.loads(desk.p2c("trace", "operations.CustomersV2", "T1", "--json").stdout)
    assert (first["leg"], second["there"]) == (["accounts", "Accounts - Account - Customers", 1], True)
    assert desk.p2c("trace", "accounts", "NOBODY").exit_code == 3
    run = desk.p2c("run", "show", str(second["delivery"]["run"]))
    assert "project version 1, template accounts version 1" in run.output
    assert "seconds of batches: read" in run.output


def test_a_report_that_cannot_be_written_is_bad_configuration(desk: Desk) -> None:
    """Told before anything is read."""
    for name in ("report.xlsx", "none/report.csv"):
        assert desk.p2c("reconcile", "accounts", "--report", str(desk.files / name)).exit_code == 3


def test_a_plan_is_shown_kept_and_carried_out(desk: Desk) -> None:
    """Nothing moves before the plan is run; values of people are masked unless asked for."""
    text = "accountnumber,name,address1_country,telephone1\nPL1,Planned,Norway,+47 1\nPL2,Bad,Atlantis,\n"
    assert desk.load("sales", "accounts", text).exit_code == 0
    kept = desk.files / "monday.plan"
    planned = desk.p2c("plan", "accounts", "--out", str(kept))
    assert planned.exit_code == 1, planned.output
    assert "create  PL1" in planned.output
    assert "COUNTRY-UNKNOWN" in planned.output
    assert "+47 1" not in kept.read_text("utf-8")
    rows = json.loads(desk.p2c("plan", "accounts", "--show-values", "--json").stdout)["rows"]
    (phone,) = [item["new"] for row in rows for item in row.get("changes", ()) if item["field"] == "PhonePrimary"]
    assert phone == "+47 1"
    ran = desk.p2c("run", "--plan", str(kept), "--json")
    assert [leg["counts"]["created"] for leg in json.loads(ran.stdout)["legs"]] == [1, 1]
    assert desk.p2c("run", "accounts", "--plan", str(kept)).exit_code == 3


def test_a_project_that_does_not_exist_is_bad_configuration(desk: Desk) -> None:
    """Nothing runs."""
    ran = desk.p2c("run", "acounts")
    assert ran.exit_code == 3
    assert "did you mean 'accounts'?" in ran.stderr


def test_the_setup_goes_out_as_files_and_comes_back_after_a_question(desk: Desk) -> None:
    """The same files change nothing; a changed one is shown before it is applied."""
    directory = desk.files / "setup"
    assert desk.p2c("export", str(directory)).exit_code == 0
    assert "Nothing changes." in desk.p2c("apply", str(directory)).output
    project = directory / "projects" / "quotes.yaml"
    project.write_text(project.read_text().replace("enabled: true", "enabled: false"))
    refused = desk.p2c("apply", str(directory), answer="n\n")
    assert "+enabled: false" in refused.output
    assert "Nothing was changed." in refused.output
    assert desk.p2c("apply", str(directory), "--yes").exit_code == 0
    enabled = {item["name"]: item["enabled"] for item in json.loads(desk.p2c("projects", "--json").stdout)}
    assert enabled["quotes"] is False


def test_a_field_that_operations_does_not_have_is_told_with_file_and_line_before_anything_changes(
    desk: Desk, tmp_path: Path
) -> None:
    directory = tmp_path / "misspelt"
    assert desk.p2c("export", str(directory)).exit_code == 0
    file = directory / "projects" / "accounts.yaml"
    lines = file.read_text("utf-8").splitlines()
    line = next(number for number, text in enumerate(lines) if "to: LanguageId" in text)
    lines[line] = lines[line].replace("LanguageId", "LanguageIdd")
    file.write_text("\n".join(lines), "utf-8")

    answer = desk.p2c("apply", str(directory), "--yes")
    assert answer.exit_code == 3
    assert f"accounts.yaml:{line + 1}" in answer.output
    assert "did you mean 'LanguageId'?" in answer.output


def test_files_of_a_real_trading_company_are_loaded_as_they_are(desk: Desk) -> None:
    """Customers become accounts and products become products, with the columns named on the command line."""
    folder = Path(__file__).parents[2].parent / "shared" / "data" / "northwind"
    if not folder.is_dir():
        pytest.skip(f"the company's files are not at {folder}")
    customers = {
        "CustomerID": "accountnumber",
        "CompanyName": "name",
        "Address": "address1_line1",
        "City": "address1_city",
        "Region": "address1_stateorprovince",
        "PostalCode": "address1_postalcode",
        "Country": "address1_country",
        "Phone": "telephone1",
        "Fax": "fax",
    }
    products = {"ProductID": "ProductNumber", "ProductName": "ProductName", "QuantityPerUnit": "ProductDescription"}
    for environment, entity, file, columns, options in (
        ("sales", "accounts", "customers.csv", customers, ()),
        ("operations", "ProductsV2", "products.csv", products, ("--set", "ProductType=Item")),
    ):
        maps = [word for column, name in columns.items() for word in ("--map", f"{column}={name}")]
        loaded = desk.p2c("load", environment, entity, str(folder / file), "--only-mapped", *maps, *options)
        assert loaded.exit_code == 0, loaded.output
    ran = json.loads(desk.p2c("run", "accounts", "--json").stdout)
    assert ran["legs"][0]["counts"]["created"] >= 91


def test_the_worker_inside_serve_does_what_is_queued(desk: Desk) -> None:
    """The command returns at once; the run says who asked for it."""
    queued = desk.p2c("run", "contacts", "--queue")
    assert queued.exit_code == 0, queued.output
    deadline = time.monotonic() + 60
    while json.loads(desk.p2c("jobs", "--json").stdout):
        assert time.monotonic() < deadline
    newest = json.loads(desk.p2c("runs", "--json").stdout)[0]
    assert (newest["projects"], newest["status"]) == (["contacts"], "completed")


def test_a_schedule_is_set_shown_paused_resumed_and_removed(desk: Desk) -> None:
    """What is wrong is told, and changes nothing."""
    every = ("--every", "2 days", "--start", "2040-03-01 06:00", "--timezone", "Europe/Prague")
    assert desk.p2c("schedule", "set", "quotes", *every).exit_code == 0
    shown = json.loads(desk.p2c("schedule", "show", "quotes", "--json").stdout)
    assert shown["schedule"] == {"every": "2 days", "start": "2040-03-01 06:00", "timezone": "Europe/Prague"}
    assert shown["times"][:2] == ["2040-03-01T05:00:00Z", "2040-03-03T05:00:00Z"]
    for wrong in (("--every", "0m"), ("--cron", "x"), ("--every", "1h", "--cron", "* * * * *"), ("--every", "1 year")):
        assert desk.p2c("schedule", "set", "quotes", *wrong).exit_code == 3
    assert desk.p2c("schedule", "set", "quots", "--every", "1h").exit_code == 3
    assert desk.p2c("schedule", "pause", "quotes", "--because", "year-end [closing]").exit_code == 0
    listed = desk.p2c("schedule", "list").output
    assert "every 2 days from 2040-03-01 06:00 (Europe/Prague)" in listed
    assert "year-end [closing]" in listed
    assert desk.p2c("schedule", "resume", "quotes").exit_code == 0
    assert json.loads(desk.p2c("schedule", "list", "--json").stdout)[0]["paused_at"] is None
    assert desk.p2c("schedule", "remove", "quotes").exit_code == 0
    assert json.loads(desk.p2c("schedule", "list", "--json").stdout) == []
    assert desk.p2c("schedule", "show", "quotes").exit_code == 3
