"""The integrator in numbers: they are right, and only grow where they must."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine

from p2c.database.connect import open_database
from p2c.integrator.default_setup import default_setup
from p2c.integrator.jobs import Queue, RunOrder
from p2c.integrator.metrics import metrics_text
from p2c.integrator.outcome import Cause, Counts, LegKey, Progress
from p2c.integrator.schedule import Cron, Schedule
from p2c.integrator.store import Store
from p2c.settings import Service
from p2c.wiring.integrator_api import build_integrator
from tests.lab.served import Served

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
LEG = LegKey("accounts", "Accounts - Account - Customers", 1)
COUNTS = Counts(read=10, created=4, updated=3, unchanged=2, skipped=1, deleted=5)


@pytest.fixture
def engine(database_url: Callable[[str], str]) -> Iterator[Engine]:
    """An empty database."""
    engine = open_database(database_url("integrator"))
    yield engine
    engine.dispose()


@pytest.fixture
def store(engine: Engine) -> Store:
    """A store with the shipped projects."""
    store = Store(engine)
    default_setup(store, {name: f"http://{name}.example/" for name in ("sales", "operations", "commondata")}, ())
    return store


def end_run(store: Store, counts: Counts = COUNTS, error: str = "", cause: Cause = Cause.NONE) -> None:
    """A run of accounts that ends so."""
    run = store.begin_run(["accounts"], "ann", False, NOW)
    leg = store.begin_leg(run.id, LEG, "sales.accounts", "commondata.Accounts")
    store.finish_leg(leg, Progress(counts, waited=1.5), error=error)
    store.finish_run(run.id, NOW, error=error, cause=cause)


def figures(text: bytes) -> dict[tuple[str, ...], float]:
    """Values by metric and labels, but for those that are 0."""
    families = text_string_to_metric_families(text.decode())
    return {
        (sample.name, *(value for name, value in sorted(sample.labels.items(), key=_project_first))): sample.value
        for family in families
        for sample in family.samples
        if sample.value
    }


def _project_first(label: tuple[str, str]) -> bool:
    return label[0] != "project"


def test_runs_and_rows_are_counted_by_project(store: Store, engine: Engine) -> None:
    end_run(store)
    end_run(store, Counts(read=2, created=1, rejected=1))
    end_run(store, Counts(read=1, created=1), "sales does not answer", Cause.AWAY)
    end_run(store, Counts(), "ended by Ctrl-C", Cause.INTERRUPTED)
    assert figures(metrics_text(store, Queue(engine))) == {
        ("p2c_runs_total", "accounts", "completed"): 1,
        ("p2c_runs_total", "accounts", "warning"): 1,
        ("p2c_runs_total", "accounts", "error"): 2,
        ("p2c_rows_total", "accounts", "created"): 6,
        ("p2c_rows_total", "accounts", "updated"): 3,
        ("p2c_rows_total", "accounts", "unchanged"): 2,
        ("p2c_rows_total", "accounts", "skipped"): 1,
        ("p2c_rows_total", "accounts", "rejected"): 1,
        ("p2c_deleted_rows_total", "accounts"): 5,
        ("p2c_waited_seconds_total", "accounts"): 6,
        ("p2c_last_success_timestamp_seconds", "accounts"): NOW.timestamp(),
    }


def test_a_run_whose_process_died_counts_once_the_next_begins(store: Store, engine: Engine) -> None:
    run = store.begin_run(["accounts"], "ann", False, NOW)
    leg = store.begin_leg(run.id, LEG, "sales.accounts", "commondata.Accounts")
    store.commit_batch(leg, LEG, run.id, states=[], progress=Progress(COUNTS))
    assert ("p2c_runs_total", "accounts", "error") not in figures(metrics_text(store, Queue(engine)))
    end_run(store, Counts())
    found = figures(metrics_text(store, Queue(engine)))
    assert (found["p2c_runs_total", "accounts", "error"], found["p2c_rows_total", "accounts", "created"]) == (1, 4)


def test_counters_do_not_shrink_when_history_is_forgotten(store: Store, engine: Engine) -> None:
    end_run(store)
    end_run(store)
    before = metrics_text(store, Queue(engine))
    assert store.forget_history(NOW + timedelta(days=1)).runs == 1
    assert metrics_text(store, Queue(engine)) == before


def test_what_waits_and_what_is_paused_is_shown(store: Store, engine: Engine) -> None:
    queue = Queue(engine)
    queue.enqueue(RunOrder(projects=("accounts",), started_by="ann"))
    store.save_projects([replace(store.project("quotes"), schedule=Schedule(Cron("* * * * *")))])
    store.pause("quotes", NOW, "by hand")
    assert figures(metrics_text(store, queue)) == {("p2c_jobs", "todo"): 1, ("p2c_project_paused", "quotes"): 1}


def test_prometheus_gets_them_from_the_service(engine: Engine, store: Store) -> None:
    end_run(store)
    served = Served(Service.INTEGRATOR, build_integrator(store, Queue(engine)))
    served.start()
    try:
        with urllib.request.urlopen(f"{served.url}metrics", timeout=10) as answer:
            kind, text = answer.headers["Content-Type"], answer.read()
    finally:
        served.stop()
    assert kind.startswith("text/plain; version=")
    assert figures(text)["p2c_runs_total", "accounts", "completed"] == 1
