"""Keys of rows: identifiers that sort by time, and texts that are one key whatever the case of their letters."""

from __future__ import annotations

import secrets
from datetime import datetime
from uuid import UUID

from p2c.edm.values import Value

_VERSION = 0x7 << 76
_VARIANT = 0x2 << 62
_LOW = (1 << 62) - 1


def new_guid(now: datetime) -> UUID:
    """A GUID of version 7 (RFC 9562): 48 bits of milliseconds, the rest random."""
    milliseconds = int(now.timestamp() * 1000) & 0xFFFF_FFFF_FFFF
    random = secrets.randbits(74)
    random_a, random_b = random >> 62 << 64, random & _LOW
    return UUID(int=milliseconds << 80 | _VERSION | random_a | _VARIANT | random_b)


def folded(values: tuple[Value, ...]) -> tuple[Value, ...]:
    """A key in the one spelling that all its spellings share: texts in lower case."""
    return tuple([value.lower() if isinstance(value, str) else value for value in values])
