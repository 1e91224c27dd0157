"""What a new Sales database cannot live without: an organization, its currency, its business unit and a user."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from p2c.database.session import Session
from p2c.edm.change import Change
from p2c.edm.entity import Table
from p2c.edm.keys import new_guid
from p2c.edm.values import Row, Value
from p2c.sales.saving.platform import PlatformRules
from p2c.sales.saving.reference import BusinessUnitRules, CurrencyRules, UserRules

ORGANIZATION_NAME = "Prospect to Cash"
ORGANIZATION: Mapping[str, Value] = {
    "name": ORGANIZATION_NAME,
    # Products that come from Operations can be quoted at once.
    "createproductswithoutparentinactivestate": True,
}
BASE_CURRENCY: Mapping[str, Value] = {
    "isocurrencycode": "EUR",
    "currencyname": "Euro",
    "currencysymbol": "€",
    "exchangerate": Decimal(1),
}
USER: Mapping[str, Value] = {
    "domainname": "admin@p2c.local",
    "firstname": "System",
    "lastname": "Administrator",
}


def seed_organization(session: Session) -> bool:
    """
    Give an empty Sales its first rows, through the rules that all rows meet; whether it was empty.

    Several processes may start on one database: the organization table is locked until the end.
    """
    session.connection.exec_driver_sql("LOCK TABLE organization IN EXCLUSIVE MODE")
    if session.all("organization", ("organizationid",)):
        return False
    currency = _create(CurrencyRules(), BASE_CURRENCY, session)
    _create(PlatformRules("organization"), {**ORGANIZATION, "basecurrencyid": currency}, session)
    rules = BusinessUnitRules()
    unit = _change("businessunit", {"name": ORGANIZATION_NAME, "transactioncurrencyid": currency}, session)
    rules.write([unit], session)
    _create(UserRules(), {**USER, "businessunitid": unit.key}, session)
    # Last, because the team of the business unit is administered by the user.
    rules.after_save([unit], session)
    return True


def _create(rules: PlatformRules, values: Mapping[str, Value], session: Session) -> Value:
    change = _change(rules.table, values, session)
    rules.write([change], session)
    return change.key


def _change(table: str, values: Mapping[str, Value], session: Session) -> Change:
    """A new row with the defaults of its columns."""
    definition: Table = session.storage.definitions[table]
    defaults: Row = {c.storage: c.default for c in definition.columns if c.default is not None}
    return Change(0, new_guid(session.now), {**defaults, **values})
