"""`p2c serve --auth on --tls` and `p2c identity`: from an empty directory to a row written with a token."""

from __future__ import annotations

import json
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.served import Serving, processes_of, run_p2c

WORDS = ("sales", "--auth", "on", "--tls")


@dataclass
class Client:
    """Somebody on the same machine who trusts the generated authority."""

    data: Path
    token: str = ""

    def __call__(self, method: str, url: str, body: object = None, form: dict[str, str] | None = None) -> Any:
        """Status and decoded body."""
        content = urllib.parse.urlencode(form).encode() if form else json.dumps(body).encode() if body else None
        request = urllib.request.Request(url, content, method=method)
        request.add_header("Content-Type", "application/x-www-form-urlencoded" if form else "application/json")
        if self.token:
            request.add_header("Authorization", f"Bearer {self.token}")
        context = ssl.create_default_context(cafile=str(self.data / "tls" / "ca.pem"))
        try:
            with urllib.request.urlopen(request, context=context) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read() or b"null")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty data directory."""
    return tmp_path_factory.mktemp("identity")


@pytest.fixture(scope="module")
def serving(data: Path) -> Iterator[Serving]:
    """Sales with its identity service."""
    with Serving(data, *WORDS) as running:
        yield running


@pytest.fixture(scope="module")
def robot(data: Path, serving: Serving) -> dict[str, str]:
    """An application of a salesperson, as the command shows it."""
    added = run_p2c(["identity", "add", "robot", "--role", "sales=Salesperson", "--json", "--data", str(data)])
    assert added.code == 0, added.err
    shown: dict[str, str] = json.loads(added.out)
    return shown


@pytest.fixture
def client(data: Path, serving: Serving, robot: dict[str, str]) -> Client:
    """A client with a token."""
    sales = serving.urls["sales"]
    resource = sales.partition("/api/")[0]
    form = {
        "grant_type": "client_credentials",
        "client_id": robot["application_id"],
        "client_secret": robot["secret"],
        "scope": f"{resource}/.default",
    }
    made = Client(data)
    status, body = made("POST", f"{serving.urls['identity']}{robot['tenant']}/oauth2/v2.0/token", form=form)
    assert status == 200, body
    made.token = body["access_token"]
    return made


def test_a_row_written_with_a_token_belongs_to_the_application(client: Client, serving: Serving) -> None:
    sales = serving.urls["sales"]
    assert client("POST", f"{sales}accounts", {"name": "Moravia"})[0] == 204
    who = client("GET", f"{sales}WhoAmI")[1]["UserId"]
    rows = client("GET", f"{sales}accounts?$select=name,_createdby_value")[1]["value"]
    assert [(row["name"], row["_createdby_value"]) for row in rows] == [("Moravia", who)]
    assert client("GET", f"{sales}systemusers({who})?$select=fullname")[1]["fullname"] == "# robot"


def test_what_the_role_does_not_have_is_refused(client: Client, serving: Serving) -> None:
    status, body = client("POST", f"{serving.urls['sales']}products", {"name": "Lamp"})
    assert (status, body["error"]["code"]) == (403, "0x80040220")


def test_without_a_token_only_health_answers(data: Path, client: Client, serving: Serving) -> None:
    nobody = Client(data)
    assert nobody("GET", f"{serving.urls['sales']}accounts")[0] == 401
    assert nobody("GET", f"{serving.urls['sales'].partition('/api/')[0]}/health")[0] == 200


def test_the_secret_is_not_shown_again(data: Path, robot: dict[str, str]) -> None:
    for words in (["identity", "list"], ["identity", "list", "--json"]):
        listed = run_p2c([*words, "--data", str(data)])
        assert "robot" in listed.out
        assert robot["secret"] not in listed.out + listed.err


def test_no_process_shows_a_secret_or_a_password_in_its_arguments(data: Path, robot: dict[str, str]) -> None:
    assert not any(robot["secret"] in line for line in processes_of(data))


def test_keys_are_for_this_user_only(data: Path, robot: dict[str, str]) -> None:
    for name in ("secrets.key", "tls/server.key"):
        assert (data / name).stat().st_mode & 0o077 == 0, name


def test_secrets_roles_and_doors_are_changed_by_commands(data: Path, robot: dict[str, str]) -> None:
    def p2c(*words: str) -> str:
        ended = run_p2c(["identity", *words, "--data", str(data)])
        assert ended.code == 0, ended.err
        return ended.out

    def shown() -> dict[str, Any]:
        found = {item["name"]: item for item in json.loads(p2c("list", "--json"))["principals"]}
        own: dict[str, Any] = found["second"]
        return own

    first = json.loads(p2c("add", "second", "--json"))
    rotated = json.loads(p2c("secret", "rotate", "second", "--overlap", "1", "--json"))
    assert rotated["application_id"] == first["application_id"]
    assert rotated["secret"] != first["secret"]
    assert len(shown()["secrets"]) == 2
    p2c("secret", "revoke", "second")
    p2c("grant", "second", "sales=reader", "operations=Sales clerk")
    assert shown()["roles"] == ["operations=Sales clerk", "sales=Reader"]
    p2c("revoke", "second", "sales=Reader")
    assert shown()["roles"] == ["operations=Sales clerk"]
    p2c("revoke", "second")
    assert not shown()["enabled"]
    p2c("enable", "second")
    assert shown()["enabled"]


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["grant", "nobody", "sales=Reader"], "nobody is called 'nobody'"),
        (["grant", "robot", "sales=Sale"], "sales has no role 'Sale'"),
        (["secret", "revoke", "robot", "zzzz"], "no such secret"),
        (["add", "third", "--id", "me"], "'me' is no GUID"),
    ],
)
def test_a_wrong_command_says_what_is_right(data: Path, robot: dict[str, str], words: list[str], hint: str) -> None:
    refused = run_p2c(["identity", *words, "--data", str(data)])
    assert refused.code == 3
    assert hint in refused.err


def test_other_machines_are_not_served_without_authentication_and_encryption(tmp_path: Path) -> None:
    refused = run_p2c(["serve", "sales", "--host", "0.0.0.0", "--data", str(tmp_path)])
    assert refused.code == 3
    assert "--auth on and --tls" in refused.err
    assert list(tmp_path.iterdir()) == []
