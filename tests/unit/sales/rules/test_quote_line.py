"""What a quote line must be."""

from __future__ import annotations

from decimal import Decimal
from itertools import islice
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2c.edm.change import Problem, ProblemKind
from p2c.sales.rules.product import ProductState
from p2c.sales.rules.quote_line import (
    SoldProduct,
    is_write_in,
    numbers_after,
    refuse_product,
    refuse_quantity,
    refuse_unit,
)

PRODUCT, GROUP, PIECE, BOX, HOUR = (UUID(int=number) for number in range(1, 6))
GROUP_OF = {PIECE: GROUP, BOX: GROUP, HOUR: UUID(int=9)}


def a_product(state: ProductState = ProductState.ACTIVE, decimals: int = 0) -> SoldProduct:
    """An active product, sold in whole pieces."""
    return SoldProduct("P1", state, GROUP, PIECE, decimals, externally_maintained=True)


def test_a_line_sells_a_product() -> None:
    """isproductoverridden false is the column's default and says nothing."""
    assert is_write_in(PRODUCT, None, False) is False


@pytest.mark.parametrize("overridden", [True, False, None])
def test_text_without_a_product_is_a_write_in(overridden: bool | None) -> None:
    """Whether or not the client says so."""
    assert is_write_in(None, "Doprava", overridden) is True


@pytest.mark.parametrize(("description", "overridden"), [("Doprava", False), (None, True)])
def test_a_line_is_not_both(description: str | None, overridden: bool) -> None:
    """A product and a text of its own contradict one another."""
    assert isinstance(is_write_in(PRODUCT, description, overridden), Problem)


@pytest.mark.parametrize("description", [None, "", "  "])
def test_a_line_is_not_nothing(description: str | None) -> None:
    """The code is the one that the real service gives."""
    problem = is_write_in(None, description, True)
    assert isinstance(problem, Problem)
    assert problem.code == "0x80043b11"


@pytest.mark.parametrize("state", ProductState)
def test_only_active_products_are_sold(state: ProductState) -> None:
    """The refusal names the product and its state."""
    problem = refuse_product(a_product(state))
    assert (problem is None) is (state is ProductState.ACTIVE)
    assert problem is None or "P1" in problem.message


def test_units_come_from_the_unit_group_of_the_product() -> None:
    """A piece or a box, not an hour, and not nothing."""
    assert refuse_unit(a_product(), BOX, GROUP_OF) is None
    assert refuse_unit(a_product(), HOUR, GROUP_OF) is not None
    assert refuse_unit(a_product(), None, GROUP_OF) is not None


def test_a_unit_that_does_not_exist_is_a_missing_lookup() -> None:
    """As any lookup that points nowhere."""
    problem = refuse_unit(a_product(), UUID(int=99), GROUP_OF)
    assert problem is not None
    assert problem.kind is ProblemKind.LOOKUP_MISSING


@pytest.mark.parametrize(
    ("quantity", "decimals", "fits"),
    [
        ("1", 0, True),
        ("1.000", 0, True),
        ("100", 0, True),
        ("1.5", 0, False),
        ("1.5", 1, True),
        ("1.25", 1, False),
    ],
)
def test_quantities_have_the_decimals_of_the_product(quantity: str, decimals: int, fits: bool) -> None:
    """Zeros at the end do not count."""
    problem = refuse_quantity(Decimal(quantity), a_product(decimals=decimals))
    assert (problem is None) is fits


def test_a_write_in_has_any_quantity_but_none() -> None:
    """There is no product to say how fine it may be."""
    assert refuse_quantity(Decimal("0.333"), None) is None
    assert refuse_quantity(None, None) is not None


@given(st.sets(st.integers(1, 10_000), max_size=20), st.integers(1, 20))
def test_line_numbers_go_on_after_the_last(taken: set[int], count: int) -> None:
    """Increasing by one, never one that is taken."""
    given_out = list(islice(numbers_after(taken), count))
    assert given_out == list(range(max(taken, default=0) + 1, max(taken, default=0) + 1 + count))
    assert taken.isdisjoint(given_out)
