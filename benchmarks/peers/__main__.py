"""
Measures the integrator beside its peers: `python -m benchmarks.peers`, part of `make bench`.

A mock of Dataverse gives accounts of 40 columns and takes them; every peer moves them in a process of its own, in
turn, and a run after which the mock has not received each row once does not count. `--rows` and `--rounds` make it
shorter, `--only` leaves parts out, `--write` puts the tables into docs/benchmarks-peers.md.
"""

from __future__ import annotations

import argparse
import os
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.accounts import machine
from benchmarks.peers import tables
from benchmarks.peers.limits import simulate
from benchmarks.peers.mock import Setting
from benchmarks.peers.scenarios import (
    CALL_MS,
    FLOOR,
    OURS,
    PAGE_MS,
    PEERS,
    bad_rows,
    runs_again,
    side_by_side,
    sizes,
    with_latency,
)
from benchmarks.peers.stage import Stage
from p2c.odata.service.protection.limits_gate import DATAVERSE_LIMITS

PAGE = Path(__file__).parent.parent.parent / "docs" / "benchmarks-peers.md"
PARTS = ("peers", "latency", "again", "memory", "limits")
ROWS, ROUNDS = 100_000, 5
SIMULATED_ROWS = 1_000_000
_BEGIN, _END = "<!-- measured -->", "<!-- end -->"


def main() -> None:
    """Parse the options, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS, help=f"rows a run, {ROWS:,} unless told")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"runs of each peer, {ROUNDS} unless told")
    parser.add_argument("--only", choices=PARTS, action="append", help="just this part; may be repeated")
    parser.add_argument("--write", action="store_true", help=f"write the tables into docs/{PAGE.name}")
    options = parser.parse_args()
    text = "\n".join(measure(options.rows, options.rounds, options.only or PARTS))
    print(text)
    if options.write:
        before, _, rest = PAGE.read_text("utf-8").partition(_BEGIN)
        PAGE.write_text(f"{before}{_BEGIN}\n\n{text}\n\n{_END}{rest.partition(_END)[2]}", "utf-8")


def measure(rows: int, rounds: int, parts: list[str] | tuple[str, ...]) -> list[str]:
    """The parts one after another, as the lines of a page."""
    lines: list[str] = []
    goals: list[tables.Goal] = []
    setting = Setting(rows=rows)
    load = os.getloadavg()[0]
    with Stage() as stage:
        if "peers" in parts:
            found = side_by_side(stage, list(PEERS), setting, rounds)
            lines += ["## Without latency", "", *tables.peer_table(found), ""]
            goals += tables.peer_goals(found)
        if "latency" in parts:
            found = side_by_side(stage, [OURS, FLOOR, "sequential"], with_latency(setting), rounds)
            title = f"## With {PAGE_MS} ms a page or query and {CALL_MS} ms a bulk call"
            lines += [title, "", *tables.peer_table(found), ""]
            goals += tables.latency_goals(found)
        if "again" in parts:
            found, bad = runs_again(stage, setting, rounds), bad_rows(stage, setting, rounds)
            lines += ["## Run after run", "", *tables.step_table([*found, bad]), ""]
            goals += tables.step_goals(found, bad)
        if "memory" in parts:
            found = sizes(stage, setting)
            lines += ["## Memory", "", *tables.step_table(found), ""]
            goals += tables.size_goals(found)
    if "limits" in parts:
        simulated = [
            (f"recommends {DATAVERSE_LIMITS.parallel} at a time", simulate(SIMULATED_ROWS, DATAVERSE_LIMITS.parallel)),
            ("recommends nothing", simulate(SIMULATED_ROWS, None)),
        ]
        lines += ["## Dataverse's limits, in simulated time", "", *tables.limit_table(simulated), ""]
        goals += tables.limit_goals(simulated)
    head = (
        f"{rows:,} rows, {rounds} rounds, medians; {machine()}, {datetime.now(UTC):%Y-%m-%d}. "
        f"Load average {load:.1f} at the beginning, {os.getloadavg()[0]:.1f} at the end."
    )
    return [head, "", *tables.goal_table(goals), "", *lines]


if __name__ == "__main__":
    main()
