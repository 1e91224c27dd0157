"""Divides the places of an environment among those who work on it as one user."""

from __future__ import annotations


def fair_share(places: int, members: int, rank: int) -> int:
    """
    Equal parts of `places` for so many members; who came first (rank 0) gets what does not divide.

    Where there are more members than places the last ones get none, and wait.
    """
    return places // members + (rank < places % members)


def granted(places: int, others: int, fair: int, kept: int) -> int:
    """
    What a member holds from now on: its fair share, as far as it is free of what the others hold.

    `kept` are the places that it cannot give back yet, because requests are under way on them. As long as everybody
    keeps no more than was granted, and the places stay the same, all together never hold more than there are.
    """
    return max(kept, min(fair, places - others))
