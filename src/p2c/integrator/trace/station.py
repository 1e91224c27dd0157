"""One leg that a row passes: reads both of its ends now, and what the runs remember."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from p2c.edm.values import EdmType, Row, Value
from p2c.errors import ConfigurationError, RejectedRowError
from p2c.integrator.engine.comparing import FieldRule, key_of, plain
from p2c.integrator.engine.context import LegContext
from p2c.integrator.engine.decide import readable_key
from p2c.integrator.engine.lookups import RelatedValues
from p2c.integrator.engine.record import DISMISSED
from p2c.integrator.mapping.describe import described
from p2c.integrator.mapping.template import Leg
from p2c.integrator.outcome import LegKey, RowState
from p2c.integrator.reconcile.destination import DestinationFields
from p2c.integrator.reconcile.explain import Memory
from p2c.integrator.trace.journey import Delivery, FieldTrace, LegTrace
from p2c.text import _


@dataclass(frozen=True, slots=True)
class Station:
    """A leg with its connected ends."""

    leg: Leg
    ends: LegContext

    async def sources_called(self, word: str) -> list[str]:
        """Ids of the source rows with this integration key or id: those that runs have met, and those there now."""
        met = await asyncio.to_thread(self.ends.store.met_as, self.ends.key, word)
        entity, source_key = self.ends.source_entity, self.ends.compiled.source_key
        column = source_key[0]
        if _is_guid(word):
            column = entity.key[0]
        elif len(source_key) > 1 or column not in entity.property:
            return met
        if entity.property[column].type not in (EdmType.STRING, EdmType.GUID):
            return met
        rows = await self.ends.source.by_values(entity, self.ends.source_names, column, [word])
        return list(dict.fromkeys([*met, *(self.ends.source_id(row) for row in rows)]))

    async def source_row(self, source_id: str, more: Sequence[str] = ()) -> Row | None:
        """The source row as it is now, with further fields; None when it is gone."""
        ends = self.ends
        names = tuple(dict.fromkeys((*ends.read_names, *more)))
        column, part = ends.source_entity.key[-1], source_id.rpartition("|")[2]
        numbered = ends.source_entity.property[column].type in (EdmType.INT32, EdmType.INT64)
        rows = await ends.source.by_values(ends.source_entity, names, column, [int(part) if numbered else part])
        return next((row for row in rows if ends.source_id(row) == source_id), None)

    async def visit(self, source_id: str) -> tuple[LegTrace, Row | None]:
        """What is told of the row on this leg, and the destination row."""
        ends, store = self.ends, self.ends.store
        states = await asyncio.to_thread(store.states, ends.key, [source_id])
        state = states.get(source_id)
        former = await asyncio.to_thread(store.former_deliveries, ends.key, source_id)
        last = state or (former[-1] if former else None)
        read = await self.source_row(source_id)
        row, values, now = await self._mapped(read, source_id)
        there = await self._there(values, last.destination_id if last is not None else "")
        company = ends.companies.of(row) if row is not None and ends.companies.scoped else None
        shown = readable_key(row, ends.compiled.source_key) if row is not None else ""
        told = LegTrace(
            leg=ends.key,
            source=f"{self.leg.source.environment}.{self.leg.source.entity}",
            destination=f"{self.leg.destination.environment}.{self.leg.destination.entity}",
            source_id=source_id,
            key=shown or (last.key if last is not None else ""),
            company=company.legal_entity if company is not None else (last.company if last is not None else ""),
            disposition=state.disposition.value if state is not None else "",
            reason=state.reason if state is not None else "",
            now=now,
            there=there is not None,
            former=tuple(former),
            delivery=await asyncio.to_thread(self._delivery, state) if state is not None else None,
            rejection=await asyncio.to_thread(store.last_rejection, ends.key, source_id),
            edit=ends.edits.of(read, source_id) if read is not None else None,
            fields=tuple(self._fields(row, values, there, state)) if row is not None else (),
        )
        return told, there

    async def _mapped(self, read: Row | None, source_id: str) -> tuple[Row | None, Row | None, str]:
        """The row with its edit, what the map makes of it now, and why it would stay behind."""
        ends, compiled, companies = self.ends, self.ends.compiled, self.ends.companies
        if read is None:
            return None, None, _("the source row is gone")
        await RelatedValues(ends.source, compiled.related).fill([read])
        row = read
        try:
            row = ends.edits.edited(read, source_id)
            values = compiled.map_row(row)
        except RejectedRowError as error:
            dismissed = ends.is_dismissed(source_id, read)
            return row, None, DISMISSED if dismissed else f"{error.code}: {error}"
        company = companies.of(row) if companies.scoped else None
        if company is not None:
            companies.fill(values, company)
        elif companies.scoped:
            return row, None, companies.unknown(row)
        return row, values, compiled.why_skipped(row) or ""

    async def _there(self, values: Row | None, address: str) -> Row | None:
        """The destination row by the key that the map makes, or by the address of the last delivery."""
        ends, key = self.ends, self.ends.compiled.key
        fields = DestinationFields(ends)
        if values is not None:
            column, wanted = key[0], values[key[0]]
        elif address and len(key) == 1:
            column, wanted = key[0], address.rpartition("/")[2]
        else:
            return None
        rows = await ends.destination.by_values(ends.destination_entity, fields.names, column, [wanted])
        await fields.fill(rows)
        if values is not None:
            same = [row for row in rows if key_of(ends.identity(row)) == key_of(ends.identity(values))]
        else:
            same = [row for row in rows if ends.address(row) == address]
        return same[0] if same else None

    def _fields(self, row: Row, values: Row | None, there: Row | None, state: RowState | None) -> list[FieldTrace]:
        memory = Memory(self.ends.without_values(), self.ends.rules, self.ends.on_conflict)
        given, left = memory.given_before(state), memory.left(state, values or {})
        rules = {rule.name: rule for rule in self.ends.rules}
        told = [
            FieldTrace(name, {}, _("the company, from the organization mapping"), *_compared(name, values, there, {}))
            for name in self.ends.companies.key_fields
        ]
        for item in self.leg.fields:
            sources = {source.name: plain(row[source.name]) for source in item.sources}
            field = FieldTrace(item.to, sources, described(item), *_compared(item.to, values, there, rules))
            differs = not field.agrees and there is not None and values is not None
            kept = differs and item.to in left
            filled = differs and not kept and field.expected is None and item.to not in given
            told.append(replace(field, filled=filled, kept=kept))
        return told

    def _delivery(self, state: RowState) -> Delivery | None:
        """The run that last sent the row, as long as it is remembered."""
        if not state.delivered_run:
            return None
        try:
            run = self.ends.store.run(state.delivered_run)
        except ConfigurationError:
            return None
        leg = next(leg for leg in run.legs if LegKey(leg.project, leg.task, leg.leg) == self.ends.key)
        return Delivery(run=run.id, started_at=run.started_at, started_by=run.started_by, versions=leg.versions)


def _compared(
    name: str, values: Row | None, there: Row | None, rules: Mapping[str, FieldRule]
) -> tuple[str | int | float | bool | None, str | int | float | bool | None, bool]:
    expected: Value = values[name] if values is not None else None
    found: Value = there[name] if there is not None else None
    rule = rules.get(name, FieldRule(name, folds=True))
    agrees = values is not None and there is not None and rule.same(plain(expected), plain(found))
    return plain(expected), plain(found), agrees


def _is_guid(word: str) -> bool:
    try:
        UUID(word)
    except ValueError:
        return False
    return True
