"""Products and quotes that another system maintains."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2c.edm.change import ProblemKind
from p2c.edm.values import Row
from p2c.sales.rules.externally_maintained import (
    FLAG,
    externally_maintained_only,
    refuse_product_delete,
    refuse_product_write,
)

EXTERNAL: Row = {"productnumber": "P1", "name": "Chai", FLAG: True}
OWN: Row = {"productnumber": "P2", "name": "Tea", FLAG: False}
OLD: Row = {"productnumber": "P3", "name": "Mate", FLAG: None}


def test_a_quote_without_lines_counts_as_externally_maintained() -> None:
    """True is the column's default."""
    assert externally_maintained_only([])


@pytest.mark.parametrize("other", [False, None])
def test_one_own_product_or_write_in_makes_the_flag_false(other: bool | None) -> None:
    """So the quote stays in Sales."""
    assert not externally_maintained_only([True, other, True])


@given(st.lists(st.booleans()))
def test_the_flag_is_true_only_when_every_line_is(lines: list[bool]) -> None:
    """Order and number of the lines do not matter."""
    assert externally_maintained_only(lines) is (False not in lines)


def test_a_seller_cannot_change_an_externally_maintained_product() -> None:
    """The refusal names the column and the way out."""
    problem = refuse_product_write("P1", EXTERNAL, {"name": "Tea", "price": 1})
    assert problem is not None
    assert problem.kind is ProblemKind.READ_ONLY
    assert problem.field == "name"
    assert FLAG in problem.message


def test_the_maintaining_system_says_so_with_every_write() -> None:
    """Its writes carry the flag as true."""
    assert refuse_product_write("P1", EXTERNAL, {"name": "Tea", FLAG: True}) is None


@pytest.mark.parametrize("value", [False, None])
def test_a_seller_cannot_take_a_product_over_by_clearing_the_flag(value: bool | None) -> None:
    """Clearing the flag is a change like any other."""
    assert refuse_product_write("P1", EXTERNAL, {FLAG: value}) is not None


def test_a_seller_activates_and_retires_externally_maintained_products() -> None:
    """Draft products must be activated in Sales before they are sold."""
    assert refuse_product_write("P1", EXTERNAL, {"statecode": 0, "statuscode": 1}) is None


@pytest.mark.parametrize("stored", [OWN, OLD, None])
def test_other_products_are_open_to_sellers(stored: Row | None) -> None:
    """Entered in Sales, older than the flag, or new."""
    assert refuse_product_write("P2", stored, {"name": "Tea"}) is None


def test_an_externally_maintained_product_is_not_deleted() -> None:
    """It is retired instead."""
    problem = refuse_product_delete(EXTERNAL)
    assert problem is not None
    assert "retire" in problem.message
    assert refuse_product_delete(OWN) is None
