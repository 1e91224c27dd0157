"""The fields that entities had at the last run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

import msgspec
from sqlalchemy import text

from p2c.integrator.store.transactions import Transactions

_READ = text("SELECT connection, entity_set, fields FROM entity_fields WHERE connection = ANY(CAST(:names AS text[]))")
_KEEP = text(
    "INSERT INTO entity_fields (connection, entity_set, fields) "
    "SELECT connection, entity_set, fields FROM jsonb_to_recordset(CAST(:rows AS jsonb)) "
    "AS d(connection text, entity_set text, fields jsonb) "
    "ON CONFLICT (connection, entity_set) DO UPDATE SET fields = excluded.fields"
)
_FORGET = text(
    "DELETE FROM entity_fields WHERE connection = :connection "
    "AND (CAST(:entity_set AS text) IS NULL OR entity_set = :entity_set)"
)


class EntityFields(Transactions):
    """Fields by connection and entity set: name to type."""

    def fields(self, connections: Iterable[str]) -> dict[str, dict[str, dict[str, str]]]:
        """What was kept for these connections, by connection and entity set."""
        found: dict[str, dict[str, dict[str, str]]] = defaultdict(dict)
        with self._begin() as connection:
            for row in connection.execute(_READ, {"names": list(connections)}):
                found[row.connection][row.entity_set] = row.fields
        return found

    def keep_fields(self, fields: Mapping[tuple[str, str], Mapping[str, str]]) -> None:
        """Keep fields by (connection, entity set), in place of what was kept before."""
        rows = [
            {"connection": name, "entity_set": entity_set, "fields": dict(kept)}
            for (name, entity_set), kept in fields.items()
        ]
        with self._begin() as connection:
            connection.execute(_KEEP, {"rows": msgspec.json.encode(rows).decode()})

    def forget_fields(self, connection_name: str, entity_set: str | None = None) -> int:
        """Forget one entity of a connection, or all; how many were forgotten. The next run takes them as they are."""
        with self._begin() as connection:
            values = {"connection": connection_name, "entity_set": entity_set}
            return connection.execute(_FORGET, values).rowcount
