"""The rows of a plan while a run carries it out: looked up in batches, and struck off as they are met."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from sqlalchemy import Connection, text

from p2c.integrator.store.transactions import Transactions

_BATCH = 5000
REMOVAL = "-"
# Of runs that died, too.
_CLEAR = text("DELETE FROM plan_row WHERE run_id <> ALL(SELECT id FROM run WHERE status = 'running') OR run_id = :run")
_ADD = text(
    "INSERT INTO plan_row (run_id, leg, address, mark, seen) SELECT :run, * FROM unnest(CAST(:legs AS int[]), "
    "CAST(:addresses AS text[]), CAST(:marks AS text[]), CAST(:seen AS text[])) ON CONFLICT DO NOTHING"
)
_FIND = text(
    "SELECT leg, address, mark, seen FROM plan_row "
    "WHERE run_id = :run AND leg = :leg AND address = ANY(CAST(:addresses AS text[]))"
)
_STRIKE = text("DELETE FROM plan_row WHERE run_id = :run AND leg = :leg AND address = ANY(CAST(:addresses AS text[]))")
_LEFT = text("SELECT count(*) FROM plan_row WHERE run_id = :run")


class Agreed(NamedTuple):
    """What was planned for the destination row at `address`: see `PlannedRow`. The `mark` of a removal is REMOVAL."""

    leg: int
    address: str
    mark: str
    seen: str


class Plans(Transactions):
    """The plans that runs carry out."""

    def load_plan(self, run: int, rows: Iterable[Agreed]) -> None:
        """Keep the rows of the plan that a run carries out."""
        source: Iterator[Agreed] = iter(rows)
        with self._begin() as connection:
            connection.execute(_CLEAR, {"run": run})
            while part := list(islice(source, _BATCH)):
                _add(connection, run, part)

    def agreed(self, run: int, leg: int, addresses: Collection[str]) -> dict[str, list[Agreed]]:
        """What was planned for these addresses, by address; several source rows may become one row."""
        found: dict[str, list[Agreed]] = {}
        values = {"run": run, "leg": leg, "addresses": list(addresses)}
        with self._begin() as connection:
            for row in connection.execute(_FIND, values):
                found.setdefault(row.address, []).append(Agreed(*row))
        return found

    def strike(self, run: int, leg: int, addresses: Collection[str]) -> None:
        """These planned rows were met."""
        with self._begin() as connection:
            connection.execute(_STRIKE, {"run": run, "leg": leg, "addresses": list(addresses)})

    def end_plan(self, run: int) -> int:
        """How many planned rows were not met; the plan is forgotten."""
        with self._begin() as connection:
            left = int(connection.execute(_LEFT, {"run": run}).scalar_one())
            connection.execute(_CLEAR, {"run": run})
        return left


def _add(connection: Connection, run: int, rows: Sequence[Agreed]) -> None:
    values = {
        "run": run,
        "legs": [row.leg for row in rows],
        "addresses": [row.address for row in rows],
        "marks": [row.mark for row in rows],
        "seen": [row.seen for row in rows],
    }
    connection.execute(_ADD, values)
