"""Sites and warehouses that a row names: both exist, and the warehouse stands on the site."""

from __future__ import annotations

from collections.abc import Sequence

from p2c.database.session import Session
from p2c.edm.change import Change, ProblemKind, accepted
from p2c.operations.saving.pointers import check_pointers, found, site, warehouse
from p2c.operations.saving.values import text_of


def settle_places(changes: Sequence[Change], session: Session, *, site_column: str, warehouse_column: str) -> None:
    """Refuse unknown sites and warehouses and wrong pairs; a warehouse without a site brings its own."""
    place, store = site(site_column), warehouse(warehouse_column)
    check_pointers(changes, session, (place, store))
    touched = [
        change
        for change in accepted(changes)
        if text_of(change, warehouse_column) and (change.sets(site_column) or change.sets(warehouse_column))
    ]
    keys = {change.number: store.key(change) for change in touched}
    stores = found(session, "warehouse", store.columns, keys.values(), ("OperationalSiteId",))
    for change in touched:
        home = text_of(stores[keys[change.number]], "OperationalSiteId")
        if not text_of(change, site_column):
            change.values[site_column] = home
        elif text_of(change, site_column) != home:
            named = text_of(change, warehouse_column)
            change.refuse(
                ProblemKind.RULE,
                f"{warehouse_column} {named!r} stands on site {home!r}, not on {site_column} "
                f"{text_of(change, site_column)!r}; send site {home!r} or a warehouse of the other site",
                field=warehouse_column,
                value=named,
            )
