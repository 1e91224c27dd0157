"""`msal` and `azure-identity` ask the identity service for tokens."""

from __future__ import annotations

from datetime import UTC, datetime

import msal
import pytest
import requests
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import ClientSecretCredential

from tests.clients.site import Site

SERVICES = ["sales", "operations"]


def application(site: Site, secret: str) -> msal.ConfidentialClientApplication:
    """A confidential client that finds the endpoints by discovery."""
    return msal.ConfidentialClientApplication(
        site.application_id,
        client_credential=secret,
        authority=f"{site.authority}/{site.tenant}",
        instance_discovery=False,
    )


@pytest.mark.parametrize("service", SERVICES)
def test_msal_gets_a_token_that_opens_the_service_and_takes_it_from_its_cache_the_next_time(
    site: Site, service: str
) -> None:
    client = application(site, site.secret)
    first = client.acquire_token_for_client([site.scope(service)])
    again = client.acquire_token_for_client([site.scope(service)])
    assert (first["token_source"], again["token_source"]) == ("identity_provider", "cache")
    assert first["access_token"] == again["access_token"]
    shown = {"Authorization": f"Bearer {first['access_token']}"}
    assert requests.get(site.api(service), headers=shown, timeout=30).status_code == 200


def test_msal_tells_what_is_wrong_with_a_wrong_secret(site: Site) -> None:
    answer = application(site, "wrong").acquire_token_for_client([site.scope("sales")])
    assert (answer["error"], answer["error_codes"]) == ("invalid_client", [7000215])


def test_a_token_for_sales_does_not_open_operations(site: Site) -> None:
    shown = {"Authorization": f"Bearer {site.token('sales')}"}
    assert requests.get(site.operations, headers=shown, timeout=30).status_code == 401


@pytest.mark.parametrize("service", SERVICES)
def test_azure_identity_gets_a_token_with_its_expiry(site: Site, service: str) -> None:
    with ClientSecretCredential(
        site.tenant, site.application_id, site.secret, authority=site.authority, disable_instance_discovery=True
    ) as credential:
        token = credential.get_token(site.scope(service))
    assert datetime.fromtimestamp(token.expires_on, UTC) > datetime.now(UTC)
    shown = {"Authorization": f"Bearer {token.token}"}
    assert requests.get(site.api(service), headers=shown, timeout=30).status_code == 200


def test_azure_identity_raises_its_own_error_for_a_wrong_secret(site: Site) -> None:
    with (
        ClientSecretCredential(
            site.tenant, site.application_id, "wrong", authority=site.authority, disable_instance_discovery=True
        ) as credential,
        pytest.raises(ClientAuthenticationError, match="AADSTS7000215"),
    ):
        credential.get_token(site.scope("sales"))
