"""What is measured: which peers, against which mock, how often, and what is to be reached."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Protocol

import msgspec

from benchmarks.peers.mock import Setting
from benchmarks.peers.stage import Sample

OURS, FLOOR = "ours", "floor"
PEERS = {
    OURS: "p2c, all state kept",
    FLOOR: "the floor: the same requests, no work",
    "sequential": "a script: requests, UpsertMultiple, one after another",
    "sdk": "PowerPlatform-Dataverse-Client, bulk loop",
    "dlt_pipeline": "dlt, rest_api to a custom destination",
    "singer": "Singer SDK, tap and target",
    "patching": "requests, one PATCH a row",
}
PAGE_MS, CALL_MS = 300, 500
BAD_ONE_OF = 1_000


class Runs(Protocol):
    """Runs peers: the stage, or what stands in for it."""

    def run(
        self, peer: str, setting: Setting, *, database: str = "", expected: int | None = None, all_data: bool = False
    ) -> Sample:
        """One run of a peer."""

    def database(self) -> str:
        """A new database of ours."""


@dataclass(slots=True)
class Measured:
    """All runs of one peer, or of one step of ours, over so many rows."""

    name: str
    rows: int
    samples: list[Sample] = field(default_factory=list)

    @property
    def valid(self) -> list[Sample]:
        """The runs that count."""
        return [sample for sample in self.samples if not sample.void]

    def of(self, value: Callable[[Sample], float]) -> float:
        """The median over the runs that count; nan where there is none."""
        return median(map(value, self.valid)) if self.valid else float("nan")

    @property
    def wall(self) -> float:
        """Median seconds."""
        return self.of(lambda sample: sample.cost.wall)

    @property
    def rate(self) -> float:
        """Median rows a second."""
        return self.rows / self.wall


def side_by_side(stage: Runs, peers: Sequence[str], setting: Setting, rounds: int) -> list[Measured]:
    """All peers in turn, in every round another one first."""
    measured = {peer: Measured(PEERS[peer], setting.rows) for peer in peers}
    for turn in range(rounds):
        first = turn % len(peers)
        for peer in (*peers[first:], *peers[:first]):
            measured[peer].samples.append(_told(stage.run(peer, setting)))
    return list(measured.values())


def with_latency(setting: Setting) -> Setting:
    """The same with answers that take their time."""
    return replace_setting(setting, page_ms=PAGE_MS, call_ms=CALL_MS)


def runs_again(stage: Runs, setting: Setting, rounds: int) -> list[Measured]:
    """Ours over and over against one destination: first, all again, nothing changed, one row of a hundred changed."""
    rows, changed = setting.rows, setting.rows // 100
    first, second = Measured("first full run", rows), Measured("second full run", rows)
    nothing, some = Measured("nothing changed", 0), Measured("1 % changed", changed)
    kept = replace_setting(setting, empty=False)
    for _ in range(rounds):
        database = stage.database()
        first.samples.append(_told(stage.run(OURS, setting, database=database)))
        second.samples.append(_told(stage.run(OURS, kept, database=database, expected=0, all_data=True)))
        nothing.samples.append(_told(stage.run(OURS, kept, database=database, expected=0)))
        some.samples.append(
            _told(stage.run(OURS, replace_setting(kept, changed=changed), database=database, expected=changed))
        )
    return [first, second, nothing, some]


def bad_rows(stage: Runs, setting: Setting, rounds: int) -> Measured:
    """Ours against a destination that refuses one row of a thousand."""
    measured = Measured("1 bad row in 1,000", setting.rows)
    for _ in range(rounds):
        told = stage.run(
            OURS, replace_setting(setting, bad=BAD_ONE_OF), expected=setting.rows - setting.rows // BAD_ONE_OF
        )
        measured.samples.append(_told(told))
    return measured


def sizes(stage: Runs, setting: Setting) -> list[Measured]:
    """Ours over so many rows, and over ten times as many; once."""
    found = []
    for rows in (setting.rows, 10 * setting.rows):
        sample = stage.run(OURS, replace_setting(setting, rows=rows))
        found.append(Measured(f"{rows:,} rows", rows, [_told(sample)]))
    return found


def replace_setting(setting: Setting, **values: int) -> Setting:
    """The setting with other values."""
    return msgspec.structs.replace(setting, **values)


def _told(sample: Sample) -> Sample:
    shown = f"void: {sample.void}" if sample.void else f"{sample.cost.wall:.2f} s, {sample.cost.cpu:.2f} CPU s"
    print(f"{sample.peer}: {shown}", flush=True)
    return sample
