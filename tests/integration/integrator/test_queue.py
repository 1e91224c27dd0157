"""The queue of jobs, and the schedules that fill it: every time is taken once, on whichever machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from procrastinate.schema import SchemaManager
from sqlalchemy import Connection, Engine, text

from p2c.database.connect import open_database
from p2c.errors import ConfigurationError, RetryError, StopError
from p2c.integrator.connections import OrganizationMapping
from p2c.integrator.default_setup import default_setup
from p2c.integrator.jobs import Queue, RunOrder
from p2c.integrator.jobs.backoff import FIRST_SECONDS, LONGEST_SECONDS, MOST_ATTEMPTS, wait_seconds
from p2c.integrator.jobs.schema import SEARCH_PATH
from p2c.integrator.outcome import Cause, Status
from p2c.integrator.schedule import Cron, Every, PauseRules, Schedule, Unit, parse_start
from p2c.integrator.store import Store
from p2c.integrator.store.runs import ProjectIsRunningError

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
EVERY_5 = Schedule(Every(5, Unit.MINUTES, parse_start("2026-01-01 00:00")), PauseRules(errors=3))
ACCOUNTS = RunOrder(projects=("accounts",), started_by="ann")


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
    urls = {name: f"http://{name}.example/" for name in ("sales", "operations", "commondata")}
    default_setup(store, urls, [OrganizationMapping("czmf", "ORG1", "Brno")])
    return store


@pytest.fixture
def queue(engine: Engine, store: Store) -> Queue:
    """The queue in the same database."""
    return Queue(engine)


def plan(store: Store, project: str, schedule: Schedule | None) -> None:
    """Give a project a schedule, or take it away."""
    store.save_projects([replace(store.project(project), schedule=schedule)])


def ticks(store: Store, queue: Queue, now: datetime) -> list[str]:
    """What a worker's look finds due."""
    store.settle_schedules(now)
    return store.take_due(now, lambda connection, project: put(queue, connection, project))


def put(queue: Queue, connection: Connection, project: str) -> None:
    """Queue a scheduled run."""
    queue.add_run(connection, RunOrder(projects=(project,), started_by="schedule"))


def test_a_schedule_is_kept_with_its_project(store: Store) -> None:
    schedule = Schedule(Cron("0 6 * * 1-5", "Europe/Prague"), PauseRules(rejected=10))
    plan(store, "accounts", schedule)
    assert store.project("accounts").schedule == schedule
    assert store.project("quotes").schedule is None


def test_a_time_is_due_when_it_has_come_and_taken_once(store: Store, queue: Queue) -> None:
    plan(store, "accounts", EVERY_5)
    assert ticks(store, queue, NOON + MINUTE) == []
    assert ticks(store, queue, NOON + 4 * MINUTE) == []
    assert ticks(store, queue, NOON + 5 * MINUTE) == ["accounts"]
    assert ticks(store, queue, NOON + 5 * MINUTE) == []
    (waiting,) = queue.jobs()
    assert (waiting.status, waiting.args["projects"], waiting.args["started_by"]) == ("todo", ["accounts"], "schedule")


def test_times_that_were_missed_are_made_up_for_once(store: Store, queue: Queue) -> None:
    """The machine was off for two days."""
    plan(store, "accounts", EVERY_5)
    ticks(store, queue, NOON)
    assert ticks(store, queue, NOON + timedelta(days=2, minutes=2)) == ["accounts"]
    assert ticks(store, queue, NOON + timedelta(days=2, minutes=3)) == []
    assert ticks(store, queue, NOON + timedelta(days=2, minutes=5)) == ["accounts"]


def test_a_clock_that_is_moved_back_a_little_runs_nothing_twice(store: Store, queue: Queue) -> None:
    plan(store, "accounts", EVERY_5)
    ticks(store, queue, NOON)
    assert ticks(store, queue, NOON + 5 * MINUTE) == ["accounts"]
    moved = [ticks(store, queue, NOON + number * MINUTE) for number in (3, 4, 5, 6, 7, 8, 9)]
    assert moved == [[]] * 7
    assert ticks(store, queue, NOON + 10 * MINUTE) == ["accounts"]


def test_a_clock_that_is_moved_back_far_does_not_stop_a_schedule(store: Store, queue: Queue) -> None:
    """An hour back; from the second time on, by the clock as it is now."""
    plan(store, "accounts", EVERY_5)
    ticks(store, queue, NOON)
    assert ticks(store, queue, NOON + 5 * MINUTE) == ["accounts"]
    hour_ago = NOON - 60 * MINUTE
    due = [number for number in range(21) if ticks(store, queue, hour_ago + number * MINUTE)]
    assert due == [10, 15, 20]


