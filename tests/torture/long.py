"""The long form: `make torture`. Kills and kills again, and writes into docs/reliability.md how it went."""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from p2c.integrator.outcome import Counts
from tests.torture.blows import Round, Torture, draw_blows
from tests.torture.site import Site, Target

KILLS, ROWS, SEED = 200, 5000, 20261120
CHANGES = 4
"""Rounds of a site before an empty one takes its place."""
PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
_BEGIN, _END = "<!-- figures of make torture -->", "<!-- end of the figures -->"


def main() -> None:
    """Torture until all kills are done. An error says what was lost, doubled or wrong; its seed was printed."""
    options = argparse.ArgumentParser(prog="make torture ARGS=", description=__doc__)
    options.add_argument("--seed", type=int, default=SEED, help="what all random points follow from")
    options.add_argument("--kills", type=int, default=KILLS)
    options.add_argument("--rows", type=int, default=ROWS, help="new rows of a round")
    options.add_argument("--minutes", type=float, default=float("inf"), help="begin no round after so many")
    given = options.parse_args()
    print(f"seed {given.seed}, {given.kills} kills, runs of {given.rows} rows", flush=True)
    began = time.monotonic()
    kills: Counter[Target] = Counter()
    rounds: list[Round] = []
    for done in torture(Random(given.seed), given.kills, given.rows, kills):
        rounds.append(done)
        minutes = (time.monotonic() - began) / 60
        print(f"{minutes:5.1f} min  {done.what}: {done.kills} kills, {done.ledger.runs} runs", flush=True)
        write(figures(given.seed, kills, rounds, minutes))
        if minutes > given.minutes:
            break


def torture(draw: Random, number: int, rows: int, kills: Counter[Target]) -> Iterator[Round]:
    """Rounds, each checked, until so many kills are done and counted."""
    blows = draw_blows(draw, number)
    while blows:
        with fresh_site() as site:
            yield from _on_one_site(Torture(site, draw, blows, kills), rows)


def _on_one_site(one: Torture, rows: int) -> Iterator[Round]:
    one.begin()
    for change in range(CHANGES):
        if one.blows:
            yield one.rename() if change % 2 else one.enter(rows)


@contextmanager
def fresh_site() -> Iterator[Site]:
    """The product as processes, over nothing."""
    with tempfile.TemporaryDirectory(prefix="p2c-torture-", ignore_cleanup_errors=True) as directory:
        # As root PostgreSQL runs as another user, who must find its way in.
        Path(directory).chmod(0o755)
        with Site(Path(directory)) as site:
            yield site


def figures(seed: int, kills: Counter[Target], rounds: Sequence[Round], minutes: float) -> str:
    """What was done and seen, as a part of a page."""
    first = sum((done.ledger.counts[1] for done in rounds), Counts())
    second = sum((done.ledger.counts[2] for done in rounds), Counts())
    runs, broken = (sum(getattr(done.ledger, name) for done in rounds) for name in ("runs", "broken"))
    new = sum(done.rows for done in rounds if done.created)
    lines = [
        f"{datetime.now(UTC):%Y-%m-%d}, seed {seed}: **{kills.total()} kills** in {len(rounds)} rounds and "
        f"{minutes:.0f} minutes, {runs} runs; {broken} of them broke off or rejected rows, and others followed.",
        "",
        "| killed | times |",
        "| --- | ---: |",
        *(f"| {target.value} | {kills[target]} |" for target in Target),
        "",
        "| rows | leg 1 | leg 2 |",
        "| --- | ---: | ---: |",
        f"| new and changed rows of all rounds | {sum(done.rows for done in rounds):,} | |",
        f"| of these new | {new:,} | |",
        *(
            f"| {what} by all runs together | {getattr(first, what):,} | {getattr(second, what):,} |"
            for what in ("read", "created", "updated", "unchanged", "rejected")
        ),
        f"| created by a run that was killed before it could record it | {new - first.created:,} "
        f"| {new - second.created:,} |",
        "| lost, doubled, different | 0 | 0 |",
    ]
    return "\n".join(lines)


def write(text: str) -> None:
    """Put the figures into the page, in place of the last ones."""
    page = PAGE.read_text("utf-8")
    before, _, rest = page.partition(_BEGIN)
    PAGE.write_text(f"{before}{_BEGIN}\n\n{text}\n\n{_END}{rest.partition(_END)[2]}", "utf-8")


if __name__ == "__main__":
    main()
