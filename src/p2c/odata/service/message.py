"""A request and its response as values, so that a batch can carry them as HTTP does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `path` is below the service root and still percent-encoded; header names are lower case.

    `batched` says that it came inside a `$batch`.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    root: str = ""
    batched: bool = False

    def preferences(self) -> Mapping[str, str]:
        """The `Prefer` header's preferences; several headers come joined with commas."""
        return _preferences(self.headers.get("prefer", ""))


@dataclass(slots=True)
class Response:
    """One response; `body` is complete. `location` is the URL of the row that was written."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    location: str = ""


@lru_cache(maxsize=256)
def _preferences(header: str) -> Mapping[str, str]:
    """What a header asks for; all operations of a batch have the same."""
    found: dict[str, str] = {}
    for part in _outside_quotes(header):
        name, _, value = part.strip().partition("=")
        if name:
            found[name.strip().lower()] = value.strip().strip('"')
    return MappingProxyType(found)


def _outside_quotes(text: str) -> list[str]:
    parts, start, quoted = [], 0, False
    for place, character in enumerate(text):
        if character == '"':
            quoted = not quoted
        elif character == "," and not quoted:
            parts.append(text[start:place])
            start = place + 1
    parts.append(text[start:])
    return parts
