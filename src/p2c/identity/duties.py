"""Duties of Operations: what a role is made of, each a task that gives rights on the tables it needs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from operator import or_

from p2c.odata.service.access import ANY_TABLE, Level, Privilege, Rights


def _maintain(*tables: str) -> Rights:
    return Rights({(table, privilege): Level.ORGANIZATION for table in tables for privilege in Privilege})


def _inquire(*tables: str) -> Rights:
    return Rights({(table, Privilege.READ): Level.ORGANIZATION for table in tables})


_SETUP = ("legal_entity", "currency", "unit", "unit_conversion", "site", "warehouse", "customer_group")

DUTIES: Mapping[str, Rights] = {
    "Inquire into setup": _inquire(*_SETUP),
    "Maintain setup": _maintain(*_SETUP),
    "Inquire into customer master": _inquire("customer", "contact_person"),
    "Maintain customer master": _maintain("customer", "contact_person"),
    "Inquire into products": _inquire("product", "released_product"),
    "Maintain products": _maintain("product", "released_product"),
    "Inquire into on-hand inventory": _inquire("warehouse_on_hand"),
    "Maintain on-hand inventory": _maintain("warehouse_on_hand"),
    "Inquire into sales quotations": _inquire("sales_quotation", "sales_quotation_line"),
    "Maintain sales quotations": _maintain("sales_quotation", "sales_quotation_line"),
    "Inquire into sales orders": _inquire("sales_order", "sales_order_line"),
    "Maintain sales orders": _maintain("sales_order", "sales_order_line"),
    "Inquire into everything": _inquire(ANY_TABLE),
    "Move data in and out": _maintain(ANY_TABLE),
}
"""Rights by duty; tables by the name that the entities' tables have."""

ROLE_DUTIES: Mapping[str, tuple[str, ...]] = {
    "Sales clerk": (
        "Inquire into setup",
        "Maintain customer master",
        "Inquire into products",
        "Inquire into on-hand inventory",
        "Maintain sales quotations",
        "Maintain sales orders",
    ),
    "Product manager": ("Inquire into setup", "Maintain products", "Inquire into on-hand inventory"),
    "Warehouse worker": (
        "Inquire into setup",
        "Inquire into products",
        "Maintain on-hand inventory",
        "Inquire into sales orders",
    ),
    "Data management administrator": ("Move data in and out",),
    "Data management operations user": ("Inquire into everything",),
}
"""Duties by role."""

OPERATIONS_ROLES: Mapping[str, Rights] = {
    "System administrator": Rights(administrator=True),
    **{role: reduce(or_, (DUTIES[duty] for duty in duties)) for role, duties in ROLE_DUTIES.items()},
}
"""Rights by role."""
