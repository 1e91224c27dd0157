"""QuotationLine: one product of a quotation with quantity, price and discount."""

from __future__ import annotations

from p2c.commondata.entities.build import ZERO, address, currency, hub_entity, link, number, quantity
from p2c.commondata.entities.picklists import QUOTATION_LINE_STATUS, QUOTATION_LINE_STATUS_REASON
from p2c.edm.declare import enum, instant, text, whole
from p2c.edm.property import Required
from p2c.text import N_

QUOTATION_LINE = hub_entity(
    "QuotationLine",
    N_("Quotation Line"),
    N_("Quotation Lines"),
    *link("Quotation", N_("Quotation"), "Quotation", required=Required.BUSINESS),
    whole("Sequence", N_("Sequence"), required=Required.BUSINESS),
    *link("Product", N_("Product"), "Product", required=Required.BUSINESS),
    text("ProductName", 60, N_("Product Name"), required=Required.RECOMMENDED),
    text("Name", 60, N_("Name")),
    text("Description", 255, N_("Description")),
    enum("Status", N_("Status"), QUOTATION_LINE_STATUS, default="Active"),
    enum("StatusReason", N_("Status Reason"), QUOTATION_LINE_STATUS_REASON),
    *quantity("Quantity", N_("Quantity"), required=Required.BUSINESS),
    *currency("UnitPrice", N_("Unit Price"), required=Required.BUSINESS),
    *currency("DiscountAmount", N_("Discount Amount"), default=ZERO),
    number("DiscountPercent", N_("Discount Percent"), default=ZERO),
    *currency("LineAmount", N_("Line Amount"), required=Required.BUSINESS),
    *currency("TotalChargeAmount", N_("Total Charge Amount"), default=ZERO),
    *currency("TotalTaxAmount", N_("Total Tax Amount"), default=ZERO),
    instant("RequestedDeliveryDate", N_("Requested Delivery Date")),
    instant("PromisedShipDate", N_("Promised Ship Date")),
    instant("ExpectedShipDate", N_("Expected Ship Date")),
    instant("MostRecentActualShipDate", N_("Most Recent Actual Ship Date")),
    *address("DeliveryAddress", N_("Delivery Address")),
    name_property="ProductName",
    key=("Quotation_QuotationId", "Quotation_Organization_OrganizationId", "Sequence"),
    unique=("Quotation", "Sequence"),
)
