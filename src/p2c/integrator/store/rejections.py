"""Rejected rows: kept with their reason until they are delivered or a person dismisses them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise

import msgspec
from sqlalchemy import Connection, Row, text

from p2c.database.arrays import text_array
from p2c.edm.values import Value
from p2c.integrator.outcome import Change, Decision, Edit, LegKey, Rejection, RejectionStatus, Verdict
from p2c.integrator.store.transactions import Transactions

_LARGEST = 2**63 - 1
"""No row has a larger number, and PostgreSQL refuses to look for one."""
_encoder = msgspec.json.Encoder(decimal_format="string")
_GIVEN = ("source_id", "key", "company", "code", "field", "value", "reason", "way_out")
_TEXTS = ", ".join(_GIVEN)
_JSON = ("payload", "changes")
_REFRESHED = (*_GIVEN[1:], *_JSON)

_DISMISSED = text("SELECT source_id, payload FROM rejection WHERE leg_id = :leg AND status = 'dismissed' ORDER BY id")
_OPEN = text("SELECT source_id FROM rejection WHERE leg_id = :leg AND status = 'open' ORDER BY id")
_FULL = (
    f"SELECT r.id, l.project, l.task, l.leg, {_TEXTS}, payload, changes, first_run, last_run, attempts, status, "
    "decided_by, why FROM rejection r JOIN leg l ON l.id = r.leg_id "
)
_LAST = text(f"{_FULL} WHERE leg_id = :leg AND source_id = :source_id ORDER BY r.id DESC LIMIT 1")
_LIST = text(
    f"{_FULL} WHERE (CAST(:status AS text) IS NULL OR status = :status) "
    "AND (CAST(:project AS text) IS NULL OR project = :project) "
    "AND (CAST(:code AS text) IS NULL OR code = :code) "
    "AND (CAST(:ids AS bigint[]) IS NULL OR r.id = ANY(CAST(:ids AS bigint[]))) ORDER BY r.id"
)
_WRITE = text(
    f"INSERT INTO rejection AS r (leg_id, {_TEXTS}, {', '.join(_JSON)}, first_run, last_run, attempts, status) "
    f"SELECT :leg, {_TEXTS}, {', '.join(_JSON)}, :run, :run, 1, 'open' FROM jsonb_to_recordset(CAST(:rows AS jsonb)) "
    f"AS d({', '.join([*(f'{name} text' for name in _GIVEN), *(f'{name} jsonb' for name in _JSON)])}) "
    "ON CONFLICT (leg_id, source_id) WHERE status = 'open' DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in _REFRESHED)
    # A batch that is sent twice within a run is one attempt.
    + ", decided_by = '', why = '', attempts = r.attempts + CAST(r.last_run <> :run AS integer), last_run = :run"
)
_CLOSE = text(
    "UPDATE rejection SET status = 'closed' "
    "WHERE leg_id = :leg AND status = 'open' AND source_id = ANY(CAST(:ids AS text[]))"
)
# Only about the last rejection of a row: an earlier one is over. Reopened is only what a run will meet and close again:
# not a row that was delivered since, nor one that is gone.
_DECIDE = text(
    "WITH decided AS (UPDATE rejection r SET status = :after, decided_by = :by, why = :why "
    "WHERE status = :before AND id = ANY(CAST(:ids AS bigint[])) AND NOT EXISTS (SELECT FROM rejection later "
    "WHERE later.leg_id = r.leg_id AND later.source_id = r.source_id AND later.id > r.id) "
    "AND (:verdict <> 'reopened' OR EXISTS (SELECT FROM row_state s WHERE s.leg_id = r.leg_id "
    "AND s.source_id = r.source_id AND s.disposition <> 'delivered')) RETURNING id) "
    "INSERT INTO decision (rejection_id, verdict, decided_by, why) "
    "SELECT id, :verdict, :by, :why FROM decided ORDER BY id RETURNING rejection_id"
)
_DECISIONS = text(
    "SELECT rejection_id, verdict, decided_by, decided_at, why FROM decision "
    "WHERE rejection_id = ANY(CAST(:ids AS bigint[])) ORDER BY id"
)
_FROM_TO = {
    Verdict.DISMISSED: (RejectionStatus.OPEN, RejectionStatus.DISMISSED),
    Verdict.REOPENED: (RejectionStatus.DISMISSED, RejectionStatus.OPEN),
    Verdict.SOURCE: (RejectionStatus.OPEN, RejectionStatus.OPEN),
    Verdict.DESTINATION: (RejectionStatus.OPEN, RejectionStatus.OPEN),
}
"""The status that a verdict is given in, and the one that it leads to."""
# Of several edits of a row the last one holds, with what the earlier ones changed.
_EDIT = text(
    "INSERT INTO row_edit (leg_id, source_id, payload, changes, edited_by, edited_at, why) "
    "SELECT r.leg_id, r.source_id, r.payload, coalesce((SELECT e.changes FROM row_edit e WHERE e.leg_id = r.leg_id "
    "AND e.source_id = r.source_id AND e.payload = r.payload ORDER BY e.id DESC LIMIT 1), '{}') "
    "|| CAST(:changes AS jsonb), :by, :now, :why "
    "FROM rejection r WHERE r.status = 'open' AND r.id = ANY(CAST(:ids AS bigint[])) RETURNING id"
)
_ALL_EDITS = text(
    "SELECT source_id, payload, changes, edited_by, edited_at, why FROM row_edit "
    "WHERE leg_id = :leg AND source_id = :source_id ORDER BY id"
)
_EDITS = text(
    "SELECT DISTINCT ON (source_id) source_id, payload, changes, edited_by, edited_at, why FROM row_edit "
    "WHERE leg_id = :leg ORDER BY source_id, id DESC"
)


class Rejections(Transactions):
    """Rejected rows of all legs."""

    def open_rejections(self, leg: LegKey) -> list[str]:
        """Source ids of the rows of a leg that wait to be tried again, the longest waiting first."""
        with self._begin() as connection:
            return list(connection.execute(_OPEN, {"leg": self._leg_id(leg)}).scalars())

    def rejections(
        self,
        project: str | None = None,
        status: RejectionStatus | None = RejectionStatus.OPEN,
        *,
        code: str | None = None,
        ids: Collection[int] | None = None,
    ) -> list[Rejection]:
        """Rejected rows, oldest first; of all projects, every status, code and number, where None is given."""
        values = {
            "project": project,
            "status": status.value if status else None,
            "code": code,
            "ids": None if ids is None else [number for number in ids if number <= _LARGEST],
        }
        with self._begin() as connection:
            return [_rejection(row) for row in connection.execute(_LIST, values)]

    def last_rejection(self, leg: LegKey, source_id: str) -> Rejection | None:
        """The latest rejection of a row, whether or not it still waits; None when it never was rejected."""
        with self._begin() as connection:
            row = connection.execute(_LAST, {"leg": self._leg_id(leg), "source_id": source_id}).one_or_none()
            return _rejection(row) if row is not None else None

    def dismissed(self, leg: LegKey) -> dict[str, object]:
        """The rows of a leg that people gave up, by source id: their payload as JSON values, as it was then."""
        with self._begin() as connection:
            return {row.source_id: row.payload for row in connection.execute(_DISMISSED, {"leg": self._leg_id(leg)})}

    def dismiss(self, ids: Collection[int], *, by: str = "", why: str = "") -> None:
        """Give these open rejections up: their rows are not tried again until they change at the source."""
        self.decide(ids, Verdict.DISMISSED, by=by, why=why)

    def decide(self, ids: Collection[int], verdict: Verdict, *, by: str, why: str) -> list[int]:
        """
        Keep what a person decided about rejected rows, with what follows for their status. The numbers of those that
        it was decided about: dismissed ones that were rejected again, delivered or lost their source row since are not
        reopened.
        """
        before, after = _FROM_TO[verdict]
        values = {"ids": [number for number in ids if number <= _LARGEST], "by": by, "why": why}
        values |= {"verdict": verdict.value, "before": before.value, "after": after.value}
        with self._begin() as connection:
            return list(connection.execute(_DECIDE, values).scalars())

    def decisions(self, ids: Collection[int]) -> dict[int, list[Decision]]:
        """What people decided about these rejected rows, by number, the first decision first."""
        found: dict[int, list[Decision]] = defaultdict(list)
        with self._begin() as connection:
            for row in connection.execute(_DECISIONS, {"ids": list(ids)}):
                values = dict(row._mapping)
                number = values.pop("rejection_id")
                found[number].append(Decision(**{**values, "verdict": Verdict(values["verdict"])}))
        return found

    def edit(
        self, ids: Collection[int], changes: Mapping[str, str | None], *, by: str, why: str, now: datetime
    ) -> None:
        """Change source fields of the rows of these open rejections on their way; the source keeps its values."""
        values = {"ids": list(ids), "changes": _encoded(dict(changes)).decode(), "by": by, "why": why, "now": now}
        with self._begin() as connection:
            connection.execute(_EDIT, values)

    def edits(self, leg: LegKey) -> dict[str, Edit]:
        """What people changed in rows of a leg, by source id; the last edit of each row."""
        with self._begin() as connection:
            found = connection.execute(_EDITS, {"leg": self._leg_id(leg)})
            return {row.source_id: Edit(**row._mapping) for row in found}

    def edits_of(self, leg: LegKey, source_id: str) -> list[Edit]:
        """All edits of a row, the first one first, each with what it has changed itself."""
        with self._begin() as connection:
            found = connection.execute(_ALL_EDITS, {"leg": self._leg_id(leg), "source_id": source_id})
            edits = [Edit(**row._mapping) for row in found]
        return [_alone(edit, before) for before, edit in pairwise([None, *edits]) if edit is not None]


def write_rejections(connection: Connection, leg: int, run: int, rejections: Sequence[Rejection]) -> None:
    """Add rows, or count one more attempt of those that are open; of two for one row the later counts."""
    rows = {
        rejection.source_id: {name: getattr(rejection, name) for name in (*_GIVEN, *_JSON)} for rejection in rejections
    }
    payload = _encoded(list(rows.values())).decode()
    connection.execute(_WRITE, {"leg": leg, "run": run, "rows": payload})


def payload_values(payload: Mapping[str, Value]) -> object:
    """A payload as it comes back from the database: as JSON values."""
    return msgspec.json.decode(_encoded(payload))


def _encoded(payload: object) -> bytes:
    """JSON for the database; PostgreSQL keeps no NUL in text, but a source that sends one must still be shown."""
    return _encoder.encode(payload).replace(b"\\u0000", b"\\ufffd")


def close_rejections(connection: Connection, leg: int, source_ids: Collection[str]) -> None:
    """These rows were delivered, or are gone: nothing of them waits any more."""
    connection.execute(_CLOSE, {"leg": leg, "ids": text_array(source_ids)})


def _alone(edit: Edit, before: Edit | None) -> Edit:
    """The edit without what stands in it of the one before."""
    known = before.changes.items() if before is not None and before.payload == edit.payload else ()
    return replace(edit, changes=dict(item for item in edit.changes.items() if item not in known))


def _rejection(row: Row[tuple[object, ...]]) -> Rejection:
    values = dict(row._mapping)
    changes = msgspec.convert(values["changes"], tuple[Change, ...])
    return Rejection(**{**values, "status": RejectionStatus(values["status"]), "changes": changes})
