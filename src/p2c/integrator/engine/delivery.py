"""Sends mapped rows to the destination: finds what they point at, matches, writes, reads the answers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TypeAlias

from p2c.edm.values import Value
from p2c.errors import RejectedRowError
from p2c.integrator.engine.context import LegContext
from p2c.integrator.engine.decide import Deliver, MappedRow
from p2c.integrator.engine.lookups import DestinationRows
from p2c.integrator.engine.record import BatchRecord
from p2c.integrator.engine.references import References
from p2c.integrator.engine.refusals import refused
from p2c.odata.client.environment import Upsert, Written

Binds: TypeAlias = "dict[str, tuple[str, Value] | None]"
"""What each lookup of a row points at: entity and key, or None to clear it."""


class Delivery:
    """The destination side of a leg; `to_itself` are fields that name rows of the leg's own kind."""

    def __init__(self, context: LegContext) -> None:
        self._context = context
        compiled, entity = context.compiled, context.destination_entity
        self._rows = DestinationRows(context.destination, compiled.lookups)
        self._references = References(context.destination, entity, compiled.fields)
        self._key_names = context.key_names
        self._points = bool(compiled.lookups) or self._references.names_rows
        self._counting = asyncio.Lock()
        self._empty: bool | None = None
        self._apart = frozenset((*self._key_names, *(item.to for item in compiled.lookups)))
        self.to_itself = (
            *self._references.to_itself,
            *(item.to for item in compiled.lookups if any(to.entity == entity.name for to in item.targets)),
        )

    def parents(self, row: MappedRow) -> tuple[Value, ...]:
        """The rows of its own kind that a row points at."""
        return tuple(row.values[name] for name in self.to_itself if row.values.get(name) is not None)

    async def deliver(self, deliveries: Sequence[Deliver], record: BatchRecord) -> None:
        """Send rows and note each one's outcome."""
        if not deliveries:
            return
        with self._context.tally.step("match"):
            ready = await self.prepare(deliveries)
            existing = await self._existing([intent.row for intent in deliveries if not intent.known])
        sendable: list[tuple[MappedRow, Upsert]] = []
        for intent, binds in zip(deliveries, ready, strict=True):
            if isinstance(binds, RejectedRowError):
                record.rejected(intent.row, binds)
                continue
            known = intent.known or (bool(existing) and self._context.identity(intent.row.values) in existing)
            sendable.append((intent.row, self._upsert(intent, binds, known)))
        for part in _rounds(sendable):
            await self._send(part, record)

    async def prepare(self, deliveries: Sequence[Deliver]) -> list[Binds | RejectedRowError]:
        """For each row what its lookups point at, or why it cannot be delivered; nothing is sent."""
        if not self._points:
            return [{} for _ in deliveries]
        values = [intent.row.values for intent in deliveries]
        pointed_at = await self._rows.find(values)
        named = await self._references.find(values)
        ready: list[Binds | RejectedRowError] = []
        for row in values:
            try:
                binds = pointed_at.binds(row)
                named.check(row)
                ready.append(binds)
            except RejectedRowError as error:
                ready.append(error)
        return ready

    async def _send(self, part: Sequence[tuple[MappedRow, Upsert]], record: BatchRecord) -> None:
        context = self._context
        with context.tally.step("write"):
            results = await context.destination.upsert(context.destination_entity, [upsert for _, upsert in part])
        for (row, _), result in zip(part, results, strict=True):
            if result.written is Written.REFUSED:
                record.rejected(row, refused(result, row.values, context.compiled.fields))
            else:
                record.delivered(row, created=result.written is Written.CREATED)

    async def _existing(self, rows: Sequence[MappedRow]) -> set[tuple[Value, ...]]:
        """Which of the rows the destination has, for a destination whose bulk write does not tell."""
        context = self._context
        if not rows or not context.destination.needs_match:
            return set()
        if await self._was_empty():
            return set()
        column = context.compiled.key[0]
        values = [row.values[column] for row in rows]
        names = context.key_names
        found = await context.destination.by_values(context.destination_entity, names, column, values)
        return {context.identity(row) for row in found}

    async def _was_empty(self) -> bool:
        """Whether the destination had no rows when the leg began, and so has none but those that the leg creates."""
        async with self._counting:
            if self._empty is None:
                context = self._context
                # A row that several companies share may have been created by this very leg.
                shared = context.companies.merges
                self._empty = not shared and await context.destination.count(context.destination_entity) == 0
        return self._empty

    def _upsert(self, intent: Deliver, binds: Binds, known: bool) -> Upsert:
        values, emptied = intent.row.values, intent.cleared
        key = {name: values[name] for name in self._key_names}
        lookups = self._context.compiled.lookups
        # Taking few fields out of a copy is half the work of building a row of the many that stay.
        rest = values.copy()
        for name in [name for name, value in values.items() if value is None]:
            if name not in emptied:
                del rest[name]
        for name in self._apart | intent.left_out if intent.left_out else self._apart:
            rest.pop(name, None)
        if not lookups:
            return Upsert(key, rest, {}, known)
        emptied_lookups = [item.lookup for item in lookups if item.to in emptied]
        untouched = [item.lookup for item in lookups if item.to in intent.left_out]
        pointing = {
            name: bind
            for name, bind in binds.items()
            if (bind is not None or name in emptied_lookups) and name not in untouched
        }
        return Upsert(key, rest, pointing, known)


def _rounds(sendable: Sequence[tuple[MappedRow, Upsert]]) -> list[list[tuple[MappedRow, Upsert]]]:
    """Rows of several companies that become one row are written one after another, in source order."""
    if sendable and len({row.address for row, _ in sendable}) == len(sendable):
        return [list(sendable)]
    rounds: list[list[tuple[MappedRow, Upsert]]] = []
    seen: dict[tuple[Value, ...], int] = {}
    for row, upsert in sendable:
        identity = tuple(upsert.key.values())
        place = seen.get(identity, -1) + 1
        seen[identity] = place
        if place == len(rounds):
            rounds.append([])
        # A later round finds the row that an earlier one created.
        known = Upsert(upsert.key, upsert.values, upsert.binds, exists=True) if place else upsert
        rounds[place].append((row, known))
    return rounds
