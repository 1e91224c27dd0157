"""Places of an environment are divided so that none is given twice, and in equal parts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from p2c.integrator.shares import fair_share, granted

PLACES = st.integers(1, 60)
MEMBERS = st.integers(1, 80)


@given(PLACES, MEMBERS)
def test_fair_shares_are_all_places_and_no_more(places: int, members: int) -> None:
    assert sum(fair_share(places, members, rank) for rank in range(members)) == places


@given(PLACES, MEMBERS)
def test_everybody_gets_as_much_as_the_others_but_for_one_place(places: int, members: int) -> None:
    shares = [fair_share(places, members, rank) for rank in range(members)]
    assert max(shares) - min(shares) <= 1
    assert shares == sorted(shares, reverse=True)


@given(PLACES, MEMBERS)
def test_who_gets_no_place_came_after_as_many_members_as_there_are_places(places: int, members: int) -> None:
    waiting = [rank for rank in range(members) if fair_share(places, members, rank) == 0]
    assert waiting == list(range(places, members))


def test_a_newcomer_gets_only_what_the_first_has_given_back() -> None:
    assert granted(52, others=52, fair=26, kept=0) == 0
    assert granted(52, others=0, fair=26, kept=40) == 40
    assert granted(52, others=40, fair=26, kept=0) == 12


@given(PLACES, st.lists(st.tuples(st.integers(0, 9), st.floats(0, 1), st.booleans()), max_size=100))
def test_all_together_never_hold_more_than_there_are(places: int, steps: list[tuple[int, float, bool]]) -> None:
    """Members join, renew with some of their requests still under way, and leave, in any order."""
    held: dict[int, int] = {}
    for member, under_way, leaves in steps:
        if leaves:
            held.pop(member, None)
        else:
            _renew(places, held, member, int(held.get(member, 0) * under_way))
        assert sum(held.values()) <= places


@given(PLACES, st.lists(st.integers(0, 9), max_size=40))
def test_when_all_have_given_back_and_taken_everybody_has_the_fair_share(places: int, steps: list[int]) -> None:
    held: dict[int, int] = {}
    for member in steps:
        _renew(places, held, member, held.get(member, 0))
    for _ in range(2):
        for member in held:
            _renew(places, held, member, 0)
    assert list(held.values()) == [fair_share(places, len(held), rank) for rank in range(len(held))]


def _renew(places: int, held: dict[int, int], member: int, kept: int) -> None:
    held.setdefault(member, 0)
    fair = fair_share(places, len(held), list(held).index(member))
    held[member] = granted(places, sum(held.values()) - held[member], fair, kept)
