"""A large leg that several processes carry: each row once, whoever dies, and every count right."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import Event, Thread
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from p2c.integrator.engine import Helper, Sharing, run_projects
from p2c.integrator.engine.environments import open_environment
from p2c.integrator.jobs import Queue
from p2c.integrator.mapping.parse import parse_template
from p2c.integrator.outcome import LegKey, LegRun, Progress, Run, Status
from p2c.integrator.templates import shipped_text
from p2c.odata.client import dataverse
from p2c.odata.client.environment import Upsert
from p2c.odata.client.rows import RowPage
from p2c.wiring.agreement import DATABASE_URL
from tests.lab import Company, Lab, Silent, found, guid, reference
from tests.scenarios.comparing import compared
from tests.scenarios.trade import account, release
from tests.torture.helping import PROJECT, READY, SHARING, SMALL
from tests.torture.processes import wait_until

CZECH = Company("czmf", "ORG001", "Moravská obchodní", "CZK")
ROWS = 120
PATIENT = replace(SHARING, leased=60)
"""Nobody who is only slow loses a part."""
HELPER = replace(PATIENT, me="helper")


@pytest.fixture(scope="module")
def founded(lab: Lab) -> Lab:
    """A company that trades, and another worker that listens all the time."""
    found(lab, CZECH)
    Queue(lab.engine)
    with lab.engine.begin() as connection:
        connection.execute(
            text("INSERT INTO jobs.procrastinate_workers (last_heartbeat) VALUES (now() + interval '1 day')")
        )
    return lab


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """A part is several batches."""
    monkeypatch.setattr(dataverse, "BATCH", SMALL)


class AtFirst(Silent):
    """When the owner of a leg has recorded its first batch something happens before it goes on."""

    def __init__(self, lab: Lab, event: Callable[[LegRun], None]) -> None:
        self._lab = lab
        self._event = event
        self.came = False

    def leg_advanced(self, leg: LegRun) -> None:
        """The first batch of the first leg only."""
        if not self.came:
            self.came = True
            free_places(self._lab)
            self._event(leg)
            free_places(self._lab)


def free_places(lab: Lab) -> None:
    """Who sleeps or has died keeps the places that it may send on for ten seconds: nobody is to wait for them here."""
    with lab.engine.begin() as connection:
        connection.execute(text("DELETE FROM gate_lease"))


def enter(lab: Lab, prefix: str, number: int = ROWS) -> None:
    """New accounts in Sales."""
    lab.load("sales", "accounts", [account(CZECH, f"{prefix}-{place:04}") for place in range(number)])


def delivered(lab: Lab, prefix: str) -> list[str]:
    """The customers in Operations that they have become."""
    rows = lab.rows("operations", "CustomersV2", f"startswith(CustomerAccount,'{prefix}-')", "CustomerAccount")
    return sorted(str(row["CustomerAccount"]) for row in rows)


def help_once(lab: Lab, sharing: Sharing = HELPER) -> None:
    """Another process, as far as the store can tell, carries what is free."""
    helping = Thread(target=lambda: asyncio.run(Helper(lab.store, None, sharing).help()))
    helping.start()
    helping.join()


@contextmanager
def process(lab: Lab, part: str, batches_to_live: int = 0) -> Iterator[subprocess.Popen[str]]:
    """A real one, ready when this is entered."""
    url = lab.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    words = [sys.executable, "-m", "tests.torture.helping", part, str(batches_to_live)]
    with subprocess.Popen(words, env={**os.environ, DATABASE_URL: url}, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        try:
            assert running.stdout.readline().strip() == READY
            yield running
        finally:
            running.kill()


def parts_of(lab: Lab, leg: LegRun) -> list[tuple[str, int, bool]]:
    """Who had each part last, the how-manieth try that was, and whether it has ended."""
    with lab.engine.begin() as connection:
        rows = connection.execute(
            text("SELECT worker, attempt, done FROM part WHERE leg_run = :leg ORDER BY number"), {"leg": leg.id}
        )
        return [(row.worker, row.attempt, row.done) for row in rows]


def check(lab: Lab, run: Run, *before: Run) -> None:
    """Every account is at both destinations once and was counted once, and nothing is left to be done."""
    numbers = sorted(str(row["accountnumber"]) for row in lab.rows("sales", "accounts"))
    assert run.status is Status.COMPLETED, run.error
    for leg in run.legs:
        counts = sum((item.counts for each in before for item in each.legs if item.leg == leg.leg), leg.counts)
        assert leg.counts.read == len(numbers)
        # What was sent and not recorded is there when it is sent again.
        assert counts.created + counts.updated == ROWS, f"leg {leg.leg}: {counts}"
        assert leg.counts.rejected == leg.counts.skipped == 0
        assert sum(carried.rows for carried in leg.carried_by) in (0, leg.counts.read)
    customers = lab.rows("operations", "CustomersV2", select="CustomerAccount")
    assert sorted(str(row["CustomerAccount"]) for row in customers) == numbers
    assert all(leg.total.agrees for leg in compared(lab, PROJECT)[0])
    with lab.engine.begin() as connection:
        left = connection.execute(text("SELECT (SELECT count(*) FROM claim), (SELECT count(*) FROM division)")).one()
    assert tuple(left) == (0, 0)
    assert [leg.counts.read for leg in lab.run(PROJECT).legs] == [0, 0]


def test_another_worker_carries_parts_of_a_first_load(founded: Lab) -> None:
    enter(founded, "FIRST")
    run = founded.run(PROJECT, sharing=PATIENT, watcher=AtFirst(founded, lambda leg: help_once(founded)))

    first, second = run.legs
    assert {carried.worker: carried.parts for carried in first.carried_by} == {PATIENT.me: 1, "helper": 5}
    assert {carried.worker: carried.parts for carried in second.carried_by} == {PATIENT.me: 6}
    assert first.requests > second.requests / 2
    assert first.writes == ROWS
    check(founded, run)


def test_a_run_with_nobody_to_help_is_not_divided(founded: Lab) -> None:
    """Whoever listens is in its own process, or the leg is too small, or reads only what has changed."""
    for sharing in (replace(PATIENT, workers=1), replace(PATIENT, part_rows=ROWS), None):
        run = founded.run(PROJECT, sharing=sharing, all_data=True)
        assert [leg.carried_by for leg in run.legs] == [(), ()]
    assert [leg.carried_by for leg in founded.run(PROJECT, sharing=PATIENT).legs] == [(), ()]


def test_a_helper_that_is_killed_in_the_middle_of_a_part_is_replaced(founded: Lab) -> None:
    """It has sent a batch that it did not record; somebody else goes on from what it did."""
    enter(founded, "HELPER")
    with process(founded, "help", 3) as helper:
        run = founded.run(PROJECT, all_data=True, sharing=SHARING, watcher=AtFirst(founded, lambda leg: ended(helper)))
    parts = parts_of(founded, run.legs[0])
    assert sum(attempt > 1 for _, attempt, _ in parts) >= 1
    assert all(done for _, _, done in parts)
    check(founded, run)


def ended(helper: subprocess.Popen[str]) -> None:
    """Wait until the helper has died by its own hand."""
    wait_until(lambda: helper.poll() is not None, "the helper's end")
    assert helper.returncode == -9


def test_an_owner_that_is_killed_is_followed_by_a_run_that_goes_on(founded: Lab) -> None:
    """A helper carries what is left of the dead run's leg meanwhile; what both have recorded is not sent again."""
    enter(founded, "OWNER")
    with process(founded, "own", 5) as owner:
        ended(owner)
    free_places(founded)
    (dead,) = founded.store.runs(1)

    def all_done() -> bool:
        """The part that the owner had is free when its lease has ended."""
        help_once(founded, replace(SHARING, me="helper"))
        return all(done for _, _, done in parts_of(founded, dead.legs[0]))

    wait_until(all_done, "the end of all parts")

    run = founded.run(PROJECT, all_data=True, sharing=SHARING)
    dead = founded.store.run(dead.id)
    assert dead.status is Status.ERROR
    assert dead.legs[0].counts.created + dead.legs[0].counts.updated == ROWS
    check(founded, run, dead)


