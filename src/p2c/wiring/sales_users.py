"""Finds the user row of Sales that belongs to an application or a person, and makes it at the first request."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from p2c.database.session import Database, Session
from p2c.edm.change import Change
from p2c.edm.keys import new_guid
from p2c.edm.values import Row, Value
from p2c.identity.authenticator import Users
from p2c.identity.principals import Kind, Principal
from p2c.sales.saving.reference import UserRules

_TABLE = "systemuser"
_COLUMNS = ("systemuserid", "businessunitid")
_NON_INTERACTIVE = 4


def sales_users(database: Database) -> Users:
    """
    Looks users up: applications by `applicationid`, people by `domainname`.

    Nobody gets here without a role, so who has no row yet gets one, in the root business unit.
    """

    def find(principal: Principal) -> tuple[UUID | None, UUID | None]:
        try:
            with database.begin() as session:
                return _found(principal, session) or _made(principal, session)
        except IntegrityError:
            # Another request of the same principal made it first.
            with database.begin() as session:
                return _found(principal, session) or (None, None)

    return find


def _found(principal: Principal, session: Session) -> tuple[UUID, UUID | None] | None:
    column, value = _key(principal)
    rows = session.rows(_TABLE, column, [value], _COLUMNS)
    return (_guid(rows[0]["systemuserid"]), _guid(rows[0]["businessunitid"])) if rows else None


def _key(principal: Principal) -> tuple[str, Value]:
    if principal.kind is Kind.APPLICATION:
        return "applicationid", principal.application_id
    return "domainname", principal.domain_name


def _made(principal: Principal, session: Session) -> tuple[UUID | None, UUID | None]:
    units = session.all("businessunit", ("businessunitid", "parentbusinessunitid"))
    roots = [row["businessunitid"] for row in units if row["parentbusinessunitid"] is None]
    if not roots:
        return None, None
    values: Mapping[str, Value] = {
        **_names(principal),
        "businessunitid": roots[0],
        "azureactivedirectoryobjectid": principal.id,
    }
    change = Change(0, new_guid(session.now), {**_defaults(session), **values})
    UserRules().write([change], session)
    return _guid(change.key), _guid(roots[0])


def _names(principal: Principal) -> Row:
    """Application users are called `# Name` and never sign in by hand."""
    if principal.kind is Kind.APPLICATION:
        return {
            "domainname": str(principal.application_id),
            "firstname": "#",
            "lastname": principal.name,
            "applicationid": principal.application_id,
            "accessmode": _NON_INTERACTIVE,
        }
    first, _, last = principal.name.rpartition(" ")
    return {"domainname": principal.domain_name, "firstname": first, "lastname": last}


def _defaults(session: Session) -> Row:
    columns = session.storage.definitions[_TABLE].columns
    return {column.storage: column.default for column in columns if column.default is not None}


def _guid(value: Value) -> UUID:
    return value if isinstance(value, UUID) else UUID(str(value))
