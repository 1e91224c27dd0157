"""Security roles of Sales and the Common Data Service: which privileges on which tables, and how far they reach."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from p2c.odata.service.access import ANY_TABLE, Level, Privilege, Rights

_ALL = tuple(Privilege)
_WRITE = (Privilege.CREATE, Privilege.READ, Privilege.WRITE)
_READ = (Privilege.READ,)

_CUSTOMERS = ("account", "contact", "lead", "opportunity", "opportunityproduct", "opportunityclose")
_QUOTES = ("quote", "quotedetail", "quoteclose")
_DOCUMENTS = (*_QUOTES, "salesorder", "salesorderdetail", "orderclose", "invoice", "invoicedetail")
_CATALOGUE = ("product", "pricelevel", "productpricelevel", "uomschedule", "uom")
_SETUP = ("transactioncurrency", "organization", "businessunit", "systemuser", "team", "role")


def _levels(tables: Iterable[str], privileges: Iterable[Privilege], level: Level) -> dict[tuple[str, Privilege], Level]:
    return {(table, privilege): level for table in tables for privilege in privileges}


_BASIC = _levels((*_CATALOGUE, *_SETUP), _READ, Level.ORGANIZATION)

DATAVERSE_ROLES: Mapping[str, Rights] = {
    "System Administrator": Rights(administrator=True),
    "System Customizer": Rights(
        _BASIC | _levels((ANY_TABLE,), _ALL, Level.BUSINESS_UNIT),
        customizer=True,
    ),
    "Basic User": Rights(_BASIC),
    "Salesperson": Rights(_BASIC | _levels((*_CUSTOMERS, *_DOCUMENTS), _ALL, Level.BUSINESS_UNIT)),
    "Sales Manager": Rights(
        _BASIC
        | _levels((*_CUSTOMERS, *_DOCUMENTS), _ALL, Level.ORGANIZATION)
        | _levels(_CATALOGUE, _WRITE, Level.ORGANIZATION)
    ),
    "Delegate": Rights(delegate=True),
    "Reader": Rights(_levels((ANY_TABLE,), _READ, Level.ORGANIZATION)),
    "Integration": Rights(_levels((ANY_TABLE,), _ALL, Level.ORGANIZATION)),
}
"""Roles by name. `Delegate` adds to other roles the right to act for other users. `Reader` and `Integration` are ours;
the others carry the names of the product's own roles."""
