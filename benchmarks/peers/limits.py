"""A first load against Dataverse's service protection, in simulated time: the rate gate decides, nothing waits."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappop, heappush
from random import Random

from benchmarks.peers.world import CALL_ROWS
from p2c.odata.client.gate import GateState
from p2c.odata.service.protection.limits import Limits, Usage

SECONDS_A_ROW = 0.005
_SPREAD = 0.2
"""Calls take so much more or less, or all would begin and end at once."""
_REFUSED_AFTER = 0.05
"""Seconds until a refusal is there."""


@dataclass(frozen=True, slots=True)
class Simulated:
    """A load: rows, calls with those that were refused, seconds, and the fewest that the budget allows."""

    rows: int
    calls: int
    refused: int
    seconds: float
    least: float


def simulate(rows: int, hint: int | None, limits: Limits | None = None) -> Simulated:
    """
    Bulk calls to one server that takes about five milliseconds a row, as many at a time as the gate lets through.

    `hint` is the parallelism that the server recommends. The least time is that of a load at the rate at which the
    budget of execution time comes back; what may be spent at once in the beginning is not taken off.
    """
    limits = limits if limits is not None else Limits()
    gate, usage, chance = GateState(), Usage(limits), Random(rows)
    under_way: list[tuple[float, int, float, int | None]] = []
    waiting, calls, now = -(-rows // CALL_ROWS), 0, 0.0
    while waiting or under_way:
        while waiting and gate.may_start(now):
            gate.start()
            waiting, calls = waiting - 1, calls + 1
            refusal = usage.enter(now)
            pause = None if refusal is None else refusal.after
            usual = CALL_ROWS * SECONDS_A_ROW * chance.uniform(1 - _SPREAD, 1 + _SPREAD)
            taken = usual if refusal is None else _REFUSED_AFTER
            heappush(under_way, (now + taken, calls, now, pause))
        if not under_way:
            now = gate.resume_at
            continue
        now, _, started, pause = heappop(under_way)
        gate.end()
        if pause is None:
            usage.leave(started, now)
            gate.taken(started, hint)
        else:
            waiting += 1
            gate.refused(now, started, pause)
    least = rows * SECONDS_A_ROW * limits.window / limits.execution
    return Simulated(rows, calls, usage.refused, now, least)
