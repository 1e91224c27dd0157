"""What the hub gives the tables and columns that its users add."""

from __future__ import annotations

from collections.abc import Sequence

from p2c.commondata.entities.build import times
from p2c.edm.customization import CustomTable
from p2c.edm.entity import AlternateKey, Entity, Table, surrogate
from p2c.edm.property import Property
from p2c.edm.values import EdmType


class HubPlatform:
    """The times of creation and change. Keys are GUIDs, as clients of the dialect expect of tables that they make."""

    def table(self, table: CustomTable, columns: Sequence[Property], keys: Sequence[AlternateKey]) -> Entity:
        """A table with a GUID key."""
        key = surrogate(f"{table.name}id", EdmType.GUID)
        own = (key, *columns, *times())
        return Entity(
            name=table.name,
            set_name=table.set_name,
            label=table.label,
            plural=table.plural,
            properties=own,
            key=(key.name,),
            table=Table(
                name=table.name,
                columns=own,
                primary_key=key.name,
                unique=tuple(item.properties for item in keys),
                indexes=tuple((column.name,) for column in columns if column.is_lookup),
            ),
            name_property=table.primary_name,
            alternate_keys=tuple(keys),
        )

    def companions(self, columns: Sequence[Property], present: Entity) -> tuple[Property, ...]:
        """Nothing: the hub keeps no currencies of its own."""
        return ()
