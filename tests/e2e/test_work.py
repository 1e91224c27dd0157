"""A user's day at the command line: load own rows, set up a company, run, look at what was rejected."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from p2c.cli.main import app
from tests.e2e.served import Serving


class Desk:
    """A data directory with services running over it, and files to load."""

    def __init__(self, data: Path, files: Path) -> None:
        self._data = data
        self.files = files

    def p2c(self, *words: str, answer: str = "") -> Result:
        """A command, in this process."""
        environment = {"P2C_DATA": str(self._data), "COLUMNS": "140"}
        return CliRunner().invoke(app, list(words), input=answer, env=environment)

    def load(self, environment: str, entity: str, text: str, *words: str) -> Result:
        """`p2c load` of a file with this text."""
        path = self.files / f"{entity}.csv"
        path.write_text(text, encoding="utf-8")
        return self.p2c("load", environment, entity, str(path), *words)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A company with a customer group, a site and a warehouse in Operations, and its organization in the hub."""
    data = tmp_path_factory.mktemp("data")
    with Serving(data):
        desk = Desk(data, tmp_path_factory.mktemp("files"))
        rows = [
            ("operations", "Currencies", "CurrencyCode,Name\nEUR,Euro\n"),
            ("operations", "LegalEntities", "LegalEntityId,Name,AccountingCurrency\nusmf,Company,EUR\n"),
            ("operations", "CustomerGroups", "dataAreaId,CustomerGroupId,Description\nusmf,10,All\n"),
            ("operations", "OperationalSitesV2", "dataAreaId,SiteId,SiteName\nusmf,1,Main\n"),
            (
                "operations",
                "Warehouses",
                "dataAreaId,WarehouseId,WarehouseName,OperationalSiteId\nusmf,13,Main,1\n",
            ),
            ("commondata", "Organizations", "OrganizationId,OrganizationName\nORG001,Company\n"),
        ]
        for environment, entity, text in rows:
            loaded = desk.load(environment, entity, text)
            assert loaded.exit_code == 0, loaded.output
        assert desk.p2c("setup", "--organization", "usmf=ORG001=Prospect to Cash").exit_code == 0
        yield desk


def test_own_rows_arrive_and_bad_ones_go_to_a_file_with_reasons(desk: Desk) -> None:
    """A row is written whole or not at all; the exit code says that some were not."""
    text = (
        "\ufeffNumber;name;numberofemployees;address1_country;Currency\n"
        "N1;Žluťoučký kůň s.r.o.;12;Czech Republic;EUR\n"
        "N2;Bad number;many;Germany;EUR\n"
        "N3;Bad currency;3;Germany;QQQ\n"
        "N1;Twice;3;Germany;EUR\n"
    )
    maps = ["--map", "Number=accountnumber", "--map", "Currency=transactioncurrencyid.isocurrencycode"]
    loaded = desk.load("sales", "accounts", text, *maps)
    assert loaded.exit_code == 1
    assert "4 rows read, 1 written, 3 rejected" in loaded.output
    rejected = (desk.files / "accounts.rejected.csv").read_text(encoding="utf-8").splitlines()
    assert rejected[0] == "Number;name;numberofemployees;address1_country;Currency;code;field;reason"
    assert [line.split(";")[5:7] for line in rejected[1:]] == [
        ["WRONG-TYPE", "numberofemployees"],
        ["CURRENCY-UNKNOWN", "transactioncurrencyid"],
        ["DUPLICATE-KEY", "accountnumber"],
    ]


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
