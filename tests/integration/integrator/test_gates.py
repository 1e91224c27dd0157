"""Runs in several processes share an environment's places and its pauses through the integrator's database."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import aclosing

import pytest
from sqlalchemy import text

from p2c.database.connect import open_database
from p2c.errors import RetryError
from p2c.integrator.connections import Connection, SignIn
from p2c.integrator.engine.shared_gates import RENEWED, SharedGates, gate_name
from p2c.integrator.store import Store
from p2c.integrator.store.gates import Claim, Lease, News
from p2c.odata.client.gate import MOST, RateGate

SALES = Connection("sales", "sales", "http://127.0.0.1:8001/api/data/v9.2/")
GATE = gate_name(SALES)
PAUSE = 3.0


@pytest.fixture
def url(database_url: Callable[[str], str]) -> str:
    """An empty database."""
    return database_url("integrator")


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """A store in it."""
    engine = open_database(url)
    yield Store(engine)
    engine.dispose()


def lease(
    store: Store, member: str, *, kept: int = 0, pause: float = 0.0, hint: int | None = None, seconds: float = 60
) -> Lease:
    """What a member gets at the gate."""
    return store.lease(Claim(GATE, member, seconds, kept, hint, pause))


def test_who_is_alone_has_all_places(store: Store) -> None:
    got = lease(store, "one")
    assert (got.places, got.fair) == (MOST, MOST)
    assert got.pause <= 0


def test_a_newcomer_gets_what_the_first_has_given_back(store: Store) -> None:
    lease(store, "one")
    assert lease(store, "two").places == 0
    assert lease(store, "one", kept=30).places == 30
    assert lease(store, "two").places == MOST - 30
    assert lease(store, "one", kept=10).places == lease(store, "two").places == MOST // 2


def test_places_of_a_dead_process_come_free_when_its_lease_ends(store: Store) -> None:
    assert lease(store, "dead", seconds=0).places == MOST
    got = lease(store, "alive")
    assert (got.places, got.fair) == (MOST, MOST)


def test_who_leaves_gives_all_places_back(store: Store) -> None:
    lease(store, "one")
    store.give_back(GATE, "one")
    store.give_back(GATE, "one")
    assert lease(store, "two").places == MOST


def test_the_parallelism_that_the_environment_recommends_is_divided(store: Store) -> None:
    lease(store, "one", hint=5)
    lease(store, "two")
    assert [lease(store, member).places for member in ("one", "two")] == [3, 2]


def test_a_pause_told_to_one_is_everybodys_and_a_shorter_one_does_not_end_it(store: Store) -> None:
    lease(store, "one", pause=100)
    lease(store, "two", pause=1)
    assert 90 < lease(store, "three").pause <= 100


def move_clock_back(store: Store, seconds: float) -> None:
    """What was written before it, as it looks from then on."""
    with store._begin() as connection:
        for table, column in (("gate", "resume_at"), ("gate", "told_at"), ("gate_lease", "expires_at")):
            later = f"UPDATE {table} SET {column} = {column} + make_interval(secs => :seconds)"
            connection.execute(text(later), {"seconds": seconds})


def test_a_clock_that_is_moved_back_keeps_no_places_for_the_dead(store: Store) -> None:
    lease(store, "dead")
    move_clock_back(store, 3600)
    got = lease(store, "alive")
    assert (got.places, got.fair) == (MOST, MOST)


def test_a_clock_that_is_moved_back_does_not_make_a_pause_longer(store: Store) -> None:
    lease(store, "one", pause=10)
    move_clock_back(store, 3600)
    assert lease(store, "one").pause <= 0
    lease(store, "one", pause=10)
    assert 9 < lease(store, "two").pause <= 10


def test_another_user_of_the_environment_and_another_environment_have_their_own_places(store: Store) -> None:
    signed = Connection("sales", "sales", SALES.url, SignIn(tenant="t", application="6f3c"))
    elsewhere = Connection("hub", "commondata", "http://127.0.0.1:8003/api/data/v9.2/")
    assert len({gate_name(item) for item in (SALES, signed, elsewhere)}) == 3


def test_two_connections_to_one_environment_as_one_user_share_their_places() -> None:
    assert gate_name(Connection("again", "sales", SALES.url)) == GATE


@pytest.mark.anyio
async def test_the_others_hear_of_who_joins_and_of_pauses_but_not_of_renewals(store: Store) -> None:
    async with aclosing(store.news()) as news:
        assert await anext(news) == News()
        lease(store, "one")
        lease(store, "one", kept=MOST)
        lease(store, "two")
        lease(store, "two", pause=1)
        store.give_back(GATE, "one")
        heard = [(await anext(news)).member for _ in range(4)]
    # "one" came and went, "two" came and told a pause; that "one" stayed is no news.
    assert heard == ["one", "two", "two", "one"]


@pytest.mark.anyio
async def test_a_gate_gets_its_places_when_it_needs_them_and_gives_them_back_at_the_end(store: Store) -> None:
    async with SharedGates(store) as gates:
        gate = gates.of(SALES)
        assert gates.of(SALES) is gate
        assert _members(store) == 0
        async with gate.place():
            assert gate.state.share == MOST
            assert _members(store) == 1
    assert _members(store) == 0


@pytest.mark.anyio
async def test_two_gates_come_to_share_the_places(store: Store) -> None:
    """The second one waits only until the first has looked."""
    async with (
        SharedGates(store) as first,
        SharedGates(store) as second,
        first.of(SALES).place(),
        second.of(SALES).place(),
    ):
        shares = [gates.of(SALES).state.share for gates in (first, second)]
    assert shares[0] == MOST // 2
    assert 0 < shares[1] <= MOST // 2


@pytest.mark.anyio
async def test_a_gate_whose_database_has_gone_says_so_instead_of_waiting_for_ever(store: Store, url: str) -> None:
    async with SharedGates(store) as gates:
        with store._begin() as connection:
            connection.execute(text("DROP TABLE gate_lease"))
        with pytest.raises(RetryError, match="places could not be agreed on"):
            await _pass(gates.of(SALES))


@pytest.mark.anyio
async def test_what_one_process_was_told_holds_for_another_process(store: Store, url: str) -> None:
    """The other process sends without a pause; it falls silent at the latest when it renews its lease."""
    other = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.integration.integrator.sender", url, SALES.url, str(PAUSE),
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert other.stdout is not None
    assert await other.stdout.readline() == b"sending\n"
    async with SharedGates(store) as gates:
        gate = gates.of(SALES)
        async with gate.place() as started:
            gate.refused(started, PAUSE)
            told = time.monotonic()
        await _pass(gate)
        assert time.monotonic() >= told + PAUSE
    silence = (await other.stdout.readline()).split()
    assert await other.wait() == 0
    assert silence, "the other process was never silent"
    last, first = map(float, silence)
    assert last < told + RENEWED
    assert first >= told + PAUSE


async def _pass(gate: RateGate) -> None:
    async with gate.place():
        pass


def _members(store: Store) -> int:
    with store._begin() as connection:
        return int(connection.execute(text("SELECT count(*) FROM gate_lease")).scalar_one())
