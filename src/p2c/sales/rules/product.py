"""The life of a product and the price list that an externally maintained product joins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from uuid import UUID

from p2c.edm.change import Problem, ProblemKind

MAX_QUANTITY_DECIMALS = 5


class ProductState(IntEnum):
    """The states of a product; only active products can be sold."""

    ACTIVE = 0
    RETIRED = 1
    DRAFT = 2
    UNDER_REVISION = 3


@dataclass(frozen=True, slots=True)
class PriceList:
    """A price list; without `begin` or `end` it is open on that side."""

    id: UUID
    name: str
    currency: UUID | None
    active: bool
    begin: date | None = None
    end: date | None = None

    def valid(self, on: date) -> bool:
        """Whether prices of the list hold on a day; both ends are part of it."""
        return self.active and (self.begin is None or self.begin <= on) and (self.end is None or on <= self.end)


def initial_state(organization_starts_active: bool, has_parent: bool) -> ProductState:
    """Active for a product outside families when the organization says so, Draft otherwise."""
    return ProductState.ACTIVE if organization_starts_active and not has_parent else ProductState.DRAFT


def first_price_list(lists: Iterable[PriceList], currency: UUID, on: date) -> PriceList | None:
    """The first list by name that is in this currency and valid on the day."""
    fitting = [item for item in lists if item.currency == currency and item.valid(on)]
    return min(fitting, key=lambda item: (item.name.casefold(), item.name, item.id), default=None)


def price_list_to_join(
    lists: Sequence[PriceList], currency: UUID, currency_name: str, forced: UUID | None, on: date
) -> PriceList | Problem:
    """
    The list that gets the product's price.

    Args:
        forced: The list that the write itself names; its currency must be the product's.

    Returns:
        The list, or why the product has to stay outside.
    """
    if forced is None:
        found = first_price_list(lists, currency, on)
        return found if found is not None else _no_list(currency_name, on)
    found = next((item for item in lists if item.id == forced), None)
    if found is None:
        return Problem(
            ProblemKind.LOOKUP_MISSING,
            f"Price list {forced} does not exist.",
            field="pricelevelid",
            value=forced,
        )
    if found.currency != currency:
        return Problem(
            ProblemKind.RULE,
            f"Price list {found.name!r} is not in {currency_name}, the currency of the product; "
            f"name a price list in {currency_name} or none.",
            field="pricelevelid",
            value=forced,
        )
    return found


def _no_list(currency_name: str, on: date) -> Problem:
    return Problem(
        ProblemKind.RULE,
        f"No active price list in {currency_name} is valid on {on.isoformat()}; create one or extend one.",
        field="transactioncurrencyid",
        value=currency_name,
    )
