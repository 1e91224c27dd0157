"""The short form of `make torture`: each kind of process is killed once, at points that follow from a fixed seed."""

from __future__ import annotations

from tests.torture.blows import Blow, Torture
from tests.torture.site import MOVERS, Target

ROWS = 600


def test_whatever_is_killed_no_row_is_lost_or_doubled_and_no_counter_is_wrong(torture: Torture) -> None:
    """The checks of every round are in `tests.torture.checks`."""
    draw = torture.draw
    targets = list(Target)
    draw.shuffle(targets)
    torture.blows += [
        Blow(target, target if target in MOVERS else draw.choice(MOVERS), draw.uniform(0, 2), late=False)
        for target in targets
    ]
    torture.enter(ROWS)
    torture.rename()
    while torture.blows:
        torture.enter(ROWS)
    assert torture.kills.total() == len(Target)
