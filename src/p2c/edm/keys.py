"""Row identifiers that sort by time, so that new rows stand together in the index."""

from __future__ import annotations

import secrets
from datetime import datetime
from uuid import UUID

_VERSION = 0x7 << 76
_VARIANT = 0x2 << 62


def new_guid(now: datetime) -> UUID:
    """A GUID of version 7 (RFC 9562): 48 bits of milliseconds, the rest random."""
    milliseconds = int(now.timestamp() * 1000) & 0xFFFF_FFFF_FFFF
    random_a = secrets.randbits(12) << 64
    random_b = secrets.randbits(62)
    return UUID(int=milliseconds << 80 | _VERSION | random_a | _VARIANT | random_b)
