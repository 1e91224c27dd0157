"""Parts of a divided leg: who has which, and what counts of whom."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from p2c.database.connect import open_database
from p2c.integrator.jobs import Queue
from p2c.integrator.outcome import CarriedParts, Counts, Disposition, LegKey, Progress, RowState, Status, Steps
from p2c.integrator.store import Store
from p2c.integrator.store.parts import HeldPart
from p2c.integrator.store.progress import PartLostError, TakenOverError
from p2c.odata.client.environment import KeyRange

LEG = LegKey("accounts", "Accounts", 1)
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
RANGES = (KeyRange("", "b"), KeyRange("b", "m"), KeyRange("m", ""))
LONG = 1000.0
ONE = Progress(Counts(read=1, created=1), {"inactive": 2}, requests=3, seconds=0.5, steps=Steps(read=0.25))


@pytest.fixture
def engine(database_url: Callable[[str], str]) -> Iterator[Engine]:
    """An empty database."""
    engine = open_database(database_url("integrator"))
    yield engine
    engine.dispose()


@pytest.fixture
def store(engine: Engine) -> Store:
    """A store in a database of its own."""
    return Store(engine)


def divide(store: Store) -> tuple[int, int]:
    """Ids of a run and of its leg's run, which is divided into three."""
    run = store.begin_run(["accounts"], "tester", True, NOW).id
    leg_run = store.begin_leg(run, LEG, "sales.accounts", "commondata.Accounts")
    store.divide_leg(leg_run, RANGES, owner="owner", mark="mark", again=True, expected=300)
    return run, leg_run


def take(store: Store, leg_run: int, me: str = "owner", seconds: float = LONG) -> HeldPart:
    """A part that must be free."""
    part = store.take_part(leg_run, me, seconds)
    assert part is not None
    return part


def commit(store: Store, run: int, part: HeldPart, source_id: str = "a") -> Progress:
    """A batch of one row."""
    state = RowState(source_id, source_id, "", b"1", source_id, Disposition.DELIVERED)
    return store.commit_batch(part.leg_run, LEG, run, states=[state], progress=ONE, shared=True, part=part)


def test_parts_are_taken_in_order_each_by_one(store: Store) -> None:
    _, leg_run = divide(store)
    taken = [take(store, leg_run, me) for me in ("owner", "helper", "owner")]
    assert [(part.number, part.attempt, part.range) for part in taken] == [
        (number, 1, bounds) for number, bounds in enumerate(RANGES, start=1)
    ]
    assert store.take_part(leg_run, "helper", LONG) is None


def test_what_several_carry_is_added_up(store: Store) -> None:
    run, leg_run = divide(store)
    first, second = take(store, leg_run), take(store, leg_run, "helper")
    commit(store, run, first)
    totals = commit(store, run, second, "b")
    assert totals == ONE + ONE == store.how_far(leg_run)[0]
    assert totals.skipped_because == {"inactive": 4}
    assert ONE + ONE - ONE == ONE
    for part in (first, second):
        store.end_part(part, [f"held {part.number}"])
    assert store.how_far(leg_run)[1] == 1
    assert sorted(store.held_rows(leg_run)) == ["held 1", "held 2"]

    assert store.finish_leg(leg_run, Progress(requests=1), checkpoint="far", shared=True) is Status.COMPLETED
    (leg,) = store.run(run).legs
    assert (leg.counts, leg.requests) == ((ONE + ONE).counts, 7)
    assert leg.carried_by == (CarriedParts("owner", 1, 1), CarriedParts("helper", 1, 1), CarriedParts("", 1, 0))
    assert (store.checkpoint(LEG), store.held_rows(leg_run)) == ("far", [])


def test_a_part_whose_lease_has_ended_is_taken_over_and_its_worker_records_nothing_any_more(store: Store) -> None:
    run, leg_run = divide(store)
    dead = take(store, leg_run, "helper", seconds=0)
    taken = take(store, leg_run)
    assert (taken.number, taken.attempt) == (dead.number, 2)
    for late in (
        lambda: commit(store, run, dead),
        lambda: store.keep_part(dead, LONG),
        lambda: store.end_part(dead, []),
    ):
        with pytest.raises(PartLostError, match="part 1"):
            late()
    store.give_part_back(dead)
    assert store.states(LEG, ["a"]) == {}
    assert take(store, leg_run).number == 2


