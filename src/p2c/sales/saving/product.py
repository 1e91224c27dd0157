"""Rules of products: first state, units, and the price list that an externally maintained product joins."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from p2c.database.session import Session
from p2c.edm.change import Change, Problem, ProblemKind, accepted
from p2c.edm.keys import new_guid
from p2c.edm.values import Row, Value
from p2c.sales.rules.externally_maintained import FLAG, refuse_product_delete, refuse_product_write
from p2c.sales.rules.price_list_item import PricingMethod
from p2c.sales.rules.product import (
    MAX_QUANTITY_DECIMALS,
    PriceList,
    ProductState,
    initial_state,
    price_list_to_join,
)
from p2c.sales.rules.typed import day, key, whole, words
from p2c.sales.saving.deleting import delete_related
from p2c.sales.saving.facts import Facts
from p2c.sales.saving.platform import PlatformRules, status_set
from p2c.sales.saving.price_list_item import PriceListItemRules

_PRICED_BY = frozenset({"defaultuomid", "price", "pricelevelid", "transactioncurrencyid"})
_ITEM_KEY = ("pricelevelid", "productid", "uomid")
_FIRST_ITEM: Row = {"quantitysellingcode": 1, "roundingpolicycode": 1, "roundingoptioncode": 1}


class ProductRules(PlatformRules):
    """Completes products and prices the externally maintained ones."""

    def __init__(self, items: PriceListItemRules) -> None:
        super().__init__("product")
        self._items = items

    def check(self, changes: Sequence[Change], facts: Facts) -> None:
        """Refuse what sellers change on externally maintained products, and impossible quantities."""
        for change in changes:
            written = {name: value for name, value in change.values.items() if change.sets(name) or name == FLAG}
            problem = refuse_product_write(change.get("productnumber"), change.stored, written)
            change.problem = change.problem or problem
            decimals = whole(change.values.get("quantitydecimal"))
            if decimals is not None and not 0 <= decimals <= MAX_QUANTITY_DECIMALS:
                change.refuse(
                    ProblemKind.OUT_OF_RANGE,
                    f"quantitydecimal {decimals} is outside 0 to {MAX_QUANTITY_DECIMALS}.",
                    field="quantitydecimal",
                    value=decimals,
                )

    def complete(self, changes: Sequence[Change], facts: Facts) -> None:
        """Settle the first state and the unit group."""
        statuses = status_set(facts.table)
        for change in changes:
            if change.is_create and change.values["statecode"] == ProductState.DRAFT:
                has_parent = change.values.get("parentproductid") is not None
                state = initial_state(facts.organization.products_start_active, has_parent)
                change.values["statecode"], change.values["statuscode"] = int(state), statuses.default(state)
        _check_units(changes, facts.session)

    def calculate(self, changes: Sequence[Change], facts: Facts) -> None:
        """Refuse externally maintained products that no price list can take."""
        priced = [change for change in changes if _is_priced(change)]
        lists = _price_lists(facts.session) if priced else []
        for change in priced:
            found = _list_for(change, lists, facts)
            if isinstance(found, Problem):
                change.problem = change.problem or found

    def follow_up(self, changes: Sequence[Change], facts: Facts) -> None:
        """Put the prices of externally maintained products into their price lists."""
        priced = [change for change in changes if _is_priced(change) and change.get("price") is not None]
        if not priced:
            return
        lists = _price_lists(facts.session)
        wanted: dict[tuple[Value, ...], Change] = {}
        for change in priced:
            found = _list_for(change, lists, facts)
            if isinstance(found, PriceList):
                wanted[found.id, change.key, change.get("defaultuomid")] = change
        self._write_items(wanted, facts.session)

    def before_delete(self, rows: Sequence[Row], session: Session) -> list[Problem | None]:
        """Refuse externally maintained products and products in quotes; price list items go along."""
        return delete_related(self.table, rows, [refuse_product_delete(row) for row in rows], session)

    def _write_items(self, wanted: dict[tuple[Value, ...], Change], session: Session) -> None:
        stored = {
            tuple(row[name] for name in _ITEM_KEY): row for row in session.match("productpricelevel", _ITEM_KEY, wanted)
        }
        changes: list[Change] = []
        for number, (place, product) in enumerate(wanted.items()):
            item = stored.get(place)
            values: Row = {
                "amount": product.get("price"),
                "pricingmethodcode": int(PricingMethod.CURRENCY_AMOUNT),
            }
            if item is None:
                values |= {**_FIRST_ITEM, **dict(zip(_ITEM_KEY, place, strict=True))}
                changes.append(Change(number, new_guid(session.now), values))
            elif any(item[name] != value for name, value in values.items()):
                changes.append(Change(number, item["productpricelevelid"], values, item))
        self._items.write(changes, session)


def _is_priced(change: Change) -> bool:
    """Whether the write is one of the maintaining system that touches what the price depends on."""
    return change.get(FLAG) is True and (change.is_create or not _PRICED_BY.isdisjoint(change.values))


def _list_for(change: Change, lists: Sequence[PriceList], facts: Facts) -> PriceList | Problem:
    currency = change.get("transactioncurrencyid")
    known = facts.currencies.get(currency) if isinstance(currency, UUID) else None
    if known is None:
        return Problem(
            ProblemKind.REQUIRED,
            f"Product {change.get('productnumber')} has no currency, so no price list can take its price; "
            "set transactioncurrencyid.",
            field="transactioncurrencyid",
        )
    forced = key(change.values.get("pricelevelid"))
    return price_list_to_join(lists, known.id, known.code, forced, facts.session.now.date())


def _price_lists(session: Session) -> list[PriceList]:
    names = ("pricelevelid", "name", "transactioncurrencyid", "statecode", "begindate", "enddate")
    return [
        PriceList(
            identity,
            words(row["name"]),
            key(row["transactioncurrencyid"]),
            row["statecode"] == 0,
            day(row["begindate"]),
            day(row["enddate"]),
        )
        for row in session.all("pricelevel", names)
        if (identity := key(row["pricelevelid"])) is not None
    ]


def _check_units(changes: Sequence[Change], session: Session) -> None:
    """Refuse a default unit outside the product's unit group."""
    touched = [change for change in changes if change.sets("defaultuomid") or change.sets("defaultuomscheduleid")]
    units = session.rows("uom", "uomid", {change.get("defaultuomid") for change in touched}, ("uomid", "uomscheduleid"))
    group = {row["uomid"]: row["uomscheduleid"] for row in units}
    for change in accepted(touched):
        unit = change.get("defaultuomid")
        if unit is not None and group.get(unit) != change.get("defaultuomscheduleid"):
            change.refuse(
                ProblemKind.RULE,
                f"Default unit {unit} is not in unit group {change.get('defaultuomscheduleid')}; "
                "choose a unit of that group.",
                field="defaultuomid",
                value=unit,
            )
