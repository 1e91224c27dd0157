"""In Sales, applications become users, and a salesperson reaches the own business unit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from p2c.identity.authenticator import Users
from p2c.identity.principals import Kind, Principal
from p2c.identity.roles import rights_of
from p2c.odata.service.access import Caller, acting
from p2c.odata.service.dataverse.service import DataverseService
from p2c.sales.model import MODEL
from p2c.sales.saving import RULES
from p2c.sales.seed import seed_organization
from p2c.wiring.sales_actions import service_actions
from p2c.wiring.sales_users import sales_users
from tests.contracts.caller import Caller as Client
from tests.contracts.caller import open_model


@pytest.fixture(scope="module")
def sales(database_url: Callable[[str], str]) -> Iterator[Client]:
    """An empty Sales with its organization."""
    database = open_model(MODEL, database_url("sales"))
    with database.begin() as session:
        seed_organization(session)
    yield Client(DataverseService(MODEL, database, RULES, service_actions()))
    database.engine.dispose()


@pytest.fixture(scope="module")
def users(sales: Client) -> Users:
    """Finds users of Sales."""
    return sales_users(sales.service.database)


def an_application(name: str = "robot") -> Principal:
    """An application that nobody knows yet."""
    return Principal(uuid4(), Kind.APPLICATION, name, uuid4(), "", True, datetime(2025, 3, 31, tzinfo=UTC))


@pytest.fixture
def seller(sales: Client, users: Users) -> Caller:
    """A salesperson of the root business unit."""
    made = an_application(f"seller {uuid4()}")
    user, unit = users(made)
    return Caller(made.id, made.name, rights_of("sales", ["Salesperson"]), user, unit)


@pytest.fixture
def elsewhere(sales: Client, seller: Caller) -> Caller:
    """A salesperson of another business unit."""
    url = sales("POST", "businessunits", {"name": f"Branch {uuid4()}"}).headers["OData-EntityId"]
    return replace(seller, name="elsewhere", unit=UUID(url[-37:-1]))


def an_account(sales: Client, caller: Caller) -> str:
    """The URL of an account that a caller made."""
    with acting(caller):
        made = sales("POST", "accounts", {"name": "Moravia"})
    assert made.status == 204, made.body
    return made.headers["OData-EntityId"]


def test_an_application_gets_a_user_once(sales: Client, users: Users) -> None:
    application = an_application()
    first, second = users(application), users(application)
    assert first == second
    row = sales("GET", f"systemusers({first[0]})").json
    assert (row["fullname"], row["applicationid"]) == ("# robot", str(application.application_id))
    assert row["accessmode"] == 4


def test_a_person_is_found_by_the_domain_name(sales: Client, users: Users) -> None:
    admin = replace(an_application(), kind=Kind.USER, application_id=None, domain_name="admin@p2c.local")
    user = users(admin)[0]
    assert sales("GET", f"systemusers({user})?$select=fullname").json["fullname"] == "System Administrator"


def test_rows_are_signed_by_who_writes_them(sales: Client, seller: Caller) -> None:
    row = sales("GET", an_account(sales, seller)).json
    assert row["_createdby_value"] == row["_ownerid_value"] == str(seller.user)
    with acting(seller):
        assert sales("GET", "WhoAmI").json["UserId"] == str(seller.user)


def test_rows_of_another_business_unit_are_not_there_to_be_read(
    sales: Client, seller: Caller, elsewhere: Caller
) -> None:
    url = an_account(sales, seller)
    name = url.removeprefix(sales.root)
    with acting(elsewhere):
        assert sales("GET", url).status in (403, 404)
        for query in ("accounts?$select=name", "accounts?$filter=name eq 'Moravia'"):
            assert sales("GET", query).rows == [], query
        assert sales("GET", "accounts/$count").body == b"0"
        user = sales("GET", f"systemusers({seller.user})?$expand=user_accounts($select=name)")
        assert b"Moravia" not in user.body
    with acting(seller):
        assert sales("GET", name).json["name"] == "Moravia"


@pytest.mark.parametrize(("method", "body"), [("PATCH", {"name": "Mine"}), ("DELETE", None)])
def test_rows_of_another_business_unit_are_not_written(
    sales: Client, seller: Caller, elsewhere: Caller, method: str, body: object
) -> None:
    url = an_account(sales, seller)
    with acting(elsewhere):
        refused = sales(method, url, body)
    assert (refused.status, refused.code) == (403, "0x80048405")
    assert sales("GET", url).json["name"] == "Moravia"


def test_a_row_cannot_be_made_in_another_business_unit(sales: Client, seller: Caller, elsewhere: Caller) -> None:
    """The owner decides the business unit: a row for somebody else would leave the caller's reach."""
    owner = {"ownerid@odata.bind": f"/systemusers({seller.user})"}
    with acting(elsewhere):
        refused = sales("POST", "accounts", {"name": "Theirs", **owner})
    assert (refused.status, refused.code) == (403, "0x80048405")


@pytest.mark.parametrize("action", ["WinQuote", "CloseQuote", "ReviseQuote"])
def test_quotes_of_another_business_unit_are_not_acted_upon(
    sales: Client, seller: Caller, elsewhere: Caller, action: str
) -> None:
    currency = sales("GET", "transactioncurrencies?$select=transactioncurrencyid").rows[0]["transactioncurrencyid"]
    account = an_account(sales, seller).removeprefix(sales.root)
    lists = {"name": f"List {uuid4()}", "transactioncurrencyid@odata.bind": f"/transactioncurrencies({currency})"}
    prices = sales("POST", "pricelevels", lists).headers["OData-EntityId"].removeprefix(sales.root)
    with acting(seller):
        made = sales(
            "POST",
            "quotes",
            {
                "name": "Offer",
                "customerid_account@odata.bind": f"/{account}",
                "pricelevelid@odata.bind": f"/{prices}",
            },
        )
    assert made.status == 204, made.body
    quote = made.headers["OData-EntityId"].removeprefix(sales.root)
    close = {"quoteid@odata.bind": f"/{quote}", "subject": "x"}
    body: dict[str, object] = {"QuoteClose": close, "Status": 4}
    if action == "ReviseQuote":
        body = {"QuoteId": quote[7:-1], "ColumnSet": {"AllColumns": True}}
    with acting(elsewhere):
        refused = sales("POST", action, body)
    assert (refused.status, refused.code) == (403, "0x80048405"), refused.body
