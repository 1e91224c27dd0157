"""Odd filters and URLs are read or refused: no failure, no hang. `make fuzz` is the long form."""

from __future__ import annotations

from collections.abc import Callable

from p2c.sales.model import MODEL as SALES
from tests.proofs.fuzz import SEED, ask_services, read_inputs
from tests.proofs.odd_urls import OddUrls

INPUTS = 10_000
REQUESTS = 600


def test_odd_filters_and_urls_are_read_or_refused() -> None:
    outcome = read_inputs(INPUTS, SEED)
    assert outcome.failures == []
    assert sum(outcome.counts.values()) == INPUTS
    # Neither all noise nor all right: both sides of every reader are walked.
    assert min(outcome.counts["read"], outcome.counts["refused"]) > INPUTS / 10


def test_services_answer_odd_urls_with_what_is_wrong_with_them(database_url: Callable[[str], str]) -> None:
    for name, outcome in ask_services(database_url, REQUESTS, SEED).items():
        assert outcome.failures == [], name
        assert outcome.counts["200"] + outcome.counts["204"] > outcome.counts.total() / 20, name


def test_the_same_seed_gives_the_same_urls() -> None:
    first, second = OddUrls(SALES, 1), OddUrls(SALES, 1)
    assert [first.next() for _ in range(100)] == [second.next() for _ in range(100)]