def test_a_daily_run_is_not_made_twice_by_a_clock_that_is_moved_back_over_it(store: Store, queue: Queue) -> None:
    plan(store, "accounts", Schedule(Every(1, Unit.DAYS, parse_start("2026-01-01 12:00"))))
    ticks(store, queue, NOON - MINUTE)
    assert ticks(store, queue, NOON + MINUTE) == ["accounts"]
    assert [ticks(store, queue, NOON + number * MINUTE) for number in range(-60, 60)] == [[]] * 120
    assert ticks(store, queue, NOON + timedelta(days=1)) == ["accounts"]


def test_two_workers_take_a_time_once(engine: Engine, store: Store, queue: Queue) -> None:
    """The second looks while the first has not committed yet."""
    plan(store, "accounts", EVERY_5)
    ticks(store, queue, NOON)
    other, seen = Store(engine), list[list[str]]()

    def meanwhile(connection: Connection, project: str) -> None:
        put(queue, connection, project)
        seen.append(other.take_due(NOON + 5 * MINUTE, lambda connection, project: None))

    assert store.take_due(NOON + 5 * MINUTE, meanwhile) == ["accounts"]
    assert seen == [[]]
    assert len(queue.jobs()) == 1


def test_a_time_whose_job_could_not_be_queued_stays_due(store: Store, queue: Queue) -> None:
    plan(store, "accounts", EVERY_5)
    ticks(store, queue, NOON)

    def breaks(connection: Connection, project: str) -> None:
        put(queue, connection, project)
        raise StopError("no space")

    with pytest.raises(StopError):
        store.take_due(NOON + 5 * MINUTE, breaks)
    assert queue.jobs() == []
    assert ticks(store, queue, NOON + 6 * MINUTE) == ["accounts"]


def test_a_changed_schedule_counts_from_now(store: Store, queue: Queue) -> None:
    plan(store, "accounts", EVERY_5)
    ticks(store, queue, NOON)
    plan(store, "accounts", Schedule(Cron("0 18 * * *")))
    assert ticks(store, queue, NOON + 30 * MINUTE) == []
    assert store.scheduled("accounts")[0].next_at == NOON.replace(hour=18)


def test_a_schedule_that_is_taken_away_runs_nothing_and_begins_anew(store: Store, queue: Queue) -> None:
    plan(store, "accounts", EVERY_5)
    ticks(store, queue, NOON)
    plan(store, "accounts", None)
    assert ticks(store, queue, NOON + 5 * MINUTE) == []
    assert store.scheduled() == []
    with pytest.raises(ConfigurationError, match="has no schedule"):
        store.scheduled("accounts")
    plan(store, "accounts", EVERY_5)
    assert ticks(store, queue, NOON + 60 * MINUTE) == []


def test_a_paused_project_waits_and_does_not_catch_up_when_resumed(store: Store, queue: Queue) -> None:
    plan(store, "accounts", EVERY_5)
    ticks(store, queue, NOON)
    store.pause("accounts", NOON, "end of year")
    store.pause("accounts", NOON + MINUTE, "another reason")
    assert ticks(store, queue, NOON + 15 * MINUTE) == []
    (paused,) = store.scheduled()
    assert (paused.paused_at, paused.paused_because) == (NOON, "end of year")
    store.resume("accounts", NOON + 31 * MINUTE)
    (resumed,) = store.scheduled()
    assert (resumed.paused_at, resumed.paused_because, resumed.next_at) == (None, "", NOON + 35 * MINUTE)
    assert ticks(store, queue, NOON + 32 * MINUTE) == []


def test_a_project_waits_once_however_often_it_is_queued(store: Store, queue: Queue) -> None:
    first = queue.enqueue(ACCOUNTS)
    assert queue.enqueue(ACCOUNTS) is None
    assert queue.enqueue(RunOrder(projects=("quotes",), started_by="ann")) is not None
    assert queue.jobs()[0].id == first


