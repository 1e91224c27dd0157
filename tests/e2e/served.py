"""The command `p2c serve` as a user starts it: a process of its own, ended by a signal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from p2c.settings import SERVICES, Service

ANY_PORTS = [f"--port-{service.value}=0" for service in Service]


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


class Serving:
    """`p2c serve` over a directory, ready when this exists; `urls` by service name as it printed them."""

    def __init__(self, data: Path, *words: str) -> None:
        self._process = subprocess.Popen(
            [*_P2C, "serve", *words, *ANY_PORTS, "--data", str(data)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "P2C_LANGUAGE": "en"},
        )
        assert self._process.stdout is not None
        self.urls: dict[str, str] = {}
        names = {service.title: service for service in Service}
        wanted = len([word for word in words if not word.startswith("-")]) or len(SERVICES)
        first = self._process.stdout.readline()
        assert first.startswith("Ready."), first + self._end(signal.SIGTERM).err
        while len(self.urls) < wanted:
            name, _, url = self._process.stdout.readline().strip().rpartition(" ")
            self.urls[names[name.strip()].value] = url

    @property
    def pid(self) -> int:
        """The supervisor's process id."""
        return self._process.pid

    def end(self, number: signal.Signals = signal.SIGTERM) -> Ended:
        """Send a signal and wait for the end."""
        return self._end(number)

    def wait(self) -> Ended:
        """Wait until it ends by itself."""
        out, err = self._process.communicate(timeout=30)
        return Ended(self._process.returncode, out, err)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._end(signal.SIGTERM)
        for stream in (self._process.stdout, self._process.stderr):
            if stream is not None:
                stream.close()

    def _end(self, number: signal.Signals) -> Ended:
        if self._process.poll() is None:
            self._process.send_signal(number)
        return self.wait()


_P2C = [sys.executable, "-m", "p2c.cli.main"]


def run_p2c(words: Sequence[str], environment: Mapping[str, str] | None = None) -> Ended:
    """A command from start to end."""
    done = subprocess.run(
        [*_P2C, *words],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "P2C_LANGUAGE": "en", **(environment or {})},
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def processes_of(data: Path) -> list[str]:
    """Command lines of processes over a data directory."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if str(data) in line:
            found.append(line)
    return found


def children_of(parent: int) -> dict[str, int]:
    """Process ids of a supervisor's services by name."""
    found: dict[str, int] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
            line = (path.parent / "cmdline").read_bytes().decode().split("\0")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == parent and "p2c.wiring.child" in line:
            found[line[line.index("p2c.wiring.child") + 1]] = int(path.parent.name)
    return found
