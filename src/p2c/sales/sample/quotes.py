"""Quotes with their lines as drafts, and the moves that bring them into all states."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Literal, TypeAlias

from p2c.sales.sample.customers import Customer, customers
from p2c.sales.sample.quote_rows import catalogue_line, deliver_on, header
from p2c.sales.sample.wrong import SELLER
from p2c.sales.sample.wrong_quotes import wrong_quotes
from p2c.sample_catalogue import Traded, sold_by
from p2c.sample_companies import COMPANIES, SampleCompany
from p2c.sample_rows import SEED, SampleSet

MoveKind: TypeAlias = Literal["activate", "win", "lose", "cancel", "revise"]

_LIVES: tuple[tuple[int, tuple[MoveKind, ...]], ...] = (
    (36, ()),
    (110, ("activate",)),
    (30, ("activate", "win")),
    (16, ("activate", "lose")),
    (10, ("activate", "cancel")),
    (10, ("activate", "revise")),
)
"""How many quotes go through which moves; the first kind stays a draft."""

_FIRST_DAY = date(2026, 9, 1)
_SUBJECTS = {
    "CZK": ("Podzimní zásobování", "Vánoční zboží", "Vybavení prodejny", "Doplnění skladu"),
    "HUF": ("Őszi készletfeltöltés", "Karácsonyi áruk", "Üzletberendezés", "Évzáró rendelés"),
    "SEK": ("Höstens påfyllning", "Julvaror", "Butiksinredning", "Årets sista order"),
}
_TO_CONTACT_EVERY, _NO_DELIVERY_DATE_EVERY = 5, 7
_DISCOUNT_EVERY, _OWN_PRICE_EVERY = 4, 15


@dataclass(frozen=True, slots=True)
class QuoteMove:
    """One step in the life of a quote; activate is an update of its state, the others are actions."""

    quoteid: str
    kind: MoveKind


def quotes(seed: int = SEED) -> tuple[list[SampleSet], list[QuoteMove]]:
    """
    Drafts with their lines, and the moves to make afterwards, in order.

    The lines name products by product number, so the products must have arrived from Operations before.
    """
    random = Random(f"quotes/{seed}")
    accounts, contacts = customers(seed)
    drafts: list[dict[str, object]] = []
    lines: list[dict[str, object]] = []
    moves: list[QuoteMove] = []
    for position, life in enumerate(_lives(random)):
        company = COMPANIES[position % len(COMPANIES)]
        buyers = contacts if position % _TO_CONTACT_EVERY == 0 else accounts
        customer = random.choice([buyer for buyer in buyers if buyer.company is company])
        draft, its_lines = _quote(seed, position, customer, random)
        drafts.append(draft)
        lines.extend(its_lines)
        moves.extend(QuoteMove(str(draft["quoteid"]), kind) for kind in life)
    wrong, wrong_lines = wrong_quotes(seed, _good_customer(accounts))
    moves.extend(QuoteMove(str(draft["quoteid"]), "activate") for draft in wrong)
    sets = [
        SampleSet("quotes", ("quoteid",), drafts + wrong),
        SampleSet("quotedetails", ("quotedetailid",), lines + wrong_lines),
    ]
    return sets, moves


def _good_customer(accounts: list[Customer]) -> Customer:
    return next(account for account in accounts if account.seller is SELLER)


def _lives(random: Random) -> Iterator[tuple[MoveKind, ...]]:
    lives = [life for count, life in _LIVES for _number in range(count)]
    random.shuffle(lives)
    yield from lives


def _quote(
    seed: int, position: int, customer: Customer, random: Random
) -> tuple[dict[str, object], list[dict[str, object]]]:
    company = customer.company
    start = _FIRST_DAY + timedelta(days=random.randint(0, 75))
    subject = random.choice(_SUBJECTS[company.currency])
    draft = header(
        seed,
        position,
        f"{subject} {start.year}/{position + 1:03d}",
        customer.seller,
        (customer.entity, customer.id),
        customer.row,
    )
    draft["effectivefrom"] = start.isoformat()
    draft["description"] = f"{subject}: {customer.name}"
    products = random.sample(sold_by(company), 3 + position % 4)
    numbered = enumerate(products, 1)
    lines = [_line(seed, draft, number, product, company, random) for number, product in numbered]
    if position % _NO_DELIVERY_DATE_EVERY != 0:
        for row in (draft, *lines):
            deliver_on(row, start + timedelta(days=random.randint(14, 90)))
    return draft, lines


def _line(
    seed: int, draft: dict[str, object], number: int, product: Traded, company: SampleCompany, random: Random
) -> dict[str, object]:
    quantity = random.randint(1, 40)
    price = product.price(company)
    row = catalogue_line(seed, draft, number, quantity, product)
    if random.randrange(_OWN_PRICE_EVERY) == 0:
        price = _share(price, Decimal("0.95"), company)
        row |= {"ispriceoverridden": True, "priceperunit": price}
    if random.randrange(_DISCOUNT_EVERY) == 0:
        share = Decimal(random.choice((2, 3, 5, 8, 10))) / 100
        row["manualdiscountamount"] = _share(price * quantity, share, company)
    return row


def _share(amount: Decimal, share: Decimal, company: SampleCompany) -> Decimal:
    return (amount * share).quantize(Decimal(1).scaleb(-company.decimals), ROUND_HALF_UP)
