"""Data entities over sales quotations."""

from __future__ import annotations

from p2c.edm.entity import Relation
from p2c.operations.entities.build import over
from p2c.operations.tables.sales_quotation import SALES_QUOTATION, SALES_QUOTATION_LINE
from p2c.text import N_

_SAME_QUOTATION = (("dataAreaId", "dataAreaId"), ("SalesQuotationNumber", "SalesQuotationNumber"))
_FULL_FORM_ONLY = ("SalesOrderPoolId", "CampaignId", "OpportunityId")

SALES_QUOTATION_HEADERS = over(
    SALES_QUOTATION,
    name="SalesQuotationHeader",
    set_name="SalesQuotationHeaders",
    label=N_("Sales quotation headers"),
    key=("dataAreaId", "SalesQuotationNumber"),
    without=("InvoiceAddressCountryRegionISOCode",),
    name_property="SalesQuotationName",
)

CDS_SALES_QUOTATION_HEADERS = over(
    SALES_QUOTATION,
    name="CDSSalesQuotationHeader",
    set_name="CDSSalesQuotationHeaders",
    label=N_("CDS sales quotation header"),
    key=("dataAreaId", "SalesQuotationNumber"),
    without=_FULL_FORM_ONLY,
    name_property="SalesQuotationName",
    relations=(
        Relation(
            "CDSSalesQuotationLines",
            "CDSSalesQuotationLine",
            on=_SAME_QUOTATION,
            many=True,
            partner="CDSSalesQuotationHeader",
        ),
    ),
)

CDS_SALES_QUOTATION_LINES = over(
    SALES_QUOTATION_LINE,
    name="CDSSalesQuotationLine",
    set_name="CDSSalesQuotationLines",
    label=N_("CDS sales quotation lines"),
    key=("dataAreaId", "LineCreationSequenceNumber", "SalesQuotationNumber"),
    through={"CurrencyCode": ("quotation", "CurrencyCode")},
    name_property="ProductName",
    relations=(
        Relation(
            "CDSSalesQuotationHeader",
            "CDSSalesQuotationHeader",
            on=_SAME_QUOTATION,
            partner="CDSSalesQuotationLines",
        ),
    ),
)
