"""Says what each source row needs, from the row, the map and what was delivered before. Nothing is sent here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from p2c.edm.values import Row, Value
from p2c.errors import RejectedRowError
from p2c.integrator.engine.context import LegContext
from p2c.integrator.engine.decide import (
    Intent,
    MappedRow,
    Reject,
    Skip,
    decide,
    readable_key,
    row_hash,
)
from p2c.integrator.mapping.codes import RejectCode
from p2c.integrator.outcome import RowState


class Judge:
    """Maps the rows of a leg and turns them into intents."""

    def __init__(self, context: LegContext) -> None:
        self._context = context

    def intents(self, rows: Sequence[Row], ids: Sequence[str], states: Mapping[str, RowState]) -> list[Intent]:
        """One intent a row, in order. Of two rows of a company with one key the later is rejected."""
        taken: set[tuple[Value, ...]] = set()
        return [
            self._intent(row, identifier, states.get(identifier), taken)
            for row, identifier in zip(rows, ids, strict=True)
        ]

    def _intent(self, row: Row, identifier: str, state: RowState | None, taken: set[tuple[Value, ...]]) -> Intent:
        compiled, companies = self._context.compiled, self._context.companies
        read = row
        try:
            row = self._context.edits.edited(read, identifier)
        except RejectedRowError as error:
            return Reject(identifier, readable_key(read, compiled.source_key), "", read, error)
        shown = readable_key(row, compiled.source_key)
        company = companies.of(row) if companies.scoped else None
        legal_entity = company.legal_entity if company is not None else ""
        reason = compiled.why_skipped(row)
        if reason is None and companies.scoped and company is None:
            reason = companies.unknown(row)
        if reason is not None:
            return Skip(identifier, shown, legal_entity, reason)
        try:
            values = compiled.map_row(row)
        except RejectedRowError as error:
            return Reject(identifier, shown, legal_entity, read, error)
        if company is not None:
            companies.fill(values, company)
        same = (legal_entity, *(values[name] for name in compiled.key))
        if same in taken:
            twice = duplicate(self._context, values, f"another row of this batch becomes {shown} too")
            return Reject(identifier, shown, legal_entity, read, twice)
        taken.add(same)
        mapped = MappedRow(
            identifier, read, shown, legal_entity, self._context.address(values), values, row_hash(values)
        )
        return decide(mapped, state, again=self._context.again)


def duplicate(context: LegContext, values: Row, message: str) -> RejectedRowError:
    """The refusal of a row whose mapped `values` have the key of another row's."""
    code = RejectCode.DUPLICATE_KEY
    key = context.compiled.key[0]
    return RejectedRowError(
        code.value,
        message,
        field=context.compiled.sources.get(key, key),
        value=str(values[key]),
        way_out=code.way_out,
    )
