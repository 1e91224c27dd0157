"""What a quote line must be: a product or a write-in, in a unit of the product, with a fitting quantity."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from uuid import UUID

from p2c.edm.change import Problem, ProblemKind
from p2c.edm.values import Value
from p2c.sales.rules.product import ProductState
from p2c.sales.rules.typed import words

MISSING_PRODUCT_ERROR = "0x80043b11"
MISSING_UNIT_ERROR = "0x80043b0d"


@dataclass(frozen=True, slots=True)
class SoldProduct:
    """What a line needs to know of its product."""

    number: str
    state: int
    unit_group: UUID | None
    default_unit: UUID | None
    quantity_decimals: int
    externally_maintained: bool


def is_write_in(product: Value, description: Value, overridden: Value) -> bool | Problem:
    """
    Whether the line is a write-in: its own text instead of a product.

    Args:
        overridden: isproductoverridden as written; only true says anything, false is the column's default.
    """
    text = words(description)
    if product is not None:
        if overridden is True or text:
            return Problem(
                ProblemKind.RULE,
                "A quote line has either productid or, as a write-in, productdescription with "
                "isproductoverridden true; clear one of them.",
                field="productdescription",
                value=description,
            )
        return False
    if not text:
        return Problem(
            ProblemKind.REQUIRED,
            "A quote line needs a product; set productid, or productdescription and isproductoverridden true "
            "for a write-in.",
            field="productid",
            code=MISSING_PRODUCT_ERROR,
        )
    return True


def refuse_product(product: SoldProduct) -> Problem | None:
    """Refuse a product that is not active."""
    if product.state == ProductState.ACTIVE:
        return None
    state = ProductState(product.state).name.lower().replace("_", " ")
    return Problem(
        ProblemKind.RULE,
        f"Product {product.number} is {state} and cannot be sold; activate it (statecode 0) or take another.",
        field="productid",
        value=product.number,
    )


def refuse_unit(product: SoldProduct, unit: UUID | None, group_of: Mapping[UUID, UUID | None]) -> Problem | None:
    """
    Refuse a unit outside the product's unit group.

    Args:
        group_of: The unit group of each known unit.
    """
    if unit is None:
        return Problem(
            ProblemKind.REQUIRED,
            f"Product {product.number} has no default unit; set uomid on the line.",
            field="uomid",
            code=MISSING_UNIT_ERROR,
        )
    if unit not in group_of:
        return Problem(ProblemKind.LOOKUP_MISSING, f"Unit {unit} does not exist.", field="uomid", value=unit)
    if group_of[unit] != product.unit_group:
        return Problem(
            ProblemKind.RULE,
            f"Unit {unit} is not in the unit group of product {product.number}; choose a unit of that group.",
            field="uomid",
            value=unit,
        )
    return None


def refuse_quantity(quantity: Decimal | None, product: SoldProduct | None) -> Problem | None:
    """Refuse a missing quantity, or one with more decimals than the product is sold in."""
    if quantity is None:
        return Problem(ProblemKind.REQUIRED, "A quote line needs a quantity; set quantity.", field="quantity")
    if product is None or _decimals(quantity) <= product.quantity_decimals:
        return None
    return Problem(
        ProblemKind.OUT_OF_RANGE,
        f"Quantity {quantity.normalize():f} has more decimals than product {product.number} allows "
        f"({product.quantity_decimals}); round it or raise the product's quantitydecimal.",
        field="quantity",
        value=quantity,
    )


def _decimals(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def numbers_after(taken: Collection[int]) -> Iterator[int]:
    """Line numbers to give out: from one more than the largest taken, 1 for the first line."""
    return count(max(taken, default=0) + 1)


def duplicate_sequence(quote: Value, number: int) -> Problem:
    """Why a line with a sequence number that another line of the quote has is refused."""
    return Problem(
        ProblemKind.DUPLICATE_KEY,
        f"Quote {quote} has another line with sequencenumber {number}; give a free number or none.",
        field="sequencenumber",
        value=number,
    )
