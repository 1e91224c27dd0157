"""Two small environments that exist in tests only: a registry of people, and shops of several companies."""

from __future__ import annotations

from collections.abc import Sequence

from p2c.database.session import Session
from p2c.edm.change import Change, Problem, ProblemKind
from p2c.edm.declare import boolean, choice, day, decimal, enum, instant, lookup, members, money, text, whole
from p2c.edm.entity import AlternateKey, Entity, Model, Table, surrogate
from p2c.edm.property import Property, Required
from p2c.edm.values import EdmType, Row


def _registry_entity(
    name: str,
    set_name: str,
    *columns: Property,
    keys: tuple[AlternateKey, ...] = (),
) -> Entity:
    own = (surrogate(f"{name}id", EdmType.GUID), *columns)
    unique = tuple(key.properties + key.within for key in keys)
    table = Table(name, own, f"{name}id", unique=unique)
    return Entity(
        name=name,
        set_name=set_name,
        label=name,
        plural=set_name,
        properties=own,
        key=(f"{name}id",),
        table=table,
        name_property="name",
        alternate_keys=keys,
    )


CITY = _registry_entity(
    "city",
    "cities",
    text("name", 60, "Name", required=Required.BUSINESS),
    text("code", 10, "Code"),
    whole("population", "Population"),
    keys=(AlternateKey("code", ("code",)),),
)
PERSON = _registry_entity(
    "person",
    "people",
    text("name", 100, "Name", required=Required.BUSINESS),
    text("number", 40, "Number"),
    text("branch", 20, "Branch"),
    whole("age", "Age"),
    money("wealth", "Wealth"),
    boolean("active", "Active"),
    choice("kind", "Kind", {1: "One", 2: "Two", 3: "Three"}, default=1),
    day("born", "Born"),
    instant("seen", "Seen"),
    lookup("cityid", "City", "city", inverses=("people",)),
    lookup("friendid", "Friend", "person", "city", inverses=("friends", "citizens")),
    instant("createdon", "Created On", read_only=True),
    instant("modifiedon", "Modified On", read_only=True),
    keys=(AlternateKey("number", ("number",), within=("branch",)),),
)
REGISTRY = Model("registry", "Microsoft.Dynamics.CRM", (CITY, PERSON), (CITY.table, PERSON.table))


class PersonRules:
    """People without a number get the next one."""

    def before_save(self, changes: Sequence[Change], session: Session) -> None:
        """Fill numbers."""
        nameless = [change for change in changes if change.is_create and not change.values.get("number")]
        for change, number in zip(nameless, session.take("person", len(nameless)), strict=True):
            change.values["number"] = f"P-{number:05}"

    def after_save(self, changes: Sequence[Change], session: Session) -> None:
        """Nothing follows."""

    def before_delete(self, rows: Sequence[Row], session: Session) -> list[Problem | None]:
        """Only who is not active may go."""
        refusal = Problem(ProblemKind.IN_USE, "the person is active; retire the person first")
        return [refusal if row["active"] else None for row in rows]


NO_YES = members("NoYes", "No", "Yes")
COMPANY = Table("legal_entity", (surrogate("RecId", EdmType.INT64), text("LegalEntityId", 4, "Company")), "RecId")
SHOP = Table(
    "shop",
    (
        surrogate("RecId", EdmType.INT64),
        text("dataAreaId", 4, "Company", required=Required.SYSTEM),
        text("ShopId", 20, "Shop"),
        text("Name", 60, "Name", required=Required.BUSINESS),
        enum("Blocked", "Blocked", NO_YES),
        decimal("Area", "Area"),
        instant("Opened", "Opened"),
        instant("ModifiedDateTime", "Modified"),
    ),
    "RecId",
    unique=(("dataAreaId", "ShopId"),),
)


def _shops(name: str, set_name: str, *, writable: bool) -> Entity:
    return Entity(
        name=name,
        set_name=set_name,
        label=name,
        plural=set_name,
        properties=tuple(column for column in SHOP.columns if column.name != "RecId"),
        key=("dataAreaId", "ShopId"),
        table=SHOP,
        writable=writable,
    )


SHOPS = _shops("ShopV2", "ShopsV2", writable=True)
EXPORTED_SHOPS = _shops("ExportedShop", "ExportedShops", writable=False)
COMPANIES = Entity(
    name="LegalEntity",
    set_name="LegalEntities",
    label="Company",
    plural="Companies",
    properties=COMPANY.columns[1:],
    key=("LegalEntityId",),
    table=COMPANY,
)
RETAIL = Model("retail", "Microsoft.Dynamics.DataEntities", (SHOPS, EXPORTED_SHOPS, COMPANIES), (SHOP, COMPANY))


class ShopRules:
    """Shops without an id get the next one; a shop must not be called Nothing."""

    def before_save(self, changes: Sequence[Change], session: Session) -> None:
        """Fill ids and check names."""
        nameless = [change for change in changes if change.is_create and not change.values.get("ShopId")]
        for change, number in zip(nameless, session.take("shop", len(nameless)), strict=True):
            change.values["ShopId"] = f"S-{number:05}"
        for change in changes:
            if change.get("Name") == "Nothing":
                change.refuse(ProblemKind.RULE, "Name must not be Nothing", field="Name", value="Nothing")

    def after_save(self, changes: Sequence[Change], session: Session) -> None:
        """Nothing follows."""

    def before_delete(self, rows: Sequence[Row], session: Session) -> list[Problem | None]:
        """Every shop may go."""
        return [None] * len(rows)