def test_a_part_that_is_given_back_is_free_and_one_whose_lease_is_renewed_is_not(store: Store) -> None:
    _, leg_run = divide(store)
    part = take(store, leg_run, seconds=0)
    store.keep_part(part, LONG)
    assert take(store, leg_run).number == 2
    store.give_part_back(part)
    assert take(store, leg_run).number == 1


def test_a_clock_that_was_moved_back_lets_nobody_wait_for_the_dead(store: Store, engine: Engine) -> None:
    _, leg_run = divide(store)
    take(store, leg_run)
    with engine.begin() as connection:
        connection.execute(text("UPDATE part SET leased_until = leased_until + interval '1 year' WHERE number = 1"))
    assert take(store, leg_run).number == 1


def test_what_was_recorded_by_a_run_is_known_to_who_takes_a_part_over(store: Store) -> None:
    run, leg_run = divide(store)
    commit(store, run, take(store, leg_run))
    assert store.met(LEG, run, ["a", "b"]) == {"a"}
    assert store.met(LEG, run + 1, ["a", "b"]) == set()


def test_help_is_offered_to_other_processes_while_a_part_is_free(store: Store) -> None:
    run, leg_run = divide(store)
    (offer,) = store.offers("helper", LONG)
    assert (offer.leg_run, offer.run, offer.leg, offer.mark, offer.again) == (leg_run, run, LEG, "mark", True)
    assert (offer.expected, offer.parts, offer.version) == (300, 3, 0)
    assert store.offers("owner", LONG) == []
    for _ in RANGES:
        take(store, leg_run)
    assert store.offers("helper", LONG) == []


@pytest.mark.parametrize("taken_over", [True, False])
def test_when_the_leg_does_not_go_any_more_nobody_records_and_nothing_is_offered(
    store: Store, engine: Engine, taken_over: bool
) -> None:
    """Another run has taken its place, or its own run has ended."""
    run, leg_run = divide(store)
    part = take(store, leg_run, "helper")
    store.claim(leg_run, {"C-1": "a"})
    if taken_over:
        store.begin_run(["accounts"], "rival", True, NOW)
    else:
        store.finish_run(run, NOW, error="the destination is away")
    late: tuple[Callable[[], object], ...] = (
        lambda: commit(store, run, part),
        lambda: store.how_far(leg_run),
        lambda: store.claim(leg_run, {"C-2": "b"}),
        lambda: store.divide_leg(leg_run, RANGES, owner="owner", mark="mark", again=False, expected=1),
    )
    for action in late:
        with pytest.raises(TakenOverError):
            action()
    store.give_part_back(part)
    assert store.take_part(leg_run, "helper", LONG) is None
    assert store.offers("helper", LONG) == []
    with engine.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM claim")).scalar_one() == 0


def test_parts_are_forgotten_with_their_run(store: Store, engine: Engine) -> None:
    run, leg_run = divide(store)
    store.finish_leg(leg_run, Progress(), shared=True)
    store.finish_run(run, NOW)
    later = store.begin_run(["accounts"], "tester", True, NOW).id
    store.finish_leg(store.begin_leg(later, LEG, "sales.accounts", "commondata.Accounts"), Progress())
    store.finish_run(later, NOW)
    assert store.forget_history(NOW + timedelta(days=1)).runs == 1
    with engine.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM part")).scalar_one() == 0


def test_workers_count_as_long_as_their_heart_beats(store: Store, engine: Engine) -> None:
    """A database without a queue has none."""
    assert store.living_workers(30) == 0
    Queue(engine)
    with engine.begin() as connection:
        for age in (0, 10, 40):
            connection.execute(
                text(f"INSERT INTO jobs.procrastinate_workers (last_heartbeat) VALUES (now() - interval '{age} s')")
            )
    assert store.living_workers(30) == 2
