"""The integrator works against services that ask who calls: as an application, with a secret that nobody sees again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from p2c.cli.main import app
from tests.e2e.served import Serving, run_p2c

COMPANY = {
    ("operations", "Currencies"): "CurrencyCode,Name\nEUR,Euro\n",
    ("operations", "LegalEntities"): "LegalEntityId,Name,AccountingCurrency\nusmf,Company,EUR\n",
    ("operations", "CustomerGroups"): "dataAreaId,CustomerGroupId,Description\nusmf,10,All\n",
    ("operations", "OperationalSitesV2"): "dataAreaId,SiteId,SiteName\nusmf,1,Main\n",
    ("operations", "Warehouses"): "dataAreaId,WarehouseId,WarehouseName,OperationalSiteId\nusmf,13,Main,1\n",
    ("commondata", "Organizations"): "OrganizationId,OrganizationName\nORG001,Company\n",
    ("sales", "accounts"): "accountnumber,name,address1_country\nA1,Žluťoučký kůň,Česko\n",
}
ROLES = ("sales=Integration", "commondata=Integration", "operations=System administrator")


@dataclass
class Office:
    """A data directory with guarded services over it, and the integrator's application there."""

    data: Path
    serving: Serving
    application: dict[str, str]

    def p2c(self, *words: str, answer: str = "") -> Result:
        """A command, in this process."""
        environment = {"P2C_DATA": str(self.data), "COLUMNS": "140", "P2C_LANGUAGE": "en"}
        return CliRunner().invoke(app, list(words), input=answer, env=environment)

    def sign_in(self, connection: str, secret: str) -> Result:
        """`p2c connection sign-in` with the secret typed."""
        words = ["--tenant", self.application["tenant"], "--application", self.application["application_id"]]
        authority = self.serving.urls["identity"].rstrip("/")
        trust = str(self.data / "tls" / "ca.pem")
        return self.p2c(
            "connection",
            "sign-in",
            connection,
            *words,
            "--authority",
            authority,
            "--trust",
            trust,
            answer=f"{secret}\n",
        )


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    data = tmp_path_factory.mktemp("guarded")
    with Serving(data, "sales", "operations", "commondata", "--auth", "on", "--tls") as serving:
        roles = [word for role in ROLES for word in ("--role", role)]
        added = run_p2c(["identity", "add", "integrator", *roles, "--json", "--data", str(data)])
        assert added.code == 0, added.err
        office = Office(data, serving, json.loads(added.out))
        assert office.p2c("setup", "--organization", "usmf=ORG001=Prospect to Cash").exit_code == 0
        yield office


def test_without_signing_in_the_connection_is_refused(office: Office) -> None:
    tried = office.p2c("connection", "test", "sales")
    assert tried.exit_code in (2, 3)
    assert "sales" in tried.stderr


def test_a_wrong_secret_is_told_and_not_shown(office: Office) -> None:
    assert office.sign_in("sales", "not-the-secret").exit_code == 0
    tried = office.p2c("connection", "test", "sales")
    assert tried.exit_code == 3
    assert "gets no token" in tried.stderr
    assert "not-the-secret" not in tried.output


def test_signed_in_rows_are_loaded_and_delivered(office: Office, tmp_path: Path) -> None:
    for connection in ("sales", "operations", "commondata"):
        assert office.sign_in(connection, office.application["secret"]).exit_code == 0
    for (environment, entity), text in COMPANY.items():
        file = tmp_path / f"{entity}.csv"
        file.write_text(text, encoding="utf-8")
        loaded = office.p2c("load", environment, entity, str(file))
        assert loaded.exit_code == 0, loaded.output
    tried = office.p2c("connection", "test", "sales")
    assert tried.exit_code == 0, tried.output
    assert f"application {office.application['application_id']}" in tried.stdout
    assert "delta links" in tried.stdout
    ran = office.p2c("run", "accounts", "--json")
    assert ran.exit_code == 0, ran.output
    assert [leg["counts"]["created"] for leg in json.loads(ran.stdout)["legs"]] == [1, 1]


def test_a_connection_says_what_answers_as_whom_and_what_may_be_done(office: Office) -> None:
    tried = office.p2c("connection", "test", "sales", "--json")
    assert tried.exit_code == 0, tried.output
    told = json.loads(tried.stdout)
    assert (told["product"], told["version"]) == ("Dataverse", "9.2.0.0")
    assert "user # integrator (" in told["who"]
    by_name = {item["entity_set"]: item for item in told["findings"]}
    assert {"accounts", "contacts", "products", "quotes"} <= by_name.keys()
    assert by_name["products"] == {
        "entity_set": "products",
        "writes": True,
        "may_read": True,
        "may_write": True,
        "troubles": [],
    }
    assert by_name["accounts"]["writes"] is False


def test_operations_says_its_version_and_that_rights_show_when_they_are_used(office: Office) -> None:
    told = json.loads(office.p2c("connection", "test", "operations", "--json").stdout)
    assert told["product"] == "Finance and Operations"
    assert told["version"]
    assert told["who"] == f"application {office.application['application_id']}"
    (customers,) = [item for item in told["findings"] if item["entity_set"] == "CustomersV2"]
    assert (customers["may_read"], customers["writes"], customers["may_write"]) == (True, True, None)


def test_missing_rights_are_named(office: Office) -> None:
    """As an application that may only read."""
    added = run_p2c(["identity", "add", "reader", "--role", "sales=Reader", "--json", "--data", str(office.data)])
    assert added.code == 0, added.err
    reader = Office(office.data, office.serving, json.loads(added.out))
    try:
        assert reader.sign_in("sales", reader.application["secret"]).exit_code == 0
        tried = office.p2c("connection", "test", "sales")
        assert tried.exit_code == 2
        assert "user # reader (" in tried.stdout
        assert "products: prvCreateProduct is missing" in tried.stdout
        assert "products: prvWriteProduct is missing" in tried.stdout
        assert "accounts: " not in tried.stdout
    finally:
        assert office.sign_in("sales", office.application["secret"]).exit_code == 0


def test_the_secret_is_neither_exported_nor_kept_in_the_clear(office: Office, tmp_path: Path) -> None:
    assert office.p2c("export", str(tmp_path)).exit_code == 0
    exported = (tmp_path / "connections.yaml").read_text("utf-8")
    assert office.application["application_id"] in exported
    assert office.application["secret"] not in exported
    assert "Nothing changes." in office.p2c("apply", str(tmp_path)).output
    shown = office.p2c("connections", "--json").output
    assert office.application["secret"] not in shown


def test_no_file_and_no_output_has_a_secret_or_a_token(office: Office, tmp_path: Path) -> None:
    """The last test, because it ends the services: what they have written by then, and the whole data directory."""
    assert office.p2c("export", str(tmp_path)).exit_code == 0
    ended = office.serving.end()
    secret = office.application["secret"].encode()
    files = [path for folder in (tmp_path, office.data) for path in folder.rglob("*") if path.is_file()]
    assert any(path.name == "connections.yaml" for path in files)
    assert [path for path in files if secret in path.read_bytes()] == []
    assert [path for path in files if path.suffix in (".log", ".yaml") and b"eyJ" in path.read_bytes()] == []
    for words in (ended.out, ended.err):
        assert secret.decode() not in words
        assert "eyJ" not in words
