"""Processes that are killed and started again: services, workers, runs by hand, and PostgreSQL with its backends."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import Random

import psycopg

from p2c.database.embedded import EmbeddedPostgres, is_running
from p2c.settings import LOOPBACK, Service
from p2c.wiring.agreement import DATABASE_URL
from p2c.wiring.guard import GUARD

PATIENCE = 240.0
"""Seconds after which what must happen is given up. Operations takes a job of a data package for dead after 120."""
LOOK = 0.1


class TooLateError(AssertionError):
    """Something that must happen did not: the process is stuck, or what is asked for never comes."""


def wait_until(condition: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
    """Ask again and again until it is so."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TooLateError(f"{what} did not happen within {seconds:.0f} seconds")
        time.sleep(LOOK)


class Process:
    """A command that is started, killed and started again; what it says is added to `log`."""

    def __init__(self, words: Sequence[str], log: Path, environment: Mapping[str, str]) -> None:
        self.log = log
        self._words = words
        self._environment = {**os.environ, "P2C_LANGUAGE": "en", **environment}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    @property
    def code(self) -> int | None:
        """The exit code of the last one; None while it runs."""
        return self._process.poll() if self._process is not None else None

    def start(self) -> None:
        """Start it, unless it runs."""
        if not self.alive:
            self._start(self._words)

    def _start(self, words: Sequence[str], handles: Sequence[int] = ()) -> None:
        self._close()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", *words],
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                pass_fds=handles,
            )

    def kill(self) -> None:
        """kill -9."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def end(self) -> None:
        """Kill it, and let go of it."""
        self.kill()
        self._close()

    def _close(self) -> None:
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()


class ServiceProcess(Process):
    """A service as `p2c serve` runs it, at one port for ever; refuses connections while it is dead."""

    def __init__(self, service: Service, database: str, log: Path, words: Sequence[str] = ()) -> None:
        with socket.create_server((LOOPBACK, 0)) as probe:
            self._port = int(probe.getsockname()[1])
        self.origin = f"http://{LOOPBACK}:{self._port}"
        self.url = self.origin + service.base_path
        environment = {DATABASE_URL: database, "P2C_SERVICE_SEED": "1", GUARD: json.dumps({"faults": True})}
        super().__init__(words or ("p2c.wiring.child", service.value), log, environment)

    def start(self) -> None:
        """Start it, unless it runs; it answers soon."""
        if self.alive:
            return
        with socket.create_server((LOOPBACK, self._port), backlog=128) as listener:
            self._start([*self._words, str(listener.fileno())], [listener.fileno()])

    @property
    def answers(self) -> bool:
        """Whether it is healthy."""
        try:
            with urllib.request.urlopen(f"{self.origin}/health", timeout=2) as answer:
                return int(answer.status) == 200
        except (urllib.error.URLError, OSError):
            return False

    def faults(self, *rules: Mapping[str, object]) -> None:
        """Switch faults: these, and no others."""
        request = urllib.request.Request(f"{self.origin}/faults", json.dumps(rules).encode(), method="POST")
        with urllib.request.urlopen(request, timeout=10):
            pass


class Postgres:
    """A PostgreSQL server that keeps what it has committed, though it does not wait for the disk: it is killed, not
    the machine."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._server = EmbeddedPostgres(directory)
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            for setting in ("fsync", "full_page_writes"):
                connection.execute(f"ALTER SYSTEM SET {setting} = off")
            connection.execute("SELECT pg_reload_conf()")

    def url(self, database: str) -> str:
        """The URL of a database, made at its first use; it stays the same when the server is started again."""
        return self._server.url(database)

    @property
    def answers(self) -> bool:
        """Whether it takes connections."""
        try:
            with psycopg.connect(self._server.url("postgres"), connect_timeout=2):
                return True
        except psycopg.OperationalError:
            return False

    def kill(self) -> None:
        """kill -9 of the server; its backends end when they notice."""
        pid = self._server.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not is_running(pid), "the end of PostgreSQL")

    def kill_backend(self, draw: Random) -> None:
        """kill -9 of one that serves a connection: the server ends all others and recovers."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            rows = connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() "
                "ORDER BY pid"
            ).fetchall()
        if rows:
            os.kill(draw.choice(rows)[0], signal.SIGKILL)

    def start(self) -> None:
        """Start it again after its death."""
        self._server = EmbeddedPostgres(self._directory)

    def end(self) -> None:
        """Stop it in order."""
        self._server.stop()
