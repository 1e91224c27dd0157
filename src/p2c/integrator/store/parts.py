"""The parts that a large leg is divided into, and who carries which.

A part is leased: who carries it renews the lease, and when that ends somebody else may take it. Each taking has a
number of its own, so that what an earlier one still sends is not recorded. All times are the database's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, TextClause, text

from p2c.database.arrays import text_array
from p2c.integrator.outcome import CarriedParts, LegKey, Progress
from p2c.integrator.store.progress import PartLostError, TakenOverError, progress_of
from p2c.integrator.store.tables import QUEUE_SCHEMA
from p2c.integrator.store.transactions import Transactions
from p2c.odata.client.environment import KeyRange

_RUNNING = "EXISTS (SELECT FROM leg_run WHERE id = :leg_run AND status = 'running')"
_OFFER = text(
    "INSERT INTO division (leg_run, owner, mark, again, expected) "
    f"SELECT :leg_run, :owner, :mark, :again, :expected WHERE {_RUNNING}"
)
_ADD_PARTS = text(
    "INSERT INTO part (leg_run, number, lower, upper) SELECT :leg_run, number, lower, upper "
    "FROM unnest(CAST(:lower AS text[]), CAST(:upper AS text[])) WITH ORDINALITY AS p (lower, upper, number)"
)
_FREE = (
    "NOT done AND (leased_until IS NULL OR leased_until <= clock_timestamp() "
    # So long no lease lasts: the clock was moved back, and who still lives renews it in time.
    "OR leased_until > clock_timestamp() + make_interval(secs => :seconds) + interval '1 second')"
)
_OFFERS = text(
    "SELECT d.leg_run, d.mark, d.again, d.expected, r.run_id, r.project_version, l.project, l.task, l.leg, "
    "(SELECT count(*) FROM part p WHERE p.leg_run = d.leg_run) AS parts "
    "FROM division d JOIN leg_run r ON r.id = d.leg_run AND r.status = 'running' JOIN leg l ON l.id = r.leg_id "
    f"WHERE d.owner <> :me AND EXISTS (SELECT FROM part p WHERE p.leg_run = d.leg_run AND {_FREE}) ORDER BY d.leg_run"
)
_LEASE = "leased_until = clock_timestamp() + make_interval(secs => :seconds)"
_TAKE = text(
    f"UPDATE part SET attempt = attempt + 1, worker = :me, {_LEASE} WHERE leg_run = :leg_run AND number = "
    f"(SELECT number FROM part WHERE leg_run = :leg_run AND {_FREE} AND {_RUNNING} "
    "ORDER BY number LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING *"
)
_STILL_MINE = "WHERE leg_run = :leg_run AND number = :number AND attempt = :attempt"
_MINE = f"{_STILL_MINE} AND NOT done"
# One that has ended meanwhile is not lost.
_RENEW = text(f"UPDATE part SET {_LEASE} {_STILL_MINE}")
_GIVE_BACK = text(f"UPDATE part SET leased_until = NULL {_MINE}")
_END = text(f"UPDATE part SET done = true, leased_until = NULL, held = CAST(:held AS text[]) {_MINE}")
_NOTE = text(f"UPDATE part SET rows = rows + :rows {_MINE}")
_HOW_FAR = text(
    "SELECT r.*, (SELECT count(*) FROM part WHERE leg_run = r.id AND NOT done) AS parts_left "
    "FROM leg_run r WHERE r.id = :leg_run AND r.status = 'running'"
)
_HELD = text("SELECT unnest(held) FROM part WHERE leg_run = :leg_run")
_CARRIED = text(
    "SELECT leg_run, worker, count(*) AS parts, CAST(sum(rows) AS bigint) AS rows FROM part "
    "WHERE leg_run = ANY(CAST(:legs AS bigint[])) GROUP BY leg_run, worker ORDER BY leg_run, min(number)"
)
_ENDED = "(SELECT d.leg_run FROM division d JOIN leg_run r ON r.id = d.leg_run WHERE r.status <> 'running')"
_END_DIVISIONS = (
    text(f"UPDATE part SET held = '{{}}' WHERE leg_run IN {_ENDED} AND held <> '{{}}'"),
    text(f"DELETE FROM division WHERE leg_run IN {_ENDED}"),
    # What a helper has claimed at the last moment goes with the next one.
    text("DELETE FROM claim c WHERE NOT EXISTS (SELECT FROM division d WHERE d.leg_run = c.leg_run)"),
)
_HAS_WORKERS = text(f"SELECT to_regclass('{QUEUE_SCHEMA}.procrastinate_workers') IS NOT NULL")
_WORKERS = text(
    f"SELECT count(*) FROM {QUEUE_SCHEMA}.procrastinate_workers "
    "WHERE last_heartbeat > now() - make_interval(secs => :seconds)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A divided leg under way that takes help: what it is carried by, and about how many rows it has in how many parts.

    `mark` is the fingerprint of its map, `version` the one of its project.
    """

    leg_run: int
    run: int
    leg: LegKey
    version: int
    mark: str
    again: bool
    expected: int
    parts: int


