"""What all parts of one leg's run share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from p2c.edm.values import Row
from p2c.integrator.engine.comparing import FieldRule
from p2c.integrator.engine.edits import Edits
from p2c.integrator.engine.ends import LegEnds
from p2c.integrator.engine.tally import Tally
from p2c.integrator.mapping.modified import modified_field
from p2c.integrator.mapping.template import OnConflict, OnDelete
from p2c.integrator.outcome import LegKey
from p2c.integrator.store import Store
from p2c.integrator.store.rejections import payload_values


@dataclass(frozen=True, slots=True, kw_only=True)
class LegContext(LegEnds):
    """One leg of one run: its map, its two ends, and where its outcome is kept.

    `again` sends rows although they are the same. `lost` are destination fields whose values went with them, and that
    are filled again whatever is remembered. `edits` are changes that people made to rows on their way,
    `dismissed` rows that they gave up, as they were then. `on_delete` says what becomes of a destination row whose
    source row is gone; `inactive` are the values that make it inactive. `on_conflict` says whose value stays where both
    sides have changed a field; `rules` compare values of the destination's fields.
    """

    key: LegKey
    leg_run: int
    run: int
    store: Store
    tally: Tally
    again: bool = False
    lost: frozenset[str] = frozenset()
    edits: Edits
    rules: Sequence[FieldRule] = ()
    on_conflict: OnConflict = OnConflict.SOURCE
    on_delete: OnDelete = OnDelete.IGNORE
    inactive: Row = field(default_factory=dict)
    dismissed: Mapping[str, object] = field(default_factory=dict)

    @property
    def read_names(self) -> tuple[str, ...]:
        """The source fields to read: those of `source_names`, and when the row was changed where that counts."""
        changed = modified_field(self.source_entity) if self.on_conflict is OnConflict.NEWEST else ""
        return tuple(dict.fromkeys((*self.source_names, *((changed,) if changed else ()))))

    def is_dismissed(self, source_id: str, source: Row) -> bool:
        """Whether a person gave the row up, and it is still as it was then."""
        return source_id in self.dismissed and self.dismissed[source_id] == payload_values(source)
