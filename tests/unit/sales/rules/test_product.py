"""First state of a product, and the price list that it joins."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from p2c.edm.change import Problem, ProblemKind
from p2c.sales.rules.product import (
    PriceList,
    ProductState,
    first_price_list,
    initial_state,
    price_list_to_join,
)

CZK, HUF, EUR = UUID(int=1), UUID(int=2), UUID(int=3)
TODAY = date(2026, 3, 31)


def a_list(
    name: str,
    currency: UUID = CZK,
    *,
    active: bool = True,
    begin: date | None = None,
    end: date | None = None,
) -> PriceList:
    """A price list whose key follows from its name."""
    return PriceList(UUID(int=abs(hash(name)) % 2**100), name, currency, active, begin, end)


@pytest.mark.parametrize(
    ("starts_active", "has_parent", "expected"),
    [
        (True, False, ProductState.ACTIVE),
        (True, True, ProductState.DRAFT),
        (False, False, ProductState.DRAFT),
        (False, True, ProductState.DRAFT),
    ],
)
def test_the_organization_decides_the_first_state(
    starts_active: bool, has_parent: bool, expected: ProductState
) -> None:
    """Products of a family are drafts in any case."""
    assert initial_state(starts_active, has_parent) is expected


def test_the_first_list_by_name_wins() -> None:
    """Lists of other currencies do not count, capital letters do not either."""
    lists = [a_list("b Retail"), a_list("C Export"), a_list("A Budapest", HUF), a_list("B Partner")]
    found = first_price_list(lists, CZK, TODAY)
    assert found is not None
    assert found.name == "B Partner"


@pytest.mark.parametrize(
    "unfit",
    [
        pytest.param(a_list("A", active=False), id="inactive"),
        pytest.param(a_list("A", begin=date(2026, 4, 1)), id="not begun"),
        pytest.param(a_list("A", end=date(2026, 3, 30)), id="ended"),
    ],
)
def test_lists_that_are_not_valid_today_are_passed_over(unfit: PriceList) -> None:
    """The next one by name takes the product."""
    found = first_price_list([unfit, a_list("B", begin=TODAY, end=TODAY)], CZK, TODAY)
    assert found is not None
    assert found.name == "B"


def test_a_currency_without_list_refuses_the_product_and_is_named() -> None:
    """Nobody could sell the product; the message says what to create."""
    problem = price_list_to_join([a_list("A")], EUR, "EUR", None, TODAY)
    assert isinstance(problem, Problem)
    assert "EUR" in problem.message
    assert problem.field == "transactioncurrencyid"


def test_a_list_given_with_the_product_is_taken() -> None:
    """Even when another one comes first by name."""
    forced = a_list("Z Special")
    assert price_list_to_join([a_list("A"), forced], CZK, "CZK", forced.id, TODAY) is forced


def test_a_list_given_in_another_currency_is_refused() -> None:
    """The message names the list and the currency."""
    forced = a_list("Budapest", HUF)
    problem = price_list_to_join([forced], CZK, "CZK", forced.id, TODAY)
    assert isinstance(problem, Problem)
    assert "Budapest" in problem.message
    assert "CZK" in problem.message


def test_a_list_given_that_does_not_exist_is_refused() -> None:
    """As any lookup that points nowhere."""
    problem = price_list_to_join([], CZK, "CZK", UUID(int=99), TODAY)
    assert isinstance(problem, Problem)
    assert problem.kind is ProblemKind.LOOKUP_MISSING
