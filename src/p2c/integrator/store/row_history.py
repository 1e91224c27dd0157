"""What a leg had delivered of a row before it delivered it anew or removed it."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, Row, text

from p2c.database.arrays import text_array
from p2c.integrator.outcome import Fate, FormerDelivery, LegKey, Versions
from p2c.integrator.store.transactions import Transactions

_KEEP = text(
    "INSERT INTO row_history (leg_id, source_id, key, company, destination_id, delivered_run, run, fate) "
    "SELECT leg_id, source_id, key, company, destination_id, delivered_run, :run, :fate FROM row_state "
    "WHERE leg_id = :leg AND source_id = ANY(CAST(:ids AS text[])) AND destination_id <> ''"
)
_FORMER = text(
    "SELECT h.*, r.started_at, r.started_by, l.project_version, l.template, l.template_version, "
    "e.started_at AS ended_at, e.started_by AS ended_by FROM row_history h "
    "LEFT JOIN run r ON r.id = h.delivered_run "
    "LEFT JOIN leg_run l ON l.run_id = h.delivered_run AND l.leg_id = h.leg_id "
    "LEFT JOIN run e ON e.id = h.run WHERE h.leg_id = :leg AND h.source_id = :source_id ORDER BY h.id"
)


class RowHistory(Transactions):
    """Deliveries that are over."""

    def former_deliveries(self, leg: LegKey, source_id: str) -> list[FormerDelivery]:
        """How a row was delivered before, the first delivery first; without the one that stands."""
        with self._begin() as connection:
            found = connection.execute(_FORMER, {"leg": self._leg_id(leg), "source_id": source_id})
            return [_former(row) for row in found]


def keep_former(connection: Connection, leg: int, run: int, source_ids: Collection[str], fate: Fate) -> None:
    """Keep what the leg remembers of rows that are about to be delivered anew, or forgotten."""
    values = {"leg": leg, "run": run, "ids": text_array(source_ids), "fate": fate.value}
    connection.execute(_KEEP, values)


def _former(row: Row[tuple[object, ...]]) -> FormerDelivery:
    return FormerDelivery(
        key=row.key,
        company=row.company,
        destination_id=row.destination_id,
        run=row.delivered_run,
        started_at=row.started_at,
        started_by=row.started_by or "",
        versions=Versions(row.project_version or 0, row.template or "", row.template_version or 0),
        fate=Fate(row.fate),
        ended_run=row.run,
        ended_at=row.ended_at,
        ended_by=row.ended_by or "",
    )
