"""Says what each source row needs, from the row, the map and what was delivered before. Nothing is sent here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import itemgetter

from p2c.edm.values import Row
from p2c.errors import RejectedRowError
from p2c.integrator.engine.context import LegContext
from p2c.integrator.engine.decide import (
    Intent,
    MappedRow,
    Reject,
    Skip,
    decide,
    readable_key,
)
from p2c.integrator.engine.digest import Digest, digest_of
from p2c.integrator.engine.ends import address_of
from p2c.integrator.mapping.codes import RejectCode
from p2c.integrator.outcome import RowState


class Judge:
    """Maps the rows of a leg and turns them into intents."""

    def __init__(self, context: LegContext) -> None:
        self._context = context
        self._compiled = context.compiled
        self._companies = context.companies
        self._edits = context.edits
        self._scoped = context.companies.scoped
        self._key_names = context.key_names
        self._key_of = itemgetter(*context.compiled.key)
        self._digest: Digest | None = None

    def intents(self, rows: Sequence[Row], ids: Sequence[str], states: Mapping[str, RowState]) -> list[Intent]:
        """One intent a row, in order. Of two rows of a company with one key the later is rejected."""
        taken: set[tuple[str, object]] = set()
        return [
            self._intent(row, identifier, states.get(identifier), taken)
            for row, identifier in zip(rows, ids, strict=True)
        ]

    def _intent(self, row: Row, identifier: str, state: RowState | None, taken: set[tuple[str, object]]) -> Intent:
        compiled, companies = self._compiled, self._companies
        read = row
        try:
            row = self._edits.edited(read, identifier)
        except RejectedRowError as error:
            return Reject(identifier, readable_key(read, compiled.source_key), "", read, error)
        shown = readable_key(row, compiled.source_key)
        company = companies.of(row) if self._scoped else None
        legal_entity = company.legal_entity if company is not None else ""
        reason = compiled.why_skipped(row)
        if reason is None and self._scoped and company is None:
            reason = companies.unknown(row)
        if reason is not None:
            return Skip(identifier, shown, legal_entity, reason)
        try:
            values = compiled.map_row(row)
        except RejectedRowError as error:
            return Reject(identifier, shown, legal_entity, read, error)
        if company is not None:
            companies.fill(values, company)
        same = (legal_entity, self._key_of(values))
        if same in taken:
            twice = duplicate(self._context, values, f"another row of this batch becomes {shown} too")
            return Reject(identifier, shown, legal_entity, read, twice)
        taken.add(same)
        if self._digest is None:
            self._digest = digest_of(tuple(values))
        address = address_of(values, self._key_names)
        mapped = MappedRow(identifier, read, shown, legal_entity, address, values, self._digest.of(values))
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
