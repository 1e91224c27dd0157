"""GUIDs of sample rows, the same for a seed, and references by them."""

from __future__ import annotations

from uuid import NAMESPACE_URL, uuid5


def guid(seed: int, table: str, name: object) -> str:
    """The primary key of the row that the sample calls `name`."""
    return str(uuid5(NAMESPACE_URL, f"prospect-to-cash/{seed}/{table}/{name}"))


def reference(entity_set: str, key: str) -> str:
    """The value of an `@odata.bind` to a row by primary key."""
    return f"/{entity_set}({key})"
