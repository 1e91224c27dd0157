"""Operations in memory: tables as lists of rows, saved through the same rules as in the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import cast

from p2c.database.session import Session
from p2c.edm.change import Change, Problem, accepted
from p2c.edm.values import Row, Value
from p2c.operations.model import MODEL
from p2c.operations.saving import RULES
from p2c.operations.seed import SEED

WANTED_DAY = datetime(2025, 3, 31, 12, tzinfo=UTC)


class MemorySession:
    """The part of a database session that rules use."""

    def __init__(self) -> None:
        self.now = datetime(2025, 1, 15, 8, tzinfo=UTC)
        self.user = None
        self.tables: defaultdict[str, list[Row]] = defaultdict(list)
        self.next: defaultdict[str, int] = defaultdict(int)
        self.queries = 0

    def rows(
        self,
        table: str,
        column: str,
        values: Iterable[Value],
        columns: Sequence[str] | None = None,
        lock: bool = False,
    ) -> list[Row]:
        return self.match(table, (column,), ((value,) for value in values), columns)

    def match(
        self,
        table: str,
        columns: Sequence[str],
        tuples: Iterable[tuple[Value, ...]],
        columns_out: Sequence[str] | None = None,
    ) -> list[Row]:
        self.queries += 1
        known = MODEL.table[table].column
        assert set(columns) | set(columns_out or ()) <= set(known)
        fold = MODEL.table[table].folded
        wanted = set(map(fold, tuples))
        return [
            {column: row.get(column) for column in (columns_out or known)}
            for row in self.tables[table]
            if fold(tuple(row.get(column) for column in columns)) in wanted
        ]

    def all(self, table: str, columns: Sequence[str] | None = None) -> list[Row]:
        return [dict(row) for row in self.tables[table]]

    def insert(self, table: str, rows: Sequence[Row]) -> None:
        assert all(set(row) <= set(MODEL.table[table].column) for row in rows)
        self.tables[table].extend(dict(row) for row in rows)

    def update(self, table: str, rows: Sequence[Row]) -> None:
        stored = {row["RecId"]: row for row in self.tables[table]}
        for row in rows:
            assert set(row) <= set(MODEL.table[table].column)
            stored[row["RecId"]].update(row)

    def delete(self, table: str, keys: Iterable[Value]) -> None:
        going = set(keys)
        self.tables[table] = [row for row in self.tables[table] if row["RecId"] not in going]

    def take(self, sequence: str, count: int, start: int = 1) -> range:
        first = self.next[sequence] or start
        self.next[sequence] = first + count
        return range(first, first + count)


class Operations:
    """A small company in memory, and the verbs that tests speak in."""

    def __init__(self) -> None:
        self.session = MemorySession()
        for table, rows in SEED.items():
            self.session.insert(table, rows)

    @property
    def _session(self) -> Session:
        return cast(Session, self.session)

    def create(self, table: str, *rows: Row) -> list[Problem | None]:
        """Save new rows in one batch; for each why it was refused, or None."""
        defaults = {c.storage: c.default for c in MODEL.table[table].columns if c.default is not None}
        changes = [
            Change(number, key, {**defaults, "RecId": key, **row})
            for number, (row, key) in enumerate(zip(rows, self.session.take(f"{table}:key", len(rows)), strict=True))
        ]
        return self._save(table, changes)

    def change(self, table: str, where: Row, values: Row) -> Problem | None:
        """Change the one row that has these values."""
        stored = dict(self.one(table, where))
        return self._save(table, [Change(0, stored["RecId"], dict(values), stored)])[0]

    def delete(self, table: str, where: Row) -> Problem | None:
        """Delete the one row that has these values."""
        row = dict(self.one(table, where))
        problem = RULES[table].before_delete([row], self._session)[0]
        if problem is None:
            self.session.delete(table, [row["RecId"]])
        return problem

    def one(self, table: str, where: Row) -> Row:
        """The one row that has these values."""
        (row,) = self.every(table, where)
        return row

    def every(self, table: str, where: Row) -> list[Row]:
        """All rows that have these values."""
        return [row for row in self.session.tables[table] if where.items() <= row.items()]

    def _save(self, table: str, changes: list[Change]) -> list[Problem | None]:
        RULES[table].before_save(changes, self._session)
        good = accepted(changes)
        self.session.insert(table, [change.values for change in good if change.is_create])
        self.session.update(table, [{**change.values, "RecId": change.key} for change in good if not change.is_create])
        RULES[table].after_save(good, self._session)
        return [change.problem for change in changes]


def a_company() -> Operations:
    """A Czech company with two sites, two units, one customer and one sellable product."""
    operations = Operations()
    setup: list[tuple[str, list[Row]]] = [
        ("currency", [a_currency("CZK"), a_currency("EUR"), a_currency("HUF", "1")]),
        ("legal_entity", [{"LegalEntityId": "P2CZ", "Name": "Česká", "AccountingCurrency": "CZK"}]),
        (
            "unit",
            [{"UnitSymbol": "ea", "UnitClass": "Quantity"}, {"UnitSymbol": "box", "UnitClass": "Quantity"}],
        ),
        ("site", [own(SiteId="1", SiteName="Praha"), own(SiteId="2", SiteName="Brno")]),
        (
            "warehouse",
            [
                own(WarehouseId="13", WarehouseName="Praha sever", OperationalSiteId="1"),
                own(WarehouseId="24", WarehouseName="Brno jih", OperationalSiteId="2"),
            ],
        ),
        ("customer_group", [own(CustomerGroupId="10")]),
        ("customer", [a_customer()]),
        ("product", [{"ProductNumber": "P1", "ProductName": "Židle"}]),
        ("released_product", [a_released_product()]),
    ]
    for table, rows in setup:
        assert operations.create(table, *rows) == [None] * len(rows)
    return operations


def own(**values: Value) -> Row:
    """A row of the company."""
    return {"dataAreaId": "p2cz", **values}


def a_currency(code: str, smallest: str = "0.01") -> Row:
    """A currency that rounds to its smallest amount."""
    return {"CurrencyCode": code, "Name": code, "RoundingRuleSalesOrders": Decimal(smallest)}


def a_customer(**values: Value) -> Row:
    """An organization that buys in Czech crowns from site 1."""
    customer = own(
        CustomerAccount="ACC-1",
        PartyType="Organization",
        OrganizationName="Žluťoučký kůň s.r.o.",
        CustomerGroupId="10",
        SalesCurrencyCode="CZK",
        LanguageId="cs",
        SiteId="1",
        WarehouseId="13",
    )
    return {**customer, **values}


def a_released_product(**values: Value) -> Row:
    """A product with everything that selling it takes."""
    product = own(
        ItemNumber="P1",
        ProductNumber="P1",
        ItemModelGroupId="FIFO",
        ProductGroupId="Goods",
        StorageDimensionGroupName="SiteWH",
        TrackingDimensionGroupName="None",
        InventoryUnitSymbol="ea",
        SalesUnitSymbol="ea",
        SalesPrice=Decimal("100"),
    )
    return {**product, **values}


def a_quotation(**values: Value) -> Row:
    """A quotation to the customer in Czech crowns."""
    quotation = own(
        SalesQuotationNumber="QUO-1",
        RequestingCustomerAccountNumber="ACC-1",
        CurrencyCode="CZK",
        RequestedShippingDate=WANTED_DAY,
    )
    return {**quotation, **values}


def a_line(number: int = 1, **values: Value) -> Row:
    """A line of the quotation: three pieces at 100."""
    line = own(
        SalesQuotationNumber="QUO-1",
        LineCreationSequenceNumber=number,
        ProductNumber="P1",
        RequestedSalesQuantity=Decimal(3),
        SalesPrice=Decimal(100),
    )
    return {**line, **values}
