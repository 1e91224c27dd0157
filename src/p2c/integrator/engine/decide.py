"""What the destination needs for a mapped row. Pure: the same rows always give the same intents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import msgspec
from msgspec.structs import replace

from p2c.edm.values import Row, Value
from p2c.errors import RejectedRowError
from p2c.integrator.engine.digest import cleared
from p2c.integrator.outcome import Change, RowState


class MappedRow(msgspec.Struct, frozen=True, gc=False):
    """A source row with what it becomes, and the `address` that identifies it at the destination.

    `values` are complete: key, company and lookups by their names.
    """

    source_id: str
    source: Row
    key: str
    company: str
    address: str
    values: Row
    hash: bytes


class Deliver(msgspec.Struct, frozen=True, gc=False):
    """Write the row; `known` when the destination is remembered to have it.

    `cleared` are fields that had a value when the row was last delivered and have none now. Other fields without a
    value are not sent: what the destination fills in by itself stays as it is. Nor are those `left_out`.
    """

    row: MappedRow
    known: bool
    cleared: frozenset[str] = frozenset()
    left_out: frozenset[str] = frozenset()

    def leaving(self, names: frozenset[str]) -> Deliver:
        """The same without these fields."""
        return replace(self, left_out=names) if names else self

    def sends(self, name: str) -> bool:
        """Whether a field is sent."""
        return name not in self.left_out and (self.row.values[name] is not None or name in self.cleared)


class Unchanged(msgspec.Struct, frozen=True, gc=False):
    """The destination has these very values."""

    row: MappedRow


class Skip(msgspec.Struct, frozen=True, gc=False):
    """The row stays behind for a stated reason; that is no failure."""

    source_id: str
    key: str
    company: str
    reason: str


@dataclass(frozen=True, slots=True)
class Reject:
    """The row cannot be delivered; `changes` are what people must decide, where both sides have changed it."""

    source_id: str
    key: str
    company: str
    source: Row
    error: RejectedRowError
    changes: tuple[Change, ...] = ()


Intent: TypeAlias = Deliver | Unchanged | Skip | Reject


def decide(row: MappedRow, state: RowState | None, *, again: bool = False) -> Deliver | Unchanged:
    """Compare a mapped row with what was delivered before; `again` delivers also what is the same."""
    delivered = state is not None and bool(state.destination_id)
    if delivered and not again and state is not None and state.hash == row.hash:
        return Unchanged(row)
    if not delivered or state is None:
        return Deliver(row, delivered)
    return Deliver(row, delivered, cleared(row.values, state.hash))


def readable_key(values: Mapping[str, Value], names: tuple[str, ...]) -> str:
    """The integration key as people read it."""
    return " / ".join(["" if values.get(name) is None else str(values[name]) for name in names])
