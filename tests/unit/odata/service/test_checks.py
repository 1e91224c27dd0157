"""Checks that follow from an entity's definition tell the first column that is wrong, whatever the request's order."""

from __future__ import annotations

from decimal import Decimal

import pytest

from p2c.edm.change import Change, ProblemKind
from p2c.edm.declare import choice, money, text
from p2c.edm.entity import Entity, Table
from p2c.edm.values import Row
from p2c.odata.service.checks import check_choices, check_range

_COLUMNS = (
    text("id", 10, "Id"),
    choice("kind", "Kind", {1: "One", 2: "Two"}),
    choice("size", "Size", {1: "Small"}),
    money("price", "Price"),
    money("cost", "Cost"),
)
ENTITY = Entity("thing", "things", "Thing", "Things", _COLUMNS, ("id",), Table("thing", _COLUMNS, "id"))
_LARGE = Decimal(10) ** 60


@pytest.mark.parametrize("values", [{"size": 9, "kind": 9}, {"kind": 9, "size": 9}])
def test_of_two_values_outside_their_choices_the_first_column_is_told(values: Row) -> None:
    change = Change(0, "1", values)
    check_choices(ENTITY, [change])
    assert change.problem is not None
    assert (change.problem.kind, change.problem.field) == (ProblemKind.BAD_CHOICE, "kind")
    assert "it knows 1, 2" in change.problem.message


@pytest.mark.parametrize("values", [{"cost": _LARGE, "price": _LARGE}, {"price": Decimal("NaN"), "cost": _LARGE}])
def test_of_two_numbers_out_of_range_the_first_column_is_told(values: Row) -> None:
    change = Change(0, "1", values)
    check_range(ENTITY, [change])
    assert change.problem is not None
    assert (change.problem.kind, change.problem.field) == (ProblemKind.OUT_OF_RANGE, "price")


def test_empty_and_fitting_values_pass() -> None:
    change = Change(0, "1", {"kind": None, "size": 1, "price": None, "cost": Decimal(1)})
    check_choices(ENTITY, [change])
    check_range(ENTITY, [change])
    assert change.problem is None
