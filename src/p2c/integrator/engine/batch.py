"""One batch of source rows through a leg: related values, map, match, decide, write, record."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from p2c.edm.entity import Entity
from p2c.edm.values import Row, Value
from p2c.errors import RejectedRowError
from p2c.integrator.engine.companies import Companies
from p2c.integrator.engine.decide import (
    Deliver,
    Intent,
    MappedRow,
    Reject,
    Skip,
    Unchanged,
    decide,
    readable_key,
    row_hash,
)
from p2c.integrator.engine.held import HeldRows
from p2c.integrator.engine.lookups import DestinationRows, RelatedValues
from p2c.integrator.engine.references import References
from p2c.integrator.engine.refusals import refused
from p2c.integrator.engine.tally import Tally
from p2c.integrator.mapping.codes import RejectCode
from p2c.integrator.mapping.compile import CompiledLeg
from p2c.integrator.outcome import Counts, Disposition, LegKey, Rejection, RowState
from p2c.integrator.store import Store
from p2c.odata.client.environment import Environment, Upsert, Written


@dataclass(slots=True)
class Outcomes:
    """What became of a batch, ready to be recorded in one transaction."""

    counts: Counts = field(default_factory=Counts)
    states: list[RowState] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    settled: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


class BatchFlow:
    """Carries batches of one leg. Batches may run at the same time; each is recorded when it is acknowledged."""

    def __init__(
        self,
        *,
        key: LegKey,
        leg_run: int,
        run: int,
        compiled: CompiledLeg,
        source: Environment,
        source_entity: Entity,
        destination: Environment,
        destination_entity: Entity,
        companies: Companies,
        store: Store,
        tally: Tally,
    ) -> None:
        self._key = key
        self._leg_run = leg_run
        self._run = run
        self._compiled = compiled
        self._source_entity = source_entity
        self._destination = destination
        self._entity = destination_entity
        self._companies = companies
        self._store = store
        self._tally = tally
        self._related = RelatedValues(source, compiled.related)
        self._rows = DestinationRows(destination, compiled.lookups)
        self._references = References(destination, destination_entity, compiled.fields)
        self._to_itself = (
            *self._references.to_itself,
            *(
                item.to
                for item in compiled.lookups
                if any(target.entity == destination_entity.name for target in item.targets)
            ),
        )
        self.held = HeldRows()
        self._recording = asyncio.Lock()
        self._key_names = (*companies.key_fields, *compiled.key)
        self._lookup_names = frozenset(item.to for item in compiled.lookups)

    async def carry(self, rows: Sequence[Row]) -> None:
        """Take rows to the destination and record what became of each."""
        await self._related.fill(rows)
        ids = [source_id(self._source_entity, row) for row in rows]
        states = await asyncio.to_thread(self._store.states, self._key, ids)
        intents = self._decide(rows, ids, states)
        outcomes = Outcomes(counts=Counts(read=len(intents)))
        deliveries: list[Deliver] = []
        for intent in intents:
            if isinstance(intent, Deliver):
                deliveries.append(intent)
            else:
                self._note(intent, states, outcomes)
        await self._deliver(deliveries, states, outcomes)
        await self._record(outcomes)

    def _decide(self, rows: Sequence[Row], ids: Sequence[str], states: dict[str, RowState]) -> list[Intent]:
        taken: set[tuple[Value, ...]] = set()
        intents: list[Intent] = []
        for row, identifier in zip(rows, ids, strict=True):
            intent = self._intent(row, identifier, states.get(identifier), taken)
            if isinstance(intent, Deliver) and self._hold(intent.row):
                continue
            intents.append(intent)
        return intents

    def _hold(self, row: MappedRow) -> bool:
        """Whether the row waits for the rows of its own kind that it points at; it is counted when it goes on."""
        if not self._to_itself:
            return False
        parents = tuple(row.values[name] for name in self._to_itself if row.values.get(name) is not None)
        return self.held.hold(row.source, row.values[self._compiled.key[0]], parents)

    def _intent(
        self, row: Row, identifier: str, state: RowState | None, taken: set[tuple[Value, ...]]
    ) -> Intent:
        shown = readable_key(row, self._compiled.source_key)
        company = self._companies.of(row) if self._companies.scoped else None
        legal_entity = company.legal_entity if company is not None else ""
        reason = self._compiled.why_skipped(row)
        if reason is None and self._companies.scoped and company is None:
            reason = self._companies.unknown(row)
        if reason is not None:
            return Skip(identifier, shown, legal_entity, reason)
        try:
            values = self._compiled.map_row(row)
        except RejectedRowError as error:
            return Reject(identifier, shown, legal_entity, row, error)
        if company is not None:
            self._companies.fill(values, company)
        mapped = MappedRow(identifier, row, shown, legal_entity, values, row_hash(values))
        same = (legal_entity, *(values[name] for name in self._compiled.key))
        if same in taken:
            code = RejectCode.DUPLICATE_KEY
            twice = RejectedRowError(
                code.value,
                f"another row of this batch becomes {shown} too",
                field=self._compiled.sources.get(self._compiled.key[0], self._compiled.key[0]),
                value=shown,
                way_out=code.way_out,
            )
            return Reject(identifier, shown, legal_entity, row, twice)
        taken.add(same)
        return decide(mapped, state)

    async def _deliver(
        self, deliveries: Sequence[Deliver], states: dict[str, RowState], outcomes: Outcomes
    ) -> None:
        if not deliveries:
            return
        await self._rows.learn([intent.row.values for intent in deliveries])
        await self._references.learn([intent.row.values for intent in deliveries])
        sendable: list[tuple[MappedRow, Upsert]] = []
        existing = await self._existing([intent.row for intent in deliveries if not intent.known])
        for intent in deliveries:
            try:
                binds = self._rows.binds(intent.row.values)
                self._references.check(intent.row.values)
            except RejectedRowError as error:
                self._reject(intent.row, error, states, outcomes)
                continue
            known = intent.known or self._identity(intent.row.values) in existing
            sendable.append((intent.row, self._upsert(intent.row.values, binds, known)))
        for part in self._rounds(sendable):
            results = await self._destination.upsert(self._entity, [upsert for _, upsert in part])
            for (row, _), result in zip(part, results, strict=True):
                if result.written is Written.REFUSED:
                    answer = refused(result, row.values, self._compiled.fields)
                    self._reject(row, answer, states, outcomes)
                    continue
                created = result.written is Written.CREATED
                outcomes.counts += Counts(created=int(created), updated=int(not created))
                outcomes.states.append(self._delivered(row))
                outcomes.settled.append(row.source_id)

    def _rounds(self, sendable: Sequence[tuple[MappedRow, Upsert]]) -> list[list[tuple[MappedRow, Upsert]]]:
        """Rows of several companies that become one row are written one after another, in source order."""
        rounds: list[list[tuple[MappedRow, Upsert]]] = []
        seen: dict[tuple[Value, ...], int] = {}
        for row, upsert in sendable:
            place = seen.get(tuple(upsert.key.values()), -1) + 1
            seen[tuple(upsert.key.values())] = place
            if place == len(rounds):
                rounds.append([])
            # A later round finds the row that an earlier one created.
            known = Upsert(upsert.key, upsert.values, upsert.binds, exists=True) if place else upsert
            rounds[place].append((row, known))
        return rounds

    async def _existing(self, rows: Sequence[MappedRow]) -> set[tuple[Value, ...]]:
        """Which of the rows the destination has, for a destination whose bulk write does not tell."""
        if not rows or not self._destination.needs_match:
            return set()
        column = self._compiled.key[0]
        values = [row.values[column] for row in rows]
        found = await self._destination.by_values(self._entity, self._key_names, column, values)
        return {self._identity(row) for row in found}

    def _identity(self, values: Row) -> tuple[Value, ...]:
        return tuple(values[name] for name in self._key_names)

    def _upsert(self, values: Row, binds: dict[str, tuple[str, Value] | None], known: bool) -> Upsert:
        key = {name: values[name] for name in self._key_names}
        rest = {
            name: value
            for name, value in values.items()
            if name not in key and name not in self._lookup_names
        }
        return Upsert(key, rest, binds, known)

    def _note(self, intent: Intent, states: dict[str, RowState], outcomes: Outcomes) -> None:
        """An intent that writes nothing."""
        if isinstance(intent, Unchanged):
            outcomes.counts += Counts(unchanged=1)
            outcomes.seen.append(intent.row.source_id)
            state = states[intent.row.source_id]
            if state.disposition is not Disposition.DELIVERED:
                outcomes.states.append(self._delivered(intent.row))
                outcomes.settled.append(intent.row.source_id)
        elif isinstance(intent, Skip):
            outcomes.counts += Counts(skipped=1)
            outcomes.skipped.append(intent.reason)
            state_before = states.get(intent.source_id)
            outcomes.settled.append(intent.source_id)
            outcomes.states.append(
                RowState(
                    intent.source_id,
                    intent.key,
                    intent.company,
                    state_before.hash if state_before is not None else b"",
                    state_before.destination_id if state_before is not None else "",
                    Disposition.SKIPPED,
                    intent.reason,
                )
            )
        elif isinstance(intent, Reject):
            self._refuse(
                intent.source_id, intent.key, intent.company, intent.source, intent.error, states, outcomes
            )

    def _reject(
        self, row: MappedRow, error: RejectedRowError, states: dict[str, RowState], outcomes: Outcomes
    ) -> None:
        told = self._by_source_field(error)
        self._refuse(row.source_id, row.key, row.company, row.source, told, states, outcomes)

    def _by_source_field(self, error: RejectedRowError) -> RejectedRowError:
        """The same refusal, naming the source's field: that is where people can correct the value."""
        source = self._compiled.sources.get(error.field, error.field)
        if source == error.field:
            return error
        what = f"{error.what} (for {error.field})"
        return RejectedRowError(error.code, what, field=source, value=error.value, way_out=error.way_out)

    def _refuse(
        self,
        identifier: str,
        key: str,
        company: str,
        source: Row,
        error: RejectedRowError,
        states: dict[str, RowState],
        outcomes: Outcomes,
    ) -> None:
        before = states.get(identifier)
        outcomes.counts += Counts(rejected=1)
        outcomes.rejections.append(
            Rejection(
                project=self._key.project,
                task=self._key.task,
                leg=self._key.leg,
                source_id=identifier,
                key=key,
                company=company,
                code=error.code,
                field=error.field,
                value="" if error.value is None else str(error.value),
                reason=error.what,
                way_out=error.way_out,
                payload=source,
            )
        )
        outcomes.states.append(
            RowState(
                identifier,
                key,
                company,
                before.hash if before is not None else b"",
                before.destination_id if before is not None else "",
                Disposition.REJECTED,
                error.code,
            )
        )

    def _delivered(self, row: MappedRow) -> RowState:
        address = "/".join(str(row.values[name]) for name in self._key_names)
        return RowState(row.source_id, row.key, row.company, row.hash, address, Disposition.DELIVERED)

    async def _record(self, outcomes: Outcomes) -> None:
        """Counts, states and rejections of the batch commit together; batches commit one after another."""
        async with self._recording:
            await asyncio.to_thread(
                self._store.commit_batch,
                self._leg_run,
                self._key,
                self._run,
                states=outcomes.states,
                progress=self._tally.progress(outcomes.counts, outcomes.skipped),
                rejections=outcomes.rejections,
                delivered=outcomes.settled,
                seen=outcomes.seen,
            )
            self._tally.add(outcomes.counts, outcomes.skipped)


def source_id(entity: Entity, row: Row) -> str:
    """What identifies a source row for good: its key, several parts joined with a bar."""
    return "|".join(str(row[name]) for name in entity.key)
