"""Workers take runs from the queue: each once, however workers end, and whatever stays away meanwhile."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from p2c.database.vault import Vault
from p2c.integrator.engine import Sharing
from p2c.integrator.jobs import Queue, RunOrder, Timing, WaitingJob, Worker
from p2c.integrator.outcome import Cause, Run, Status
from p2c.integrator.schedule import Every, Schedule, Unit, parse_start
from tests.lab import Company, Lab, found
from tests.scenarios.trade import account

CZECH = Company("czmf", "ORG001", "Moravská obchodní", "CZK")
QUICK = Timing(heartbeat=0.2, dead_after=1, look=0.1, again=0.1)
ROWS = 3000
SECONDS = 60
ORDER = RunOrder(projects=("accounts",), started_by="ann")


@pytest.fixture(scope="module")
def founded(lab: Lab) -> Lab:
    found(lab, CZECH)
    return lab


@pytest.fixture
def queue(founded: Lab) -> Iterator[Queue]:
    """An empty queue."""
    queue = Queue(founded.engine)
    yield queue
    with founded.engine.begin() as connection:
        connection.execute(text("TRUNCATE jobs.procrastinate_jobs, jobs.procrastinate_workers CASCADE"))


def work(lab: Lab, until: Callable[[], bool], *sharing: Sharing) -> None:
    """A worker in this process works until something is so; with `sharing` one for each."""
    workers = [Worker(lab.engine, Vault({}), timing=QUICK, sharing=item) for item in sharing or (None,)]

    async def working() -> None:
        tasks = [asyncio.create_task(worker.work()) for worker in workers]
        try:
            async with asyncio.timeout(SECONDS):
                while not await asyncio.to_thread(until):
                    assert not any(task.done() for task in tasks), "a worker ended by itself"
        finally:
            for task in tasks:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    asyncio.run(working())


@contextmanager
def another_machine(lab: Lab, data: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """`p2c worker` in a process of its own, ready when this is entered; its log is `data/log`."""
    url = lab.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with (
        (data / "log").open("w") as log,
        subprocess.Popen(
            [sys.executable, "-m", "p2c.cli.main", "worker", "--data", str(data), *words],
            env={**os.environ, "P2C_LANGUAGE": "en", "P2C_INTEGRATOR_DATABASE_URL": url},
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as process,
    ):
        assert process.stdout is not None
        try:
            assert process.stdout.readline().startswith("Ready")
            yield process
        finally:
            process.kill()


def newest(lab: Lab) -> Run:
    """The newest run."""
    (run,) = lab.store.runs(1)
    return run


def last_number(lab: Lab) -> int:
    """The number of the newest run; 0 where there is none."""
    return max((run.id for run in lab.store.runs(1)), default=0)


def under_way(lab: Lab) -> bool:
    """Whether a run is in the middle of its rows."""
    return any(run.status is Status.RUNNING and run.counts.read for run in lab.store.runs(1))


def wait_for(condition: Callable[[], bool]) -> None:
    """Ask until it is so."""
    deadline = datetime.now(UTC) + timedelta(seconds=SECONDS)
    while not condition():
        assert datetime.now(UTC) < deadline


def the_job(queue: Queue) -> WaitingJob:
    """The only job."""
    (job,) = queue.jobs()
    return job


def enter(lab: Lab, prefix: str, number: int) -> None:
    """New accounts in Sales."""
    lab.load("sales", "accounts", [account(CZECH, f"{prefix}-{place:05}") for place in range(number)])


def delivered(lab: Lab, prefix: str) -> list[str]:
    """The customers in Operations that they have become."""
    rows = lab.rows("operations", "CustomersV2", f"startswith(CustomerAccount,'{prefix}-')", "CustomerAccount")
    return sorted(str(row["CustomerAccount"]) for row in rows)


def test_a_queued_run_is_made_and_says_who_asked_for_it(founded: Lab, queue: Queue) -> None:
    enter(founded, "QUEUED", 3)
    queue.enqueue(ORDER)
    work(founded, lambda: not queue.jobs())
    run = newest(founded)
    assert (run.started_by, run.status, run.projects) == ("ann", Status.COMPLETED, ("accounts",))
    assert len(delivered(founded, "QUEUED")) == 3


def test_a_schedule_runs_its_project(founded: Lab, queue: Queue) -> None:
    """Its time came while no worker was there."""
    before = last_number(founded)
    schedule = Schedule(Every(1, Unit.DAYS, parse_start("2026-01-01 06:00")))
    project = founded.store.project("accounts")
    founded.store.save_projects([replace(project, schedule=schedule)])
    founded.store.settle_schedules(datetime.now(UTC) - timedelta(days=3))
    work(founded, lambda: last_number(founded) > before and not queue.jobs())
    founded.store.save_projects([project])
    assert (newest(founded).id, newest(founded).started_by) == (before + 1, "schedule")


def test_a_worker_that_is_killed_in_the_middle_of_a_run_is_replaced(founded: Lab, queue: Queue, tmp_path: Path) -> None:
    """Another takes its job up; no row is lost, none doubled, and the counts are right."""
    enter(founded, "KILLED", ROWS)
    queue.enqueue(ORDER)
    with another_machine(founded, tmp_path) as killed:
        wait_for(lambda: under_way(founded))
        killed.send_signal(signal.SIGKILL)
        killed.wait()
    broken = newest(founded)
    assert broken.status is Status.RUNNING
    assert the_job(queue).status == "doing"

    work(founded, lambda: not queue.jobs())

    broken, run = founded.store.run(broken.id), newest(founded)
    assert run.id == broken.id + 1
    assert (broken.status, broken.cause) == (Status.ERROR, Cause.INTERRUPTED)
    assert (run.status, run.started_by) == (Status.COMPLETED, "ann")
    assert all(leg.counts.adds_up for leg in (*broken.legs, *run.legs))
    assert [(leg.counts.read, leg.counts.rejected) for leg in run.legs] == [(ROWS, 0)] * 2
    # What the killed run recorded as delivered is not written again.
    assert run.legs[0].counts.unchanged == broken.legs[0].counts.created
    assert delivered(founded, "KILLED") == [f"KILLED-{place:05}" for place in range(ROWS)]


def test_a_worker_that_is_told_to_end_puts_its_job_back(founded: Lab, queue: Queue) -> None:
    enter(founded, "ENDED", ROWS)
    queue.enqueue(ORDER)
    work(founded, lambda: under_way(founded))
    broken = newest(founded)
    assert (broken.status, broken.cause) == (Status.ERROR, Cause.INTERRUPTED)
    assert the_job(queue).status == "todo"
    work(founded, lambda: not queue.jobs())
    assert newest(founded).status is Status.COMPLETED
    assert len(delivered(founded, "ENDED")) == ROWS


def test_a_project_that_is_run_by_hand_is_waited_for(founded: Lab, queue: Queue) -> None:
    before = last_number(founded)
    queue.enqueue(ORDER)
    with founded.store.project_lock("accounts"):
        work(founded, lambda: the_job(queue).reason != "" and the_job(queue).status == "todo")
        assert "it is running" in the_job(queue).reason
    assert last_number(founded) == before


def test_two_workers_run_a_project_once(founded: Lab, queue: Queue, tmp_path: Path) -> None:
    """One job each of two projects that both workers could take."""
    enter(founded, "TWO", 500)
    before = last_number(founded)
    with another_machine(founded, tmp_path):
        for project in ("accounts", "contacts"):
            queue.enqueue(RunOrder(projects=(project,), started_by="ann"))
        work(founded, lambda: not queue.jobs())
    made = [run for run in founded.store.runs(5) if run.id > before]
    assert sorted(run.projects for run in made) == [("accounts",), ("contacts",)]
    assert len(delivered(founded, "TWO")) == 500


def test_a_worker_helps_with_a_large_leg_of_another(founded: Lab, queue: Queue) -> None:
    """Whoever does not get the job carries parts of it."""
    enter(founded, "LARGE", 500)
    before = last_number(founded)

    def ordered_and_done() -> bool:
        """The order comes when both listen."""
        if last_number(founded) == before and not queue.jobs() and founded.store.living_workers(SECONDS) == 2:
            queue.enqueue(replace(ORDER, all_data=True))
        return last_number(founded) > before and not queue.jobs()

    work(founded, ordered_and_done, *(Sharing(workers=1, part_rows=20, look=0.1, me=name) for name in ("one", "two")))
    run = newest(founded)
    assert run.status is Status.COMPLETED
    for leg in run.legs:
        assert {carried.worker for carried in leg.carried_by} == {"one", "two"}
        assert sum(carried.rows for carried in leg.carried_by) == leg.counts.read
    assert len(delivered(founded, "LARGE")) == 500


def test_an_environment_that_stays_away_is_tried_again_later(founded: Lab, queue: Queue) -> None:
    queue.enqueue(ORDER)
    founded.stop("sales")
    try:
        work(founded, lambda: the_job(queue).status == "todo" and the_job(queue).reason != "")
    finally:
        founded.start("sales")
    job = the_job(queue)
    assert job.attempts == 1
    assert job.next_at is not None
    assert job.next_at > datetime.now(UTC)
    assert "sales" in job.reason
    assert (newest(founded).status, newest(founded).cause) == (Status.ERROR, Cause.AWAY)


def test_a_worker_logs_lines_of_json_with_the_numbers_of_run_and_leg(
    founded: Lab, queue: Queue, tmp_path: Path
) -> None:
    with another_machine(founded, tmp_path, "--log-json") as process:
        queue.enqueue(ORDER)
        wait_for(lambda: not queue.jobs())
        process.terminate()
        assert process.wait() == 0
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    run = newest(founded)
    told = [(line["message"], line["run"], line.get("leg_run")) for line in lines if line["logger"] == "p2c.run"]
    legs = [leg.id for leg in run.legs]
    assert told == [
        *((message, run.id, leg) for leg in legs for message in ("leg started", "leg ended")),
        ("run ended", run.id, None),
    ]


def test_a_worker_forgets_old_history(founded: Lab, queue: Queue) -> None:
    """A run of the last century, of a project that is gone."""
    long_ago = datetime(1999, 1, 1, tzinfo=UTC)
    old = founded.store.begin_run(["gone"], "ann", False, long_ago).id
    founded.store.finish_run(old, long_ago)
    with founded.engine.begin() as connection:
        connection.execute(text("DELETE FROM project_state WHERE project = 'gone'"))
    work(founded, lambda: old not in {run.id for run in founded.store.runs(1000)})


def test_what_cannot_pass_is_given_up_with_its_reason(founded: Lab, queue: Queue) -> None:
    queue.enqueue(RunOrder(projects=("acounts",), started_by="ann"))
    work(founded, lambda: the_job(queue).status == "failed")
    assert "did you mean 'accounts'?" in the_job(queue).reason
