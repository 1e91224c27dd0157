"""What callers may do follows from their rights, in both dialects and by every way to write."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from starlette.applications import Starlette

from p2c.odata.batch import Part
from p2c.odata.service.access import (
    AccessRefusedError,
    Caller,
    Level,
    Privilege,
    Rights,
    acting,
)
from p2c.odata.service.access_gate import AccessGate
from p2c.odata.service.app import build_app
from tests.contracts.asgi import call
from tests.contracts.caller import Caller as Client
from tests.contracts.caller import Reply, part

ROBOT = UUID(int=7)
Write = Callable[[Client], Reply]


def someone(*privileges: Privilege, table: str = "person") -> Caller:
    """A caller with these privileges in one table."""
    levels = {(table, privilege): Level.ORGANIZATION for privilege in privileges}
    return Caller(ROBOT, "robot", Rights(levels), user=ROBOT)


def a_person(people: Client) -> str:
    """The URL of a person that is there."""
    return people("POST", "people", {"name": "Anna", "number": "A-1"}).headers["OData-EntityId"]


def test_reading_needs_the_privilege_to_read(people: Client) -> None:
    url = a_person(people)
    with acting(someone(Privilege.WRITE)):
        for path in ("people", url, "people/$count", "people?$filter=name eq 'Anna'"):
            refused = people("GET", path)
            assert (refused.status, refused.code) == (403, "0x80040220"), path
            assert "prvReadPerson" in refused.message
    with acting(someone(Privilege.READ)):
        assert people("GET", url).json["name"] == "Anna"


def test_what_is_expanded_or_filtered_through_a_lookup_needs_the_privilege_too(people: Client) -> None:
    with acting(someone(Privilege.READ)):
        for query in ("$expand=cityid($select=name)", "$filter=cityid/name eq 'Brno'", "$orderby=cityid/name"):
            refused = people("GET", f"people?{query}")
            assert (refused.status, refused.code) == (403, "0x80040220"), query


@pytest.mark.parametrize("own", [Privilege.READ, Privilege.WRITE, Privilege.DELETE])
def test_creating_needs_the_privilege_to_create(people: Client, own: Privilege) -> None:
    with acting(someone(own)):
        for method, url, body in (
            ("POST", "people", {"name": "Eva"}),
            ("PATCH", f"people({UUID(int=1)})", {"name": "Eva"}),
            ("POST", "people/Microsoft.Dynamics.CRM.CreateMultiple", {"Targets": [_target("Eva")]}),
        ):
            refused = people(method, url, body)
            assert (refused.status, refused.code) == (403, "0x80040220"), (method, refused.body)
    assert people.rows("people") == []


def _target(name: str) -> dict[str, str]:
    return {"@odata.type": "Microsoft.Dynamics.CRM.person", "name": name}


def test_an_upsert_of_a_row_that_is_there_needs_the_privilege_to_write_alone(people: Client) -> None:
    url = a_person(people)
    with acting(someone(Privilege.CREATE)):
        assert people("PATCH", url, {"name": "Eva"}).code == "0x80040220"
    with acting(someone(Privilege.WRITE)):
        assert people("PATCH", url, {"name": "Eva"}).status == 204


def test_deleting_needs_the_privilege_to_delete(people: Client) -> None:
    url = a_person(people)
    with acting(someone(Privilege.WRITE, Privilege.READ)):
        assert people("DELETE", url).code == "0x80040220"
    with acting(someone(Privilege.DELETE)):
        assert people("DELETE", url).status == 204


def test_a_batch_gives_no_rights_of_its_own(people: Client) -> None:
    with acting(someone(Privilege.READ)):
        _, parts = people.batch(part("POST", "people", {"name": "Eva"}, content_id="1"))
    assert isinstance(parts[0], Part)
    assert b"0x80040220" in parts[0].body
    assert people.rows("people") == []


def test_operations_refuses_in_its_own_shape(shops: Client) -> None:
    shop = {"dataAreaId": "cz", "Name": "Corner"}
    with acting(someone(Privilege.READ, table="shop")):
        refused = shops("POST", "ShopsV2", shop)
    assert refused.status == 403
    assert "prvCreateShopV2" in refused.json["error"]["innererror"]["message"]
    with acting(someone(Privilege.CREATE, Privilege.READ, table="shop")):
        assert shops("POST", "ShopsV2", shop).status == 201


class Door:
    """Lets in who says the word."""

    def caller(self, authorization: str) -> Caller:
        """The robot."""
        if authorization == "":
            raise AccessRefusedError(401, "no token", "0x0", "Bearer authorization_uri=https://login")
        if authorization != "Bearer robot":
            raise AccessRefusedError(403, "not a member", "0x80072560")
        return someone(Privilege.READ)


@pytest.fixture
def guarded(people: Client) -> Iterator[Starlette]:
    """The registry behind the door."""
    app = build_app(people.service, "/api/data/v9.2/", "Registry")
    app.add_middleware(AccessGate, authenticator=Door(), failure=people.service.failure)
    yield app


def test_without_a_token_the_answer_has_the_challenge_and_the_dialects_body(guarded: Starlette) -> None:
    refused = call(guarded, "GET", "/api/data/v9.2/people")
    assert refused.status == 401
    assert refused.headers["www-authenticate"] == "Bearer authorization_uri=https://login"
    assert refused.json["error"]["message"] == "no token"


def test_who_is_nobody_here_is_refused_with_the_products_code(guarded: Starlette) -> None:
    refused = call(guarded, "GET", "/api/data/v9.2/people", authorization="Bearer other")
    assert (refused.status, refused.code) == (403, "0x80072560")


def test_the_caller_of_a_request_counts_in_it_and_not_after_it(guarded: Starlette, people: Client) -> None:
    """The rights travel with the request into the thread that works on it."""
    assert call(guarded, "GET", "/api/data/v9.2/people", authorization="Bearer robot").status == 200
    refused = call(guarded, "POST", "/api/data/v9.2/people", b'{"name": "Eva"}', authorization="Bearer robot")
    assert refused.code == "0x80040220"
    assert people("POST", "people", {"name": "Eva"}).status == 204


def test_health_is_open_and_nothing_else_is(guarded: Starlette) -> None:
    assert call(guarded, "GET", "/health").status == 200
    for path in ("/", "/api/data/v9.2/", "/api/data/v9.2/$metadata", "/health/", "/HEALTH", "//health", "/health/../x"):
        assert call(guarded, "GET", path).status == 401, path


def test_addresses_that_carry_a_right_of_their_own_need_no_token(people: Client) -> None:
    app = build_app(people.service, "/api/data/v9.2/", "Registry")
    app.add_middleware(AccessGate, authenticator=Door(), failure=people.service.failure, open_below=("/blob/",))
    assert call(app, "GET", "/blob/1").status == 404
    for path in ("/blob", "/blobs/1", "/x/blob/1", "/blob/../api/data/v9.2/people"):
        assert call(app, "GET", path).status in (401, 404), path
    assert call(app, "GET", "/api/data/v9.2/blob/").status == 401