@dataclass(frozen=True, slots=True)
class HeldPart:
    """A part that is carried now; `attempt` counts from 1."""

    leg_run: int
    number: int
    attempt: int
    range: KeyRange


class Parts(Transactions):
    """The parts of all legs that were divided."""

    def divide_leg(
        self, leg_run: int, parts: Sequence[KeyRange], *, owner: str, mark: str, again: bool, expected: int
    ) -> None:
        """
        Write the parts of a leg, and offer them to other workers.

        Raises:
            TakenOverError: The leg's run does not go any more.
        """
        offer = {"leg_run": leg_run, "owner": owner, "mark": mark, "again": again, "expected": expected}
        lower, upper = [item.lower for item in parts], [item.upper for item in parts]
        with self._begin() as connection:
            if not connection.execute(_OFFER, offer).rowcount:
                raise TakenOverError(f"leg run {leg_run}")
            connection.execute(_ADD_PARTS, {"leg_run": leg_run, "lower": lower, "upper": upper})

    def offers(self, me: str, seconds: float) -> list[Offer]:
        """Divided legs of other processes with a part that is free, oldest first; `seconds` are those of leases."""
        with self._begin() as connection:
            return [
                Offer(
                    leg_run=row.leg_run,
                    run=row.run_id,
                    leg=LegKey(row.project, row.task, row.leg),
                    version=row.project_version,
                    mark=row.mark,
                    again=row.again,
                    expected=row.expected,
                    parts=row.parts,
                )
                for row in connection.execute(_OFFERS, {"me": me, "seconds": seconds})
            ]

    def take_part(self, leg_run: int, me: str, seconds: float) -> HeldPart | None:
        """The next free part of a leg, leased for so long; None when there is none."""
        with self._begin() as connection:
            row = connection.execute(_TAKE, {"leg_run": leg_run, "me": me, "seconds": seconds}).one_or_none()
        if row is None:
            return None
        return HeldPart(leg_run, row.number, row.attempt, KeyRange(row.lower, row.upper))

    def keep_part(self, part: HeldPart, seconds: float) -> None:
        """
        Renew the lease.

        Raises:
            PartLostError: Somebody else carries it.
        """
        self._change(_RENEW, part, seconds=seconds)

    def give_part_back(self, part: HeldPart) -> None:
        """Others may take it at once; nothing happens where they have."""
        with self._begin() as connection:
            connection.execute(_GIVE_BACK, _values(part))

    def end_part(self, part: HeldPart, held: Sequence[str]) -> None:
        """
        All rows of the part are recorded, but those `held` back for others of their own kind.

        Raises:
            PartLostError: Somebody else carries it.
        """
        self._change(_END, part, held=text_array(held))

    def how_far(self, leg_run: int) -> tuple[Progress, int]:
        """
        The totals of a divided leg, and how many parts have not ended.

        Raises:
            TakenOverError: The leg's run does not go any more.
        """
        with self._begin() as connection:
            row = connection.execute(_HOW_FAR, {"leg_run": leg_run}).one_or_none()
        if row is None:
            raise TakenOverError(f"leg run {leg_run}")
        return progress_of(row), row.parts_left

    def held_rows(self, leg_run: int) -> list[str]:
        """Source ids of the rows that the parts of a leg have held back."""
        with self._begin() as connection:
            return list(connection.execute(_HELD, {"leg_run": leg_run}).scalars())

    def living_workers(self, seconds: float) -> int:
        """How many workers of the queue have shown a sign of life so short ago."""
        with self._begin() as connection:
            if not connection.execute(_HAS_WORKERS).scalar_one():
                return 0
            return int(connection.execute(_WORKERS, {"seconds": seconds}).scalar_one())

    def _change(self, statement: TextClause, part: HeldPart, **values: object) -> None:
        with self._begin() as connection:
            if not connection.execute(statement, {**_values(part), **values}).rowcount:
                raise PartLostError(part.leg_run, part.number)


def note_batch(connection: Connection, part: HeldPart, rows: int) -> None:
    """
    A batch of a part is recorded, as part of a transaction.

    Raises:
        PartLostError: Somebody else carries it.
    """
    if not connection.execute(_NOTE, {**_values(part), "rows": rows}).rowcount:
        raise PartLostError(part.leg_run, part.number)


def carried_parts(connection: Connection, legs: Sequence[int]) -> dict[int, list[CarriedParts]]:
    """Who carried the parts of these legs' runs, as far as they were divided."""
    found: dict[int, list[CarriedParts]] = defaultdict(list)
    for row in connection.execute(_CARRIED, {"legs": list(legs)}):
        found[row.leg_run].append(CarriedParts(row.worker, row.parts, row.rows))
    return found


def end_divisions(connection: Connection) -> None:
    """Legs that have ended need no help any more, and nothing of theirs is under way."""
    for statement in _END_DIVISIONS:
        connection.execute(statement)


def _values(part: HeldPart) -> dict[str, object]:
    return {"leg_run": part.leg_run, "number": part.number, "attempt": part.attempt}
