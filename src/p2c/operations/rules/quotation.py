"""Money on a sales quotation: what a line comes to, how a discount is split, what the header sums up to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from p2c.operations.rules.rounding import CENTS, Rounding

_HUNDRED = Decimal(100)
_HALF_CENT = Decimal("0.005")


@dataclass(frozen=True, slots=True)
class UnitDiscount:
    """A discount as a line keeps it: `per_unit` off the price, and the rounding rest as a charge."""

    per_unit: Decimal
    charges: Decimal


def split_discount(discount: Decimal, quantity: Decimal, other_per_unit: Decimal = Decimal(0)) -> UnitDiscount:
    """
    Split a discount on a whole line: 10.00 off 3 pieces is 3.33 a piece and a charge of -0.01.

    So that nothing is lost, `quantity * (per_unit + other_per_unit) - charges` equals `discount` exactly.

    Args:
        discount: The whole line's discount.
        quantity: Units sold.
        other_per_unit: What a multiline discount takes off each unit already.

    Raises:
        ValueError: If the quantity is nought and the discount is not.
    """
    if not quantity:
        if discount:
            raise ValueError(f"a discount of {discount} cannot be split over a quantity of 0")
        return UnitDiscount(Decimal(0), Decimal(0))
    per_unit = CENTS((discount - quantity * other_per_unit) / quantity)
    return UnitDiscount(per_unit, quantity * (per_unit + other_per_unit) - discount)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineMoney:
    """What a line's amount follows from. Percentages are 0 to 100; `price` is for `price_quantity` units."""

    quantity: Decimal
    price: Decimal
    price_quantity: Decimal = Decimal(1)
    discount: Decimal = Decimal(0)
    discount_percentage: Decimal = Decimal(0)
    multiline_discount: Decimal = Decimal(0)
    multiline_percentage: Decimal = Decimal(0)
    charges: Decimal = Decimal(0)

    @property
    def gross(self) -> Decimal:
        """Quantity times price, not rounded."""
        return self.quantity * self.price / (self.price_quantity or 1)

    @property
    def rest(self) -> Decimal:
        """The part of the charges that is only the rounding rest of a split discount."""
        return self.charges if abs(self.charges) <= abs(self.quantity) * _HALF_CENT else Decimal(0)

    @property
    def whole_discount(self) -> Decimal:
        """The discount in money on the whole line, without percentages: what `split_discount` was given."""
        return self.quantity * (self.discount + self.multiline_discount) - self.rest

    @property
    def real_charges(self) -> Decimal:
        """Charges that a person entered."""
        return self.charges - self.rest

    def net(self, rounding: Rounding) -> Decimal:
        """Quantity times (price less discounts), less percentages, plus charges, rounded to the currency."""
        discounted = self.gross - self.quantity * (self.discount + self.multiline_discount)
        for percentage in (self.discount_percentage, self.multiline_percentage):
            discounted = discounted * (_HUNDRED - percentage) / _HUNDRED
        return rounding(discounted + self.charges)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineTotals:
    """What a line adds to its quotation: net amount, discounts of every kind, charges, tax."""

    net: Decimal
    discount: Decimal
    charges: Decimal
    tax: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotationTotals:
    """The sums of a quotation. `discount` is the quotation's own, `all_discounts` adds those of the lines."""

    amount: Decimal
    discount: Decimal
    all_discounts: Decimal
    charges: Decimal
    tax: Decimal


def quotation_totals(lines: Iterable[LineTotals], percentage: Decimal, rounding: Rounding) -> QuotationTotals:
    """Sum the lines and take `percentage` (0 to 100) off; amount = net of the lines - own discount + tax."""
    rows = tuple(lines)
    net = sum((line.net for line in rows), Decimal(0))
    tax = sum((line.tax for line in rows), Decimal(0))
    own = rounding(net * percentage / _HUNDRED)
    return QuotationTotals(
        amount=net - own + tax,
        discount=own,
        all_discounts=rounding(sum((line.discount for line in rows), Decimal(0))) + own,
        charges=rounding(sum((line.charges for line in rows), Decimal(0))),
        tax=tax,
    )
