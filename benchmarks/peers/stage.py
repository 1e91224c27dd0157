"""Where all peers are measured: the mock in a process of its own, PostgreSQL for ours, one client process a run."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.request import Request, urlopen

import msgspec

from benchmarks.peers import ours
from benchmarks.peers.client import Cost
from benchmarks.peers.mock import DESTINATION, SOURCE, Report, Setting
from benchmarks.processes import server_cpu
from p2c.database.embedded import EmbeddedPostgres

LONGEST = 3_600
"""Seconds that one run may take."""


class Sample(msgspec.Struct):
    """
    One run of one peer. `postgres` are the CPU seconds that PostgreSQL took meanwhile; `void` says why it does not
    count: the mock received something else than it was to receive.
    """

    peer: str
    cost: Cost
    postgres: float
    report: Report
    void: str = ""


class Stage:
    """The mock and PostgreSQL, running."""

    def __init__(self, postgres: EmbeddedPostgres | None = None) -> None:
        self._leaving = ExitStack()
        self._numbers = count(1)
        self._postgres = postgres

    def __enter__(self) -> Self:
        if self._postgres is None:
            folder = tempfile.TemporaryDirectory(prefix="p2c-bench-", ignore_cleanup_errors=True)
            self._postgres = EmbeddedPostgres(Path(self._leaving.enter_context(folder)))
            self._leaving.callback(self._postgres.stop)
        words = [sys.executable, "-m", "benchmarks.peers.mock"]
        mock = self._leaving.enter_context(subprocess.Popen(words, stdout=subprocess.PIPE, text=True))
        self._leaving.callback(mock.kill)
        assert mock.stdout is not None
        self.url = mock.stdout.readline().strip()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leaving.close()

    def database(self) -> str:
        """A new integrator's database that knows the mock as source and destination."""
        assert self._postgres is not None
        url = self._postgres.url(f"bench_{os.getpid()}_{next(self._numbers)}")
        ours.set_up(url, self.url + SOURCE, self.url + DESTINATION)
        return url

    def run(
        self, peer: str, setting: Setting, *, database: str = "", expected: int | None = None, all_data: bool = False
    ) -> Sample:
        """
        One run of a peer against the mock with this setting; `expected` rows are to arrive, all unless told.

        `database` is ours, with what it remembers of earlier runs, a new one unless told; `all_data` makes ours read
        everything again.
        """
        self.begin(setting)
        variables = {ours.ALL_DATA: str(int(all_data)), ours.MAY_REJECT: str(int(bool(setting.bad)))}
        if peer == "ours":
            variables[ours.DATABASE] = database or self.database()
        words = [sys.executable, "-m", "benchmarks.peers.client", peer, self.url + SOURCE, self.url + DESTINATION]
        before = self._postgres_cpu()
        ended = subprocess.run(
            words,
            env={**os.environ, **variables},
            capture_output=True,
            timeout=LONGEST,
            check=False,
        )
        postgres = self._postgres_cpu() - before
        report = self.report()
        if ended.returncode:
            told = ended.stderr.decode(errors="replace").strip().splitlines() or [f"exit code {ended.returncode}"]
            return Sample(peer, Cost(0, 0, 0), postgres, report, told[-1])
        cost = msgspec.json.decode(ended.stdout.splitlines()[-1], type=Cost)
        return Sample(peer, cost, postgres, report, trouble(report, setting.rows if expected is None else expected))

    def report(self) -> Report:
        """What the mock received since the last run began."""
        with urlopen(f"{self.url}/report") as answer:
            return msgspec.json.decode(answer.read(), type=Report)

    def begin(self, setting: Setting) -> None:
        """Let the mock behave so, and count from nothing."""
        with urlopen(Request(f"{self.url}/begin", msgspec.json.encode(setting))):
            pass

    def _postgres_cpu(self) -> float:
        pid = self._postgres.pid if self._postgres is not None else None
        return server_cpu(pid) if pid is not None and Path("/proc/self/stat").exists() else 0.0


def trouble(report: Report, expected: int) -> str:
    """Why a run is void, empty when it is not: each expected row is to arrive once, as the source had it."""
    if report.accepted != expected:
        return f"{report.accepted:,} of {expected:,} rows arrived"
    if report.times != expected:
        return f"{report.times - expected:,} rows arrived more than once"
    return report.wrong[0] if report.wrong else ""
