"""The identity service gives tokens as client libraries ask for them, and services let their senders in."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode, urlsplit

import jwt
import msal
import pytest
from sqlalchemy import text

from p2c.database.connect import open_database
from p2c.database.vault import Vault
from p2c.errors import ConfigurationError
from p2c.identity.app import build_identity
from p2c.identity.authenticator import FRESH_SECONDS, TokenAuthenticator
from p2c.identity.grants import PUBLIC_CLIENTS, TokenGiver
from p2c.identity.principals import Grant, Kind, Principal
from p2c.identity.roles import rights_of
from p2c.identity.store import IdentityStore
from p2c.identity.throttle import FAILURES, REQUESTS
from p2c.identity.tokens import Issuer, origin
from p2c.odata.service.access import AccessRefusedError, Level, Privilege, Rights
from tests.contracts.asgi import Answer, call

SALES = "https://localhost:8401"
BASE = "https://localhost:8404"
SALESPERSON = Grant("sales", "Salesperson")


@dataclass
class Clock:
    """Stands still until it is moved."""

    now: datetime = datetime(2025, 3, 31, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        """The moment."""
        return self.now

    def seconds(self) -> float:
        """The same as seconds."""
        return self.now.timestamp()


class Directory:
    """An identity service over an empty database, and Sales' view of it."""

    def __init__(self, url: str) -> None:
        self.clock = Clock()
        self.store = IdentityStore(open_database(url), Vault({"k": bytes(32)}), clock=self.clock)
        self.issuer = Issuer(BASE, self.store.tenant())
        environments = {SALES: "sales", "https://localhost:8402": "operations"}
        self.app = build_identity(
            TokenGiver(self.store, self.issuer, environments, seconds=self.clock.seconds), "Identity"
        )
        self.sales = TokenAuthenticator(
            self.store, self.issuer, "sales", f"{SALES}/", {SALES}, seconds=self.clock.seconds
        )

    def application(self, *grants: Grant) -> tuple[Principal, str]:
        """An application with these roles, and its secret."""
        made = self.store.add(Kind.APPLICATION, "robot")
        self.store.grant(made, grants)
        return made, self.store.add_secret(made).text

    def person(self, *grants: Grant) -> tuple[Principal, str]:
        """A person with these roles, and the password."""
        made = self.store.add(Kind.USER, "Jana Nová", domain_name="Jana@example.com")
        self.store.grant(made, grants)
        return made, self.store.add_secret(made).text

    def sign_in(self, password: str, **fields: str) -> Answer:
        """A token request of the person, with an application that every tenant knows."""
        usual = {"client_id": str(min(PUBLIC_CLIENTS)), "username": "jana@example.com"}
        return self.ask(**{"grant_type": "password", **usual, "password": password, **fields})

    def ask(self, path: str = "oauth2/v2.0/token", authorization: str = "", **fields: str) -> Answer:
        """A token request."""
        usual = {"grant_type": "client_credentials", "scope": f"{SALES}/.default"}
        headers = {"authorization": authorization} if authorization else {}
        body = urlencode({**usual, **fields}).encode()
        return call(self.app, "POST", f"/{self.issuer.tenant.id}/{path}", body, **headers)

    def token(self, application: Principal, secret: str) -> str:
        """A token for Sales."""
        answer = self.ask(client_id=str(application.application_id), client_secret=secret)
        assert answer.status == 200, answer.body
        return str(answer.json["access_token"])

    def later(self, **time: float) -> None:
        """Let time pass."""
        self.clock.now += timedelta(**time)

    def refusal(self, authorization: str) -> AccessRefusedError:
        """Why Sales does not let somebody in."""
        with pytest.raises(AccessRefusedError) as refused:
            self.sales.caller(authorization)
        return refused.value


@pytest.fixture(scope="module")
def database(database_url: Callable[[str], str]) -> str:
    """The database of the directory."""
    return database_url("identity")


@pytest.fixture
def directory(database: str) -> Iterator[Directory]:
    """A directory that knows nobody."""
    made = Directory(database)
    yield made
    made.store.close()
    engine = open_database(database)
    with engine.begin() as connection:
        connection.execute(text("TRUNCATE principal, secret, role_grant, signing_key"))
    engine.dispose()


@dataclass
class InProcess:
    """What msal asks over HTTP, without HTTP."""

    app: Directory
    asked: list[str] = field(default_factory=list)

    def get(self, url: str, params: object = None, headers: Mapping[str, str] | None = None, **_: object) -> Reply:
        """A GET."""
        self.asked.append(url)
        return Reply(call(self.app.app, "GET", urlsplit(url).path))

    def post(
        self, url: str, params: object = None, data: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None, **_: object,
    ) -> Reply:  # fmt: skip
        """A POST of a form."""
        self.asked.append(url)
        return Reply(call(self.app.app, "POST", urlsplit(url).path, urlencode(data or {}).encode()))

    def close(self) -> None:
        """Nothing to close."""


