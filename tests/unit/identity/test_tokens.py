"""Tokens prove what they say to the environment they are meant for, until they expire."""

from __future__ import annotations

from datetime import timedelta

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2c.identity.principals import Tenant
from p2c.identity.tokens import LIFETIME, Issuer, TokenRefusedError, Version, check, issue, origin
from tests.unit.identity.directory import AUDIENCES, ISSUER, NOW, a_key, a_token, an_application

KEYS = {a_key().public.kid: a_key().public}
MINUTE = timedelta(minutes=1)


def test_a_token_says_who_sends_it() -> None:
    claims = check(a_token(), KEYS, ISSUER, AUDIENCES, NOW)
    application = an_application()
    assert (claims.object_id, claims.application_id) == (application.id, application.application_id)
    assert claims.expires_at == NOW + LIFETIME


@pytest.mark.parametrize("version", Version)
def test_a_token_has_the_claims_of_both_endpoints(version: Version) -> None:
    application = an_application()
    token = issue(a_key(), ISSUER, application, "https://localhost:8401/", ["Reader"], version, NOW)
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["appid"] == claims["azp"] == str(application.application_id)
    assert claims["oid"] == claims["sub"] == str(application.id)
    assert claims["tid"] == str(ISSUER.tenant.id)
    assert claims["roles"] == ["Reader"]
    assert claims["ver"] == version.value
    assert claims["exp"] - claims["iat"] == 3599
    assert jwt.get_unverified_header(token)["alg"] == "RS256"


def test_the_slash_at_the_end_of_an_audience_does_not_matter() -> None:
    check(a_token(audience="https://LOCALHOST:8401/"), KEYS, ISSUER, AUDIENCES, NOW)


def test_an_expired_token_is_refused_as_expired() -> None:
    with pytest.raises(TokenRefusedError) as refused:
        check(a_token(), KEYS, ISSUER, AUDIENCES, NOW + LIFETIME + MINUTE)
    assert refused.value.expired


def test_a_token_of_the_future_is_refused() -> None:
    with pytest.raises(TokenRefusedError, match="not valid yet"):
        check(a_token(), KEYS, ISSUER, AUDIENCES, NOW - MINUTE)


def test_clocks_may_differ_by_half_a_minute() -> None:
    check(a_token(), KEYS, ISSUER, AUDIENCES, NOW - MINUTE / 3)
    check(a_token(), KEYS, ISSUER, AUDIENCES, NOW + LIFETIME + MINUTE / 3)


def test_a_token_for_another_environment_is_refused() -> None:
    with pytest.raises(TokenRefusedError, match="meant for https://localhost:8402"):
        check(a_token(audience="https://localhost:8402"), KEYS, ISSUER, AUDIENCES, NOW)


def test_a_token_of_another_issuer_is_refused() -> None:
    other = Issuer("https://evil.example", ISSUER.tenant)
    with pytest.raises(TokenRefusedError, match="issuer"):
        check(a_token(issuer=other), KEYS, ISSUER, AUDIENCES, NOW)


def test_a_token_of_another_tenant_is_refused() -> None:
    other = Issuer(ISSUER.base, Tenant(an_application().id, "other.local"))
    with pytest.raises(TokenRefusedError, match="issuer"):
        check(a_token(issuer=other), KEYS, ISSUER, AUDIENCES, NOW)


def test_a_token_signed_with_an_unknown_key_is_refused() -> None:
    with pytest.raises(TokenRefusedError, match="key that is not known"):
        check(a_token(a_key("second")), KEYS, ISSUER, AUDIENCES, NOW)


def test_a_token_that_names_a_known_key_but_was_signed_with_another_is_refused() -> None:
    claims = jwt.decode(a_token(), options={"verify_signature": False})
    forged = jwt.encode(claims, a_key("second").private(), "RS256", headers={"kid": a_key().public.kid})
    with pytest.raises(TokenRefusedError, match="Signature"):
        check(forged, KEYS, ISSUER, AUDIENCES, NOW)


def test_a_token_without_a_signature_is_refused() -> None:
    claims = jwt.decode(a_token(), options={"verify_signature": False})
    forged = jwt.encode(claims, "", "none", headers={"kid": a_key().public.kid})
    with pytest.raises(TokenRefusedError):
        check(forged, KEYS, ISSUER, AUDIENCES, NOW)


def test_a_token_signed_with_the_public_key_as_a_password_is_refused() -> None:
    """The classic confusion of HS256 with RS256."""
    claims = jwt.decode(a_token(), options={"verify_signature": False})
    head = jwt.utils.base64url_encode(b'{"alg":"HS256","kid":"' + a_key().public.kid.encode() + b'"}')
    body = jwt.utils.base64url_encode(repr(claims).replace("'", '"').encode())
    with pytest.raises(TokenRefusedError):
        check(f"{head.decode()}.{body.decode()}.AAAA", KEYS, ISSUER, AUDIENCES, NOW)


@pytest.mark.parametrize("claim", ["aud", "exp", "nbf", "oid", "appid", "tid", "iss"])
def test_a_token_that_lacks_a_claim_is_refused(claim: str) -> None:
    claims = jwt.decode(a_token(), options={"verify_signature": False})
    del claims[claim]
    token = jwt.encode(claims, a_key().private(), "RS256", headers={"kid": a_key().public.kid})
    with pytest.raises(TokenRefusedError):
        check(token, KEYS, ISSUER, AUDIENCES, NOW)


@given(st.text(max_size=200))
def test_any_text_is_a_valid_token_or_refused(text: str) -> None:
    with pytest.raises(TokenRefusedError):
        check(text, KEYS, ISSUER, AUDIENCES, NOW)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://Host.example/api/data", "https://host.example:443"),
        ("http://127.0.0.1:8401/", "http://127.0.0.1:8401"),
        ("http://[::1]:8401", "http://[::1]:8401"),
        ("https://host:abc", ""),
        ("host", ""),
        ("", ""),
    ],
)
def test_the_origin_of_a_url_has_one_spelling(url: str, expected: str) -> None:
    assert origin(url) == expected
