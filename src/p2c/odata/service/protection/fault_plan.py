"""Faults on demand: which requests shall fail, and how (decisions only)."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from random import Random

import msgspec

from p2c.odata.service.faults import RequestError

MOST_SECONDS = 300


class FaultKind(Enum):
    """What happens instead of, or before, the answer."""

    TOO_MANY = "429"
    PRECONDITION = "412"
    INTERNAL = "500"
    UNAVAILABLE = "503"
    SLOW = "slow"
    """The answer comes `seconds` late."""
    CUT = "cut"
    """The connection ends in the middle of the answer."""
    EXPIRED = "expired"
    """The token is said to have expired."""


_LOSES_ANSWERS = (FaultKind.INTERNAL, FaultKind.UNAVAILABLE, FaultKind.CUT, FaultKind.SLOW)


class Fault(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """One rule: the requests that it is about, and when it strikes among them.

    `nth`: every n-th of them; `rate`: a share between 0 and 1, drawn with `seed`. One of both. `times` bounds how
    often it strikes, 0 is without end. With `after` (500, 503, cut) the request is carried out and its answer lost,
    or late (slow): what a client must survive without doing it twice.
    """

    fault: FaultKind
    nth: int = 0
    rate: float = 0.0
    seed: int | None = None
    times: int = 0
    method: str = ""
    path: str = ""
    """A part of the path, such as `accounts`; empty for every path."""
    seconds: float = 5.0
    """How late (slow), or the Retry-After told (429, 503)."""
    after: bool = False


class Tally(msgspec.Struct):
    """A rule and what it has done."""

    rule: Fault
    seen: int = 0
    struck: int = 0


class FaultPlan:
    """The rules that are on. The first that strikes a request decides."""

    def __init__(self, rules: Sequence[Fault] = ()) -> None:
        self._tallies: list[Tally] = []
        self._draws: list[Random] = []
        self.change(rules)

    @property
    def tallies(self) -> Sequence[Tally]:
        """The rules with what they have done."""
        return self._tallies

    def change(self, rules: Sequence[Fault]) -> None:
        """Put other rules in place of all."""
        self._tallies = [Tally(rule) for rule in rules]
        self._draws = [Random(rule.seed) for rule in rules]

    def strike(self, method: str, path: str) -> Fault | None:
        """The rule that strikes this request, which is counted; None when it goes through unharmed."""
        hit: Fault | None = None
        for tally, draw in zip(self._tallies, self._draws, strict=True):
            rule = tally.rule
            if rule.method not in ("", method) or rule.path not in path:
                continue
            tally.seen += 1
            if hit is None and self._is_due(tally, draw):
                tally.struck += 1
                hit = rule
        return hit

    def _is_due(self, tally: Tally, draw: Random) -> bool:
        rule = tally.rule
        if rule.times and tally.struck >= rule.times:
            return False
        return tally.seen % rule.nth == 0 if rule.nth else draw.random() < rule.rate


def parse_rules(body: bytes) -> list[Fault]:
    """
    Rules from the JSON of one rule or of a list of them.

    Raises:
        RequestError: The JSON is none, or a rule makes no sense.
    """
    try:
        found = msgspec.json.decode(body, type=list[Fault] | Fault)
    except msgspec.MsgspecError as error:
        raise RequestError(400, f"the faults cannot be read ({error})") from error
    rules = found if isinstance(found, list) else [found]
    for rule in rules:
        if (rule.nth > 0) == (rule.rate > 0) or rule.nth < 0 or not 0 <= rule.rate <= 1:
            raise RequestError(400, f"fault {rule.fault.value}: give either nth (1 or more) or rate (above 0, up to 1)")
        if rule.after and rule.fault not in _LOSES_ANSWERS:
            raise RequestError(
                400, f"fault {rule.fault.value}: only 500, 503, cut and slow can strike after the request"
            )
        if not 0 <= rule.seconds <= MOST_SECONDS:
            raise RequestError(400, f"fault {rule.fault.value}: seconds must be 0 to {MOST_SECONDS}")
    return rules