@dataclass
class Reply:
    """An answer as msal reads it."""

    answer: Answer

    @property
    def status_code(self) -> int:
        """Status."""
        return self.answer.status

    @property
    def text(self) -> str:
        """Body."""
        return self.answer.body.decode()

    @property
    def headers(self) -> dict[str, str]:
        """Headers."""
        return self.answer.headers

    def raise_for_status(self) -> None:
        """An error status is an error."""
        assert self.answer.status < 400, self.answer.body


def test_msal_gets_a_token_that_sales_lets_in(directory: Directory) -> None:
    application, secret = directory.application(SALESPERSON)
    client = msal.ConfidentialClientApplication(
        str(application.application_id),
        client_credential=secret,
        authority=f"{BASE}/{directory.issuer.tenant.id}",
        instance_discovery=False,
        http_client=InProcess(directory),
    )
    result = client.acquire_token_for_client([f"{SALES}/.default"])
    assert result["token_type"] == "Bearer", result
    assert directory.sales.caller(f"Bearer {result['access_token']}").name == "robot"


@pytest.mark.parametrize("confidential", [True, False])
@pytest.mark.filterwarnings("ignore:This API has been deprecated:DeprecationWarning")
def test_msal_signs_a_person_in_and_knows_the_account_afterwards(directory: Directory, confidential: bool) -> None:
    """With an application of one's own and its secret, or with one that every tenant knows."""
    application, secret = directory.application()
    person, password = directory.person(SALESPERSON)
    common = {
        "authority": f"{BASE}/{directory.issuer.tenant.id}",
        "instance_discovery": False,
        "http_client": InProcess(directory),
    }
    client = (
        msal.ConfidentialClientApplication(str(application.application_id), client_credential=secret, **common)
        if confidential
        else msal.PublicClientApplication(str(min(PUBLIC_CLIENTS)), **common)
    )
    result = client.acquire_token_by_username_password("jana@EXAMPLE.com", password, [f"{SALES}/.default"])
    assert result.get("token_type") == "Bearer", result
    caller = directory.sales.caller(f"Bearer {result['access_token']}")
    assert (caller.id, caller.name, caller.login) == (person.id, "Jana Nová", "Jana@example.com")
    (account,) = client.get_accounts()
    assert account["username"] == "Jana@example.com"


@pytest.mark.parametrize(
    ("change", "error", "number"),
    [
        ({"password": "wrong"}, "invalid_grant", 50126),
        ({"username": "nobody@example.com"}, "invalid_grant", 50126),
        ({"client_id": "33333333-3333-4333-8333-333333333333"}, "unauthorized_client", 700016),
        ({"client_secret": "wrong"}, "unauthorized_client", 700016),
    ],
)
def test_a_person_who_cannot_sign_in_is_told_as_libraries_know_it(
    directory: Directory, change: dict[str, str], error: str, number: int
) -> None:
    """A wrong password and an unknown name look the same."""
    _, password = directory.person(SALESPERSON)
    answer = directory.sign_in(**{"password": password, **change})
    assert (answer.status, answer.json["error"], answer.json["error_codes"]) == (400, error, [number])
    assert password not in answer.body.decode()


def test_a_person_shut_out_or_with_an_old_password_gets_no_token(directory: Directory) -> None:
    person, password = directory.person()
    assert directory.sign_in(password).status == 200
    directory.store.set_enabled(person, False)
    assert directory.sign_in(password).json["error_codes"] == [50057]
    directory.store.set_enabled(person, True)
    directory.later(days=181)
    assert directory.sign_in(password).json["error_codes"] == [50055]


def test_a_password_cannot_be_guessed_for_long(directory: Directory) -> None:
    _, password = directory.person()
    for _ in range(FAILURES):
        assert directory.sign_in("wrong").status == 400
    assert directory.sign_in(password, username="JANA@example.com").status == 429


def test_a_domain_name_belongs_to_one_person(directory: Directory) -> None:
    directory.person()
    with pytest.raises(ConfigurationError, match="domain name"):
        directory.store.add(Kind.USER, "Another", domain_name="jana@EXAMPLE.com")


def test_the_secret_may_come_by_basic_authorization(directory: Directory) -> None:
    application, secret = directory.application(SALESPERSON)
    basic = b64encode(f"{application.application_id}:{secret}".encode()).decode()
    assert directory.ask(authorization=f"Basic {basic}").status == 200


def test_the_older_endpoint_answers_with_texts_and_the_resource(directory: Directory) -> None:
    application, secret = directory.application(SALESPERSON)
    who = {"client_id": str(application.application_id), "client_secret": secret}
    answer = directory.ask("oauth2/token", resource=f"{SALES}/", **who)
    assert answer.json["expires_in"] == "3599"
    assert answer.json["resource"] == f"{SALES}/"
    assert directory.sales.caller(f"Bearer {answer.json['access_token']}").id == application.id


