"""The whole of Operations as one model."""

from __future__ import annotations

from p2c.edm.entity import Model
from p2c.operations.entities import customer, product, sales_quotation, setup, system_user
from p2c.operations.packages import published
from p2c.operations.tables import TABLES

MODEL = Model(
    name="operations",
    namespace="Microsoft.Dynamics.DataEntities",
    entities=(
        setup.LEGAL_ENTITIES,
        setup.CURRENCIES,
        setup.UNITS_OF_MEASURE,
        setup.UNIT_OF_MEASURE_CONVERSIONS,
        setup.OPERATIONAL_SITES,
        setup.WAREHOUSES,
        setup.CUSTOMER_GROUPS,
        customer.CUSTOMERS_V2,
        customer.CUSTOMERS_V3,
        customer.CDS_CONTACT_PERSONS,
        customer.CDS_CONTACT_PERSONS_V2,
        product.PRODUCTS_V2,
        product.RELEASED_PRODUCTS_V2,
        product.SELLABLE_RELEASED_PRODUCTS,
        product.CDS_RELEASED_DISTINCT_PRODUCTS,
        product.WAREHOUSES_ON_HAND_V2,
        sales_quotation.SALES_QUOTATION_HEADERS,
        sales_quotation.CDS_SALES_QUOTATION_HEADERS,
        sales_quotation.CDS_SALES_QUOTATION_LINES,
        system_user.SYSTEM_USERS,
        system_user.SYS_AAD_CLIENTS,
        *published.ENTITIES,
    ),
    tables=(*TABLES, *published.TABLES),
)
