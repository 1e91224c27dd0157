"""Measures a leg of many accounts, from Sales to the Common Data Service, carried by one process and by two.

`python -m benchmarks.divided --write` writes docs/benchmarks-divided.md. All rows are sent at every run; the first run,
which creates them, is not counted. Services and PostgreSQL run beside the integrator on the same cores.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from sqlalchemy import text

from benchmarks.accounts import Silent, accounts, machine, service_cpu, setup_sets, silent
from benchmarks.processes import cpu
from p2c.database.connect import open_database
from p2c.integrator.connections import OrganizationMapping
from p2c.integrator.engine import Helper, Sharing, run_projects
from p2c.integrator.jobs import Queue
from p2c.integrator.outcome import Status
from p2c.integrator.store import Store
from p2c.sample_companies import ORGANIZATION_MAPPING
from p2c.settings import ENVIRONMENTS, Service, read_settings
from p2c.wiring.collecting import collect_rarely
from p2c.wiring.databases import Databases
from p2c.wiring.sample import load_sets
from p2c.wiring.setup import set_up
from p2c.wiring.supervisor import RunningServices

ROWS = 100_000
PARTS = 10
PROJECT = "accounts"
PAGE = Path(__file__).parent.parent / "docs" / "benchmarks-divided.md"
_DATABASE = "P2C_BENCH_DATABASE_URL"
_LOOK = 0.2


class Measured(msgspec.Struct):
    """One run: wall and CPU seconds, those of the services and of the helper, and rows by worker."""

    wall: float
    cpu: float
    rows: dict[str, int]
    helper: float = 0.0
    services: float = 0.0


def main() -> None:
    """Parse the options, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--rounds", type=int, default=3, help="pairs of runs")
    parser.add_argument("--write", action="store_true", help=f"write the table to {PAGE.name}")
    parser.add_argument("--worker", choices=["own", "help"], help=argparse.SUPPRESS)
    parser.add_argument("--part-rows", type=int, default=0, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        collect_rarely()
        asyncio.run(_own(options.part_rows) if options.worker == "own" else _help())
    else:
        measure(options.rows, options.rounds, write=options.write)


def measure(rows: int, rounds: int, *, write: bool) -> None:
    """Load, run alone and with help in turns, and print a table."""
    with tempfile.TemporaryDirectory(prefix="p2c-bench-") as directory:
        own = replace(read_settings({}, Path(directory)), ports=dict.fromkeys(Service, 0))
        databases = Databases()
        with RunningServices(own, ENVIRONMENTS, seed=False) as running, closing(databases):
            databases.open(own, [Service.INTEGRATOR])
            database = databases.urls[Service.INTEGRATOR]
            _prepare(database, own, running, rows)
            _run(running, database, 0)
            measured = [(_run(running, database, 0), _run(running, database, rows // PARTS)) for _ in range(rounds)]
    table = "\n".join(_table(rows, measured))
    print(table)
    if write:
        PAGE.write_text(
            "# Benchmarks: a leg carried by two\n\n"
            f"`python -m benchmarks.divided --write` measures this; {machine()}, {datetime.now(UTC):%Y-%m-%d}.\n\n"
            f"{table}\n"
        )


def _prepare(database: str, own: object, running: RunningServices, rows: int) -> None:
    """Accounts in Sales, a project of one leg, and a worker that seems to listen."""
    engine = open_database(database)
    store = Store(engine)
    set_up(store, own, [OrganizationMapping(*names) for names in ORGANIZATION_MAPPING])  # type: ignore[arg-type]
    project = store.project(PROJECT)
    (task,) = project.tasks
    store.save_projects([replace(project, tasks=(replace(task, legs=task.legs[:1]),))])
    Queue(engine)
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO jobs.procrastinate_workers (last_heartbeat) VALUES (now() + interval '1 day')")
        )
    for service in ENVIRONMENTS:
        asyncio.run(load_sets(service, running.urls[service], setup_sets(service), silent))
    asyncio.run(load_sets(Service.SALES, running.urls[Service.SALES], [accounts(rows)], silent))
    engine.dispose()


def _run(running: RunningServices, database: str, part_rows: int) -> Measured:
    """One run in a process of its own; with `part_rows` it is divided, and another process helps."""
    words = [sys.executable, "-m", "benchmarks.divided", "--part-rows", str(part_rows), "--worker"]
    environment = {**os.environ, _DATABASE: database}
    before = sum(service_cpu(running).values())
    helper = subprocess.Popen([*words, "help"], env=environment, stdout=subprocess.PIPE) if part_rows else None
    at_start = 0.0
    if helper is not None and helper.stdout is not None:
        # Its start is not what is measured: it says when it is ready.
        helper.stdout.readline()
        at_start = cpu(helper.pid)
    ended = subprocess.run([*words, "own"], env=environment, stdout=subprocess.PIPE, check=True)
    measured = msgspec.json.decode(ended.stdout, type=Measured)
    if helper is not None:
        measured.helper = cpu(helper.pid) - at_start
        helper.terminate()
        helper.wait()
    measured.services = sum(service_cpu(running).values()) - before
    print(measured, flush=True)
    return measured


async def _own(part_rows: int) -> None:
    store = Store(open_database(os.environ[_DATABASE]))
    sharing = Sharing(part_rows=part_rows, look=_LOOK) if part_rows else None
    before, began = os.times(), time.monotonic()
    run = await run_projects(
        store,
        [store.project(PROJECT)],
        all_data=True,
        again=True,
        started_by="benchmark",
        watcher=Silent(),
        sharing=sharing,
    )
    wall, after = time.monotonic() - began, os.times()
    if run.status is not Status.COMPLETED:
        sys.exit(f"the run did not deliver all: {run.status.value} {run.error} {run.counts}")
    (leg,) = store.run(run.id).legs
    rows = {carried.worker: carried.rows for carried in leg.carried_by}
    used = after.user - before.user + after.system - before.system
    sys.stdout.write(msgspec.json.encode(Measured(wall, used, rows)).decode())


async def _help() -> None:
    helper = Helper(Store(open_database(os.environ[_DATABASE])), None, Sharing())
    print("ready", flush=True)
    while True:
        await helper.help()
        await asyncio.sleep(_LOOK)


def _table(rows: int, measured: Sequence[tuple[Measured, Measured]]) -> list[str]:
    lines = [
        f"{rows:,} accounts, all sent again; with two processes in {PARTS} parts.",
        "",
        "| carried by | seconds | rows/s | CPU owner | CPU helper | CPU services and PostgreSQL |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for pair in measured:
        for name, one in zip(("one", "two"), pair, strict=True):
            lines.append(
                f"| {name} | {one.wall:.1f} | {rows / one.wall:,.0f} | {one.cpu:.1f} | {one.helper:.1f} "
                f"| {one.services:.1f} |"
            )
    return [*lines, "", *_verdict(rows, measured)]


def _verdict(rows: int, measured: Sequence[tuple[Measured, Measured]]) -> list[str]:
    """What the processor time says: walls are those of a machine that may have other things to do."""
    alone = sum(one.cpu for one, _ in measured)
    owner, helper = sum(two.cpu for _, two in measured), sum(two.helper for _, two in measured)
    most = max(owner, helper)
    return [
        f"The busier of two processes takes {most / alone:.0%} of the processor time of one alone, both together "
        f"{(owner + helper) / alone:.0%}:",
        f"where a core is the narrow place, {rows * len(measured) / alone:,.0f} rows/s by one process become "
        f"{rows * len(measured) / most:,.0f} by two on two cores of their own.",
        "Here the services and PostgreSQL want twice as much as the integrator, on the same two cores: what dividing",
        "saves is lost in the noise of the machine. What it gives on more machines follows from processor time only;",
        "it was not measured, and no environment takes more than it grants to one user.",
    ]


if __name__ == "__main__":
    main()
