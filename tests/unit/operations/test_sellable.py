"""A product is sellable when it passes the validation, and stays so only as long as it does."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from p2c.edm.change import ProblemKind
from p2c.edm.values import Row
from p2c.operations.rules.sellable import SellableFacts, units_convert, why_not_sellable
from tests.unit.operations.memory import Operations, a_company, a_released_product, own

SOUND = SellableFacts(
    product_exists=True,
    product_name="Židle",
    is_product_master=False,
    item_model_group="FIFO",
    product_group="Goods",
    storage_dimension_group="SiteWH",
    tracking_dimension_group="None",
    inventory_unit="ea",
    sales_unit="ea",
    unknown_units=(),
    units_convert=True,
    lifecycle_state="",
)


def test_a_complete_product_is_sellable() -> None:
    """No reason against it."""
    assert why_not_sellable(SOUND) == ()


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (replace(SOUND, product_exists=False), "ProductsV2"),
        (replace(SOUND, product_name=""), "ProductName"),
        (replace(SOUND, is_product_master=True), "variants"),
        (replace(SOUND, item_model_group=""), "ItemModelGroupId"),
        (replace(SOUND, product_group=""), "ProductGroupId"),
        (replace(SOUND, storage_dimension_group=""), "StorageDimensionGroupName"),
        (replace(SOUND, tracking_dimension_group=""), "TrackingDimensionGroupName"),
        (replace(SOUND, inventory_unit=""), "InventoryUnitSymbol"),
        (replace(SOUND, sales_unit=""), "SalesUnitSymbol"),
        (replace(SOUND, unknown_units=("crate",)), "crate"),
        (replace(SOUND, units_convert=False), "conversion"),
        (replace(SOUND, lifecycle_state="Obsolete"), "Obsolete"),
    ],
)
def test_each_thing_that_is_missing_is_a_reason_by_itself(facts: SellableFacts, reason: str) -> None:
    """One reason, and it names the field."""
    (only,) = why_not_sellable(facts)
    assert reason in only


def test_a_conversion_works_in_both_directions() -> None:
    """One row for box and ea is enough."""
    conversions = frozenset({("box", "ea")})
    assert units_convert("ea", "box", conversions)
    assert units_convert("box", "ea", conversions)
    assert not units_convert("ea", "pl", conversions)


def sellable(operations: Operations) -> bool:
    """Whether the product is in the export."""
    return operations.one("released_product", own(ItemNumber="P1"))["IsSellable"] is True


@pytest.mark.parametrize(
    "lack", [{"ItemModelGroupId": ""}, {"ProductGroupId": ""}, {"ProductLifecycleStateId": "Obsolete"}]
)
def test_changing_the_released_product_turns_it(lack: Row) -> None:
    """It leaves the export with the change and comes back with the next."""
    operations = a_company()
    assert sellable(operations)
    assert operations.change("released_product", own(ItemNumber="P1"), lack) is None
    assert not sellable(operations)
    assert (
        operations.change("released_product", own(ItemNumber="P1"), a_released_product(**dict.fromkeys(lack, "x")))
        is None
    )
    assert sellable(operations)


def test_losing_its_name_takes_the_product_out() -> None:
    """The name stands on the shared product."""
    operations = a_company()
    operations.change("product", {"ProductNumber": "P1"}, {"ProductName": ""})
    assert not sellable(operations)


def test_a_service_is_not_stocked() -> None:
    """Released products follow the type of the shared product."""
    operations = a_company()
    operations.change("product", {"ProductNumber": "P1"}, {"ProductType": "Service"})
    product = operations.one("released_product", own(ItemNumber="P1"))
    assert (product["ProductType"], product["IsStockedProduct"], product["FieldServiceProductType"]) == (
        "Service",
        "No",
        "Service",
    )


def test_a_conversion_between_its_units_makes_and_unmakes_the_product() -> None:
    """Sold by the box, kept by the piece."""
    operations = a_company()
    operations.change("released_product", own(ItemNumber="P1"), {"SalesUnitSymbol": "box"})
    assert not sellable(operations)
    conversion: Row = {"FromUnitSymbol": "box", "ToUnitSymbol": "ea"}
    assert operations.create("unit_conversion", {**conversion, "Factor": Decimal(12)}) == [None]
    assert sellable(operations)
    assert operations.delete("unit_conversion", conversion) is None
    assert not sellable(operations)


def test_a_released_product_needs_its_product_and_known_units() -> None:
    """The error names where to create what is missing."""
    operations = a_company()
    no_product, no_unit = operations.create(
        "released_product",
        a_released_product(ItemNumber="P2", ProductNumber="P2"),
        a_released_product(ItemNumber="P3", SalesUnitSymbol="crate"),
    )
    assert no_product is not None
    assert no_product.kind is ProblemKind.LOOKUP_MISSING
    assert "'P2'" in no_product.message
    assert "ProductsV2" in no_product.message
    assert no_unit is not None
    assert no_unit.field == "SalesUnitSymbol"
    assert "UnitsOfMeasure" in no_unit.message


def test_what_is_in_use_stays() -> None:
    """Product, unit, site and currency are all named by other rows."""
    operations = a_company()
    in_use: list[tuple[str, Row]] = [
        ("product", {"ProductNumber": "P1"}),
        ("unit", {"UnitSymbol": "ea"}),
        ("currency", {"CurrencyCode": "CZK"}),
        ("site", own(SiteId="1")),
        ("warehouse", own(WarehouseId="13")),
        ("customer_group", own(CustomerGroupId="10")),
        ("legal_entity", {"LegalEntityId": "P2CZ"}),
    ]
    for table, where in in_use:
        problem = operations.delete(table, where)
        assert problem is not None
        assert problem.kind is ProblemKind.IN_USE
    assert operations.delete("unit", {"UnitSymbol": "box"}) is None
