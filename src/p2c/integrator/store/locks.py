"""Locks between processes, kept by PostgreSQL for as long as their connection lives."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from p2c.database.connect import translated

_TRY = text("SELECT pg_try_advisory_lock(:key)")
_RELEASE = text("SELECT pg_advisory_unlock(:key)")


@contextmanager
def advisory_lock(engine: Engine, name: str) -> Iterator[bool]:
    """Whether the lock was free; if so it is held until the end. A process that dies lets go of it."""
    key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
    with translated():
        connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    with connection:
        with translated():
            free = bool(connection.execute(_TRY, {"key": key}).scalar_one())
        try:
            yield free
        finally:
            # A lock whose connection was lost is free already, and what was done under it has not failed by that.
            with suppress(DBAPIError):
                if free:
                    connection.execute(_RELEASE, {"key": key})
