"""What Sales gives the tables and columns that its users add: what every table of the platform has."""

from __future__ import annotations

from collections.abc import Container, Sequence

from p2c.edm.customization import CustomTable
from p2c.edm.declare import lookup
from p2c.edm.entity import AlternateKey, Entity
from p2c.edm.property import Property
from p2c.sales.entities.build import money_twins, sales_table
from p2c.sales.entities.choicesets import active_or_inactive
from p2c.text import N_

_CURRENCY = "transactioncurrencyid"


class SalesPlatform:
    """Owners, states, authors and, beside amounts, the currency."""

    def table(self, table: CustomTable, columns: Sequence[Property], keys: Sequence[AlternateKey]) -> Entity:
        """A table with a GUID key, whose rows are active or not."""
        return sales_table(
            table.name,
            table.set_name,
            table.label,
            table.plural,
            *columns,
            *_currency(columns, ()),
            *active_or_inactive(),
            name_property=table.primary_name,
            ownership=table.ownership,
            keys=tuple(keys),
        )

    def companions(self, columns: Sequence[Property], present: Entity) -> tuple[Property, ...]:
        """Amounts bring their twins in the base currency, and the currency where the table has none."""
        return (*_currency(columns, present.property), *money_twins(columns, present.property))


def _currency(columns: Sequence[Property], declared: Container[str]) -> tuple[Property, ...]:
    if _CURRENCY in declared or not any(column.money for column in columns):
        return ()
    return (lookup(_CURRENCY, N_("Currency"), "transactioncurrency"),)
