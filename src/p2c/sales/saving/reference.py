"""Light rules of tables that others lean on: business units, users, teams, unit groups and units."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from p2c.edm.change import Change, ProblemKind
from p2c.edm.keys import new_guid
from p2c.edm.values import Row
from p2c.sales.rules.contact import full_name
from p2c.sales.rules.typed import amount, words
from p2c.sales.saving.account import refuse_own_parent
from p2c.sales.saving.facts import Facts
from p2c.sales.saving.platform import PlatformRules


class BusinessUnitRules(PlatformRules):
    """The first business unit is the root; each gets a default team of its own name."""

    def __init__(self) -> None:
        super().__init__("businessunit")

    def check(self, changes: Sequence[Change], facts: Facts) -> None:
        """Refuse a business unit above itself."""
        refuse_own_parent(changes, "parentbusinessunitid")

    def complete(self, changes: Sequence[Change], facts: Facts) -> None:
        """Hang new units without a parent under the root, if there is one."""
        orphans = [c for c in changes if c.is_create and c.values.get("parentbusinessunitid") is None]
        if not orphans:
            return
        stored = facts.session.all(self.table, ("businessunitid", "parentbusinessunitid"))
        roots = [row["businessunitid"] for row in stored if row["parentbusinessunitid"] is None]
        root = roots[0] if roots else orphans[0].key
        for change in orphans:
            change.values["parentbusinessunitid"] = root if change.key != root else None

    def follow_up(self, changes: Sequence[Change], facts: Facts) -> None:
        """Create the default team of each new unit; a renamed unit renames it."""
        created = [change for change in changes if change.is_create]
        TeamRules().write([_default_team(change, facts) for change in created], facts.session)
        renamed = {c.key: c.get("name") for c in changes if not c.is_create and c.sets("name")}
        columns = ("teamid", "businessunitid", "isdefault")
        teams = facts.session.rows("team", "businessunitid", renamed, columns)
        facts.session.update(
            "team",
            [
                {"teamid": team["teamid"], "name": renamed[team["businessunitid"]]}
                for team in teams
                if team["isdefault"] is True
            ],
        )


def _default_team(unit: Change, facts: Facts) -> Change:
    values: Row = {"name": unit.get("name"), "teamtype": 0, "businessunitid": unit.key, "isdefault": True}
    return Change(unit.number, new_guid(facts.session.now), values)


class UserRules(PlatformRules):
    """A user's full name follows the name parts."""

    def __init__(self) -> None:
        super().__init__("systemuser")

    def complete(self, changes: Sequence[Change], facts: Facts) -> None:
        """Fill the full name."""
        for change in changes:
            change.values["fullname"] = full_name(change.get("firstname"), change.get("lastname"))


class TeamRules(PlatformRules):
    """A team is administered by whoever creates it."""

    def __init__(self) -> None:
        super().__init__("team")

    def complete(self, changes: Sequence[Change], facts: Facts) -> None:
        """Fill the administrator."""
        for change in changes:
            if change.is_create and change.values.get("administratorid") is None:
                change.values["administratorid"] = facts.default_user


class UnitGroupRules(PlatformRules):
    """A unit group that names its base unit gets it."""

    def __init__(self) -> None:
        super().__init__("uomschedule")

    def follow_up(self, changes: Sequence[Change], facts: Facts) -> None:
        """Create the base unit of each new group that names one."""
        named = [change for change in changes if change.is_create and words(change.get("baseuomname"))]
        UnitRules().write([_base_unit(change, facts) for change in named], facts.session)


def _base_unit(group: Change, facts: Facts) -> Change:
    values: Row = {
        "name": words(group.get("baseuomname")),
        "uomscheduleid": group.key,
        "quantity": Decimal(1),
    }
    return Change(group.number, new_guid(facts.session.now), values)


class UnitRules(PlatformRules):
    """A unit holds a positive quantity of its base unit; one without a base unit is the base of its group."""

    def __init__(self) -> None:
        super().__init__("uom")

    def check(self, changes: Sequence[Change], facts: Facts) -> None:
        """Refuse quantities that are not positive, and a unit made of itself."""
        refuse_own_parent(changes, "baseuom")
        for change in changes:
            quantity = amount(change.values.get("quantity"))
            if quantity is not None and quantity <= 0:
                change.refuse(
                    ProblemKind.OUT_OF_RANGE,
                    f"A unit cannot hold {quantity} of its base unit; give a quantity above zero.",
                    field="quantity",
                    value=quantity,
                )

    def complete(self, changes: Sequence[Change], facts: Facts) -> None:
        """Mark base units."""
        for change in changes:
            if change.is_create or "baseuom" in change.values:
                change.values["isschedulebaseuom"] = change.get("baseuom") is None


class CurrencyRules(PlatformRules):
    """A currency has a positive exchange rate and at most four decimals."""

    def __init__(self) -> None:
        super().__init__("transactioncurrency")

    def check(self, changes: Sequence[Change], facts: Facts) -> None:
        """Refuse rates and precisions that no amount could be converted or rounded with."""
        for change in changes:
            rate = amount(change.get("exchangerate"))
            if rate is None or rate <= 0:
                change.refuse(
                    ProblemKind.OUT_OF_RANGE,
                    f"Exchange rate {rate} of a currency must be above zero.",
                    field="exchangerate",
                    value=rate,
                )
            precision = change.get("currencyprecision")
            if not isinstance(precision, int) or not 0 <= precision <= 4:
                change.refuse(
                    ProblemKind.OUT_OF_RANGE,
                    f"Currency precision {precision} is outside 0 to 4.",
                    field="currencyprecision",
                    value=precision,
                )
