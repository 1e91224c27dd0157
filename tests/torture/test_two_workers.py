"""Two workers and a person on one project at once: one run at a time, every order carried out, every row once."""

from __future__ import annotations

from p2c.integrator.jobs import RunOrder
from p2c.integrator.outcome import Status
from tests.torture.blows import Torture
from tests.torture.processes import wait_until
from tests.torture.site import PROJECT, Target

ROWS = 600
ORDERS = 4
MAY_NOT = 3
"""The code of a command that is told that the project is running."""


def test_two_workers_and_a_person_begin_one_project_together(torture: Torture) -> None:
    """Orders come while others are carried out; whoever finds the project running waits, or is told so."""
    site, store = torture.site, torture.site.reach.store
    before = max((run.id for run in store.runs(1)), default=0)
    hand = site.process(Target.RUN)

    def together() -> None:
        for mover in (Target.WORKER, Target.INTEGRATOR):
            site.process(mover).start()
        hand.start()
        ordered = 0
        while ordered < ORDERS:
            order = RunOrder(projects=(PROJECT,), started_by=f"order {ordered}", all_data=True)
            ordered += site.queue.enqueue(order) is not None
        wait_until(lambda: not site.moving(Target.WORKER) and not hand.alive, "the end of all orders")
        site.rest()

    done = torture.enter(ROWS, together)
    assert [counts.created for counts in done.ledger.counts.values()] == [ROWS, ROWS]
    runs = [run for run in store.runs(ORDERS + 2) if run.id > before]
    assert {run.status for run in runs} == {Status.COMPLETED}
    orders = sorted(run.started_by for run in runs if run.started_by.startswith("order"))
    assert orders == [f"order {number}" for number in range(ORDERS)]
    assert hand.code in (0, MAY_NOT)
    assert len(runs) == ORDERS + (hand.code == 0)
