"""Quotation: an offer to an account; its lines are a table of their own."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from p2c.commondata.entities.build import (
    ZERO,
    address,
    currency,
    hub_entity,
    identifier,
    link,
    number,
    organization_scope,
    scoped_key,
)
from p2c.commondata.entities.picklists import (
    FREIGHT_TERMS,
    PAYMENT_TERMS,
    QUOTATION_STATUS,
    QUOTATION_STATUS_REASON,
    QUOTATION_TYPE,
    SHIPPING_METHOD,
)
from p2c.edm.declare import day, enum, instant, text
from p2c.edm.property import Required
from p2c.text import N_

NEVER = date(2099, 12, 31)
"""The expiration date of an offer that is not said to expire."""

QUOTATION = hub_entity(
    "Quotation",
    N_("Quotation"),
    N_("Quotations"),
    identifier("QuotationId", N_("Quotation ID")),
    *organization_scope(),
    text("Name", 60, N_("Name")),
    text("Description", 255, N_("Description")),
    enum("QuotationType", N_("Quotation Type"), QUOTATION_TYPE, default="Product"),
    enum("Status", N_("Status"), QUOTATION_STATUS, required=Required.BUSINESS),
    enum("StatusReason", N_("Status Reason"), QUOTATION_STATUS_REASON),
    *link("Account", N_("Account"), "Account", required=Required.BUSINESS),
    *link("AccountContact", N_("Account Contact"), "Contact"),
    *link("InvoiceAccount", N_("Invoice Account"), "Account"),
    day("QuotationDate", N_("Quotation Date"), required=Required.RECOMMENDED),
    replace(day("ExpirationDate", N_("Expiration Date")), default=NEVER),
    instant("RequestedDeliveryDate", N_("Requested Delivery Date")),
    instant("ExpectedShipDate", N_("Expected Ship Date")),
    text("CustomerPurchaseOrderReference", 20, N_("Customer Purchase Order Reference")),
    text("SalesOrderReference", 128, N_("Sales Order Reference")),
    enum("FreightTerms", N_("Freight Terms"), FREIGHT_TERMS),
    enum("PaymentTerms", N_("Payment Terms"), PAYMENT_TERMS),
    enum("ShippingMethod", N_("Shipping Method"), SHIPPING_METHOD),
    *currency("DiscountAmount", N_("Discount Amount"), default=ZERO),
    number("DiscountPercent", N_("Discount Percent"), default=ZERO),
    *currency("TotalAmount", N_("Total Amount"), required=Required.BUSINESS),
    *currency("TotalChargeAmount", N_("Total Charge Amount"), default=ZERO),
    *currency("TotalDiscountAmount", N_("Total Discount Amount"), default=ZERO),
    number("TotalDiscountPercent", N_("Total Discount Percent"), default=ZERO),
    *currency("TotalTaxAmount", N_("Total Tax Amount"), default=ZERO),
    *address("BillingAddress", N_("Billing Address")),
    *address("DeliveryAddress", N_("Delivery Address")),
    name_property="Name",
    key=scoped_key("QuotationId"),
    unique=("QuotationId", "Organization"),
)
