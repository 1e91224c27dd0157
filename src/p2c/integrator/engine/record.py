"""What became of a batch, gathered until it is recorded in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from msgspec.structs import replace

from p2c.edm.values import Row
from p2c.errors import RejectedRowError
from p2c.integrator.engine.context import LegContext
from p2c.integrator.engine.decide import MappedRow, Reject, Skip, Unchanged
from p2c.integrator.engine.digest import unsettled
from p2c.integrator.outcome import Change, Counts, Disposition, Rejection, RowState

DISMISSED = "a person dismissed the row, and it has not changed since"


class BatchRecord:
    """Counts, states and rejections of one batch; `states` are what the leg remembered before."""

    def __init__(self, context: LegContext, states: Mapping[str, RowState], read: int) -> None:
        self._context = context
        self._before = states
        self._read = read
        self._how: Counter[str] = Counter()
        self.states: list[RowState] = []
        self.rejections: list[Rejection] = []
        self.settled: list[str] = []
        self.replaced: list[str] = []
        self.seen: list[str] = []
        self.skipped: list[str] = []

    @property
    def counts(self) -> Counts:
        """The rows of the batch by what became of them."""
        return Counts(read=self._read, **self._how)

    def note(self, intent: Unchanged | Skip | Reject) -> None:
        """An intent that sends nothing."""
        if isinstance(intent, Unchanged):
            self._unchanged(intent.row)
        elif isinstance(intent, Skip):
            self._skip(intent)
        else:
            self._refuse(intent)

    def delivered(self, row: MappedRow, *, created: bool) -> None:
        """The destination has acknowledged the row."""
        self._how["created" if created else "updated"] += 1
        self.states.append(self._state_of(row, self._context.run))
        self.settled.append(row.source_id)
        before = self._before.get(row.source_id)
        if before is not None and before.destination_id and before.delivered_run != self._context.run:
            self.replaced.append(row.source_id)

    def kept(self, row: MappedRow, reason: str) -> None:
        """The row has changed, and there is nothing to send: the destination's values stay."""
        self._how["unchanged"] += 1
        self.states.append(replace(self._state_of(row, self._before[row.source_id].delivered_run), reason=reason))
        self.settled.append(row.source_id)

    def remember(self, fields: Mapping[str, bytes]) -> None:
        """What later conflicts are told from, by source id."""
        self.states = [replace(item, fields=fields.get(item.source_id, item.fields)) for item in self.states]

    def rejected(self, row: MappedRow, error: RejectedRowError, changes: tuple[Change, ...] = ()) -> None:
        """The row could not be sent, or was refused. The source's field is named: there people can correct it."""
        source = self._context.compiled.sources.get(error.field, error.field)
        if source != error.field:
            what = f"{error.what} (for {error.field})"
            error = RejectedRowError(error.code, what, field=source, value=error.value, way_out=error.way_out)
        self._refuse(Reject(row.source_id, row.key, row.company, row.source, error, changes))

    def left(self, reason: str) -> None:
        """A row is left for a later run: counted as skipped, and nothing of it is remembered."""
        self._how["skipped"] += 1
        self.skipped.append(reason)

    def _unchanged(self, row: MappedRow) -> None:
        self._how["unchanged"] += 1
        self.seen.append(row.source_id)
        before = self._before[row.source_id]
        if before.disposition is not Disposition.DELIVERED:
            self.states.append(replace(self._state_of(row, before.delivered_run), fields=before.fields))
            self.settled.append(row.source_id)

    def _skip(self, intent: Skip) -> None:
        self._how["skipped"] += 1
        self.skipped.append(intent.reason)
        self.settled.append(intent.source_id)
        self.states.append(self._held_back(intent, Disposition.SKIPPED, intent.reason))

    def _refuse(self, intent: Reject) -> None:
        if self._context.is_dismissed(intent.source_id, intent.source):
            self._skip(Skip(intent.source_id, intent.key, intent.company, DISMISSED))
            return
        self._how["rejected"] += 1
        self.rejections.append(self._rejection(intent, intent.source))
        self.states.append(self._held_back(intent, Disposition.REJECTED, intent.error.code))

    def _held_back(self, intent: Skip | Reject, disposition: Disposition, reason: str) -> RowState:
        """The state of a row that was not sent now: what the destination has of it stays remembered, unless it was to
        be sent because nobody knows that."""
        before = self._before.get(intent.source_id)
        known = before.hash if before is not None else b""
        return RowState(
            intent.source_id,
            intent.key,
            intent.company,
            unsettled(known) if known and self._context.again else known,
            before.destination_id if before is not None else "",
            disposition,
            reason,
            before.delivered_run if before is not None else 0,
            before.fields if before is not None else b"",
        )

    def _state_of(self, row: MappedRow, run: int) -> RowState:
        """The state of a row that the destination has, as `run` sent it."""
        return RowState(
            row.source_id,
            row.key,
            row.company,
            row.hash,
            row.address,
            Disposition.DELIVERED,
            delivered_run=run,
        )

    def _rejection(self, intent: Reject, source: Row) -> Rejection:
        key, error = self._context.key, intent.error
        return Rejection(
            project=key.project,
            task=key.task,
            leg=key.leg,
            source_id=intent.source_id,
            key=intent.key,
            company=intent.company,
            code=error.code,
            field=error.field,
            value="" if error.value is None else str(error.value),
            reason=error.what,
            way_out=error.way_out,
            payload=source,
            changes=intent.changes,
        )
