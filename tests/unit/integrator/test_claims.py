"""Two source rows never become one destination row, also when their batches are under way at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from types import SimpleNamespace
from typing import cast

from p2c.integrator.engine.claims import Claims, OwnUnderWay
from p2c.integrator.engine.context import LegContext
from p2c.integrator.engine.decide import Deliver, MappedRow

FIRST, SECOND = "first", "second"


def delivery(source_id: str, *, known: bool = False) -> Deliver:
    """A row that becomes customer C-1, as all rows here do."""
    return Deliver(MappedRow(source_id, {}, "A-1", "czmf", "czmf/C-1", {"Account": "C-1"}, b""), known=known)


def claims(owner: str = "", *, merges: bool = False) -> Claims:
    """Claims over a store that knows `owner` as the source of C-1."""

    def owners(_leg: object, addresses: Collection[str]) -> dict[str, str]:
        return dict.fromkeys(addresses, owner) if owner else {}

    context = SimpleNamespace(
        key=None,
        companies=SimpleNamespace(merges=merges),
        compiled=SimpleNamespace(key=("Account",), sources={"Account": "accountnumber"}),
        store=SimpleNamespace(owners=owners),
    )
    return Claims(cast(LegContext, context), OwnUnderWay())


def refused(told: Claims, rows: Sequence[Deliver]) -> list[tuple[str, str, str, object]]:
    """Source id, code, field and value of the rows that may not be sent."""
    answer = asyncio.run(told.claim(rows))
    return [(source_id, error.code, error.field, error.value) for source_id, error in answer.items()]


TWICE = [(SECOND, "DUPLICATE-KEY", "accountnumber", "C-1")]


def test_what_was_delivered_in_an_earlier_run_is_not_overwritten() -> None:
    assert refused(claims(owner=FIRST), [delivery(SECOND)]) == TWICE


def test_a_row_may_be_sent_again_by_the_source_row_that_owns_it() -> None:
    assert refused(claims(owner=FIRST), [delivery(FIRST)]) == []


def test_a_batch_may_not_take_what_another_one_is_sending_just_now() -> None:
    told = claims()

    assert refused(told, [delivery(FIRST)]) == []
    assert refused(told, [delivery(SECOND)]) == TWICE


def test_a_refused_batch_does_not_free_what_another_one_is_sending() -> None:
    told = claims()
    refused(told, [delivery(FIRST)])
    refused(told, [delivery(SECOND)])
    asyncio.run(told.settle([delivery(SECOND)]))

    assert refused(told, [delivery(SECOND)]) == TWICE


def test_a_batch_that_is_recorded_without_the_row_frees_it() -> None:
    told = claims()
    refused(told, [delivery(FIRST)])
    asyncio.run(told.settle([delivery(FIRST)]))

    assert refused(told, [delivery(SECOND)]) == []


def test_rows_of_several_companies_may_become_one_where_the_destination_has_no_companies() -> None:
    assert refused(claims(owner=FIRST, merges=True), [delivery(SECOND)]) == []
