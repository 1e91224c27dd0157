"""The actions of quotes, called over HTTP as clients call them, and what they refuse."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import msgspec
import pytest
import requests

from tests.contracts.caller import sales_environment
from tests.contracts.over_http import served


class Sales:
    """Sales over HTTP."""

    def __init__(self, url: str, session: requests.Session) -> None:
        self.url = url
        self._session = session

    def post(self, path: str, body: object, **headers: str) -> requests.Response:
        """A POST."""
        content = msgspec.json.encode(body)
        return self._session.post(self.url + path, data=content, headers=headers, timeout=30)

    def patch(self, path: str, body: object) -> None:
        """A PATCH that must succeed."""
        answer = self._session.patch(self.url + path, data=msgspec.json.encode(body), timeout=30)
        assert answer.status_code == 204, answer.text

    def get(self, path: str) -> Any:
        """The JSON of a GET."""
        return self._session.get(self.url + path, timeout=30).json()

    def create(self, set_name: str, **row: object) -> str:
        """A new row; its set and key."""
        bound = {name.replace("__", "@odata."): value for name, value in row.items()}
        answer = self.post(set_name, bound)
        assert answer.status_code == 204, answer.text
        return answer.headers["OData-EntityId"].removeprefix(self.url)

    def draft(self) -> str:
        """A draft with two lines, one of them at the price of its price list: 100 a piece."""
        currency = f"transactioncurrencies({self.get('transactioncurrencies')['value'][0]['transactioncurrencyid']})"
        group = self.create("uomschedules", name=f"Units {uuid4()}", baseuomname="Piece")
        unit = f"uoms({self.get(f'{group}/unit_of_measure_schedule_conversions')['value'][0]['uomid']})"
        prices = self.create("pricelevels", name=f"List {uuid4()}", transactioncurrencyid__bind=currency)
        product = self.create(
            "products",
            name="Lamp",
            productnumber=f"L-{uuid4()}",
            quantitydecimal=0,
            defaultuomid__bind=unit,
            defaultuomscheduleid__bind=group,
        )
        self.create(
            "productpricelevels",
            amount=100,
            pricelevelid__bind=prices,
            productid__bind=product,
            uomid__bind=unit,
        )
        self.patch(product, {"statecode": 0, "statuscode": 1})
        account = self.create("accounts", name="Buyer")
        quote = self.create("quotes", name="Offer", customerid_account__bind=account, pricelevelid__bind=prices)
        self.create("quotedetails", quantity=2, quoteid__bind=quote, productid__bind=product, uomid__bind=unit)
        own = {"productdescription": "Advice", "priceperunit": 50, "isproductoverridden": True}
        self.create("quotedetails", quantity=1, quoteid__bind=quote, **own)
        return quote

    def active(self) -> str:
        """The same, activated."""
        quote = self.draft()
        self.patch(quote, {"statecode": 1, "statuscode": 2})
        return quote

    def status(self, quote: str) -> tuple[int, int]:
        """State and status reason."""
        row = self.get(f"{quote}?$select=statecode,statuscode")
        return row["statecode"], row["statuscode"]


@pytest.fixture(scope="module")
def sales(database_url: Callable[[str], str]) -> Iterator[Sales]:
    """Sales, served."""
    caller = sales_environment(database_url)
    with served(caller, "/api/data/v9.2/") as url, requests.Session() as session:
        yield Sales(url, session)
    caller.service.database.engine.dispose()


def closing(quote: str, **values: object) -> dict[str, object]:
    """What closes a quote."""
    kind = {"@odata.type": "Microsoft.Dynamics.CRM.quoteclose"}
    return {**kind, "subject": "Closed by test", "quoteid@odata.bind": f"/{quote}", **values}


@pytest.mark.parametrize(
    ("action", "status", "expected"),
    [
        ("WinQuote", 4, (2, 4)),
        ("WinQuote", -1, (2, 4)),
        ("CloseQuote", 5, (3, 5)),
        ("CloseQuote", 6, (3, 6)),
        ("CloseQuote", 7, (3, 7)),
        ("CloseQuote", -1, (3, 5)),
    ],
)
def test_an_active_quote_is_won_or_closed_and_the_closing_is_kept(
    sales: Sales, action: str, status: int, expected: tuple[int, int]
) -> None:
    quote = sales.active()
    answer = sales.post(action, {"QuoteClose": closing(quote, actualend="2026-03-01T00:00:00Z"), "Status": status})
    assert (answer.status_code, answer.content) == (204, b"")
    assert sales.status(quote) == expected
    (kept,) = sales.get(f"{quote}/Quote_QuoteClose")["value"]
    assert (kept["subject"], kept["actualend"]) == ("Closed by test", "2026-03-01T00:00:00Z")


@pytest.mark.parametrize(
    ("action", "status", "code"),
    [
        ("WinQuote", 5, "0x80048408"),
        ("WinQuote", "4", "0x80048d19"),
        ("CloseQuote", 4, "0x80048408"),
        ("CloseQuote", 99, "0x80048408"),
    ],
)
def test_a_status_of_another_action_is_refused(sales: Sales, action: str, status: object, code: str) -> None:
    quote = sales.active()
    answer = sales.post(action, {"QuoteClose": closing(quote), "Status": status})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)
    assert sales.status(quote) == (1, 2)


def test_only_active_quotes_are_closed(sales: Sales) -> None:
    draft, won = sales.draft(), sales.active()
    assert sales.post("WinQuote", {"QuoteClose": closing(won), "Status": 4}).status_code == 204
    for quote in (draft, won):
        before = sales.status(quote)
        for action, status in (("WinQuote", 4), ("CloseQuote", 5)):
            assert sales.post(action, {"QuoteClose": closing(quote), "Status": status}).status_code == 400
        assert sales.status(quote) == before


@pytest.mark.parametrize("action", ["WinQuote", "CloseQuote", "ReviseQuote", "CalculatePrice"])
@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "0x80040200"),
        ({"QuoteClose": {}, "Target": {}}, 400, "0x80040200"),
        ({"QuoteClose": {"quoteid": "x"}, "QuoteId": "x", "Target": {"quoteid": "x"}}, 400, "0x80048d19"),
        (
            {"QuoteClose": closing(f"quotes({uuid4()})"), "QuoteId": str(uuid4()), "Target": {"quoteid": str(uuid4())}},
            404,
            "0x80040217",
        ),
        ([], 400, "0x80048d19"),
    ],
)
def test_a_call_without_a_quote_is_refused(sales: Sales, action: str, body: object, status: int, code: str) -> None:
    answer = sales.post(action, body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code), answer.text


def test_a_revision_is_a_new_draft_with_the_lines_and_answers_the_columns_asked_for(sales: Sales) -> None:
    quote = sales.active()
    key = quote[7:-1]
    columns = {"AllColumns": False, "Columns": ["name", "totalamount", "revisionnumber"]}
    answer = sales.post("ReviseQuote", {"QuoteId": key, "ColumnSet": columns})
    assert answer.status_code == 200, answer.text
    row = answer.json()
    assert row["@odata.context"].endswith("$metadata#quotes/$entity")
    plain = {name for name in row if "@" not in name}
    assert plain == {"quoteid", "name", "totalamount", "revisionnumber", "_transactioncurrencyid_value"}
    assert (row["name"], row["totalamount"], row["revisionnumber"]) == ("Offer", 250, 1)
    assert sales.status(quote) == (3, 7)
    assert sales.status(f"quotes({row['quoteid']})") == (0, 1)
    numbers = {sales.get(f"quotes({one})?$select=quotenumber")["quotenumber"] for one in (key, row["quoteid"])}
    assert len(numbers) == 1
    assert len(sales.get(f"quotes({row['quoteid']})/quote_details")["value"]) == 2
    again = sales.post("ReviseQuote", {"QuoteId": key, "ColumnSet": {"AllColumns": True}})
    assert (again.status_code, again.json()["error"]["code"]) == (400, "0x80048d00")


@pytest.mark.parametrize("columns", [{"Columns": ["nope"]}, {"Columns": "name"}, "name"])
def test_a_revision_that_cannot_be_answered_is_not_made(sales: Sales, columns: object) -> None:
    quote = sales.active()
    assert sales.post("ReviseQuote", {"QuoteId": quote[7:-1], "ColumnSet": columns}).status_code == 400
    assert sales.status(quote) == (1, 2)


def test_a_draft_is_not_revised(sales: Sales) -> None:
    draft = sales.draft()
    answer = sales.post("ReviseQuote", {"QuoteId": draft[7:-1], "ColumnSet": {"AllColumns": True}})
    assert answer.status_code == 400
    assert sales.status(draft) == (0, 1)


def test_prices_are_calculated_again_as_the_price_list_has_them_now(sales: Sales) -> None:
    quote = sales.draft()
    (item,) = sales.get(f"{quote}/pricelevelid/price_level_product_price_levels")["value"]
    sales.patch(f"productpricelevels({item['productpricelevelid']})", {"amount": 120})
    assert sales.get(quote)["totalamount"] == 250
    target = {"@odata.type": "Microsoft.Dynamics.CRM.quote", "quoteid": quote[7:-1]}
    answer = sales.post("CalculatePrice", {"Target": target})
    assert (answer.status_code, answer.content) == (204, b"")
    assert sales.get(quote)["totalamount"] == 290
    lines = sales.get(f"{quote}/quote_details?$orderby=priceperunit")["value"]
    assert [(line["priceperunit"], line["extendedamount"]) for line in lines] == [(50, 50), (120, 240)]


def test_prices_of_an_active_quote_stay(sales: Sales) -> None:
    quote = sales.active()
    answer = sales.post("CalculatePrice", {"Target": {"quoteid": quote[7:-1]}})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "0x8004022e")


def test_actions_are_called_by_post_alone(sales: Sales) -> None:
    answer = requests.get(f"{sales.url}WinQuote", timeout=30)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "0x8006088a")
