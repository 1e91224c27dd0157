"""Measures 20,000 accounts from Sales through the Common Data Service to Operations: `make bench`.

Services and PostgreSQL run over a temporary directory, the integrator in a process of its own, so that its memory
and CPU can be told apart. `--profile` says where the integrator's time goes, `--write` puts the table into
docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import os
import platform
import pstats
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing, nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from benchmarks.processes import cpu, server_cpu
from p2c.database.connect import open_database
from p2c.integrator.connections import OrganizationMapping
from p2c.integrator.engine import run_projects
from p2c.integrator.outcome import LegRun, Run, Status
from p2c.integrator.store import Store
from p2c.sample_companies import ORGANIZATION_MAPPING
from p2c.sample_rows import SEED, SampleSet
from p2c.settings import ENVIRONMENTS, Service, read_settings
from p2c.wiring.collecting import collect_rarely
from p2c.wiring.databases import Databases
from p2c.wiring.sample import load_sets, master_data
from p2c.wiring.setup import set_up
from p2c.wiring.supervisor import RunningServices

ROWS = 20_000
TARGET = 6_000
PROJECT = "accounts"
PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"
PARTS = """\
The parts have pages of their own:

- [beside other programs](benchmarks-peers.md): dlt, Singer, Microsoft's client, scripts, and the floor
- [a leg carried by two](benchmarks-divided.md): what a second worker gives on two cores
- [comparing both sides](benchmarks-reconcile.md): memory and speed of `p2c reconcile`
- [the services](benchmarks-services.md): pages and bulk writes of one service
- [data packages](benchmarks-packages.md): many rows to Operations, by package and by `$batch`
"""
"""The other pages, named at the top of this one."""
_DATABASE = "P2C_BENCH_DATABASE_URL"
_CHANGED = 1_000
_SHOWN_GROUPS = 15
_MEGABYTE = 1024 * 1024


class Measured(msgspec.Struct):
    """One run: legs as (title, rows read, rows written, seconds), wall and CPU seconds, peak memory in bytes."""

    name: str
    legs: list[tuple[str, int, int, float]]
    wall: float
    cpu: float
    memory: int
    services: dict[str, float] = {}
    profile: list[tuple[str, float]] = []


class Silent:
    """Watches a run without a word."""

    def leg_started(self, leg: LegRun) -> None:
        """Nothing to show."""

    def leg_expects(self, leg: LegRun, rows: int) -> None:
        """Nothing to show."""

    def leg_noticed(self, leg: LegRun, what: str) -> None:
        """Nothing to show."""

    def leg_advanced(self, leg: LegRun) -> None:
        """Nothing to show."""

    def leg_finished(self, leg: LegRun) -> None:
        """Nothing to show."""


def main() -> None:
    """Parse the options, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--profile", action="store_true", help="send all once more, and show where the time goes")
    parser.add_argument("--write", action="store_true", help=f"write the table to {PAGE.name}")
    parser.add_argument("--worker", choices=["all", "changed", "again"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        work(options.worker, profile=options.profile)
    else:
        measure(options.rows, profile=options.profile, write=options.write)


def measure(rows: int, *, profile: bool, write: bool) -> None:
    """Load, run three times, and print a table."""
    with tempfile.TemporaryDirectory(prefix="p2c-bench-") as directory:
        own = replace(read_settings({}, Path(directory)), ports=dict.fromkeys(Service, 0))
        databases = Databases()
        with RunningServices(own, ENVIRONMENTS, seed=False) as running, closing(databases):
            databases.open(own, [Service.INTEGRATOR])
            database = databases.urls[Service.INTEGRATOR]
            store = Store(open_database(database))
            set_up(store, own, [OrganizationMapping(*names) for names in ORGANIZATION_MAPPING])
            print("loading setup", flush=True)
            for service in ENVIRONMENTS:
                asyncio.run(load_sets(service, running.urls[service], setup_sets(service), silent))
            began = time.monotonic()
            sales = running.urls[Service.SALES]
            asyncio.run(load_sets(Service.SALES, sales, [accounts(rows)], silent))
            loading = time.monotonic() - began
            print(f"loaded {rows:,} accounts in {loading:.1f} s ({rows / loading:,.0f} rows/s)", flush=True)
            runs = [_run(running, database, "first run", "all")]
            runs.append(_run(running, database, "all data again, unchanged", "all"))
            asyncio.run(load_sets(Service.SALES, sales, [accounts(_CHANGED, changed=True)], silent))
            runs.append(_run(running, database, f"{_CHANGED:,} changed", "changed"))
            profiled = _run(running, database, "all sent again", "again", profile=True) if profile else None
    lines = _table(rows, loading, runs)
    if profiled is not None:
        lines += _profile_table(profiled)
    table = "\n".join(lines)
    print(table)
    if write:
        PAGE.write_text(
            f"# Benchmarks\n\n{PARTS}\n"
            f"`python -m benchmarks.accounts --profile --write` measures this; {machine()}, "
            f"{datetime.now(UTC):%Y-%m-%d}.\n\n{table}\n"
        )


def accounts(rows: int, *, changed: bool = False) -> SampleSet:
    """Accounts of one company with 40 filled columns each; `changed` ones have another phone number."""
    model = next(s for s in master_data(Service.SALES, SEED) if s.entity_set == "accounts").rows[0]
    shared = {
        **{name: value for name, value in model.items() if name not in ("accountid", "accountnumber")},
        "telephone2": "+420 222 333 444",
        "fax": "+420 222 333 445",
        "revenue": 125_000_000,
        "creditlimit": 250_000,
        "industrycode": 1,
        "ownershipcode": 2,
        "paymenttermscode": 1,
        "donotemail": False,
        "donotphone": False,
        "donotfax": True,
        "creditonhold": False,
        "sic": "4690",
        "tickersymbol": "PTC",
        "stockexchange": "PSE",
        "address1_name": "Sídlo",
        "address1_line2": "2. patro",
        "address1_county": "Praha 1",
        "address1_telephone1": "+420 222 333 446",
        "address2_name": "Sklad",
        "address2_line1": "Skladová 14",
        "address2_line2": "brána 3",
        "address2_city": "Kolín",
        "address2_stateorprovince": "STC",
        "address2_postalcode": "280 02",
        "address2_country": "CZ",
        "address2_telephone1": "+420 321 333 447",
    }
    return SampleSet(
        "accounts",
        ("accountid",),
        [
            {
                **shared,
                "accountid": f"00000000-0000-4000-8000-{number:012x}",
                "accountnumber": f"BENCH-{number:06}",
                "name": f"Železářství Přerov {number} s.r.o.",
                "description": f"Zákazník číslo {number}",
                "emailaddress1": f"objednavky@zakaznik{number}.example",
                "websiteurl": f"https://zakaznik{number}.example",
                "telephone1": f"+420 {700_000_000 + number + (rows if changed else 0)}",
                "numberofemployees": number % 5_000,
                "address1_line1": f"Nádražní {number}",
            }
            for number in range(rows)
        ],
    )


def work(what: str, *, profile: bool) -> None:
    """The integrator's process: one run, its measurements as JSON on standard output."""
    collect_rarely()
    store = Store(open_database(os.environ[_DATABASE]))
    profiler = cProfile.Profile()
    before = os.times()
    began = time.monotonic()
    with profiler if profile else nullcontext():
        run = asyncio.run(
            run_projects(
                store,
                [store.project(PROJECT)],
                all_data=what != "changed",
                again=what == "again",
                started_by="benchmark",
                watcher=Silent(),
            )
        )
    wall, after = time.monotonic() - began, os.times()
    if run.status is not Status.COMPLETED:
        sys.exit(f"the run did not deliver all: {run.status.value} {run.error} {run.counts}")
    measured = Measured(
        name=what,
        legs=_legs(run),
        wall=wall,
        cpu=after.user - before.user + after.system - before.system,
        memory=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024),
        profile=_grouped(profiler) if profile else [],
    )
    sys.stdout.write(msgspec.json.encode(measured).decode())


def _grouped(profiler: cProfile.Profile) -> list[tuple[str, float]]:
    """Seconds by module of ours or by library; what C functions take counts for the module that calls them."""
    groups: dict[str, float] = defaultdict(float)
    entries = pstats.Stats(profiler).stats.items()  # type: ignore[attr-defined]
    for (file, _line, name), (_calls, _all_calls, own, _cumulative, callers) in entries:
        if file != "~":
            groups[_group(file)] += own
        elif "epoll" in name or "select" in name:
            groups["waiting for the services"] += own
        else:
            for (caller, *_where), (*_counts, its, _with_callees) in callers.items():
                groups[_group(caller)] += its
    return sorted(groups.items(), key=lambda item: -item[1])[:_SHOWN_GROUPS]


def _group(file: str) -> str:
    parts = Path(file).parts
    if "p2c" in parts:
        return "/".join(parts[len(parts) - 1 - parts[::-1].index("p2c") :])
    if "site-packages" in parts:
        return parts[parts.index("site-packages") + 1].removesuffix(".py")
    return Path(file).parent.name if "asyncio" in parts else "Python's library"


def _legs(run: Run) -> list[tuple[str, int, int, float]]:
    return [(f"{leg.source} → {leg.destination}", leg.counts.read, leg.writes, leg.seconds) for leg in run.legs]


def _run(running: RunningServices, database: str, name: str, what: str, *, profile: bool = False) -> Measured:
    before = service_cpu(running)
    ended = subprocess.run(
        [sys.executable, "-m", "benchmarks.accounts", "--worker", what, *(["--profile"] if profile else [])],
        env={**os.environ, _DATABASE: database},
        stdout=subprocess.PIPE,
        check=False,
    )
    if ended.returncode:
        sys.exit(ended.returncode)
    measured = msgspec.json.decode(ended.stdout, type=Measured)
    measured.name = name
    after = service_cpu(running)
    measured.services = {service: after[service] - before[service] for service in after}
    return measured


def setup_sets(service: Service) -> list[SampleSet]:
    return [item for item in master_data(service, SEED) if item.entity_set not in ("accounts", "contacts")]


def _table(rows: int, loading: float, runs: Sequence[Measured]) -> list[str]:
    first = runs[0]
    lines = [
        f"{rows:,} accounts with 40 filled columns from Sales through the Common Data Service to Operations:",
        f"**{rows / first.wall:,.0f} rows/s end to end**, integrator {first.memory / _MEGABYTE:.0f} MB at most.",
        f"Loading them into Sales through its API: {rows / loading:,.0f} rows/s.",
        "",
        "| run | leg | rows read | rows sent | seconds | rows/s |",
        "| --- | --- | ---: | ---: | ---: | ---: |",
    ]
    for run in runs:
        for title, read, sent, seconds in run.legs:
            rate = f"{read / seconds:,.0f}" if seconds else ""
            lines.append(f"| {run.name} | {title} | {read:,} | {sent:,} | {seconds:.1f} | {rate} |")
        read = max(leg[1] for leg in run.legs)
        lines.append(f"| {run.name} | **both legs** | {read:,} | | {run.wall:.1f} | **{read / run.wall:,.0f}** |")
    names = list(first.services)
    lines += [
        "",
        "CPU seconds of each process, and the integrator's peak memory:",
        "",
        f"| run | integrator | {' | '.join(names)} | peak MB |",
        f"| --- | ---: | {' | '.join('---:' for _ in names)} | ---: |",
    ]
    for run in runs:
        used = " | ".join(f"{run.services[name]:.1f}" for name in names)
        lines.append(f"| {run.name} | {run.cpu:.1f} | {used} | {run.memory / _MEGABYTE:.0f} |")
    return [*lines, "", *_verdict(rows, first)]


def _verdict(rows: int, first: Measured) -> list[str]:
    """Whether the target is reached, and what the processors alone would allow."""
    cpu = first.cpu + sum(first.services.values())
    reached = "is reached" if rows / first.wall >= TARGET else "is not reached"
    shares = {"the integrator": first.cpu, **first.services}
    told = ", ".join(f"{name} {used / cpu:.0%}" for name, used in shares.items())
    return [
        f"The target of {TARGET:,} rows/s end to end {reached}. A row of the first run takes",
        f"{cpu / rows * 1e6:.0f} µs of processor time in all processes together: two cores that do nothing else",
        f"carry {rows / cpu * 2:,.0f} rows/s at most, and less as far as the processes wait for one another.",
        f"Of that time takes {told}.",
        "The services read bodies, apply rules and store; the integrator maps, digests and writes bodies. One leg runs",
        "after the other: what would change it are legs that overlap, and services of several processes.",
    ]


def _profile_table(run: Measured) -> list[str]:
    return [
        "",
        "Where the integrator's time goes when all rows are sent once more (cProfile, which about doubles what",
        "our own code takes). The services work meanwhile: on two cores they and PostgreSQL are the larger part.",
        "",
        "| module or library | seconds |",
        "| --- | ---: |",
        *(f"| {name} | {seconds:.2f} |" for name, seconds in run.profile),
    ]


def service_cpu(running: RunningServices) -> dict[str, float]:
    """CPU seconds so far of each service and of all PostgreSQL processes together; empty without /proc."""
    if not Path("/proc/self/stat").exists():
        return {}
    found = {service.title: cpu(pid) for service, pid in running.pids.items()}
    server = running.postgres_pid
    if server is not None:
        found["PostgreSQL"] = server_cpu(server)
    return found


def silent(done: int) -> None:
    """Loading is not watched."""


def machine() -> str:
    return f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()} {platform.machine()}"


if __name__ == "__main__":
    main()
