"""What only shows over real HTTP: encoded keys, repeated headers, limits, health."""

from __future__ import annotations

from uuid import UUID

import aiohttp
import pytest

from p2c.odata.service.app import build_app
from p2c.odata.service.dataverse.service import EARLIER_VERSIONS
from tests.contracts.asgi import call
from tests.contracts.caller import Caller
from tests.contracts.over_http import run


def test_http_keeps_encoded_keys_headers_and_error_shapes(people_url: str) -> None:
    async def work() -> tuple[int, str, dict[str, str], int, int, int]:
        async with aiohttp.ClientSession() as session:
            body = {"name": "Ada"}
            async with session.patch(f"{people_url}people(number='%C4%8C%2F1')", json=body) as made:
                location = made.headers["OData-EntityId"]
            headers = [("Prefer", "odata.maxpagesize=1"), ("Prefer", 'odata.include-annotations="*"')]
            async with session.get(f"{people_url}people", headers=headers) as page:
                applied = page.headers["Preference-Applied"]
                head = {name: page.headers[name] for name in ("OData-Version", "Content-Type")}
                assert page.headers["REQ_ID"] == page.headers["x-ms-service-request-id"]
                assert str(UUID(page.headers["REQ_ID"])) == page.headers["REQ_ID"]
            async with session.get(location) as again:
                found = again.status
            async with session.get(f"{people_url}nothing") as missing:
                lost = missing.status
            async with session.get(people_url.replace("api/data/v9.2/", "health")) as health:
                assert (await health.json())["database"] == "ok"
                return made.status, applied, head, found, lost, health.status

    status, applied, head, found, lost, health = run(work)
    assert (status, found, lost, health) == (204, 200, 404, 200)
    assert applied == 'odata.maxpagesize=1,odata.include-annotations="*"'
    assert head == {
        "OData-Version": "4.0",
        "Content-Type": "application/json; odata.metadata=minimal; odata.streaming=true",
    }


@pytest.mark.parametrize("version", ["v9.0", "v9.1", "v9.2"])
def test_every_version_answers_with_addresses_of_its_own(people: Caller, version: str) -> None:
    app = build_app(people.service, "/api/data/v9.2/", "test", also=EARLIER_VERSIONS)
    root = f"http://localhost/api/data/{version}/"
    made = call(app, "POST", f"/api/data/{version}/people", b'{"name":"Ada"}')
    assert made.headers["odata-entityid"].startswith(f"{root}people(")
    assert call(app, "GET", f"/api/data/{version}/people").json["@odata.context"] == f"{root}$metadata#people"
    assert call(app, "GET", "/api/data/v8.2/people").status == 404


def test_a_body_beyond_the_limit_is_413_over_http(people_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("p2c.odata.service.app.MAX_BODY", 100_000)

    async def work() -> int:
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{people_url}people", data=b"x" * 200_000) as answer,
        ):
            return answer.status

    assert run(work) == 413
