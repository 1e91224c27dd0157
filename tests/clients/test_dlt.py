"""The REST source of `dlt` reads both services page by page, with tokens it asks for itself."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import dlt
import pytest
import requests
from dlt.sources.rest_api import rest_api_source
from dlt.sources.rest_api.typing import RESTAPIConfig

from tests.clients.site import COMPANY, Site

PAGE = 3
Load = Callable[[Site, str, str, str], list[dict[str, Any]]]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Run a pipeline from an entity set of a service, with a filter, into files; the rows in the files."""
    monkeypatch.setenv("DLT_DATA_DIR", str(tmp_path / "dlt"))
    monkeypatch.setenv("RUNTIME__DLTHUB_TELEMETRY", "false")

    def run(site: Site, service: str, entity_set: str, condition: str) -> list[dict[str, Any]]:
        pipeline = dlt.pipeline(
            f"{service}_rows",
            pipelines_dir=str(tmp_path / "pipelines"),
            destination=dlt.destinations.filesystem(bucket_url=tmp_path.as_uri()),
            dataset_name="files",
        )
        done = pipeline.run(rest_api_source(source(site, service, entity_set, condition), name=service))
        assert not done.has_failed_jobs
        return rows_below(tmp_path / "files" / "rows")

    return run


def source(site: Site, service: str, entity_set: str, condition: str) -> RESTAPIConfig:
    """How `dlt` is told to read an entity set."""
    return {
        "client": {
            "base_url": site.api(service),
            "headers": {"Prefer": f"odata.maxpagesize={PAGE}"},
            "paginator": {"type": "json_link", "next_url_path": "'@odata.nextLink'"},
            "auth": {
                "type": "oauth2_client_credentials",
                "access_token_url": site.token_url,
                "client_id": site.application_id,
                "client_secret": site.secret,
                "access_token_request_data": {"scope": site.scope(service)},
            },
        },
        "resources": [
            {
                "name": "rows",
                "endpoint": {"path": entity_set, "params": {"$filter": condition}, "data_selector": "value"},
            }
        ],
    }


def rows_below(folder: Path) -> list[dict[str, Any]]:
    """The rows in a folder of compressed JSON lines."""
    found: list[dict[str, Any]] = []
    for path in folder.iterdir():
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            found.extend(json.loads(line) for line in lines)
    return found


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths that clients built on requests ask for from now on, in order; the requests are sent all the same."""
    paths: list[str] = []
    send = requests.Session.send

    def noted(session: requests.Session, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        paths.append(unquote(urlsplit(str(request.url)).path))
        return send(session, request, **options)

    monkeypatch.setattr(requests.Session, "send", noted)
    return paths


@pytest.mark.parametrize(
    ("service", "entity_set", "field", "body"),
    [
        ("sales", "accounts", "name", {}),
        ("operations", "CustomerGroups", "CustomerGroupId", {"dataAreaId": COMPANY}),
    ],
)
def test_all_pages_arrive_with_one_token(
    site: Site, mark: str, load: Load, asked: list[str], service: str, entity_set: str, field: str, body: dict[str, str]
) -> None:
    sent = [f"{mark}{number}" for number in range(2 * PAGE + 1)]
    with site.session(service) as session:
        for value in sent:
            session.post(site.api(service) + entity_set, json={**body, field: value}, timeout=30).raise_for_status()
    asked.clear()

    rows = load(site, service, entity_set, f"startswith({field},'{mark}')")

    column = "customer_group_id" if service == "operations" else field
    assert sorted(row[column] for row in rows) == sent
    assert asked == [urlsplit(site.token_url).path, *[urlsplit(site.api(service)).path + entity_set] * 3]
