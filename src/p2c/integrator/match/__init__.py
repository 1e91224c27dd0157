"""Match rules: rows that stand on both sides before the first run are recognised, and given one key."""

from p2c.integrator.match.find import find_matches, matching_task
from p2c.integrator.match.keys import Changed, Told, give_keys, take_back
from p2c.integrator.match.pairs import Ambiguous, Pair, SideCounts

__all__ = [
    "Ambiguous",
    "Changed",
    "Pair",
    "SideCounts",
    "Told",
    "find_matches",
    "give_keys",
    "matching_task",
    "take_back",
]
