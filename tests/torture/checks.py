"""What must be true when all is quiet: no row lost, none doubled, no counter wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import psycopg

from p2c.integrator.outcome import Counts, Run, Status
from tests.lab import Reach
from tests.scenarios.comparing import compared
from tests.torture.site import PROJECT, Site

_ALL = 1_000_000
_TABLES = {
    "sales": ("account", "accountnumber"),
    "commondata": ("Account", "AccountId"),
    "operations": ("customer", "CustomerAccount"),
}


@dataclass(frozen=True, slots=True)
class Book:
    """What the source has: names by number. `since` is the last run before its newest change."""

    names: Mapping[str, str]
    since: int = 0


@dataclass(slots=True)
class Ledger:
    """What the runs of a round counted on each leg."""

    runs: int = 0
    broken: int = 0
    counts: dict[int, Counts] = field(default_factory=dict)


def check(site: Site, book: Book, *, created: int, delivered: int) -> Ledger:
    """
    All checks of one round, in which `delivered` rows were new or changed, `created` of them new.

    A run that is killed between the destination's answer and its own record has created rows that no run counts as
    created: the next finds them there, and counts them as updated. So the two together are exact, and the first is
    never more than the new rows.
    """
    reach = site.reach
    _same_rows(site, book)
    agreed, heard = compared(reach, PROJECT)
    assert [leg.total.agrees for leg in agreed] == [True] * len(agreed), heard.findings[:5]
    assert [leg.total.equal for leg in agreed] == [len(book.names)] * len(agreed)
    assert reach.store.rejections(PROJECT) == []

    runs = [run for run in reach.store.runs(_ALL) if run.id > book.since]
    ledger = Ledger(len(runs), sum(run.status is not Status.COMPLETED for run in runs))
    for number in (1, 2):
        ledger.counts[number] = sum((leg.counts for run in runs for leg in run.legs if leg.leg == number), Counts())
    for number, counts in ledger.counts.items():
        assert counts.created + counts.updated == delivered, f"leg {number}: {counts} for {delivered} rows"
        assert counts.created <= created, f"leg {number}: {counts} for {created} new rows"
    _history(reach)
    return ledger


def _same_rows(site: Site, book: Book) -> None:
    """By SQL, and over the public API: each row once, everywhere, with its newest name."""
    for service, (table, column) in _TABLES.items():
        with psycopg.connect(site.databases[service]) as connection:
            rows = connection.execute(f'SELECT count(*), count(DISTINCT "{column}") FROM "{table}"').fetchone()
        assert rows == (len(book.names), len(book.names)), f"{service}: {rows} rows and keys, not {len(book.names)}"
    rows_there = site.reach.rows("operations", "CustomersV2", select="CustomerAccount,OrganizationName")
    keys = Counter(str(row["CustomerAccount"]) for row in rows_there)
    assert not [key for key, number in keys.items() if number > 1]
    assert {str(row["CustomerAccount"]): row["OrganizationName"] for row in rows_there} == dict(book.names)


def _history(reach: Reach) -> None:
    """Every leg adds up, none still counts as running, no two runs overlap, and the totals are the sum."""
    runs = sorted(reach.store.runs(_ALL), key=lambda run: run.id)
    assert all(leg.counts.adds_up for run in runs for leg in run.legs)
    assert not [run.id for run in runs if run.status is Status.RUNNING]
    assert not [leg.id for run in runs for leg in run.legs if leg.status is Status.RUNNING]
    assert not [(one.id, two.id) for one, two in pairwise(runs) if _overlap(one, two)]
    (figures,) = (item for item in reach.store.figures() if item.project == PROJECT)
    assert figures.counts == sum((run.counts for run in runs), Counts())
    assert sum(figures.runs.values()) == len(runs)
    assert figures.runs[Status.ERROR] == sum(run.status is Status.ERROR for run in runs)


def _overlap(one: Run, two: Run) -> bool:
    return one.finished_at is None or one.finished_at > two.started_at
