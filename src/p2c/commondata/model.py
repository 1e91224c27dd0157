"""All entities of the Common Data Service as one model, headers before lines."""

from __future__ import annotations

from p2c.commondata.entities.account import ACCOUNT
from p2c.commondata.entities.contact import CONTACT
from p2c.commondata.entities.organization import ORGANIZATION
from p2c.commondata.entities.product import PRODUCT
from p2c.commondata.entities.quotation import QUOTATION
from p2c.commondata.entities.quotationline import QUOTATION_LINE
from p2c.edm.entity import Model

ENTITIES = (ORGANIZATION, ACCOUNT, CONTACT, PRODUCT, QUOTATION, QUOTATION_LINE)

MODEL = Model(
    name="commondata",
    namespace="Microsoft.CommonDataService",
    entities=ENTITIES,
    tables=tuple(entity.table for entity in ENTITIES),
)