def test_a_helper_of_a_run_that_was_taken_over_records_nothing_any_more(founded: Lab) -> None:
    enter(founded, "TAKEN")
    runs: list[Run] = []

    def another_run(_: LegRun) -> None:
        """The lock is lost, and another run of the project is made in between."""
        with founded.engine.begin() as connection:
            connection.execute(text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"))
        rival = Thread(target=lambda: runs.append(rivals_run(founded)))
        rival.start()
        rival.join()

    with process(founded, "help"):
        broken = founded.run(PROJECT, all_data=True, sharing=SHARING, watcher=AtFirst(founded, another_run))
    assert broken.status is Status.ERROR
    # What was under way when the other run began may arrive after it has read.
    founded.run(PROJECT)
    check(founded, runs[0], broken)


def rivals_run(lab: Lab) -> Run:
    """A whole run by somebody else."""
    return asyncio.run(
        run_projects(lab.store, [lab.store.project(PROJECT)], all_data=True, started_by="rival", watcher=Silent())
    )


def test_parents_in_other_parts_than_their_children_arrive_first(founded: Lab) -> None:
    """Every account has the last one of all keys as its parent, but that itself."""
    numbers = [f"CHILD-{place:04}" for place in range(ROWS)]
    ids = {guid("account", CZECH.legal_entity, number): number for number in numbers}
    top = max(ids)
    parent = {"parentaccountid@odata.bind": reference("accounts", top)}
    founded.load("sales", "accounts", [account(CZECH, ids[top])])
    founded.load("sales", "accounts", [account(CZECH, number, **parent) for key, number in ids.items() if key != top])

    run = founded.run(PROJECT, all_data=True, sharing=PATIENT, watcher=AtFirst(founded, lambda leg: help_once(founded)))

    assert len(run.legs[0].carried_by) == 2
    numbers = [str(row["accountnumber"]) for row in founded.rows("sales", "accounts")]
    assert (run.legs[0].counts.created, run.legs[0].counts.rejected) == (ROWS, 0)
    assert run.legs[0].counts.read == len(numbers)
    there = founded.rows("commondata", "Accounts", "startswith(AccountId,'CHILD-')")
    assert len(there) == ROWS


def test_rows_that_change_while_parts_are_read_are_seen_by_this_run_or_the_next(founded: Lab) -> None:
    enter(founded, "MOVES")

    def meanwhile(_: LegRun) -> None:
        changed = [account(CZECH, f"MOVES-{place:04}", name="Changed") for place in range(0, ROWS, 2)]
        thread = Thread(target=lambda: write(founded, changed, f"MOVES-{1:04}"))
        thread.start()
        thread.join()
        help_once(founded)

    runs = [
        founded.run(PROJECT, all_data=True, sharing=PATIENT, watcher=AtFirst(founded, meanwhile)),
        founded.run(PROJECT),
    ]
    assert {run.status for run in runs} == {Status.COMPLETED}
    assert runs[1].legs[0].carried_by == ()
    source = {row["accountnumber"]: row["name"] for row in founded.rows("sales", "accounts")}
    there = {row["CustomerAccount"]: row["OrganizationName"] for row in founded.rows("operations", "CustomersV2")}
    assert f"MOVES-{1:04}" not in source
    assert {number: there[number] for number in source} == source
    assert f"MOVES-{1:04}" not in met(founded)


def met(lab: Lab) -> set[str]:
    """Numbers of the accounts that the first leg remembers."""
    with lab.engine.begin() as connection:
        found = connection.execute(text("SELECT s.key FROM row_state s JOIN leg l ON l.id = s.leg_id WHERE l.leg = 1"))
        return set(found.scalars())


def write(lab: Lab, rows: list[dict[str, object]], gone: str) -> None:
    """Change accounts and delete one, by somebody on a connection of his own."""

    async def work() -> None:
        environment = open_environment(lab.store.connection("sales"))
        try:
            await environment.connect()
            entity = environment.model.entity_set["accounts"]
            upserts = [Upsert({"accountid": row.pop("accountid")}, row, {}, exists=True) for row in rows]  # type: ignore[dict-item, arg-type]
            await environment.upsert(entity, upserts)
            await environment.delete(entity, [{"accountid": guid("account", CZECH.legal_entity, gone)}])
        finally:
            await environment.close()

    asyncio.run(work())


def hide(monkeypatch: pytest.MonkeyPatch, number: str) -> None:
    """No part has this account, as where a service reads ranges in another way than we think."""
    hidden, real = UUID(guid("account", CZECH.legal_entity, number)), dataverse.DataverseEnvironment.part

    async def without_one(*names: Any) -> AsyncIterator[RowPage]:
        async for page in real(*names):
            yield RowPage([row for row in page.rows if row.get("accountid") != hidden], [], None, None)

    monkeypatch.setattr(dataverse.DataverseEnvironment, "part", without_one)


def test_a_new_row_that_no_part_has_met_is_told_and_comes_with_the_next_run(
    founded: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing remembers it, so that only its key tells that it is missing. One that was deleted meanwhile is not."""
    enter(founded, "UNMET")

    def meanwhile(_: LegRun) -> None:
        thread = Thread(target=lambda: write(founded, [], "UNMET-0001"))
        thread.start()
        thread.join()

    with monkeypatch.context() as patch:
        hide(patch, "UNMET-0004")
        run = founded.run(PROJECT, all_data=True, sharing=PATIENT, watcher=AtFirst(founded, meanwhile))
    again = founded.run(PROJECT)

    assert run.status is Status.ERROR
    assert run.error.startswith("1 of ")
    assert "rows of accounts were met in no part" in run.error
    assert again.status is Status.COMPLETED
    assert "UNMET-0004" in delivered(founded, "UNMET")


def test_rows_that_are_gone_are_found_when_all_parts_were_read(founded: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that no part has met, though it is there, is no such row."""
    enter(founded, "GONE")
    founded.run(PROJECT)
    founded.store.drop_checkpoint(LegKey(PROJECT, "Accounts - Account - Customers", 1))
    gone = guid("account", CZECH.legal_entity, "GONE-0005")
    founded.send("sales", "DELETE", f"accounts({gone})")
    hide(monkeypatch, "GONE-0004")
    run = founded.run(PROJECT, sharing=PATIENT, watcher=AtFirst(founded, lambda leg: help_once(founded)))

    counts, there = run.legs[0].counts, len(founded.rows("sales", "accounts"))
    assert (counts.deleted, counts.read, counts.unchanged) == (1, there, there)
    assert "GONE-0004" in met(founded)
    assert "GONE-0005" not in met(founded)


def test_of_two_rows_in_two_parts_that_become_one_row_one_is_delivered(
    founded: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other part is carried while the first batches have been sent and nobody has recorded them."""
    words = shipped_text("accounts-direct")
    for field in ("CustomerAccount", "PartyNumber"):
        words = words.replace(f"to: {field}, from: accountnumber", f"to: {field}, from: telephone1")
    words = words.replace("filter: statecode eq 0", "filter: \"name eq 'Twin'\"")
    tasks = parse_template(words, "twins.yaml").tasks
    founded.store.save_projects([replace(founded.store.project("accounts-direct"), name="twins", tasks=tasks)])
    twins = [account(CZECH, f"TWIN-{place:04}", name="Twin", telephone1=f"T-{place // 2}") for place in range(ROWS)]
    founded.load("sales", "accounts", twins)
    real, helped = founded.store.commit_batch, Event()

    def helped_first(*names: Any, **values: Any) -> Progress:
        """Before the owner records its first batch somebody else carries all other parts."""
        if not helped.is_set():
            helped.set()
            help_once(founded)
        return real(*names, **values)

    monkeypatch.setattr(founded.store, "commit_batch", helped_first)
    run = founded.run("twins", sharing=PATIENT)

    (leg,) = run.legs
    assert {carried.worker for carried in founded.store.run(run.id).legs[0].carried_by} == {PATIENT.me, "helper"}
    assert (leg.counts.created, leg.counts.updated, leg.counts.rejected) == (ROWS // 2, 0, ROWS // 2)
    assert {rejection.code for rejection in founded.rejected("twins")} == {"DUPLICATE-KEY"}
    assert len(founded.rows("operations", "CustomersV2", "startswith(CustomerAccount,'T-')")) == ROWS // 2


def test_products_of_operations_are_divided_too(founded: Lab) -> None:
    """Operations tells no changes of them: every run reads all."""
    for place in range(30):
        release(founded, CZECH, f"DIVIDED-{place}", "1.00")
    sharing = replace(PATIENT, part_rows=10)
    run = founded.run("products", sharing=sharing, watcher=AtFirst(founded, lambda leg: help_once(founded)))
    assert run.status is Status.COMPLETED
    assert run.legs[0].counts.created == run.legs[0].counts.read >= 30
    assert sum(carried.parts for carried in run.legs[0].carried_by) >= 2
