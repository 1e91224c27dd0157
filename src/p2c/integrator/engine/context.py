"""What all parts of one leg's run share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from p2c.edm.entity import Entity
from p2c.edm.values import Row, Value
from p2c.integrator.engine.companies import Companies
from p2c.integrator.engine.row_keys import SEPARATOR
from p2c.integrator.engine.tally import Tally
from p2c.integrator.mapping.compile import CompiledLeg
from p2c.integrator.outcome import LegKey
from p2c.integrator.store import Store
from p2c.odata.client.environment import Environment


@dataclass(frozen=True, slots=True, kw_only=True)
class LegContext:
    """One leg of one run: its map, its two ends, and where its outcome is kept.

    `again` sends rows although they are the same. `dismissed` are rows that people gave up, as they were then.
    """

    key: LegKey
    leg_run: int
    run: int
    compiled: CompiledLeg
    source: Environment
    source_entity: Entity
    destination: Environment
    destination_entity: Entity
    companies: Companies
    store: Store
    tally: Tally
    again: bool = False
    dismissed: Mapping[str, object] = field(default_factory=dict)

    @property
    def key_names(self) -> tuple[str, ...]:
        """The destination fields that identify a row there: its company, where rows have one, and the key."""
        return (*self.companies.key_fields, *self.compiled.key)

    def identity(self, values: Row) -> tuple[Value, ...]:
        """What identifies a row at the destination."""
        return tuple(values[name] for name in self.key_names)

    def address(self, values: Row) -> str:
        """What identifies a row at the destination, as text."""
        return "/".join(str(value) for value in self.identity(values))

    def source_id(self, row: Row) -> str:
        """What identifies a source row for good: its key, several parts joined with a bar."""
        return SEPARATOR.join(str(row[name]) for name in self.source_entity.key)
