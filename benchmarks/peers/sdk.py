"""Microsoft's own client for Python, PowerPlatform-Dataverse-Client: a loop over its pages and its bulk upserts."""

from __future__ import annotations

from typing import Any

from azure.core.credentials import AccessToken
from PowerPlatform.Dataverse.client import DataverseClient
from PowerPlatform.Dataverse.models.upsert import UpsertItem

from benchmarks.peers.world import API, CALL_ROWS, COLUMNS, KEY, PAGE_ROWS


class _Anybody:
    """A token that the mock does not look at."""

    def get_token(self, *scopes: str, **options: object) -> AccessToken:
        """A token that lasts."""
        return AccessToken("anybody", 2**31 - 1)

    def close(self) -> None:
        """Nothing is open."""


def move(source: str, destination: str) -> None:
    """All accounts, page by page."""
    with _client(source) as reading, _client(destination) as writing:
        for page in reading.records.list_pages("account", select=["accountid", *COLUMNS], page_size=PAGE_ROWS):
            items: list[UpsertItem | dict[str, Any]] = [
                UpsertItem(alternate_key={KEY: row[KEY]}, record={name: row[name] for name in COLUMNS if name != KEY})
                for row in page
            ]
            for start in range(0, len(items), CALL_ROWS):
                writing.records.upsert("account", items[start : start + CALL_ROWS])


def _client(url: str) -> DataverseClient:
    client = DataverseClient("https://mock.example", _Anybody())
    # It refuses to be made without HTTPS; here nobody pays for encryption.
    client._base_url = url.removesuffix(f"/{API}")
    return client
