"""Builders of principals, keys and tokens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from uuid import UUID

from p2c.identity.principals import Grant, Kind, Principal, Tenant
from p2c.identity.signing import SigningKey, new_signing_key
from p2c.identity.tokens import Issuer, Version, issue

NOW = datetime(2025, 3, 31, 12, tzinfo=UTC)
TENANT = Tenant(UUID("11111111-1111-4111-8111-111111111111"), "p2c.local")
ISSUER = Issuer("https://localhost:8404", TENANT)
AUDIENCE = "https://localhost:8401"
AUDIENCES = frozenset({AUDIENCE})


@cache
def a_key(name: str = "first") -> SigningKey:
    """A signing key; the same one for the same name."""
    return new_signing_key()


def an_application(*grants: Grant, enabled: bool = True) -> Principal:
    """An application with these roles."""
    return Principal(
        UUID("22222222-2222-4222-8222-222222222222"),
        Kind.APPLICATION,
        "integrator",
        UUID("33333333-3333-4333-8333-333333333333"),
        "",
        enabled,
        NOW - timedelta(days=1),
        grants,
    )


def a_token(key: SigningKey | None = None, audience: str = AUDIENCE, issuer: Issuer = ISSUER) -> str:
    """A token given at NOW."""
    return issue(key or a_key(), issuer, an_application(), audience, ["Salesperson"], Version.V2, NOW)
