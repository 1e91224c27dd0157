"""The integrator itself: a project with one direct leg, all state kept in its PostgreSQL."""

from __future__ import annotations

import asyncio
import os

from benchmarks.accounts import Silent
from benchmarks.peers.world import COLUMNS, KEY
from p2c.database.connect import open_database
from p2c.integrator.connections import Connection, ConnectionSet
from p2c.integrator.engine import run_projects
from p2c.integrator.mapping.template import End, FieldMap, Leg, SourceField, Task
from p2c.integrator.outcome import Run, Status
from p2c.integrator.projects import Project
from p2c.integrator.store import Store
from p2c.wiring.collecting import collect_rarely

DATABASE = "P2C_BENCH_DATABASE_URL"
ALL_DATA = "P2C_BENCH_ALL_DATA"
MAY_REJECT = "P2C_BENCH_MAY_REJECT"
PROJECT = "accounts"


def set_up(database: str, source: str, destination: str) -> None:
    """Connections, their set and the project, in an empty database."""
    engine = open_database(database)
    connections = [Connection("source", "sales", source), Connection("destination", "commondata", destination)]
    leg = Leg(
        source=End("sales", "accounts", (KEY,)),
        destination=End("commondata", "accounts", (KEY,)),
        where=(),
        fields=tuple(FieldMap(name, (SourceField(name),)) for name in COLUMNS),
    )
    project = Project(
        name=PROJECT,
        label="Accounts",
        template=PROJECT,
        template_version=1,
        connection_set=PROJECT,
        tasks=(Task("Accounts", (leg,)),),
    )
    ends = ConnectionSet(PROJECT, {"sales": "source", "commondata": "destination"})
    Store(engine).change([*connections, ends, project])
    engine.dispose()


def move(source: str, destination: str) -> None:
    """One run; the database knows both ends. Objects are looked through as rarely as `p2c run` does it."""
    collect_rarely()
    engine = open_database(os.environ[DATABASE])
    try:
        store = Store(engine)
        all_data = os.environ.get(ALL_DATA) == "1"
        run = asyncio.run(
            run_projects(store, [store.project(PROJECT)], all_data=all_data, started_by="benchmark", watcher=Silent())
        )
    finally:
        engine.dispose()
    check(run, may_reject=os.environ.get(MAY_REJECT) == "1")


def check(run: Run, *, may_reject: bool) -> None:
    """End the process where the run did not deliver all that it could."""
    if run.status is not Status.COMPLETED and not (may_reject and run.status is Status.WARNING):
        raise SystemExit(f"the run did not deliver all: {run.status.value} {run.error} {run.counts}")
