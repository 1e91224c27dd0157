"""One PATCH a row over a session of requests: what connectors without bulk calls do."""

from __future__ import annotations

import requests

from benchmarks.peers.sequential import pages
from benchmarks.peers.world import KEY, address_of


def move(source: str, destination: str) -> None:
    """All accounts, one request each."""
    with requests.Session() as session:
        for rows in pages(session, source):
            for row in rows:
                body = {name: value for name, value in row.items() if name not in ("accountid", KEY)}
                url = destination + address_of(row[KEY])
                session.patch(url, json=body, timeout=300).raise_for_status()
