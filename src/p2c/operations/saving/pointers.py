"""Values that name a row of another table: the row must exist."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from p2c.database.session import Session
from p2c.edm.change import Change, ProblemKind, accepted
from p2c.edm.keys import folded
from p2c.edm.values import Row, Value
from p2c.operations.saving.values import COMPANY, text_of

Key: TypeAlias = "tuple[Value, ...]"


@dataclass(frozen=True, slots=True)
class Pointer:
    """`column` names a row of `table` by its `other` column, within the company unless `shared`.

    `called` and `entity_set` say in the error what is missing and where to create it.
    """

    column: str
    table: str
    other: str
    called: str
    entity_set: str
    shared: bool = False

    def key(self, source: Change | Row) -> Key:
        """The key of the row pointed at; the same for all spellings."""
        return folded(self.spelling(source))

    def spelling(self, source: Change | Row) -> Key:
        """The key of the row pointed at, as the change or row spells it."""
        value = text_of(source, self.column)
        return (value,) if self.shared else (text_of(source, COMPANY), value)

    def spell(self, change: Change, row: Row) -> None:
        """Let the change name the row as the row itself is spelled."""
        if change.get(self.column) != row[self.other]:
            change.values[self.column] = row[self.other]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of `table` that the key is looked for in."""
        return (self.other,) if self.shared else (COMPANY, self.other)

    def refuse(self, change: Change) -> None:
        """Refuse the change because the row does not exist."""
        value = text_of(change, self.column)
        place = "" if self.shared else f" in company {text_of(change, COMPANY)}"
        change.refuse(
            ProblemKind.LOOKUP_MISSING,
            f"{self.column} names the {self.called} {value!r}, which does not exist{place}; "
            f"create it in {self.entity_set} first or send another one",
            field=self.column,
            value=value,
        )


def found(
    session: Session,
    table: str,
    columns: tuple[str, ...],
    keys: Iterable[Key],
    more: Sequence[str] = (),
) -> Mapping[Key, Row]:
    """Rows by key, as `Pointer.key` makes it: `columns` equal to one of `keys`, one query; keys with an empty part
    match nothing."""
    wanted = {key for key in keys if "" not in key and None not in key}
    if not wanted:
        return {}
    rows = session.match(table, columns, wanted, columns_out=tuple(dict.fromkeys((*columns, *more))))
    return {folded(tuple(row[column] for column in columns)): row for row in rows}


def check_pointers(changes: Sequence[Change], session: Session, pointers: Iterable[Pointer]) -> None:
    """Refuse the changes that set a pointer to a row that does not exist; empty pointers pass.

    Case does not count; what is stored is the spelling of the row pointed at, so that the two can be joined.
    """
    for pointer in pointers:
        # Many changes name the same few rows.
        setting: dict[Key, list[Change]] = defaultdict(list)
        for change in accepted(changes):
            if change.values.get(pointer.column) and change.sets(pointer.column):
                setting[pointer.spelling(change)].append(change)
        known = found(session, pointer.table, pointer.columns, map(folded, setting))
        for spelling, group in setting.items():
            row = known.get(folded(spelling))
            for change in group:
                if row is None:
                    pointer.refuse(change)
                else:
                    pointer.spell(change, row)


UNIT_SET = "UnitsOfMeasure"


def currency(column: str) -> Pointer:
    """A currency of the shared list."""
    return Pointer(column, "currency", "CurrencyCode", "currency", "Currencies", shared=True)


def unit(column: str) -> Pointer:
    """A unit of measure of the shared list."""
    return Pointer(column, "unit", "UnitSymbol", "unit", UNIT_SET, shared=True)


def site(column: str) -> Pointer:
    """A site of the company."""
    return Pointer(column, "site", "SiteId", "site", "OperationalSitesV2")


def warehouse(column: str) -> Pointer:
    """A warehouse of the company."""
    return Pointer(column, "warehouse", "WarehouseId", "warehouse", "Warehouses")


def customer(column: str) -> Pointer:
    """A customer of the company."""
    return Pointer(column, "customer", "CustomerAccount", "customer", "CustomersV2")
