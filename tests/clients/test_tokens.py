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
AZURE_TOOLS = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
"""An application that every tenant knows."""


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


def test_a_person_signs_in_by_oauth_and_is_the_same_user_everywhere(site: Site) -> None:
    shown: dict[str, dict[str, str]] = {}
    for service in SERVICES:
        form = {
            "grant_type": "password",
            "client_id": AZURE_TOOLS,
            "username": site.username,
            "password": site.password,
            "scope": f"openid {site.scope(service)}",
        }
        answer = requests.post(site.token_url, data=form, timeout=30)
        assert answer.status_code == 200, answer.text
        shown[service] = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    who = requests.get(f"{site.sales}WhoAmI", headers=shown["sales"], timeout=30).json()["UserId"]
    row = requests.get(f"{site.sales}systemusers({who})", headers=shown["sales"], timeout=30).json()
    assert row["domainname"] == site.username
    query = f"SystemUsers?$filter=Alias eq '{site.username}'"
    (user,) = requests.get(site.operations + query, headers=shown["operations"], timeout=30).json()["value"]
    assert user["UserID"] == "Jana"