def test_the_tables_of_an_older_version_are_brought_up_to_date(engine: Engine, store: Store) -> None:
    """A database as the version before the last two migrations left it; what waits stays."""
    steps = sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))
    with engine.begin() as connection:
        connection.execute(text("CREATE SCHEMA jobs"))
        connection.execute(text("SET LOCAL search_path TO jobs, public"))
        connection.execute(text("CREATE TABLE migration (name text PRIMARY KEY)"))
        for step in steps[:-2]:
            connection.connection.cursor().execute(step.read_text("utf-8"))
            connection.execute(text("INSERT INTO migration VALUES (:name)"), {"name": step.name})
        connection.execute(text("INSERT INTO procrastinate_jobs (queue_name, task_name) VALUES ('default', 'run')"))
    assert retrying_functions(engine) == {"procrastinate_retry_job_v1"}
    queue = Queue(engine)
    assert retrying_functions(engine) == {"procrastinate_retry_job_v1", "procrastinate_retry_job_v2"}
    assert [job.status for job in queue.jobs()] == ["todo"]
    assert queue.enqueue(ACCOUNTS) is not None


def retrying_functions(engine: Engine) -> set[str]:
    """The last migrations bring the second one."""
    names = text("SELECT proname FROM pg_proc WHERE pronamespace = 'jobs'::regnamespace AND proname LIKE '%retry_job%'")
    with engine.begin() as connection:
        return set(connection.execute(names).scalars())


def test_the_queue_has_a_schema_of_its_own(engine: Engine, queue: Queue) -> None:
    tables = text("SELECT DISTINCT schemaname FROM pg_tables WHERE tablename LIKE 'procrastinate%'")
    with engine.begin() as connection:
        assert list(connection.execute(tables).scalars()) == ["jobs"]


def test_how_a_run_ended_is_kept_for_each_project(store: Store) -> None:
    """Errors in a row are counted, and begin anew with success."""

    def end(error: str = "", cause: Cause = Cause.NONE) -> tuple[Status | None, int, int | None]:
        run = store.begin_run(["accounts"], "schedule", False, NOON)
        store.finish_run(run.id, NOON + MINUTE, error=error, cause=cause)
        (state,) = store.scheduled("accounts")
        return state.status, state.errors_in_a_row, (state.last_run or 0) - run.id

    plan(store, "accounts", EVERY_5)
    assert end("away", Cause.AWAY) == (Status.ERROR, 1, 0)
    assert end("refused") == (Status.ERROR, 2, 0)
    assert end("interrupted", Cause.INTERRUPTED) == (Status.ERROR, 2, -1)
    assert end() == (Status.COMPLETED, 0, 0)
    assert store.scheduled("accounts")[0].last_success_at == NOON + MINUTE


def test_what_may_pass_is_tried_again_later_and_later() -> None:
    waits = [wait_seconds(RetryError("away"), attempts) for attempts in range(MOST_ATTEMPTS + 1)]
    assert waits == [15, 30, 60, 120, 240, 480, LONGEST_SECONDS, LONGEST_SECONDS, None]
    assert wait_seconds(RetryError("slow down", after=77), 0) == 77 > FIRST_SECONDS
    assert wait_seconds(StopError("no"), 0) is None
    assert wait_seconds(ProjectIsRunningError("busy"), 1000) == 10


def in_queue(engine: Engine, statement: str) -> object:
    """The first value that a statement on the queue's tables gives, or nothing."""
    with engine.begin() as connection:
        connection.execute(text(f"SET LOCAL search_path TO {SEARCH_PATH}"))
        result = connection.execute(text(statement))
        return result.scalar_one() if result.returns_rows else None


def test_a_clock_that_is_moved_back_lets_no_job_wait_for_it(queue: Queue, engine: Engine) -> None:
    """A job that is tried again, and the last beat of a worker that died, as they look after an hour back."""
    queue.enqueue(ACCOUNTS)
    in_queue(engine, "UPDATE procrastinate_jobs SET scheduled_at = now() + interval '61 minutes'")
    in_queue(engine, "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() + interval '1 hour')")
    queue.keep_to_the_clock()
    (job,) = queue.jobs()
    assert job.next_at is not None
    assert job.next_at <= datetime.now(UTC)
    assert in_queue(engine, "SELECT last_heartbeat <= now() FROM procrastinate_workers") is True


def test_a_job_that_is_tried_again_soon_keeps_its_time(queue: Queue, engine: Engine) -> None:
    queue.enqueue(ACCOUNTS)
    in_queue(engine, "UPDATE procrastinate_jobs SET scheduled_at = now() + interval '10 minutes'")
    before = queue.jobs()
    queue.keep_to_the_clock()
    assert queue.jobs() == before
