"""The integrator works against services that ask who calls: as an application, with a secret that nobody sees again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import Result

from tests.e2e.desk import Desk
from tests.e2e.served import Serving, run_p2c

ROLES = ("sales=Integration", "commondata=Integration", "operations=System administrator")


class Office(Desk):
    """A desk with guarded services, and the integrator's application there."""

    def __init__(self, data: Path, files: Path, serving: Serving, *roles: str) -> None:
        super().__init__(data, files)
        self.serving = serving
        self.application = self.add("integrator", *roles)

    def add(self, name: str, *roles: str) -> dict[str, str]:
        """A new application with its roles, as the command shows it."""
        words = [word for role in roles for word in ("--role", role)]
        added = run_p2c(["identity", "add", name, *words, "--json", "--data", str(self.data)])
        assert added.code == 0, added.err
        shown: dict[str, str] = json.loads(added.out)
        return shown

    def sign_in(self, connection: str, secret: str, application: dict[str, str] | None = None) -> Result:
        """`p2c connection sign-in` with the secret typed; as the integrator's application unless told otherwise."""
        own = application or self.application
        words = ["--tenant", own["tenant"], "--application", own["application_id"]]
        words += ["--authority", self.serving.urls["identity"].rstrip("/")]
        words += ["--trust", str(self.data / "tls" / "ca.pem")]
        return self.p2c("connection", "sign-in", connection, *words, answer=f"{secret}\n")

    @contextmanager
    def signed_in(self, connection: str, application: dict[str, str]) -> Iterator[None]:
        """The block's commands are another application's there."""
        assert self.sign_in(connection, application["secret"], application).exit_code == 0
        try:
            yield
        finally:
            assert self.sign_in(connection, self.application["secret"]).exit_code == 0


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    data = tmp_path_factory.mktemp("guarded")
    with Serving(data, "sales", "operations", "commondata", "--auth", "on", "--tls") as serving:
        office = Office(data, tmp_path_factory.mktemp("files"), serving, *ROLES)
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


def test_signed_in_rows_are_loaded_and_delivered(office: Office) -> None:
    for connection in ("sales", "operations", "commondata"):
        assert office.sign_in(connection, office.application["secret"]).exit_code == 0
    office.found()
    loaded = office.load("sales", "accounts", "accountnumber,name,address1_country\nA1,Žluťoučký kůň,Česko\n")
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
        "reading": "",
        "writing": "bulk calls of 500 rows",
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
    with office.signed_in("sales", office.add("reader", "sales=Reader")):
        tried = office.p2c("connection", "test", "sales")
    assert tried.exit_code == 2
    assert "user # reader (" in tried.stdout
    assert "products: prvCreateProduct is missing" in tried.stdout
    assert "products: prvWriteProduct is missing" in tried.stdout
    assert "accounts: " not in tried.stdout


def test_without_rights_on_data_management_rows_go_by_batches_and_the_test_says_why(office: Office) -> None:
    """As many rows as packages would be used for."""
    numbers = [f"N-{number:04}" for number in range(1_001)]
    lines = "".join(f"{number},Clerk's,Germany\n" for number in numbers)
    assert office.load("sales", "accounts", f"accountnumber,name,address1_country\n{lines}").exit_code == 0
    with office.signed_in("operations", office.add("clerk", "operations=Sales clerk")):
        told = json.loads(office.p2c("connection", "test", "operations", "--json").stdout)
        ran = office.p2c("run", "accounts", "--json")
    (customers,) = [item for item in told["findings"] if item["entity_set"] == "CustomersV2"]
    assert customers["writing"].startswith("batches of 500 rows: ")
    assert "privilege" in customers["writing"]
    assert ran.exit_code == 0, ran.output
    assert json.loads(ran.stdout)["legs"][-1]["counts"]["created"] == len(numbers)


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
