"""Product: what is sold, with its default selling unit, price and cost."""

from __future__ import annotations

from p2c.commondata.entities.build import (
    currency,
    hub_entity,
    identifier,
    organization_scope,
    quantity,
    scoped_key,
)
from p2c.commondata.entities.picklists import PRODUCT_STATUS, PRODUCT_TYPE, UNIT_OF_MEASURE
from p2c.edm.declare import boolean, enum, text, whole
from p2c.edm.property import Required
from p2c.text import N_

PRODUCT = hub_entity(
    "Product",
    N_("Product"),
    N_("Products"),
    identifier("ProductId", N_("Product ID")),
    *organization_scope(),
    text("Name", 60, N_("Name"), required=Required.BUSINESS),
    text("Description", 255, N_("Description")),
    enum("ProductType", N_("Product Type"), PRODUCT_TYPE, required=Required.BUSINESS),
    enum("Status", N_("Status"), PRODUCT_STATUS, default="Active"),
    boolean("IsStocked", N_("Is Stocked")),
    *quantity("DefaultSellingQuantity", N_("Default Selling Quantity")),
    enum("DefaultBuyingUnitOfMeasure", N_("Default Buying Unit of Measure"), UNIT_OF_MEASURE),
    enum("DefaultStockingUnitOfMeasure", N_("Default Stocking Unit of Measure"), UNIT_OF_MEASURE),
    whole("UnitOfMeasureScale", N_("Unit of Measure Scale")),
    *currency("SellingUnitPrice", N_("Selling Unit Price")),
    *currency("StandardCostAmount", N_("Standard Cost Amount")),
    name_property="Name",
    key=scoped_key("ProductId"),
    unique=("ProductId", "Organization"),
)
