"""What happens to related rows when a row is deleted, in the platform's three ways."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from p2c.edm.change import Problem, ProblemKind
from p2c.edm.property import OnDelete
from p2c.edm.values import Value

IN_USE_ERROR = "0x80040227"


@dataclass(frozen=True, slots=True)
class Relation:
    """Rows of `table` whose lookup `column` points at the row; a removed link also sets `cleared`."""

    table: str
    column: str
    on_delete: OnDelete
    cleared: Mapping[str, Value] = field(default_factory=dict)


def _restrict(table: str, column: str) -> Relation:
    return Relation(table, column, OnDelete.RESTRICT)


def _cascade(table: str, column: str) -> Relation:
    return Relation(table, column, OnDelete.CASCADE)


def _remove_link(table: str, column: str, **cleared: Value) -> Relation:
    return Relation(table, column, OnDelete.REMOVE_LINK, cleared)


_COMPANY_OF_CONTACT = _remove_link(
    "contact", "parentcustomerid", parentcustomerid_type=None, msdynce_iscompanyanaccount=False
)

RELATIONS: Mapping[str, tuple[Relation, ...]] = {
    "account": (
        _restrict("quote", "customerid"),
        _remove_link("contact", "parentcustomerid", parentcustomerid_type=None, msdynce_iscompanyanaccount=False),
        _remove_link("account", "parentaccountid"),
    ),
    "contact": (
        _restrict("quote", "customerid"),
        _remove_link("contact", "parentcustomerid", parentcustomerid_type=None, msdynce_iscompanyanaccount=False),
        _remove_link("account", "primarycontactid"),
    ),
    "product": (
        _restrict("quotedetail", "productid"),
        _remove_link("product", "parentproductid"),
        _cascade("productpricelevel", "productid"),
    ),
    "pricelevel": (
        _restrict("quote", "pricelevelid"),
        _remove_link("account", "defaultpricelevelid"),
        _remove_link("contact", "defaultpricelevelid"),
        _remove_link("product", "pricelevelid"),
        _cascade("productpricelevel", "pricelevelid"),
    ),
    "transactioncurrency": (
        _restrict("quote", "transactioncurrencyid"),
        _restrict("pricelevel", "transactioncurrencyid"),
        _restrict("product", "transactioncurrencyid"),
        _restrict("account", "transactioncurrencyid"),
        _restrict("contact", "transactioncurrencyid"),
    ),
    "uom": (
        _restrict("quotedetail", "uomid"),
        _restrict("product", "defaultuomid"),
        _restrict("productpricelevel", "uomid"),
    ),
    "uomschedule": (
        _restrict("product", "defaultuomscheduleid"),
        _cascade("uom", "uomscheduleid"),
    ),
    "quote": (_cascade("quotedetail", "quoteid"),),
    "businessunit": (
        _restrict("businessunit", "parentbusinessunitid"),
        _restrict("systemuser", "businessunitid"),
        _restrict("account", "owningbusinessunit"),
        _restrict("contact", "owningbusinessunit"),
        _restrict("quote", "owningbusinessunit"),
        _cascade("team", "businessunitid"),
    ),
    "team": (
        _restrict("account", "ownerid"),
        _restrict("contact", "ownerid"),
        _restrict("quote", "ownerid"),
    ),
    "systemuser": (
        _restrict("account", "ownerid"),
        _restrict("contact", "ownerid"),
        _restrict("quote", "ownerid"),
    ),
}


def in_use(table: str, key: Value, by: Relation) -> Problem:
    """Why a row that others point at stays."""
    return Problem(
        ProblemKind.IN_USE,
        f"The {table} {key} cannot be deleted: {by.column} of at least one {by.table} points at it; "
        f"change or delete those first, or deactivate the {table}.",
        field=by.column,
        value=key,
        code=IN_USE_ERROR,
    )
