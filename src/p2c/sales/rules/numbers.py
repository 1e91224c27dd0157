"""Automatic numbers of accounts, contacts and quotes: prefix, increasing sequence, random suffix."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

FIRST_NUMBER = 1000
SEQUENCE_DIGITS = 5
SUFFIX_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Upper-case letters and digits without the look-alikes I, O, 0 and 1."""


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """How numbers of one table look: `ACC-01000-BVRCPS` has the prefix ACC and a suffix of six."""

    prefix: str
    suffix_length: int = 6

    def number(self, sequence: int, source: Random) -> str:
        """The number for one place in the sequence; five digits at least, more beyond 99999."""
        suffix = "".join(source.choice(SUFFIX_ALPHABET) for _ in range(self.suffix_length))
        return f"{self.prefix}-{sequence:0{SEQUENCE_DIGITS}d}-{suffix}"


ACCOUNT_NUMBERS = NumberFormat("ACC")
CONTACT_NUMBERS = NumberFormat("CON")
QUOTE_NUMBERS = NumberFormat("QUO")
