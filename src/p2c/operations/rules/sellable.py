"""When a released product may be sold: the checks of the released product's Validate button."""

from __future__ import annotations

from dataclasses import dataclass

# The lifecycle state that takes a product out of sale.
OBSOLETE = "Obsolete"


@dataclass(frozen=True, slots=True, kw_only=True)
class SellableFacts:
    """What is known of a released product, its shared product and its units ("" and False: missing)."""

    product_exists: bool
    product_name: str
    is_product_master: bool
    item_model_group: str
    product_group: str
    storage_dimension_group: str
    tracking_dimension_group: str
    inventory_unit: str
    sales_unit: str
    unknown_units: tuple[str, ...]
    units_convert: bool
    lifecycle_state: str


def why_not_sellable(facts: SellableFacts) -> tuple[str, ...]:
    """Every reason against selling the product, in a fixed order; none means that it is sellable."""
    reasons = (
        (not facts.product_exists, "its product does not exist in ProductsV2"),
        (facts.product_exists and not facts.product_name, "ProductName is empty"),
        (facts.is_product_master, "a product master is not sold, only its variants"),
        (not facts.item_model_group, "ItemModelGroupId is empty"),
        (not facts.product_group, "ProductGroupId is empty"),
        (not facts.storage_dimension_group, "StorageDimensionGroupName is empty"),
        (not facts.tracking_dimension_group, "TrackingDimensionGroupName is empty"),
        (not facts.inventory_unit, "InventoryUnitSymbol is empty"),
        (not facts.sales_unit, "SalesUnitSymbol is empty"),
        (bool(facts.unknown_units), f"unknown unit {', '.join(facts.unknown_units)}"),
        (
            not facts.units_convert,
            f"no conversion between the units {facts.sales_unit} and {facts.inventory_unit}",
        ),
        (facts.lifecycle_state == OBSOLETE, f"ProductLifecycleStateId is {OBSOLETE}"),
    )
    return tuple(reason for holds, reason in reasons if holds)


def units_convert(inventory: str, sales: str, conversions: frozenset[tuple[str, str]]) -> bool:
    """Whether quantities can be converted between the units; a conversion works in both directions."""
    if not inventory or not sales or inventory == sales:
        return True
    return (inventory, sales) in conversions or (sales, inventory) in conversions


def is_stocked(product_type: str) -> str:
    """Yes for items, No for services."""
    return "Yes" if product_type == "Item" else "No"


def field_service_type(product_type: str) -> str:
    """How field service sees the product: stocked items are inventory."""
    return "Inventory" if product_type == "Item" else "Service"
