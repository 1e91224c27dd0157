"""What Operations stores: tables with a surrogate key, natural unique keys and references by natural key."""

from __future__ import annotations

from p2c.operations.tables.contact_person import CONTACT_PERSON, DECISION_ROLE
from p2c.operations.tables.currency import CURRENCY
from p2c.operations.tables.customer import CUSTOMER, CUSTOMER_GROUP
from p2c.operations.tables.legal_entity import LEGAL_ENTITY
from p2c.operations.tables.product import PRODUCT
from p2c.operations.tables.released_product import RELEASED_PRODUCT
from p2c.operations.tables.sales_quotation import SALES_QUOTATION, SALES_QUOTATION_LINE
from p2c.operations.tables.site import SITE, WAREHOUSE
from p2c.operations.tables.system_user import ENTRA_APPLICATION, SYSTEM_USER
from p2c.operations.tables.unit import UNIT, UNIT_CONVERSION
from p2c.operations.tables.warehouse_on_hand import WAREHOUSE_ON_HAND

TABLES = (
    LEGAL_ENTITY,
    CURRENCY,
    UNIT,
    UNIT_CONVERSION,
    SITE,
    WAREHOUSE,
    CUSTOMER_GROUP,
    CUSTOMER,
    DECISION_ROLE,
    CONTACT_PERSON,
    PRODUCT,
    RELEASED_PRODUCT,
    WAREHOUSE_ON_HAND,
    SALES_QUOTATION,
    SALES_QUOTATION_LINE,
    SYSTEM_USER,
    ENTRA_APPLICATION,
)
