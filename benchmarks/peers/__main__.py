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
    FLOOR,
    OURS,
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


def main() -> None:
    """Parse the options, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS, help=f"rows a run, {ROWS:,} unless told")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"runs of each peer, {ROUNDS} unless told")
    parser.add_argument("--only", choices=PARTS, action="append", help="just this part; may be repeated")
    parser.add_argument("--write", action="store_true", help=f"write the tables into docs/{PAGE.name}")
    options = parser.parse_args()
    with Stage() as stage:
        for part in options.only or PARTS:
            text = "\n".join(_part(stage, part, options.rows, options.rounds))
            print(text, flush=True)
            if options.write:
                PAGE.write_text(with_part(PAGE.read_text("utf-8"), part, text), "utf-8")


def with_part(page: str, part: str, text: str) -> str:
    """The page with another text between the marks of a part."""
    begin, end = f"<!-- {part} -->", f"<!-- end of {part} -->"
    before, _, rest = page.partition(begin)
    return f"{before}{begin}\n\n{text}\n\n{end}{rest.partition(end)[2]}"


def _part(stage: Stage, part: str, rows: int, rounds: int) -> list[str]:
    """When and where it was measured, what was to be reached, and the figures."""
    load = os.getloadavg()[0]
    goals, figures = _measured(stage, part, Setting(rows=rows), rounds)
    size = "" if part == "limits" else f"{rows:,} rows{'' if part == 'memory' else f', {rounds} rounds, medians'}; "
    head = (
        f"{size}{machine()}, {datetime.now(UTC):%Y-%m-%d}; "
        f"load average {load:.1f} at the beginning, {os.getloadavg()[0]:.1f} at the end."
    )
    return [head, "", *figures, "", *tables.goal_table(goals)]


def _measured(stage: Stage, part: str, setting: Setting, rounds: int) -> tuple[list[tables.Goal], list[str]]:
    """What was to be reached by a part, and its table."""
    if part == "peers":
        found = side_by_side(stage, list(PEERS), setting, rounds)
        return tables.peer_goals(found), tables.peer_table(found)
    if part == "latency":
        found = side_by_side(stage, [OURS, FLOOR, "sequential"], with_latency(setting), rounds)
        return tables.latency_goals(found), tables.peer_table(found)
    if part == "again":
        found, bad = runs_again(stage, setting, rounds), bad_rows(stage, setting, rounds)
        return tables.step_goals(found, bad), tables.step_table([*found, bad])
    if part == "memory":
        found = sizes(stage, setting)
        return tables.size_goals(found), tables.step_table(found)
    loads = [
        (f"recommends {DATAVERSE_LIMITS.parallel} at a time", simulate(SIMULATED_ROWS, DATAVERSE_LIMITS.parallel)),
        ("recommends nothing", simulate(SIMULATED_ROWS, None)),
    ]
    return tables.limit_goals(loads), tables.limit_table(loads)


if __name__ == "__main__":
    main()
