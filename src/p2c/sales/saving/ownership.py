"""Owners: who owns a row, and the user, team and business unit that follow from it."""

from __future__ import annotations

from collections.abc import Sequence

from p2c.database.session import Session
from p2c.edm.change import Change, ProblemKind
from p2c.edm.values import Row, Value
from p2c.sales.saving.facts import Facts

USER = "systemuser"
TEAM = "team"
OWNER_COLUMNS = ("ownerid", "ownerid_type", "owningbusinessunit", "owninguser", "owningteam")


def fill_owners(changes: Sequence[Change], facts: Facts) -> None:
    """Own new rows, and keep owning user, team and business unit in step with the owner."""
    if "owningbusinessunit" not in facts.table.column:
        return
    touched = [change for change in changes if change.is_create or "ownerid" in change.values]
    for change in touched:
        if change.get("ownerid") is None and facts.default_user is not None:
            change.values["ownerid"] = facts.default_user
            change.values["ownerid_type"] = USER
    owned = [change for change in touched if change.get("ownerid") is not None]
    owners = owner_columns({change.get("ownerid") for change in owned}, facts.session)
    for change in owned:
        owner = change.get("ownerid")
        if owner in owners:
            change.values.update(owners[owner])
        else:
            change.refuse(
                ProblemKind.LOOKUP_MISSING,
                f"Owner {owner} is neither a user nor a team; set ownerid to a systemuser or team.",
                field="ownerid",
                value=owner,
            )


def owner_columns(owners: set[Value], session: Session) -> dict[Value, Row]:
    """The values of the ownership columns for each owner that exists, by the owner's key."""
    found: dict[Value, Row] = {}
    for row in session.rows(USER, "systemuserid", owners, ("systemuserid", "businessunitid")):
        found[row["systemuserid"]] = _columns(row["systemuserid"], USER, row["businessunitid"])
    for row in session.rows(TEAM, "teamid", owners - found.keys(), ("teamid", "businessunitid")):
        found[row["teamid"]] = _columns(row["teamid"], TEAM, row["businessunitid"])
    return found


def _columns(owner: Value, kind: str, unit: Value) -> Row:
    return {
        "ownerid": owner,
        "ownerid_type": kind,
        "owningbusinessunit": unit,
        "owninguser": owner if kind == USER else None,
        "owningteam": owner if kind == TEAM else None,
    }
