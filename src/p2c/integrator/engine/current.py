"""What the destination has now of rows that are about to be written."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from p2c.edm.values import Row, Value
from p2c.integrator.engine.comparing import FieldRule, key_of, plain
from p2c.integrator.engine.decide import Deliver, MappedRow
from p2c.integrator.engine.ends import LegEnds
from p2c.integrator.engine.lookups import RelatedValues
from p2c.integrator.mapping.related import RelatedField
from p2c.integrator.outcome import Change

_DIGEST = 8
_encoder = msgspec.msgpack.Encoder()


@dataclass(frozen=True, slots=True)
class Current:
    """A destination row as it is, by the fields of the map; None when there is none."""

    row: Row | None

    @property
    def is_there(self) -> bool:
        """Whether the destination has the row."""
        return self.row is not None

    def seen(self, rules: Sequence[FieldRule]) -> str:
        """Hex digits that stand for the values of these fields; empty when there is no row."""
        if self.row is None:
            return ""
        values = [plain(self.row[rule.name]) for rule in rules]
        return hashlib.blake2b(_encoder.encode(values), digest_size=_DIGEST).hexdigest()

    def changes(self, intent: Deliver, rules: Sequence[FieldRule]) -> tuple[Change, ...]:
        """The fields that delivering the row would change. Fields without a value are not sent unless they had one."""
        found: list[Change] = []
        for rule in rules:
            new = plain(intent.row.values[rule.name])
            old = plain(self.row[rule.name]) if self.row is not None else None
            if not intent.sends(rule.name) or rule.same(new, old):
                continue
            found.append(Change(rule.name, old, new))
        return tuple(found)


class CurrentRows:
    """Reads destination rows by the integration keys of mapped rows, some requests for a batch.

    They have the fields of the rules, and those `beside` them.
    """

    def __init__(self, ends: LegEnds, rules: Sequence[FieldRule], beside: Sequence[str] = ()) -> None:
        self._ends = ends
        lookups = ends.compiled.lookups
        pointing = {item.to for item in lookups}
        own = [rule.name for rule in rules if rule.name not in pointing]
        self._names = tuple(dict.fromkeys([*ends.key_names, *own, *(item.lookup for item in lookups), *beside]))
        self._named = RelatedValues(
            ends.destination, [RelatedField(item.to, item.lookup, item.targets) for item in lookups]
        )

    async def find(self, rows: Sequence[MappedRow]) -> list[Current]:
        """What there is of each row, in order."""
        if not rows:
            return []
        ends, column = self._ends, self._ends.compiled.key[0]
        values: list[Value] = list(dict.fromkeys(row.values[column] for row in rows))
        found = await ends.destination.by_values(ends.destination_entity, self._names, column, values)
        await self._named.fill(found)
        there: Mapping[bytes, Row] = {key_of(ends.identity(row)): row for row in found}
        return [Current(there.get(key_of(ends.identity(row.values)))) for row in rows]
