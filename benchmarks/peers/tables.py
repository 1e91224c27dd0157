"""The measurements as text: tables, and what was to be reached beside what was."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmarks.peers.limits import Simulated
from benchmarks.peers.scenarios import OURS, PEERS, Measured
from benchmarks.peers.stage import Sample

MEGABYTE = 1024 * 1024
MOST_MEMORY_MB = 256


@dataclass(frozen=True, slots=True)
class Goal:
    """Something to reach: in words, what was found, and whether that is enough."""

    what: str
    found: str
    reached: bool


def peer_table(measured: Sequence[Measured]) -> list[str]:
    """Peers side by side; the ratio says how many times as long as ours each takes."""
    ours = _named(measured, PEERS[OURS])
    lines = [
        "| peer | seconds | rows/s | times ours | CPU s | CPU s of PostgreSQL | peak MB | runs (void) |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for item in measured:
        runs = f"{len(item.samples)} ({len(item.samples) - len(item.valid)})"
        lines.append(
            f"| {item.name} | {item.wall:.2f} | {item.rate:,.0f} | {item.wall / ours.wall:.2f} | {_cpu(item):.2f} "
            f"| {item.of(lambda sample: sample.postgres):.2f} | {_memory(item):.0f} | {runs} |"
        )
    return lines


def step_table(measured: Sequence[Measured]) -> list[str]:
    """Runs of ours one after another, with what they asked for; requests for metadata are apart."""
    lines = [
        "| run | seconds | CPU s | CPU s of PostgreSQL | requests for rows | other requests | rows sent | peak MB |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for item in measured:
        other = item.of(lambda sample: sample.report.requests.get("metadata", 0))
        lines.append(
            f"| {item.name} | {item.wall:.2f} | {_cpu(item):.2f} | {item.of(lambda sample: sample.postgres):.2f} "
            f"| {item.of(_requests):,.0f} | {other:,.0f} | {item.of(lambda sample: sample.report.sent):,.0f} "
            f"| {_memory(item):.0f} |"
        )
    return lines


def limit_table(found: Iterable[tuple[str, Simulated]]) -> list[str]:
    """Loads in simulated time."""
    lines = [
        "| server | rows | minutes | least by the budget | times | calls | answered 429 |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name, item in found:
        lines.append(
            f"| {name} | {item.rows:,} | {item.seconds / 60:.1f} | {item.least / 60:.1f} "
            f"| {item.seconds / item.least:.2f} | {item.calls:,} | {item.refused / item.calls:.2%} |"
        )
    return lines


def peer_goals(measured: Sequence[Measured]) -> list[Goal]:
    """Against peers, without latency."""
    times = {"dlt_pipeline": 5.0, "singer": 5.0, "sdk": 2.5, "patching": 20.0, "sequential": 1.0}
    ours = _named(measured, PEERS[OURS])
    goals = [
        _at_least(f"faster than: {PEERS[peer]}", _named(measured, PEERS[peer]).wall / ours.wall, least)
        for peer, least in times.items()
    ]
    return [*goals, _share("of the floor", measured, 0.08)]


def latency_goals(measured: Sequence[Measured]) -> list[Goal]:
    """Against the floor and the script, with latency."""
    ours, script = _named(measured, PEERS[OURS]), _named(measured, PEERS["sequential"])
    return [
        _share("of the floor, with latency", measured, 0.85),
        _at_least(f"with latency, faster than: {PEERS['sequential']}", script.wall / ours.wall, 5),
    ]


def step_goals(measured: Sequence[Measured], bad: Measured) -> list[Goal]:
    """Of runs one after another."""
    first, second, nothing, some = measured
    asked, written = nothing.of(_requests), nothing.of(lambda sample: sample.report.sent)
    work = bad.of(lambda sample: sample.report.sent) / bad.rows
    return [
        _at_most("a second full run, against the first", second.wall / first.wall, 1.0),
        Goal(
            "nothing changed: at most 2 requests for rows, none sent",
            f"{asked:.0f}, {written:.0f} sent",
            asked <= 2 and not written,
        ),
        _at_most("1 % changed, against the full run", some.wall / first.wall, 0.05, percent=True),
        _at_most("1 bad row in 1,000: rows sent a row", work, 2.5),
    ]


def size_goals(measured: Sequence[Measured]) -> list[Goal]:
    """Of memory."""
    small, large = (_memory(item) for item in measured)
    return [
        Goal(
            f"peak memory at {measured[1].rows:,} rows: at most {MOST_MEMORY_MB} MB",
            f"{large:.0f} MB",
            large <= MOST_MEMORY_MB,
        ),
        _at_most(f"memory at {measured[1].rows:,} rows, against {measured[0].rows:,}", large / small, 1.15),
    ]


def limit_goals(found: Iterable[tuple[str, Simulated]]) -> list[Goal]:
    """Of loads in simulated time."""
    goals = []
    for name, item in found:
        goals += [
            _at_most(f"{name}: time, against the budget's least", item.seconds / item.least, 1.5),
            _at_most(f"{name}: calls answered 429", item.refused / item.calls, 0.01, percent=True),
        ]
    return goals


def goal_table(goals: Iterable[Goal]) -> list[str]:
    """What was to be reached."""
    rows = (f"| {goal.what} | {goal.found} | {'yes' if goal.reached else '**no**'} |" for goal in goals)
    return ["| to reach | found | reached |", "| --- | --- | --- |", *rows]


def _at_least(what: str, found: float, least: float) -> Goal:
    return Goal(f"{what}: at least {least:g} times", f"{found:.2f} times", found >= least)


def _at_most(what: str, found: float, most: float, *, percent: bool = False) -> Goal:
    shown = (f"{most:.0%}", f"{found:.1%}") if percent else (f"{most:g} times", f"{found:.2f} times")
    return Goal(f"{what}: at most {shown[0]}", shown[1], found <= most)


def _share(what: str, measured: Sequence[Measured], least: float) -> Goal:
    share = _named(measured, PEERS["floor"]).wall / _named(measured, PEERS[OURS]).wall
    return Goal(f"rows/s {what}: at least {least:.0%}", f"{share:.0%}", share >= least)


def _named(measured: Sequence[Measured], name: str) -> Measured:
    return next(item for item in measured if item.name == name)


def _requests(sample: Sample) -> float:
    return sum(number for kind, number in sample.report.requests.items() if kind != "metadata")


def _cpu(item: Measured) -> float:
    return item.of(lambda sample: sample.cost.cpu)


def _memory(item: Measured) -> float:
    return item.of(lambda sample: sample.cost.memory / MEGABYTE)
