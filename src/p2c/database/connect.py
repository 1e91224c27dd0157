"""Opens databases, and turns what the driver says into what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL, Engine, create_engine
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from p2c.errors import ConfigurationError, RetryError, StopError

POOL_SIZE = 10
POOL_OVERFLOW = 10
CONNECT_SECONDS = 5
_CANCELLED = "57014"
_WAY_OUT = "give postgresql://user:password@host:port/database, with special characters percent-encoded"


class TooLongError(StopError):
    """A statement took longer than its session's bound; again would take as long."""


def open_database(url: str, *, pool_size: int = POOL_SIZE) -> Engine:
    """
    A connection pool for a PostgreSQL URL (`postgresql://user@host/database`), tried once.

    Raises:
        ConfigurationError: The URL is not PostgreSQL's, or nobody answers there.
    """
    scheme, _, rest = url.partition("://")
    if scheme not in ("postgresql", "postgres", "postgresql+psycopg"):
        raise ConfigurationError("the database URL is none of PostgreSQL's", way_out=_WAY_OUT)
    try:
        engine = create_engine(
            f"postgresql+psycopg://{rest}",
            pool_size=pool_size,
            max_overflow=POOL_OVERFLOW,
            pool_pre_ping=False,
            connect_args={"connect_timeout": CONNECT_SECONDS, "options": "-c timezone=UTC"},
        )
    except (ArgumentError, ValueError):
        # Not chained: the library's words quote the URL, and with it the password.
        raise ConfigurationError("the database URL cannot be read", way_out=_WAY_OUT) from None
    try:
        with engine.connect():
            pass
    except OperationalError as error:
        raise ConfigurationError(
            f"the database does not answer ({first_line(error)})",
            where=_shown(engine.url),
            way_out="start it, or mend the URL",
        ) from error
    return engine


def _shown(url: URL) -> str:
    """Where a database is: server and name, without user, password and parameters."""
    port = f":{url.port}" if url.port else ""
    name = "" if "@" in (url.database or "") else f"/{url.database or ''}"
    return f"PostgreSQL at {url.host or 'this machine'}{port}{name}"


@contextmanager
def translated() -> Iterator[None]:
    """Turn lost connections and serialization trouble into RetryError, a bound that was met into TooLongError; the
    rest passes."""
    try:
        yield
    except PoolTimeoutError as error:
        raise RetryError("all database connections are busy", way_out="try again", after=1) from error
    except DBAPIError as error:
        state = getattr(error.orig, "sqlstate", None) or ""
        if state == _CANCELLED:
            raise TooLongError("the query took too long and was ended", way_out="ask for less at a time") from error
        if error.connection_invalidated or isinstance(error, OperationalError) or state[:2] in ("40", "08", "57"):
            raise RetryError(
                f"the database could not finish ({first_line(error)})", way_out="try again", after=1
            ) from error
        raise


def first_line(error: DBAPIError) -> str:
    """What the driver says, on one line."""
    return str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else type(error.orig).__name__