def test_anybody_can_check_a_token_with_the_published_keys(directory: Directory) -> None:
    application, secret = directory.application(SALESPERSON)
    token = directory.token(application, secret)
    keys = jwt.PyJWKSet.from_dict(call(directory.app, "GET", "/p2c.local/discovery/v2.0/keys").json)
    key = keys[jwt.get_unverified_header(token)["kid"]]
    claims = jwt.decode(token, key, algorithms=["RS256"], audience=SALES, options={"verify_exp": False})
    assert claims["roles"] == ["Salesperson"]


def test_discovery_names_the_endpoints(directory: Directory) -> None:
    base = f"{BASE}/{directory.issuer.tenant.id}"
    found = call(directory.app, "GET", "/p2c.local/v2.0/.well-known/openid-configuration").json
    assert found["issuer"] == f"{base}/v2.0"
    assert found["token_endpoint"] == f"{base}/oauth2/v2.0/token"
    assert found["jwks_uri"] == f"{base}/discovery/v2.0/keys"


def test_tokens_are_not_to_be_kept_by_anybody_on_the_way(directory: Directory) -> None:
    application, secret = directory.application()
    answer = directory.ask(client_id=str(application.application_id), client_secret=secret)
    assert "no-store" in answer.headers["cache-control"]


@pytest.mark.parametrize(
    ("change", "status", "error", "number"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client", 7000215),
        ({"client_id": "33333333-3333-4333-8333-333333333333"}, 400, "unauthorized_client", 700016),
        ({"scope": "https://elsewhere.example/.default"}, 400, "invalid_resource", 500011),
        ({"scope": "User.Read"}, 400, "invalid_scope", 1002012),
        ({"grant_type": "implicit"}, 400, "unsupported_grant_type", 70003),
    ],
)
def test_refusals_have_the_errors_that_libraries_know(
    directory: Directory, change: dict[str, str], status: int, error: str, number: int
) -> None:
    application, secret = directory.application()
    answer = directory.ask(**{"client_id": str(application.application_id), "client_secret": secret, **change})
    assert (answer.status, answer.json["error"], answer.json["error_codes"]) == (status, error, [number])
    assert answer.json["error_description"].startswith(f"AADSTS{number}: ")
    assert secret not in answer.body.decode()


def test_an_unknown_tenant_is_refused(directory: Directory) -> None:
    answer = call(directory.app, "POST", "/elsewhere.example/oauth2/v2.0/token")
    assert (answer.status, answer.json["error_codes"]) == (400, [90002])


def test_a_secret_cannot_be_guessed_for_long(directory: Directory) -> None:
    application, secret = directory.application()
    who = {"client_id": str(application.application_id)}
    for _ in range(FAILURES):
        assert directory.ask(client_secret="wrong", **who).status == 401
    answer = directory.ask(client_secret=secret, **who)
    assert answer.status == 429
    directory.later(seconds=int(answer.headers["retry-after"]))
    assert directory.ask(client_secret=secret, **who).status == 200


def test_one_address_cannot_ask_without_end(directory: Directory) -> None:
    for _ in range(REQUESTS):
        assert directory.ask(grant_type="none").status == 400
    assert directory.ask(grant_type="none").status == 429


def test_a_rotated_secret_leaves_the_old_one_for_a_while(directory: Directory) -> None:
    application, old = directory.application()
    before = directory.store.named("robot").secrets
    new = directory.store.add_secret(application).text
    directory.store.revoke_secrets(before, after=timedelta(hours=24))
    directory.token(application, old)
    directory.later(hours=25)
    answer = directory.ask(client_id=str(application.application_id), client_secret=old)
    assert answer.json["error_codes"] == [7000222]
    directory.token(application, new)


def test_a_secret_expires(directory: Directory) -> None:
    application, secret = directory.application()
    directory.later(days=181)
    answer = directory.ask(client_id=str(application.application_id), client_secret=secret)
    assert answer.json["error_codes"] == [7000222]


def test_neither_secrets_nor_private_keys_are_readable_in_the_database(directory: Directory) -> None:
    application, secret = directory.application()
    directory.token(application, secret)
    with directory.store._begin() as connection:
        kept = str(connection.execute(text("SELECT * FROM secret")).all())
        keys = str(connection.execute(text("SELECT * FROM signing_key")).all())
    assert secret not in kept
    assert "PRIVATE KEY" not in keys


