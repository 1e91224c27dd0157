"""What every leg remembers of its source rows, and how the outcome of a batch is kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, TextClause, text

from p2c.database.arrays import bytes_array, number_array, text_array
from p2c.integrator.outcome import Disposition, Fate, LegKey, Progress, Rejection, RowState
from p2c.integrator.store.parts import HeldPart, note_batch
from p2c.integrator.store.progress import write_progress
from p2c.integrator.store.rejections import close_rejections, write_rejections
from p2c.integrator.store.row_history import keep_former
from p2c.integrator.store.transactions import Transactions

_PAGE = 5000
_MOST = 50
"""Rows that are called the same, of all companies."""
_COLUMNS = "source_id, key, company, hash, destination_id, disposition, reason, delivered_run, fields"
_DISPOSITIONS = {item.value: item for item in Disposition}
_FIND = text(f"SELECT {_COLUMNS} FROM row_state WHERE leg_id = :leg AND source_id = ANY(CAST(:ids AS text[]))")
_KNOWN = text("SELECT count(*) FROM row_state WHERE leg_id = :leg")
_DELIVERED = text(
    "SELECT count(*) FROM row_state WHERE leg_id = :leg AND destination_id <> '' AND last_seen_run <> :run"
)
_OWNERS = text(
    "SELECT destination_id, source_id FROM row_state "
    "WHERE leg_id = :leg AND destination_id = ANY(CAST(:addresses AS text[])) "
    "AND NOT source_id = ANY(CAST(:but AS text[]))"
)


def _called(condition: str) -> TextClause:
    """Rows that the leg knows, and those that it knew, by what they are called or were."""
    known, former = (
        f"SELECT source_id FROM {table} WHERE leg_id = :leg AND ({condition})" for table in ("row_state", "row_history")
    )
    return text(f"{known} UNION {former} ORDER BY source_id LIMIT :most")


_MET_AS = _called("source_id = :word OR lower(key) = lower(:word)")
_DELIVERED_AS = _called(
    "destination_id = :word OR lower(right(destination_id, length(:word) + 1)) = lower('/' || :word)"
)
_NOT_SEEN = text(
    f"SELECT {_COLUMNS} FROM row_state WHERE leg_id = :leg AND last_seen_run < :run AND source_id > :after "
    "ORDER BY source_id LIMIT :page"
)
_WRITE = text(
    f"INSERT INTO row_state AS s (leg_id, last_seen_run, {_COLUMNS}) "
    "SELECT :leg, :run, * FROM unnest(CAST(:ids AS text[]), CAST(:keys AS text[]), "
    "CAST(:companies AS text[]), CAST(:hashes AS bytea[]), CAST(:destinations AS text[]), "
    "CAST(:dispositions AS text[]), CAST(:reasons AS text[]), CAST(:delivered_runs AS bigint[]), "
    "CAST(:fields AS bytea[])) "
    "ON CONFLICT (leg_id, source_id) DO UPDATE SET key = excluded.key, company = excluded.company, "
    "hash = excluded.hash, destination_id = excluded.destination_id, disposition = excluded.disposition, "
    "reason = excluded.reason, last_seen_run = excluded.last_seen_run, delivered_run = excluded.delivered_run, "
    "fields = excluded.fields"
)
_SEE = text("UPDATE row_state SET last_seen_run = :run WHERE leg_id = :leg AND source_id = ANY(CAST(:ids AS text[]))")
_MET = text(
    "SELECT source_id FROM row_state WHERE leg_id = :leg AND last_seen_run = :run "
    "AND source_id = ANY(CAST(:ids AS text[]))"
)
_FORGET = text("DELETE FROM row_state WHERE leg_id = :leg AND source_id = ANY(CAST(:ids AS text[]))")
# A batch that is lost with the machine is read and sent again, so its commit need not wait for the disk;
# the checkpoint's commit does.
_NO_WAIT = text("SET LOCAL synchronous_commit = off")


class Rows(Transactions):
    """Row states, and the transaction that keeps a batch's outcome."""

    def states(self, leg: LegKey, source_ids: Collection[str]) -> dict[str, RowState]:
        """What is remembered of these rows, by source id; rows that are new to the leg are missing."""
        with self._begin() as connection:
            found = connection.execute(_FIND, {"leg": self._leg_id(leg), "ids": text_array(source_ids)})
            return {state.source_id: state for state in map(_state, found)}

    def known_rows(self, leg: LegKey) -> int:
        """How many source rows the leg knows."""
        with self._begin() as connection:
            return int(connection.execute(_KNOWN, {"leg": self._leg_id(leg)}).scalar_one())

    def delivered_rows(self, leg: LegKey, unseen_by: int = 0) -> int:
        """How many source rows of the leg have become a destination row; of those that a run has not met yet."""
        with self._begin() as connection:
            found = connection.execute(_DELIVERED, {"leg": self._leg_id(leg), "run": unseen_by})
            return int(found.scalar_one())

    def owners(self, leg: LegKey, addresses: Collection[str], but: Collection[str] = ()) -> dict[str, str]:
        """Which source row, other than `but`, each of these addresses at the destination was delivered from, as far
        as it was."""
        values = {"leg": self._leg_id(leg), "addresses": text_array(addresses), "but": text_array(but)}
        with self._begin() as connection:
            found = connection.execute(_OWNERS, values)
            return {row.destination_id: row.source_id for row in found}

    def met_as(self, leg: LegKey, word: str) -> list[str]:
        """Source ids of rows with this id or integration key, now or once, whichever company they belong to."""
        return self._ids(_MET_AS, leg, word)

    def delivered_as(self, leg: LegKey, word: str) -> list[str]:
        """Source ids of the rows that became a row of this address, or of this number in any company."""
        return self._ids(_DELIVERED_AS, leg, word)

    def _ids(self, query: TextClause, leg: LegKey, word: str) -> list[str]:
        with self._begin() as connection:
            found = connection.execute(query, {"leg": self._leg_id(leg), "word": word, "most": _MOST})
            return list(found.scalars())

    def states_not_seen(self, leg: LegKey, run: int) -> Iterator[list[RowState]]:
        """Rows that a full read of `run` did not meet, by source id, at most 5,000 at a time.

        No transaction is open between two batches: the caller may forget them as they come.
        """
        after = ""
        while True:
            values = {"leg": self._leg_id(leg), "run": run, "after": after, "page": _PAGE}
            with self._begin() as connection:
                batch = [_state(row) for row in connection.execute(_NOT_SEEN, values)]
            if not batch:
                return
            yield batch
            after = batch[-1].source_id

    def commit_batch(
        self,
        leg_run: int,
        leg: LegKey,
        run: int,
        *,
        states: Sequence[RowState],
        progress: Progress,
        rejections: Sequence[Rejection] = (),
        delivered: Collection[str] = (),
        seen: Collection[str] = (),
        replaced: Collection[str] = (),
        shared: bool = False,
        part: HeldPart | None = None,
    ) -> Progress:
        """
        Keep the outcome of a batch, all of it or nothing; the leg's totals now.

        Args:
            states: New states of rows; of two with one source id the later counts.
            progress: The leg's totals with this batch; where the leg is `shared`, what is to be added to them.
            rejections: Rows that could not be delivered; one already open is tried once more.
            delivered: Source ids whose open rejections close.
            seen: Source ids that a full read met with nothing to remember anew.
            replaced: Source ids of rows that an earlier run had delivered, and this one anew.
            part: The part of the leg that the batch is of.

        Raises:
            StopError: The counts do not add up.
            TakenOverError: The leg's run does not go any more.
            PartLostError: Somebody else carries the part.
            RetryError: The database is away; nothing was kept.
        """
        number = self._leg_id(leg)
        with self._begin() as connection:
            connection.execute(_NO_WAIT)
            if replaced:
                keep_former(connection, number, run, replaced, Fate.REPLACED)
            _write_states(connection, number, run, states)
            if seen:
                connection.execute(_SEE, {"leg": number, "run": run, "ids": text_array(seen)})
            if delivered:
                close_rejections(connection, number, delivered)
            if rejections:
                write_rejections(connection, number, run, rejections)
            if part is not None:
                note_batch(connection, part, progress.counts.read)
            return write_progress(connection, leg_run, progress, adds=shared)

    def met(self, leg: LegKey, run: int, source_ids: Collection[str]) -> set[str]:
        """Which of these rows a run has recorded already."""
        values = {"leg": self._leg_id(leg), "run": run, "ids": text_array(source_ids)}
        with self._begin() as connection:
            return set(connection.execute(_MET, values).scalars())

    def forget(self, leg: LegKey, source_ids: Collection[str], *, run: int, fate: Fate) -> None:
        """A run finds rows gone, or their environment: drop their states, close their open rejections, and keep with
        its `fate` what was delivered of them."""
        number = self._leg_id(leg)
        with self._begin() as connection:
            keep_former(connection, number, run, source_ids, fate)
            connection.execute(_FORGET, {"leg": number, "ids": text_array(source_ids)})
            close_rejections(connection, number, source_ids)


def _write_states(connection: Connection, leg: int, run: int, states: Iterable[RowState]) -> None:
    by_id = {state.source_id: state for state in states}
    if not by_id:
        return
    # In one order, so that two batches that meet on a row wait for each other and do not deadlock.
    last = [by_id[source_id] for source_id in sorted(by_id)]
    values: Mapping[str, object] = {
        "leg": leg,
        "run": run,
        "ids": text_array([state.source_id for state in last]),
        "keys": text_array([state.key for state in last]),
        "companies": text_array([state.company for state in last]),
        "hashes": bytes_array([state.hash for state in last]),
        "destinations": text_array([state.destination_id for state in last]),
        "dispositions": text_array([state.disposition.value for state in last]),
        "reasons": text_array([state.reason for state in last]),
        "delivered_runs": number_array([state.delivered_run for state in last]),
        "fields": bytes_array([state.fields for state in last]),
    }
    connection.execute(_WRITE, values)


def _state(row: Sequence[Any]) -> RowState:
    source_id, key, company, content, destination_id, disposition, reason, delivered_run, fields = row
    how = _DISPOSITIONS[disposition]
    return RowState(source_id, key, company, content, destination_id, how, reason, delivered_run, fields)
