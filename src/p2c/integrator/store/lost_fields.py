"""Destination fields that were gone, or of another type, since a leg last filled them: their values went with them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec
from sqlalchemy import Connection, text

from p2c.integrator.outcome import LegKey
from p2c.integrator.store.transactions import Transactions

_LOSE = text(
    "UPDATE leg SET lost = ARRAY(SELECT unnest(leg.lost) UNION SELECT unnest(d.fields)) "
    "FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS d(project text, task text, leg integer, fields text[]) "
    "WHERE (leg.project, leg.task, leg.leg) = (d.project, d.task, d.leg) AND NOT leg.lost @> d.fields"
)
_LOST = text("SELECT lost FROM leg WHERE id = :leg")
_FILLED = text(
    "UPDATE leg SET lost = ARRAY(SELECT unnest(lost) EXCEPT SELECT unnest(CAST(:fields AS text[]))) WHERE id = :leg"
)


class LostFields(Transactions):
    """Destination fields by leg; legs that have never run have lost none."""

    def lose_fields(self, fields: Mapping[LegKey, Collection[str]]) -> None:
        """These fields are gone, or not what they were: what legs remember to have delivered is not there any more."""
        rows = [{**leg._asdict(), "fields": sorted(names)} for leg, names in fields.items()]
        with self._begin() as connection:
            connection.execute(_LOSE, {"rows": msgspec.json.encode(rows).decode()})

    def lost_fields(self, leg: LegKey) -> frozenset[str]:
        """What the leg has to fill again."""
        number = self._leg_id(leg)
        with self._begin() as connection:
            return frozenset(connection.execute(_LOST, {"leg": number}).scalar_one())


def fields_filled(connection: Connection, leg: int, fields: Collection[str]) -> None:
    """The leg has sent all its rows with these fields."""
    connection.execute(_FILLED, {"leg": leg, "fields": list(fields)})
