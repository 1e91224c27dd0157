"""What only shows over real HTTP: encoded keys, repeated headers, limits, health."""

from __future__ import annotations

from uuid import UUID

import aiohttp
import pytest

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


def test_a_body_beyond_the_limit_is_413_over_http(people_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("p2c.odata.service.app.MAX_BODY", 100_000)

    async def work() -> int:
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{people_url}people", data=b"x" * 200_000) as answer,
        ):
            return answer.status

    assert run(work) == 413