def test_after_a_new_key_old_tokens_stay_valid_and_new_ones_are_valid_at_once(directory: Directory) -> None:
    application, secret = directory.application(SALESPERSON)
    old = directory.token(application, secret)
    directory.sales.caller(f"Bearer {old}")
    directory.later(seconds=1)
    directory.store.rotate_signing_key()
    new = directory.token(application, secret)
    assert jwt.get_unverified_header(old)["kid"] != jwt.get_unverified_header(new)["kid"]
    for token in (new, old):
        assert directory.sales.caller(f"Bearer {token}").id == application.id


def test_a_retired_key_is_not_published_for_ever(directory: Directory) -> None:
    directory.store.signing_key()
    directory.store.rotate_signing_key()
    assert len(directory.store.public_keys()) == 2
    directory.later(days=2)
    assert len(directory.store.public_keys()) == 1


def test_the_caller_has_the_rights_of_its_roles(directory: Directory) -> None:
    application, secret = directory.application(SALESPERSON, Grant("operations", "System administrator"))
    caller = directory.sales.caller(f"Bearer {directory.token(application, secret)}")
    assert caller.rights.level("quote", Privilege.WRITE) is Level.BUSINESS_UNIT
    assert not caller.rights.administrator


def test_a_users_row_has_the_rights_of_whom_it_stands_for(directory: Directory) -> None:
    application, _ = directory.application(Grant("sales", "Salesperson"))
    person = directory.store.add(Kind.USER, "Joe", domain_name="joe@p2c.local")
    directory.store.grant(person, [Grant("sales", "Reader")])
    seller, reader = rights_of("sales", ["Salesperson"]), rights_of("sales", ["Reader"])
    assert directory.sales.rights_of({"azureactivedirectoryobjectid": application.id}) == seller
    assert directory.sales.rights_of({"applicationid": application.application_id}) == seller
    assert directory.sales.rights_of({"domainname": "joe@p2c.local", "applicationid": None}) == reader
    assert directory.sales.rights_of({"domainname": ""}) == directory.sales.rights_of({}) == Rights()
    directory.store.set_enabled(person, False)
    assert directory.sales.rights_of({"domainname": "joe@p2c.local"}) == Rights()


@pytest.mark.parametrize("header", ["", "Basic abc", "Bearer", "Bearer nonsense", "nonsense"])
def test_without_a_valid_token_the_answer_says_where_to_get_one(directory: Directory, header: str) -> None:
    refused = directory.refusal(header)
    assert refused.status == 401
    authority = f"{BASE}/{directory.issuer.tenant.id}/oauth2/authorize"
    assert refused.challenge.startswith(f"Bearer authorization_uri={authority}, resource_id={SALES}/")


def test_an_expired_token_is_told_so(directory: Directory) -> None:
    application, secret = directory.application(SALESPERSON)
    token = directory.token(application, secret)
    directory.later(hours=2)
    refused = directory.refusal(f"Bearer {token}")
    assert refused.status == 401
    assert 'error="invalid_token"' in refused.challenge
    assert "expired" in refused.challenge


def test_who_has_no_role_in_an_environment_is_not_a_member_of_it(directory: Directory) -> None:
    application, secret = directory.application(Grant("operations", "Sales clerk"))
    refused = directory.refusal(f"Bearer {directory.token(application, secret)}")
    assert (refused.status, refused.code) == (403, "0x80072560")


def test_roles_taken_away_and_applications_shut_out_act_on_tokens_already_given(directory: Directory) -> None:
    application, secret = directory.application(SALESPERSON)
    token = f"Bearer {directory.token(application, secret)}"
    directory.sales.caller(token)
    directory.store.set_enabled(application, False)
    directory.later(seconds=FRESH_SECONDS)
    assert directory.refusal(token).code == "0x80072560"
    directory.store.set_enabled(application, True)
    directory.later(seconds=FRESH_SECONDS)
    directory.sales.caller(token)
    assert directory.store.revoke(application, [SALESPERSON]) == 1
    directory.later(seconds=FRESH_SECONDS)
    assert directory.refusal(token).status == 403


def test_a_disabled_application_gets_no_token(directory: Directory) -> None:
    application, secret = directory.application()
    directory.store.set_enabled(application, False)
    answer = directory.ask(client_id=str(application.application_id), client_secret=secret)
    assert answer.json["error_codes"] == [7000112]


def test_names_are_taken_once_and_unknown_ones_get_a_hint(directory: Directory) -> None:
    directory.application()
    with pytest.raises(ConfigurationError, match="there already"):
        directory.store.add(Kind.APPLICATION, "robot")
    with pytest.raises(ConfigurationError, match="did you mean 'robot'"):
        directory.store.named("robt")


def test_health_is_open(directory: Directory) -> None:
    assert call(directory.app, "GET", "/health").json["database"] == "ok"


def test_audiences_are_compared_as_origins() -> None:
    assert origin(f"{SALES}/api/data/v9.2/") == SALES
