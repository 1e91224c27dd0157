"""Reads the two sides of a leg: source rows as the map sees them, destination rows as they are."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

from p2c.edm.entity import Entity
from p2c.edm.values import Row, Value
from p2c.errors import RejectedRowError
from p2c.integrator.engine.comparing import key_of, plain
from p2c.integrator.engine.context import LegContext
from p2c.integrator.engine.decide import readable_key
from p2c.integrator.engine.lookups import RelatedValues
from p2c.integrator.mapping.coverage import coverage
from p2c.integrator.mapping.template import Leg
from p2c.integrator.reconcile.destination import DestinationFields
from p2c.integrator.reconcile.merge import DestinationRow, SourceRow, encode, no_key
from p2c.integrator.reconcile.spill import SortedSpill
from p2c.odata.client.environment import BATCH, Source


@dataclass(frozen=True, slots=True)
class Sides:
    """Both sides of one leg, ready to be read. `advanced` hears how many source rows were read so far."""

    leg: Leg
    ends: LegContext
    advanced: Callable[[int], None]

    async def source(self, kept: SortedSpill) -> None:
        """
        Keep all source rows aside, mapped, or with the reason why they cannot be.

        Raises:
            RetryError, StopError: The environment stays away or refuses.
        """
        ends, done = self.ends, 0
        related = RelatedValues(ends.source, ends.compiled.related)
        async for rows in _batches(ends.source, ends.source_entity, ends.read_names):
            await related.fill(rows)
            for row in rows:
                key, kept_row = self._mapped(row)
                kept.add(key, encode(kept_row))
            done += len(rows)
            self.advanced(done)

    async def destination(self, kept: SortedSpill) -> None:
        """
        Keep aside the destination rows of the mapped companies.

        Raises:
            RetryError, StopError: The environment stays away or refuses.
        """
        ends = self.ends
        entity, model = ends.destination_entity, ends.destination.model
        covered = coverage(self.leg, ends.source_entity, entity, ends.source.model, model)
        fields = DestinationFields(ends)
        async for rows in _batches(ends.destination, entity, fields.names):
            await fields.fill(rows)
            for row in rows:
                company = ends.companies.of_destination(row) if ends.companies.key_fields else None
                if company is None and ends.companies.key_fields:
                    continue
                there = DestinationRow(
                    company.legal_entity if company is not None else "",
                    readable_key(row, ends.compiled.key),
                    self._values(row),
                    all(row[name] == value for name, value in covered.items()),
                )
                kept.add(key_of(ends.identity(row)), encode(there))

    def _mapped(self, read: Row) -> tuple[bytes, SourceRow]:
        compiled, companies = self.ends.compiled, self.ends.companies
        identifier = self.ends.source_id(read)
        kept = SourceRow("", readable_key(read, compiled.source_key), identifier, None)
        kept.dismissed = self.ends.is_dismissed(identifier, read)
        try:
            row = self.ends.edits.edited(read, identifier)
        except RejectedRowError as error:
            return self._refused(read, kept, error)
        company = companies.of(row) if companies.scoped else None
        kept.company = company.legal_entity if company is not None else ""
        kept.key = readable_key(row, compiled.source_key)
        reason = compiled.why_skipped(row)
        if reason is None and companies.scoped and company is None:
            reason = companies.unknown(row)
        if reason is not None:
            kept.skipped, kept.reason = True, reason
            return self._key_alone(row), kept
        try:
            values = compiled.map_row(row)
        except RejectedRowError as error:
            return self._refused(row, kept, error)
        if company is not None:
            companies.fill(values, company)
        kept.values = self._values(values)
        return key_of(self.ends.identity(values)), kept

    def _refused(self, row: Row, kept: SourceRow, error: RejectedRowError) -> tuple[bytes, SourceRow]:
        kept.code, kept.reason, kept.field = error.code, error.what, error.field
        kept.value = "" if error.value is None else str(error.value)
        return self._key_alone(row), kept

    def _key_alone(self, row: Row) -> bytes:
        """The key of a row that is not mapped as a whole, so that what the destination has of it is no extra row."""
        companies = self.ends.companies
        company = companies.of(row) if companies.scoped else None
        if company is None and companies.key_fields:
            return no_key(self.ends.source_id(row))
        try:
            values = self.ends.compiled.map_key(row)
        except RejectedRowError:
            return no_key(self.ends.source_id(row))
        if company is not None:
            companies.fill(values, company)
        return key_of(self.ends.identity(values))

    def _values(self, row: Row) -> list[str | int | float | bool | None]:
        values: list[Value] = [row[rule.name] for rule in self.ends.rules]
        return [plain(value) for value in values]


async def _batches(source: Source, entity: Entity, names: Sequence[str]) -> AsyncIterator[list[Row]]:
    """All rows of an entity, some hundred at a time, so that lookups are asked for in portions."""
    async for page in source.changes(entity, names, None):
        for start in range(0, len(page.rows), BATCH):
            yield page.rows[start : start + BATCH]
        # The reader still holds the page while it fetches the next one.
        page.rows.clear()
