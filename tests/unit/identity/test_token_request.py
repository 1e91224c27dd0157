"""Token requests are read from forms, or refused with the code that client libraries know."""

from __future__ import annotations

from base64 import b64encode
from urllib.parse import quote, urlencode
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2c.identity.token_request import Refusal, TokenRequest, TokenRequestError, parse_request
from p2c.identity.tokens import Version

ID = "33333333-3333-4333-8333-333333333333"
FORM = {
    "grant_type": "client_credentials",
    "client_id": ID,
    "client_secret": "a secret & more",
    "scope": "https://localhost:8401/.default",
}


def form(**changes: str | None) -> bytes:
    """The usual form with changes; None takes a field away."""
    fields = {**FORM, **changes}
    return urlencode({name: value for name, value in fields.items() if value is not None}).encode()


def refusal(body: bytes, authorization: str = "", version: Version = Version.V2) -> Refusal:
    """Why a request is refused."""
    with pytest.raises(TokenRequestError) as error:
        parse_request(body, authorization, version)
    return error.value.refusal


def test_the_secret_comes_in_the_form() -> None:
    assert parse_request(form(), "", Version.V2) == TokenRequest(
        UUID(ID), "a secret & more", "https://localhost:8401", Version.V2
    )


def test_the_secret_comes_by_basic_authorization() -> None:
    basic = b64encode(f"{ID}:{quote('a secret & more')}".encode()).decode()
    found = parse_request(form(client_id=None, client_secret=None), f"Basic {basic}", Version.V2)
    assert (found.application_id, found.secret) == (UUID(ID), "a secret & more")


def test_the_older_endpoint_takes_a_resource() -> None:
    found = parse_request(form(scope=None, resource="https://localhost:8401/"), "", Version.V1)
    assert found.resource == "https://localhost:8401/"


def test_scopes_of_openid_beside_the_resource_are_left_out() -> None:
    found = parse_request(form(scope="https://localhost:8401/.default openid profile offline_access"), "", Version.V2)
    assert found.resource == "https://localhost:8401"


def test_a_request_does_not_show_its_secret() -> None:
    assert "secret &" not in repr(parse_request(form(), "", Version.V2))


@pytest.mark.parametrize("scope", ["https://localhost:8401/.default", "https://localhost:8401/user_impersonation"])
def test_a_person_signs_in_with_name_and_password_and_the_application_needs_no_secret(scope: str) -> None:
    body = form(
        grant_type="password", username="jana@example.com", password="p&w", client_secret=None, scope=f"openid {scope}"
    )
    found = parse_request(body, "", Version.V2)
    assert (found.username, found.password, found.secret) == ("jana@example.com", "p&w", "")
    assert found.resource == "https://localhost:8401"
    assert "p&w" not in repr(found)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (form(grant_type=None), Refusal.MISSING_FIELD),
        (form(grant_type="implicit"), Refusal.UNKNOWN_GRANT_TYPE),
        (form(grant_type="password", username="jana@example.com"), Refusal.MISSING_FIELD),
        (form(client_id=None), Refusal.MISSING_FIELD),
        (form(client_id="me"), Refusal.UNKNOWN_APPLICATION),
        (form(client_secret=None), Refusal.NO_SECRET),
        (form(scope=None), Refusal.MISSING_FIELD),
        (form(scope="https://localhost:8401/user_impersonation"), Refusal.BAD_SCOPE),
        (form(scope="a/.default b/.default"), Refusal.BAD_SCOPE),
        (b"\xff\xfe", Refusal.MALFORMED),
        (b"a=1&" * 100, Refusal.MALFORMED),
    ],
)
def test_what_is_missing_or_wrong_has_its_own_code(body: bytes, expected: Refusal) -> None:
    assert refusal(body) is expected


def test_basic_authorization_that_cannot_be_read_is_refused() -> None:
    assert refusal(form(), "Basic ???") is Refusal.MALFORMED


@given(st.binary(max_size=300), st.text(max_size=100), st.sampled_from(Version))
def test_any_bytes_are_a_request_or_refused(body: bytes, authorization: str, version: Version) -> None:
    try:
        parse_request(body, authorization, version)
    except TokenRequestError as error:
        assert error.refusal.status in (400, 401)
