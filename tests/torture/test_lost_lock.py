"""A run whose database goes away for a moment loses the lock of its project: what another run does then counts once."""

from __future__ import annotations

import asyncio
from threading import Thread

import pytest
from sqlalchemy import text

from p2c.integrator.engine import run_projects
from p2c.integrator.outcome import Cause, LegRun, Status
from tests.lab import Company, Lab, Silent, found
from tests.scenarios.comparing import compared
from tests.scenarios.trade import account

CZECH = Company("czmf", "ORG001", "Moravská obchodní", "CZK")
ROWS = 1200


@pytest.fixture(scope="module")
def founded(lab: Lab) -> Lab:
    """Accounts that wait to be delivered."""
    found(lab, CZECH)
    lab.load("sales", "accounts", [account(CZECH, f"LOCK-{place:04}") for place in range(ROWS)])
    return lab


class Rival(Silent):
    """After the first batch the run's lock is lost and its process sleeps, while another one makes a whole run."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self.came = False

    def leg_advanced(self, leg: LegRun) -> None:
        """The first one only."""
        if not self.came:
            self.came = True
            with self._lab.engine.begin() as connection:
                connection.execute(text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"))
                # So long it sleeps that its lease is over too.
                connection.execute(text("DELETE FROM gate_lease"))
            other = Thread(target=self._run)
            other.start()
            other.join()

    def _run(self) -> None:
        store = self._lab.store
        projects = [store.project("accounts")]
        asyncio.run(run_projects(store, projects, all_data=False, started_by="rival", watcher=Silent()))


def test_a_run_that_lost_its_lock_leaves_the_project_to_the_other(founded: Lab) -> None:
    rival = Rival(founded)
    broken = founded.run("accounts", watcher=rival)
    assert rival.came
    (other,) = founded.store.runs(1)
    assert (broken.status, broken.cause, other.started_by, other.status) == (
        Status.ERROR,
        Cause.INTERRUPTED,
        "rival",
        Status.COMPLETED,
    )
    first, second = ([leg.counts for leg in run.legs if leg.leg == 1] for run in (broken, other))
    assert first[0].created > 0
    assert second[0].unchanged == first[0].created
    assert first[0].created + second[0].created + second[0].updated == ROWS
    assert [leg.counts.read for leg in other.legs] == [ROWS, ROWS]
    (figures,) = founded.store.figures()
    assert figures.counts == broken.counts + other.counts
    assert all(leg.total.agrees for leg in compared(founded, "accounts")[0])
    assert [leg.counts.read for leg in founded.run("accounts").legs] == [0, 0]
