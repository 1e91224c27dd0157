"""Amounts rounded as their currency says."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, ROUND_UP, Decimal

_MODES = {"Ordinary": ROUND_HALF_UP, "RoundDown": ROUND_DOWN, "RoundUp": ROUND_UP}
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Rounding:
    """Round to multiples of `unit` (0.01, or 1 for a currency without cents); halves go away from zero."""

    unit: Decimal = _CENT
    method: str = "Ordinary"

    def __call__(self, amount: Decimal) -> Decimal:
        """The nearest multiple of the unit; a unit of nought means cents."""
        unit = self.unit or _CENT
        return (amount / unit).quantize(Decimal(1), rounding=_MODES[self.method]) * unit


CENTS = Rounding()
