"""What annotations need from the database: names behind lookups, and currencies; one query a table for a page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import msgspec

from p2c.database.session import Session
from p2c.edm.entity import Model
from p2c.edm.values import Value

CURRENCY_LOOKUP = "transactioncurrencyid"
_CURRENCY = "transactioncurrency"
_DEFAULT_PRECISION = 2


@dataclass(frozen=True, slots=True)
class Currency:
    """How amounts of a currency are written."""

    symbol: str
    precision: int


class Facts:
    """Names by (entity, key) and currencies by key, as they come in JSON: keys are texts."""

    def __init__(self, model: Model, session: Session) -> None:
        self._model = model
        self._session = session
        self._names: dict[str, dict[str, bytes]] = defaultdict(dict)
        self._currencies: dict[str, Currency] = {}
        self._base: Currency | None = None

    def fetch_names(self, keys: Iterable[tuple[str, str]]) -> None:
        """Read the names of rows; the keys are (entity, primary key as text)."""
        wanted: dict[str, set[str]] = defaultdict(set)
        for target, key in keys:
            if key not in self._names[target]:
                wanted[target].add(key)
        for name, texts in wanted.items():
            entity = self._model.entity[name]
            table = entity.table
            item = entity.property.get(entity.name_property)
            if item is None or item.path:
                continue
            rows = self._session.rows(
                table.name, table.primary_key, map(_key, texts), (table.primary_key, item.storage)
            )
            for row in rows:
                if row[item.storage] is not None:
                    self._names[name][str(row[table.primary_key])] = msgspec.json.encode(str(row[item.storage]))

    def name(self, entity: str, key: str) -> bytes | None:
        """The name of a row as JSON text; None when it has none."""
        return self._names[entity].get(key)

    def fetch_currencies(self, keys: Iterable[str]) -> None:
        """Read currencies by key, and the organization's own."""
        if _CURRENCY not in self._model.entity:
            return
        wanted: list[Value] = [_key(key) for key in keys if key not in self._currencies]
        base: Value = None
        if "organization" in self._model.entity and self._base is None:
            base = next((row["basecurrencyid"] for row in self._session.all("organization")), None)
        columns = ("transactioncurrencyid", "currencysymbol", "currencyprecision")
        for row in self._session.rows(_CURRENCY, "transactioncurrencyid", [*wanted, base], columns):
            precision = row["currencyprecision"]
            currency = Currency(
                str(row["currencysymbol"] or ""), precision if isinstance(precision, int) else _DEFAULT_PRECISION
            )
            self._currencies[str(row["transactioncurrencyid"])] = currency
            if row["transactioncurrencyid"] == base:
                self._base = currency

    def currency(self, key: str | None) -> Currency | None:
        """A currency, or the organization's own for None."""
        return self._base if key is None else self._currencies.get(key)


def _key(text: str) -> Value:
    return int(text) if text.isdecimal() else UUID(text)
