"""All tables of Sales as one model, in an order that a reader of the service document expects."""

from __future__ import annotations

from p2c.edm.entity import Model
from p2c.sales.entities.account import ACCOUNT
from p2c.sales.entities.autonumber import P2CAUTONUMBER
from p2c.sales.entities.contact import CONTACT
from p2c.sales.entities.currency import TRANSACTIONCURRENCY
from p2c.sales.entities.organization import ORGANIZATION
from p2c.sales.entities.people import BUSINESSUNIT, SYSTEMUSER, TEAM
from p2c.sales.entities.pricelist import PRICELEVEL, PRODUCTPRICELEVEL
from p2c.sales.entities.product import PRODUCT
from p2c.sales.entities.quote import QUOTE
from p2c.sales.entities.quoteclose import QUOTECLOSE
from p2c.sales.entities.quotedetail import QUOTEDETAIL
from p2c.sales.entities.unit import UOM, UOMSCHEDULE

ENTITIES = (
    ACCOUNT,
    CONTACT,
    PRODUCT,
    PRICELEVEL,
    PRODUCTPRICELEVEL,
    UOMSCHEDULE,
    UOM,
    TRANSACTIONCURRENCY,
    QUOTE,
    QUOTEDETAIL,
    QUOTECLOSE,
    SYSTEMUSER,
    TEAM,
    BUSINESSUNIT,
    ORGANIZATION,
    P2CAUTONUMBER,
)

MODEL = Model(
    name="sales",
    namespace="Microsoft.Dynamics.CRM",
    entities=ENTITIES,
    tables=tuple(entity.table for entity in ENTITIES),
)
