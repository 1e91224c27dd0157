"""Old history is forgotten, but for what is still needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from p2c.database.connect import open_database
from p2c.integrator.jobs import Queue, RunOrder
from p2c.integrator.outcome import Counts, Disposition, Fate, LegKey, Progress, Rejection, RejectionStatus, RowState
from p2c.integrator.store import Store
from p2c.integrator.store.history import BATCH, Forgotten

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
LEG = LegKey("accounts", "Accounts - Account - Customers", 1)
OTHER = LegKey("quotes", "QuoteHeader", 1)
BEFORE = NOW - timedelta(days=45)


@pytest.fixture
def engine(database_url: Callable[[str], str]) -> Iterator[Engine]:
    """An empty database."""
    engine = open_database(database_url("integrator"))
    yield engine
    engine.dispose()


@pytest.fixture
def store(engine: Engine) -> Store:
    """A store in a database of its own."""
    return Store(engine)


def a_run(store: Store, days_ago: int, leg: LegKey = LEG, rejected: str = "", closed: str = "") -> int:
    """A run so many days ago, that rejects one source row or delivers one that waited; its number."""
    at = NOW - timedelta(days=days_ago)
    run = store.begin_run([leg.project], "schedule", False, at)
    number = store.begin_leg(run.id, leg, "sales.accounts", "commondata.Accounts")
    counts = Counts(read=int(rejected != ""), rejected=int(rejected != ""))
    rejections = [_rejection(leg, rejected)] if rejected else []
    store.commit_batch(
        number,
        leg,
        run.id,
        states=[],
        progress=Progress(counts),
        rejections=rejections,
        delivered=[closed] if closed else [],
    )
    store.finish_leg(number, Progress(counts))
    store.finish_run(run.id, at)
    return run.id


def test_deliveries_that_were_over_by_then_are_forgotten(store: Store) -> None:
    run = store.begin_run([LEG.project], "schedule", False, NOW - timedelta(days=60))
    leg_run = store.begin_leg(run.id, LEG, "sales.accounts", "commondata.Accounts")
    states = [RowState(name, name, "czmf", b"", name, Disposition.DELIVERED, delivered_run=run.id) for name in "ab"]
    store.commit_batch(leg_run, LEG, run.id, states=states, progress=Progress(Counts(read=2, created=2)))
    old, young = a_run(store, 50), a_run(store, 1)
    store.forget(LEG, ["a"], run=old, fate=Fate.REMOVED)
    store.forget(LEG, ["b"], run=young, fate=Fate.REMOVED)

    assert store.forget_history(BEFORE).deliveries == 1
    assert store.former_deliveries(LEG, "a") == []
    (kept_one,) = store.former_deliveries(LEG, "b")
    assert (kept_one.run, kept_one.started_at, kept_one.ended_by) == (run.id, None, "schedule")


def _rejection(leg: LegKey, source_id: str) -> Rejection:
    return Rejection(
        project=leg.project,
        task=leg.task,
        leg=leg.leg,
        source_id=source_id,
        key=source_id,
        company="czmf",
        code="TEXT-TOO-LONG",
        field="name",
        value="x",
        reason="x",
        way_out="x",
        payload={},
    )


def kept(store: Store) -> list[int]:
    """The runs that are remembered, oldest first."""
    return sorted(run.id for run in store.runs(10_000))


def test_runs_beyond_the_days_are_forgotten_with_their_legs(store: Store, engine: Engine) -> None:
    for days in (80, 60, 46):
        a_run(store, days)
    young = [a_run(store, 45), a_run(store, 1)]
    assert store.forget_history(BEFORE) == Forgotten(3, 0)
    assert kept(store) == young
    with engine.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM leg_run")).scalar_one() == 2
    assert store.forget_history(BEFORE) == Forgotten(0, 0)


def test_the_last_run_of_a_leg_stays_however_old(store: Store) -> None:
    a_run(store, 90)
    last = [a_run(store, 80), a_run(store, 70, OTHER)]
    store.forget_history(BEFORE)
    assert kept(store) == last


def test_a_run_that_has_not_ended_stays(store: Store) -> None:
    running = store.begin_run(["accounts"], "schedule", False, NOW - timedelta(days=90)).id
    store.begin_leg(running, LEG, "sales.accounts", "commondata.Accounts")
    a_run(store, 1, OTHER)
    store.forget_history(BEFORE)
    assert running in kept(store)


def test_what_waits_keeps_the_runs_that_it_names(store: Store) -> None:
    first = a_run(store, 90, rejected="a1")
    a_run(store, 80)
    again = a_run(store, 70, rejected="a1")
    last = a_run(store, 60)
    store.forget_history(BEFORE)
    assert kept(store) == [first, again, last]
    assert [(item.first_run, item.last_run) for item in store.rejections()] == [(first, again)]


def test_closed_rejections_go_and_dismissed_ones_stay(store: Store) -> None:
    a_run(store, 90, rejected="a1")
    a_run(store, 80, closed="a1")
    a_run(store, 70, rejected="a2")
    store.dismiss([item.id for item in store.rejections()])
    a_run(store, 20, rejected="a3")
    a_run(store, 10, closed="a3")
    assert store.forget_history(BEFORE).rejections == 1
    left = {item.source_id: item.status for item in store.rejections(status=None)}
    assert left == {"a2": RejectionStatus.DISMISSED, "a3": RejectionStatus.CLOSED}


def test_more_than_a_batch_is_forgotten_at_once(store: Store, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO run (projects, started_at, finished_at, started_by, all_data, status, error) "
                "SELECT '{accounts}', :at, :at, 'schedule', false, 'completed', '' FROM generate_series(1, :number)"
            ),
            {"at": NOW - timedelta(days=90), "number": 2 * BATCH + 5},
        )
    assert store.forget_history(BEFORE).runs == 2 * BATCH + 5


def test_jobs_that_were_given_up_long_ago_are_forgotten(store: Store, engine: Engine) -> None:
    queue = Queue(engine)
    for project in ("accounts", "contacts", "quotes"):
        number = queue.enqueue(RunOrder(projects=(project,), started_by="ann"))
        assert number is not None
        queue.note_trouble(number, "no")
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL search_path TO jobs"))
        connection.execute(
            text("UPDATE jobs.procrastinate_jobs SET status = 'failed' WHERE args::text ~ 'accounts|quotes'")
        )
        connection.execute(
            text(
                "UPDATE jobs.procrastinate_events SET at = :old "
                "WHERE job_id IN (SELECT id FROM jobs.procrastinate_jobs WHERE args::text ~ 'accounts|contacts')"
            ),
            {"old": NOW - timedelta(days=90)},
        )
    queue.forget(BEFORE)
    assert [(job.args["projects"], job.reason) for job in queue.jobs()] == [(["contacts"], "no"), (["quotes"], "no")]
    with engine.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM job_trouble")).scalar_one() == 2
