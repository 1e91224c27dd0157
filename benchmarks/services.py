"""Measures what one service costs: pages of 5,000 rows and UpsertMultiple, on Sales over PostgreSQL.

The service and PostgreSQL run in processes of their own; their CPU seconds are read from /proc. Each number is the
median of five samples. `--write` puts the tables into docs/benchmarks-services.md.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

import msgspec

from benchmarks.accounts import accounts, machine, service_cpu, setup_sets, silent
from p2c.settings import Service, read_settings
from p2c.wiring.sample import load_sets
from p2c.wiring.supervisor import RunningServices

SAMPLES = 5
ROWS = 20_000
ROUNDS = 2
"""How often one sample reads all pages: CPU seconds are counted in hundredths."""
PAGE_ROWS = 5_000
CALL_ROWS = 500
CALLS = 10
PAGE_TARGET, UPSERT_TARGET = 100_000, 10_000
PAGE = Path(__file__).parent.parent / "docs" / "benchmarks-services.md"
_ANNOTATED = 'odata.include-annotations="*"'
_ACTION = "accounts/Microsoft.Dynamics.CRM.UpsertMultiple"


@dataclass(frozen=True, slots=True)
class Sample:
    """One measurement: rows, wall seconds, and CPU seconds of the service and of PostgreSQL."""

    rows: int
    wall: float
    service: float
    database: float

    @property
    def per_core(self) -> float:
        """Rows a CPU second of both together."""
        return self.rows / (self.service + self.database)


@dataclass(frozen=True, slots=True)
class Kind:
    """What is measured: its name, the target in rows/s (0: none), and its samples."""

    name: str
    target: int
    samples: Sequence[Sample]

    def of(self, value: Callable[[Sample], float]) -> float:
        """The median over the samples."""
        return median(map(value, self.samples))


class Client:
    """One connection to Sales that does not look at what it reads."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._base = parts.path
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port)

    def send(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> bytes:
        """The body of an answer that must be a good one; `path` is below the service root, or absolute."""
        target = path[path.index(self._base) :] if "://" in path else self._base + path
        kind = {"Content-Type": "application/json"} if body is not None else {}
        self._connection.request(method, target, body, {**kind, **(headers or {})})
        response = self._connection.getresponse()
        content = response.read()
        if response.status >= 300:
            raise SystemExit(f"{method} {path} answered {response.status}: {content[:500]!r}")
        return content

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def main() -> None:
    """Parse the options, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--write", action="store_true", help=f"write the tables to {PAGE.name}")
    options = parser.parse_args()
    kinds = measure(options.rows)
    text = "\n".join(_table(kinds))
    print(text)
    if options.write:
        PAGE.write_text(f"{_HEAD.format(machine=machine(), day=datetime.now(UTC))}\n{text}\n", "utf-8")


def measure(rows: int) -> list[Kind]:
    """All measurements, on a Sales with so many accounts."""
    with tempfile.TemporaryDirectory(prefix="p2c-bench-") as directory:
        own = replace(read_settings({}, Path(directory)), ports=dict.fromkeys(Service, 0))
        with RunningServices(own, [Service.SALES], seed=False) as running:
            url = running.urls[Service.SALES]
            print(f"loading {rows:,} accounts", flush=True)
            asyncio.run(load_sets(Service.SALES, url, setup_sets(Service.SALES), silent))
            asyncio.run(load_sets(Service.SALES, url, [accounts(rows)], silent))
            client = Client(url)
            try:
                return [*_pages(running, client, rows), *_upserts(running, client)]
            finally:
                client.close()


def _pages(running: RunningServices, client: Client, rows: int) -> list[Kind]:
    filled = [name for name in accounts(1).rows[0] if not name.endswith("@odata.bind")]
    kinds = []
    for annotated in (False, True):
        for columns in (filled[:10], filled[:40], []):
            shown = f"{len(columns)} columns" if columns else "all columns"
            name = f"page of {PAGE_ROWS:,} rows, {shown}, {'all' if annotated else 'no'} annotations"
            print(name, flush=True)
            query = f"accounts?$select={','.join(columns)}" if columns else "accounts"
            prefer = f"odata.maxpagesize={PAGE_ROWS}" + (f",{_ANNOTATED}" if annotated else "")
            samples = [
                _sample(running, rows * ROUNDS, lambda q=query, p=prefer: _read(client, q, p))  # type: ignore[misc]
                for _ in range(SAMPLES)
            ]
            kinds.append(Kind(name, 0 if annotated else PAGE_TARGET, samples))
    return kinds


def _read(client: Client, query: str, prefer: str) -> None:
    for _ in range(ROUNDS):
        path = query
        while path:
            tail = client.send("GET", path, headers={"Prefer": prefer})[-4096:]
            _, found, link = tail.rpartition(b'"@odata.nextLink":')
            path = msgspec.json.decode(link.removesuffix(b"}"), type=str) if found else ""


def _upserts(running: RunningServices, client: Client) -> list[Kind]:
    kinds = []
    for columns in (10, 40):
        bodies = [[_body(sample, call, columns) for call in range(CALLS)] for sample in range(SAMPLES)]
        # A service ends connections that were silent for seconds; making bodies may take as long.
        client.close()
        for what in ("create", "update"):
            name = f"UpsertMultiple of {CALL_ROWS} accounts, {columns} columns, {what}"
            print(name, flush=True)
            samples = [
                _sample(running, CALLS * CALL_ROWS, lambda calls=calls: _write(client, calls))  # type: ignore[misc]
                for calls in bodies
            ]
            kinds.append(Kind(name, UPSERT_TARGET, samples))
    return kinds


def _body(sample: int, call: int, columns: int) -> bytes:
    """Accounts of their own for every call, by their numbers."""
    targets = []
    for number, row in enumerate(accounts(CALL_ROWS).rows):
        values = dict([item for item in row.items() if item[0] not in ("accountid", "accountnumber")][:columns])
        key = f"{columns}-{sample}-{call}-{number}"
        targets.append(
            {
                **values,
                "@odata.type": "Microsoft.Dynamics.CRM.account",
                "@odata.id": f"accounts(accountnumber='{key}')",
                "name": f"Account {key}",
            }
        )
    return msgspec.json.encode({"Targets": targets})


def _write(client: Client, calls: Sequence[bytes]) -> None:
    for body in calls:
        client.send("POST", _ACTION, body)


def _sample(running: RunningServices, rows: int, work: Callable[[], None]) -> Sample:
    before, began = service_cpu(running), time.monotonic()
    work()
    wall, after = time.monotonic() - began, service_cpu(running)
    used = {name: after[name] - before[name] for name in after}
    return Sample(rows, wall, used[Service.SALES.title], used["PostgreSQL"])


_HEAD = """# Benchmarks: the services

`python -m benchmarks.services --write` measures this; {machine}, {day:%Y-%m-%d}.
Sales over the embedded PostgreSQL, by HTTP, one client. Each number is the median of five samples. "Rows/s per core"
are rows a CPU second of the service and PostgreSQL together.

Where the time goes (cProfile): without annotations PostgreSQL makes the JSON of each row (`row_to_json`, most of its
time), and the service takes the texts from the driver, joins and sends them; both grow with the bytes of a row: some
300 with 10 columns, 1,400 with 40. Pages of 100,000 rows/s a core are reached with 10 columns; with 40 PostgreSQL
alone takes about what the target allows for all, so JSON made outside of it, from typed columns, would have to be
cheaper than its own. Annotations are made by the service, which has to read each row's JSON and write it anew. An
UpsertMultiple spends about a fifth on reading the body and the addresses of its rows, a quarter on the rules of
accounts, and the rest on finding, checking and storing rows for all of them at once; an update also reads the whole
stored row, which the rules compare with.
"""


def _table(kinds: Sequence[Kind]) -> list[str]:
    lines = [
        "| what | rows/s | rows/s per core | target | reached | CPU µs a row: service | CPU µs a row: PostgreSQL |",
        "| --- | ---: | ---: | ---: | --- | ---: | ---: |",
    ]
    for kind in kinds:
        target = f"{kind.target:,}" if kind.target else ""
        service = kind.of(lambda sample: sample.service / sample.rows * 1e6)
        database = kind.of(lambda sample: sample.database / sample.rows * 1e6)
        rate, per_core = kind.of(lambda sample: sample.rows / sample.wall), kind.of(lambda sample: sample.per_core)
        reached = ("yes" if per_core >= kind.target else "no") if kind.target else ""
        speed = f"{rate:,.0f} | {per_core:,.0f} | {target} | {reached}"
        lines.append(f"| {kind.name} | {speed} | {service:.1f} | {database:.1f} |")
    return lines


if __name__ == "__main__":
    main()
