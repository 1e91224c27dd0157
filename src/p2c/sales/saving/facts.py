"""Facts that the rules of one batch share, each read once and only when a rule asks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from p2c.database.session import Session
from p2c.edm.entity import Table
from p2c.edm.values import Row, Value
from p2c.sales.rules.money import DEFAULT_PRECISION
from p2c.sales.rules.pricing import DiscountMethod
from p2c.sales.rules.typed import amount, key, whole, words

_DEFAULT_SUFFIX = 6


@dataclass(frozen=True, slots=True)
class Organization:
    """The switches of the organization row that rules obey."""

    id: UUID | None = None
    base_currency: UUID | None = None
    discount_method: DiscountMethod = DiscountMethod.LINE_ITEM
    system_pricing: bool = True
    pricing_precision: int = DEFAULT_PRECISION
    quote_prefix: str = "QUO"
    suffix_length: int = _DEFAULT_SUFFIX
    products_start_active: bool = False

    @classmethod
    def from_row(cls, row: Row) -> Organization:
        """The switches, with the platform's defaults for what is empty."""
        method = whole(row["discountcalculationmethod"])
        precision = whole(row["pricingdecimalprecision"])
        return cls(
            id=key(row["organizationid"]),
            base_currency=key(row["basecurrencyid"]),
            discount_method=DiscountMethod(method or DiscountMethod.LINE_ITEM),
            system_pricing=row["oobpricecalculationenabled"] is not False,
            pricing_precision=precision if precision is not None else DEFAULT_PRECISION,
            quote_prefix=words(row["quoteprefix"]) or "QUO",
            suffix_length=whole(row["uniquespecifierlength"]) or _DEFAULT_SUFFIX,
            products_start_active=row["createproductswithoutparentinactivestate"] is True,
        )


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency: its decimals, and how much of it one unit of the base currency is worth."""

    id: UUID
    code: str
    precision: int
    exchange_rate: Value


class Facts:
    """What the rules of one batch know beyond its rows."""

    def __init__(self, table: str, session: Session) -> None:
        self.session = session
        self.table: Table = session.storage.definitions[table]

    @cached_property
    def organization(self) -> Organization:
        """The organization, or the platform's defaults before there is one."""
        rows = self.session.all("organization")
        return Organization.from_row(rows[0]) if rows else Organization()

    @cached_property
    def currencies(self) -> dict[UUID, Currency]:
        """All currencies by key."""
        names = ("transactioncurrencyid", "isocurrencycode", "currencyprecision", "exchangerate")
        return {
            identity: Currency(
                identity,
                words(row["isocurrencycode"]),
                DEFAULT_PRECISION if (precision := whole(row["currencyprecision"])) is None else precision,
                amount(row["exchangerate"]),
            )
            for row in self.session.all("transactioncurrency", names)
            if (identity := key(row["transactioncurrencyid"])) is not None
        }

    @cached_property
    def default_user(self) -> UUID | None:
        """Who owns what nobody owns: the writer, else the first user; None before there is one."""
        if self.session.user is not None:
            return self.session.user
        users = self.session.all("systemuser", ("systemuserid", "createdon"))
        users.sort(key=lambda row: (str(row["createdon"]), str(row["systemuserid"])))
        return key(users[0]["systemuserid"]) if users else None

    def precision(self, currency: Value) -> int:
        """Decimal places of amounts in a currency."""
        found = self.currencies.get(currency) if isinstance(currency, UUID) else None
        return found.precision if found is not None else DEFAULT_PRECISION
