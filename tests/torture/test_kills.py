"""The short form of `make torture`: each kind of process is killed once, at points that follow from a fixed seed."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest

from tests.torture.blows import Blow, Torture
from tests.torture.long import fresh_site
from tests.torture.site import MOVERS, Site, Target

ROWS = 600
SEED = 7


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """One for all tests of the module."""
    with fresh_site() as site:
        yield site


def test_whatever_is_killed_no_row_is_lost_or_doubled_and_no_counter_is_wrong(site: Site) -> None:
    """Each kind of process once; the checks of every round are in `tests.torture.checks`."""
    draw = Random(SEED)
    targets = list(Target)
    draw.shuffle(targets)
    blows = [
        Blow(target, target if target in MOVERS else draw.choice(MOVERS), draw.uniform(0, 2), late=False)
        for target in targets
    ]
    torture = Torture(site, draw, blows)
    torture.begin()
    torture.enter(ROWS)
    torture.rename()
    while blows:
        torture.enter(ROWS)
    assert torture.kills.total() == len(Target)
