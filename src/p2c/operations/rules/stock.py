"""Stock of an item in a warehouse."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """Quantities in the inventory unit: what lies there, what is coming in, and what of both is reserved."""

    on_hand: Decimal
    reserved: Decimal
    ordered: Decimal
    reserved_ordered: Decimal

    @property
    def available(self) -> Decimal:
        """On hand and free."""
        return self.on_hand - self.reserved

    @property
    def available_ordered(self) -> Decimal:
        """On its way in and free."""
        return self.ordered - self.reserved_ordered

    @property
    def total_available(self) -> Decimal:
        """Free now or later."""
        return self.available + self.available_ordered

    @property
    def fault(self) -> str:
        """The field whose quantity cannot be; "" when all can."""
        faults = (
            (self.reserved < 0 or self.reserved > max(self.on_hand, Decimal(0)), "ReservedOnHandQuantity"),
            (self.ordered < 0, "OrderedQuantity"),
            (self.reserved_ordered < 0 or self.reserved_ordered > self.ordered, "ReservedOrderedQuantity"),
        )
        return next((field for wrong, field in faults if wrong), "")
