"""A script as people write it: read a page, send it in bulk calls, read the next one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import requests

from benchmarks.peers.world import CALL_ROWS, FIRST_PAGE, KEY, NAMESPACE, PREFER, UPSERT_MULTIPLE, address_of


def move(source: str, destination: str) -> None:
    """All accounts by UpsertMultiple, one call after another."""
    with requests.Session() as session:
        for rows in pages(session, source):
            for start in range(0, len(rows), CALL_ROWS):
                upsert(session, destination, rows[start : start + CALL_ROWS])


def pages(session: requests.Session, source: str) -> Iterator[list[dict[str, Any]]]:
    """The accounts page by page."""
    url = source + FIRST_PAGE
    while url:
        answer = session.get(url, headers=PREFER, timeout=300)
        answer.raise_for_status()
        page = answer.json()
        yield page["value"]
        url = page.get("@odata.nextLink", "")


def upsert(session: requests.Session, destination: str, rows: list[dict[str, Any]]) -> None:
    """One bulk call."""
    targets = [
        {
            **{name: value for name, value in row.items() if name != "accountid"},
            "@odata.type": f"{NAMESPACE}.account",
            "@odata.id": address_of(row[KEY]),
        }
        for row in rows
    ]
    session.post(destination + UPSERT_MULTIPLE, json={"Targets": targets}, timeout=300).raise_for_status()
