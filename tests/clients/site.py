"""The services as strangers meet them: HTTPS, a token endpoint, an application with its secret."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import msal
import requests

from tests.e2e.served import Serving, run_p2c

PERSON = "jana@example.com"
COMPANY = "usmf"
"""The one legal entity of Operations here; it keeps its books in USD."""


@dataclass(frozen=True, slots=True)
class Site:
    """What the administrator of an environment gives somebody who wants to connect a client."""

    sales: str
    operations: str
    commondata: str
    authority: str
    tenant: str
    application_id: str
    secret: str
    authorities_file: Path
    username: str
    password: str
    """Of a person, who is an administrator as well."""

    def api(self, service: str) -> str:
        """The base URL of a service's OData, with a slash at its end."""
        return {"sales": self.sales, "operations": self.operations, "commondata": self.commondata}[service]

    def scope(self, service: str) -> str:
        """What a token for the service is asked for with."""
        parts = urlsplit(self.api(service))
        return f"{parts.scheme}://{parts.netloc}/.default"

    def environment(self, service: str) -> str:
        """The address of the environment itself, as clients of Dataverse want it."""
        return self.scope(service).removesuffix("/.default")

    @property
    def token_url(self) -> str:
        """Where OAuth clients without discovery ask for tokens."""
        return f"{self.authority}/{self.tenant}/oauth2/v2.0/token"

    def token(self, service: str) -> str:
        """A token for the service, by msal."""
        application = msal.ConfidentialClientApplication(
            self.application_id,
            client_credential=self.secret,
            authority=f"{self.authority}/{self.tenant}",
            instance_discovery=False,
        )
        answer = application.acquire_token_for_client([self.scope(service)])
        assert "access_token" in answer, answer
        return str(answer["access_token"])

    @contextmanager
    def session(self, service: str) -> Iterator[requests.Session]:
        """A session of requests that shows a token with every request."""
        with requests.Session() as session:
            session.headers["Authorization"] = f"Bearer {self.token(service)}"
            yield session


@contextmanager
def trusting(file: Path) -> Iterator[None]:
    """While this lasts, clients built on requests trust the authorities of the file."""
    before = os.environ.get("REQUESTS_CA_BUNDLE")
    os.environ["REQUESTS_CA_BUNDLE"] = str(file)
    try:
        yield
    finally:
        if before is None:
            del os.environ["REQUESTS_CA_BUNDLE"]
        else:
            os.environ["REQUESTS_CA_BUNDLE"] = before


@contextmanager
def running_site(data: Path) -> Iterator[Site]:
    """The services and their identity service over a data directory, with a company and an administrator."""
    with Serving(data, "sales", "operations", "commondata", "--auth", "on", "--tls") as serving:
        roles = ["--role", "sales=System Administrator", "--role", "operations=System administrator"]
        roles += ["--role", "commondata=System Administrator"]
        added = run_p2c(["identity", "add", "strangers", *roles, "--json", "--data", str(data)])
        assert added.code == 0, added.err
        shown = json.loads(added.out)
        person = run_p2c(["identity", "add", "Jana", "--user", PERSON, *roles, "--json", "--data", str(data)])
        assert person.code == 0, person.err
        site = Site(
            serving.urls["sales"],
            serving.urls["operations"],
            serving.urls["commondata"],
            serving.urls["identity"].rstrip("/"),
            shown["tenant"],
            shown["application_id"],
            shown["secret"],
            data / "tls" / "ca.pem",
            PERSON,
            json.loads(person.out)["secret"],
        )
        with trusting(site.authorities_file):
            _found_company(site)
        yield site


def _found_company(site: Site) -> None:
    company = {"LegalEntityId": COMPANY, "Name": "Company", "AccountingCurrency": "USD"}
    with site.session("operations") as session:
        for name, row in (("Currencies", {"CurrencyCode": "USD", "Name": "Dollar"}), ("LegalEntities", company)):
            answer = session.post(site.operations + name, json=row, timeout=30)
            assert answer.status_code == 201, answer.text
